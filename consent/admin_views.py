"""Views behind the consent screens: the register, recording, withdrawing, receipts, the ledger."""

from collections.abc import Sequence
from typing import Any

import django_filters
from django import forms
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import CharField, OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.generic import FormView, View
from wagtail import hooks
from wagtail.admin import messages
from wagtail.admin.filters import DateRangePickerWidget, WagtailFilterSet
from wagtail.admin.ui.tables import BaseColumn, Column, StatusTagColumn, TitleColumn
from wagtail.admin.views import generic
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.admin.widgets.button import HeaderButton

from club.forms import words_q
from club.models import Member, User
from club.permissions import employee
from club.viewsets import member_chooser
from consent.enums import EventKind, Method, Purpose
from consent.forms import ConsentForm, WithdrawalForm
from consent.models import Consent, ConsentEvent, ConsentText, Grant
from consent.querysets import ended
from consent.receipts import receipt, receipt_context
from consent.reports import GOOD, Standing, chain_holds, standing_of_consent, state_of, with_states
from consent.services import give_consent, withdraw
from consent.texts.forms import slot_of

REGISTER, LEDGER = "consent_register", "consent_ledger"
SEARCHED = ("member__persona_name", "member__code")


def status_of(value: str) -> Any:
    """Return the label of a standing."""
    return Standing(value).label


def is_good(value: str) -> bool:
    """Whether a standing is drawn as good news."""
    return value in GOOD


class ConsentFilterSet(WagtailFilterSet):
    """Filters of the register."""

    state = django_filters.ChoiceFilter(
        label=_("State"),
        choices=[c for c in Standing.choices if c[0] != Standing.NONE],
        empty_label=_("All"),
        widget=forms.RadioSelect,
    )
    purpose = django_filters.ChoiceFilter(
        label=_("Purpose"),
        choices=Purpose.choices,
        empty_label=_("All"),
        widget=forms.RadioSelect,
        method="with_purpose",
    )
    method = django_filters.ChoiceFilter(
        label=_("How it was given"), choices=Method.choices, empty_label=_("All"), widget=forms.RadioSelect
    )
    member = django_filters.ModelChoiceFilter(
        label=_("Narrator"), queryset=Member.objects.all(), widget=member_chooser.widget_class
    )
    valid_until = django_filters.DateFromToRangeFilter(label=_("Valid until"), widget=DateRangePickerWidget)

    class Meta:
        model = Consent
        fields: list[str] = []

    def with_purpose(self, queryset: QuerySet[Consent], name: str, value: str) -> QuerySet[Consent]:
        """Keep consents that named the purpose."""
        return queryset.filter(pk__in=Grant.objects.filter(purpose=value).order_by().values("consent_id"))


class ConsentIndexView(generic.IndexView):
    """The register of consents."""

    any_permission_required = ["view"]
    filterset_class = ConsentFilterSet
    is_searchable = True
    add_item_label = _("Record a consent")
    page_title = _("Register of consents")
    # Codes only: an export leaves the house, and what left cannot be taken back.
    list_export = [
        "pk",
        "member.code",
        "state_label",
        "purposes_label",
        "valid_from",
        "valid_until",
        "get_method_display",
        "text.law",
        "text.language",
        "text.version",
        "text.is_template",
        "text.sha256",
        "evidence_sha256",
        "created_at",
    ]
    export_headings = {
        "pk": _("Number"),
        "member.code": _("Narrator"),
        "state_label": _("State"),
        "purposes_label": _("Purposes"),
        "get_method_display": _("How it was given"),
        "text.law": _("Law"),
        "text.language": _("Language"),
        "text.version": _("Version"),
        "text.is_template": _("Template: no lawyer has read it yet"),
        "text.sha256": _("Fingerprint of the text"),
        "evidence_sha256": _("Fingerprint of the evidence"),
    }
    export_filename = "consents"

    @cached_property
    def columns(self) -> list[BaseColumn]:
        """Narrator, purposes, state, term, method, who recorded it."""
        return [
            TitleColumn(
                "member", label=_("Narrator"), get_url=self.get_inspect_url, sort_key="member__persona_name"
            ),
            Column("purposes", label=_("Purposes"), accessor="purposes_label"),
            StatusTagColumn(
                "state", label=_("State"), accessor="state_label", primary=lambda row: is_good(row.state)
            ),
            Column("valid_from", label=_("From"), accessor=first_day, sort_key="valid_from", width="11%"),
            Column("valid_until", label=_("Until"), accessor=last_day, sort_key="valid_until", width="11%"),
            Column("method", label=_("How"), accessor="get_method_display", sort_key="method"),
            StatusTagColumn("text", label=_("Text"), accessor=text_mark, primary=has_read_text),
            Column("recorded_by", label=_("Recorded by"), accessor=recorder),
        ]

    def get_base_queryset(self) -> QuerySet[Consent]:
        """Load what the columns need with a fixed number of queries."""
        consents = Consent.objects.select_related("member", "text", "recorded_by").prefetch_related("grants")
        return consents.annotate(state=standing_of_consent())

    def search_queryset(self, queryset: QuerySet[Consent]) -> QuerySet[Consent]:
        """Find by figure's name or code."""
        return queryset.filter(words_q(SEARCHED, self.search_query)) if self.is_searching else queryset

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Label the rows of this page."""
        context = super().get_context_data(**kwargs)
        label_rows(context["object_list"])
        return context

    def to_row_dict(self, item: Consent) -> dict[str, Any]:
        """Label a row of the export."""
        label_rows([item])
        return super().to_row_dict(item)


def label_rows(consents: Sequence[Consent]) -> None:
    """Give loaded consents what their columns say."""
    for consent in consents:
        consent.state_label = status_of(consent.state)
        purposes = dict.fromkeys(grant.purpose for grant in consent.grants.all())
        consent.purposes_label = ", ".join(str(Purpose(purpose).label) for purpose in purposes)


def text_mark(consent: Consent) -> str:
    """Return the law and version of the text agreed to, with the mark of a template."""
    named = f"{consent.text.get_law_display()}, {consent.text.version}"
    return _now("%(text)s — template") % {"text": named} if consent.text.is_template else named


def has_read_text(consent: Consent) -> bool:
    """Whether a lawyer has read the text agreed to."""
    return not consent.text.is_template


def first_day(consent: Consent) -> str:
    """Return the first day of a term."""
    return timezone.localtime(consent.valid_from).date().isoformat()


def last_day(consent: Consent | Grant) -> str:
    """Return the last day of a term, or that it has none."""
    if consent.valid_until is None:
        return _now("no end")
    return timezone.localtime(consent.valid_until).date().isoformat()


def recorder(consent: Consent) -> str:
    """Return who recorded a consent; commands have no name."""
    by = consent.recorded_by
    return (by.get_full_name() or by.get_username()) if by else _now("a command")


class RecordConsentView(WagtailAdminTemplateMixin, FormView):
    """Recording a consent, or the new one that replaces an older one."""

    model = Consent
    form_class = ConsentForm
    template_name = "consent/admin/record.html"
    page_title = _("Record a consent")
    header_icon = "clipboard-list"
    index_url_name = ""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Only for those who may record consents."""
        if not request.user.has_perm("consent.add_consent"):
            raise PermissionDenied
        self.renewing = None
        if pk := kwargs.get("pk"):
            self.renewing = get_object_or_404(Consent.objects.select_related("member", "text"), pk=pk)
        return super().dispatch(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        """Name the consent that is replaced."""
        return {**super().get_form_kwargs(), "renewing": self.renewing}

    def get_initial(self) -> dict[str, Any]:
        """Prefill the company and today, of an older consent what does not decide; no end, no tick."""
        initial = {"controller": self.company(), "valid_from": timezone.localdate()}
        if member := self.request.GET.get("member", ""):
            initial["member"] = Member.objects.filter(pk=member).first() if member.isdigit() else None
        if self.renewing:
            latest = ConsentText.objects.filter(**slot_of(self.renewing.text))
            initial |= {"controller": self.renewing.controller, "text": latest.order_by("-version").first()}
            initial |= {"conditions": self.renewing.conditions}
        return initial

    def company(self) -> str:
        """Return the company's name as every page's frame knows it."""
        return render_to_string("consent/admin/company.txt", request=self.request).strip()

    def form_valid(self, form: ConsentForm) -> HttpResponse:
        """Record it; what the service refuses comes back as an error of the form."""
        try:
            consent = give_consent(form.to_record(), by=employee(self.request))
        except ValidationError as error:
            form.add_error(None, error)
            return self.form_invalid(form)
        messages.success(self.request, _now("The consent is recorded in the ledger."))
        return redirect(f"{REGISTER}:inspect", consent.pk)

    def form_invalid(self, form: ConsentForm) -> HttpResponse:
        """Say what is missing; a browser never gives a chosen file back."""
        messages.error(self.request, _now("Nothing is recorded yet. Look at what is marked below."))
        if form.files:
            messages.warning(self.request, _now("Choose the evidence file again: browsers do not keep it."))
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def get_page_title(self) -> Any:
        """Name what is done."""
        return _("Renew a consent") if self.renewing else self.page_title

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        """Lead back to the register."""
        register = {"url": reverse(f"{REGISTER}:index"), "label": _("Register of consents")}
        return [*self.breadcrumbs_items, register, {"url": "", "label": self.get_page_title()}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the form's scripts and the consent that is replaced."""
        context = super().get_context_data(**kwargs)
        older = self.renewing and list(with_states(self.renewing.grants.all()))
        for grant in older or ():
            grant.state = state_of(grant)
        unread = context["form"].fields["text"].queryset.filter(is_template=True).exists()
        return {
            **context,
            "renewing": self.renewing,
            "older": older,
            "unread_texts": unread,
            "media": context["form"].media,
        }


class ConsentInspectView(generic.InspectView):
    """One consent with its whole history."""

    template_name = "consent/admin/consent.html"
    page_title = _("Consent")
    any_permission_required = ["view"]

    def get_object(self, queryset: QuerySet[Consent] | None = None) -> Consent:
        """Load the consent with its narrator and text."""
        related = ("member", "text", "recorded_by", "supersedes")
        consents = Consent.objects.select_related(*related).annotate(state=standing_of_consent())
        return get_object_or_404(consents, pk=self.pk)

    @cached_property
    def header_buttons(self) -> list[HeaderButton]:
        """The receipt; withdraw and renew, for those who may."""
        user = self.request.user
        url = reverse(f"{REGISTER}:receipt", args=[self.object.pk])
        buttons = [HeaderButton(_("Receipt"), url=url, icon_name="doc-full-inverse", priority=30)]
        if user.has_perm("consent.withdraw_consent"):
            url = reverse(f"{REGISTER}:withdraw", args=[self.object.pk])
            buttons.append(HeaderButton(_("Withdraw"), url=url, icon_name="cross", priority=10))
        if user.has_perm("consent.add_consent"):
            url = reverse(f"{REGISTER}:renew", args=[self.object.pk])
            buttons.append(HeaderButton(_("Renew"), url=url, icon_name="rotate", priority=20))
        return buttons

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Gather grants, ledger entries, and what other apps say of this consent."""
        context = super().get_context_data(**kwargs)
        consent = self.object
        events = list(with_actors(consent.member.events.order_by("at", "pk")))
        sections = [make(consent, self.request) for make in hooks.get_hooks("register_consent_section")]
        return {
            **context,
            "consent": consent,
            "state": status_of(consent.state),
            "is_good": is_good(consent.state),
            "grants": states(consent.grants.all()),
            "events": events,
            "chain_holds": chain_holds(events),
            "successors": list(consent.successors.all()),
            "recorder": recorder(consent),
            "until": last_day(consent),
            "sections": [section for section in sections if section is not None],
            "may_see_member": self.request.user.has_perm("club.view_member"),
        }


def states(grants: QuerySet[Grant]) -> list[Grant]:
    """Return grants with ``state`` and ``until`` ready for a template."""
    rows = list(with_states(grants))
    for grant in rows:
        grant.state = state_of(grant)
        grant.until = last_day(grant)
    return rows


def with_actors(events: QuerySet[ConsentEvent]) -> QuerySet[ConsentEvent]:
    """Annotate the user name of whoever recorded an entry; the ledger itself holds a number only."""
    actor = User.objects.filter(pk=OuterRef("actor_id")).values("username")
    return events.annotate(actor=Subquery(actor, output_field=CharField()))


class ReceiptView(View):
    """The receipt of a consent: a page to print, or JSON-LD to keep (``?format=json``)."""

    model = Consent

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Give it to whoever sees the register."""
        if not request.user.has_perm("consent.view_consent"):
            raise PermissionDenied
        consent = get_object_or_404(Consent.objects.select_related("member", "text"), pk=pk)
        if request.GET.get("format") != "json":
            context = {
                **receipt_context(consent),
                "back_url": reverse(f"{REGISTER}:inspect", args=[consent.pk]),
            }
            return TemplateResponse(request, "consent/receipt.html", context)
        name = f"receipt-{consent.pk}.jsonld"
        return JsonResponse(
            receipt(consent),
            json_dumps_params={"ensure_ascii": False, "indent": 2},
            content_type="application/ld+json",
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )


class WithdrawView(WagtailAdminTemplateMixin, FormView):
    """A narrator takes back her consent: what happens at once is said before, in plain words."""

    model = Consent
    form_class = WithdrawalForm
    template_name = "consent/admin/withdraw.html"
    page_title = _("Withdraw")
    header_icon = "cross"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Only for those who may record withdrawals."""
        if not request.user.has_perm("consent.withdraw_consent"):
            raise PermissionDenied
        self.consent = get_object_or_404(Consent.objects.select_related("member"), pk=kwargs["pk"])
        self.open = Grant.objects.filter(member=self.consent.member).exclude(ended("grant"))
        return super().dispatch(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        """Offer only what there is to take back."""
        lines = list(self.open.order_by("purpose", "category").values_list("purpose", "category"))
        purposes = [purpose for purpose in Purpose.values if any(line[0] == purpose for line in lines)]
        categories = sorted({category for _purpose, category in lines})
        return {
            **super().get_form_kwargs(),
            "purposes": purposes if len(purposes) > 1 else [],
            "categories": categories if len(categories) > 1 else [],
        }

    def form_valid(self, form: WithdrawalForm) -> HttpResponse:
        """Withdraw; it holds when this commits."""
        count = withdraw(member=self.consent.member, by=employee(self.request), **form.scope())
        messages.success(
            self.request,
            ngettext("Withdrawn: %(n)s permission ended.", "Withdrawn: %(n)s permissions ended.", count)
            % {"n": count},
        )
        return redirect(f"{REGISTER}:inspect", self.consent.pk)

    def form_invalid(self, form: WithdrawalForm) -> HttpResponse:
        """Ask again."""
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        """Lead back to the consent."""
        return [
            *self.breadcrumbs_items,
            {"url": reverse(f"{REGISTER}:index"), "label": _("Register of consents")},
            {
                "url": reverse(f"{REGISTER}:inspect", args=[self.consent.pk]),
                "label": str(self.consent.member),
            },
            {"url": "", "label": self.page_title},
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Say what will happen."""
        lines = [line for say in hooks.get_hooks("describe_withdrawal") for line in say(self.consent.member)]
        context = super().get_context_data(**kwargs)
        return {
            **context,
            "consent": self.consent,
            "nothing_left": not self.open.exists(),
            "consequences": lines,
        }


class LedgerFilterSet(WagtailFilterSet):
    """Filters of the ledger."""

    kind = django_filters.ChoiceFilter(
        label=_("What"), choices=EventKind.choices, empty_label=_("All"), widget=forms.RadioSelect
    )
    member = django_filters.ModelChoiceFilter(
        label=_("Narrator"), queryset=Member.objects.all(), widget=member_chooser.widget_class
    )
    at = django_filters.DateFromToRangeFilter(label=_("When"), widget=DateRangePickerWidget)

    class Meta:
        model = ConsentEvent
        fields: list[str] = []


class LedgerView(generic.IndexView):
    """The consent ledger, newest first: read only, down to the database."""

    any_permission_required = ["view"]
    filterset_class = LedgerFilterSet
    page_title = _("Consent ledger")
    default_ordering = "-pk"
    is_searchable = False

    @cached_property
    def columns(self) -> list[BaseColumn]:
        """When, what, whose, for what, by whom, and the entry's own fingerprint."""
        return [
            Column("number", label=_("No."), accessor="pk", width="6%"),
            Column("at", label=_("When"), accessor=moment, width="14%"),
            StatusTagColumn("kind", label=_("What"), accessor="get_kind_display"),
            TitleColumn("member", label=_("Narrator"), accessor="member", get_url=consent_url),
            Column("purpose", label=_("Purpose"), accessor="get_purpose_display"),
            Column("category", label=_("Category"), accessor="get_category_display"),
            Column("actor", label=_("Recorded by"), accessor=lambda event: event.actor or _now("a command")),
            Column("hash", label=_("Fingerprint"), accessor=lambda event: event.hash[:12]),
        ]

    def get_base_queryset(self) -> QuerySet[ConsentEvent]:
        """Load narrators and actors with the entries."""
        return with_actors(ConsentEvent.objects.select_related("member"))


def moment(event: ConsentEvent) -> str:
    """Return when an entry was made, local time to the second."""
    return timezone.localtime(event.at).strftime("%Y-%m-%d %H:%M:%S")


def consent_url(event: ConsentEvent) -> str | None:
    """Return the address of the consent an entry is about."""
    return reverse(f"{REGISTER}:inspect", args=[event.consent_id]) if event.consent_id else None
