"""Screens of the office: the board of what is due, demands, what is done about them."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import django_filters
from django import forms
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Case, Count, Q, QuerySet, When
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.views.generic import FormView, TemplateView, View
from wagtail.admin import messages
from wagtail.admin.filters import DateRangePickerWidget, WagtailFilterSet
from wagtail.admin.ui.tables import BaseColumn, Column, StatusTagColumn, TitleColumn
from wagtail.admin.views import generic
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.admin.widgets.button import HeaderButton
from wagtail.log_actions import log

from club.forms import words_q
from club.models import Member
from club.permissions import employee
from club.viewsets import member_chooser
from consent import calendar, ledger
from consent.demands import days_left, fulfil, open_demands, receive
from consent.enums import Channel, DemandKind, Law, SuggestionState
from consent.models import Consent, ConsentEvent, ConsentText, Demand, ErasureRun, Grant, Suggestion
from consent.office import words
from consent.office.forms import DemandForm, OutcomeForm
from consent.querysets import ended
from consent.reminding import STEPS, ending
from consent.reports import chain_holds
from consent.terms import RULES
from consent.texts.checking import problems
from consent.texts.forms import add_errors

BOARD, DEMANDS, REGISTER = "consent_board", "consent_demands", "consent_register"
COPY_MADE = "consent.copy_made"
ERASURE = "erasure_start"
SEARCHED = ("member__persona_name", "member__code")
# The board shows the beginning of each list and leads to the whole.
SHOWN = 20
NEWEST = 200
FIRST = 5


def address(name: str, *args: Any) -> str | None:
    """Return the address of a screen, or None where the house has no such screen."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return None


def shown(demand: Demand) -> dict[str, Any]:
    """Return one demand as the board shows it, with what may be done about it."""
    return {
        "demand": demand,
        "left": words.left_of(demand),
        "late": words.is_late(demand),
        "soon": demand.done_at is None and 0 <= days_left(demand) <= 3,
        "article": words.article(demand),
        "term": words.term(demand),
        "erase_url": address(ERASURE, demand.member_id) if demand.kind == DemandKind.ERASE else None,
        "is_copy": demand.kind == DemandKind.COPY,
        "uncertain": not calendar.is_announced(demand.due_on, calendar.country_of(Law(demand.law))),
    }


class BoardView(WagtailAdminTemplateMixin, TemplateView):
    """What is due when, what has run out, what ends soon: the data protection officer's first page."""

    template_name = "consent/admin/board.html"
    page_title = _("What is due")
    header_icon = "tasks"
    model = Demand

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """For those who answer demands."""
        if not request.user.has_perm("consent.change_demand"):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    @cached_property
    def header_buttons(self) -> list[HeaderButton]:
        """Record a demand."""
        if not self.request.user.has_perm("consent.add_demand"):
            return []
        return [HeaderButton(_("Record a demand"), url=reverse(f"{DEMANDS}:add"), icon_name="plus")]

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        """A page of its own."""
        return [*self.breadcrumbs_items, {"url": "", "label": self.page_title}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Gather everything that waits for somebody."""
        user = self.request.user
        demands = [shown(demand) for demand in open_demands()]
        return {
            **super().get_context_data(**kwargs),
            "header_buttons": self.header_buttons,
            "demands": demands,
            "uncertain": any(row["uncertain"] for row in demands),
            "announced": calendar.announced(),
            "ending": ending_soon(),
            "ending_url": f"{reverse(f'{REGISTER}:index')}?state=expiring",
            "suggestions": Suggestion.objects.filter(state=SuggestionState.OPEN).count(),
            "suggestions_url": address("consent_suggestions:index"),
            "erasures": erasures() if user.has_perm("consent.view_erasurerun") else None,
            "unread": (unread := unread_texts())[:FIRST],
            "unread_more": len(unread) > FIRST,
            "unread_url": f"{reverse('consent_texts:index')}?is_template=true",
            "chain": chain(self.request.GET.get("chain") == "whole"),
            "rules": RULES,
            "may_erase": user.has_perm("consent.add_erasurerun"),
            "may_copy": user.has_perm("club.view_identity"),
        }


def ending_soon() -> list[dict[str, Any]]:
    """Return the consents that end within each step, the nearest first: heading, rows, whether there are more."""
    now, groups, after = timezone.now(), [], 0
    for days in sorted(STEPS):
        rows = list(ending(now, days).filter(valid_until__gt=now + timedelta(days=after))[: SHOWN + 1])
        for consent in rows:
            consent.left = words.left(
                (timezone.localtime(consent.valid_until).date() - timezone.localdate()).days
            )
        groups.append({"days": days, "rows": rows[:SHOWN], "more": len(rows) > SHOWN})
        after = days
    return groups


def erasures() -> list[dict[str, Any]]:
    """Return the last erasures with the address of their act."""
    runs = ErasureRun.objects.select_related("member").order_by("-started_at", "-pk")[:SHOWN]
    return [{"run": run, "url": address("erasure_act", run.pk)} for run in runs]


def unread_texts() -> list[Any]:
    """Return the texts that no lawyer has read, those that most people agreed to first."""
    texts = ConsentText.objects.filter(is_template=True).annotate(agreed=Count("consents"))
    found = list(texts.order_by("-agreed", "law", "-scope", "category", "language"))
    for text in found:
        text.lacks = len(problems(text))
    return found


def chain(whole: bool) -> dict[str, Any]:
    """Say whether the ledger's chain holds: its newest entries at every look, the whole of it when asked."""
    if whole:
        broken = next(ledger.breaks(), None)
        return {
            "whole": True,
            "holds": broken is None,
            "broken": broken,
            "count": ConsentEvent.objects.count(),
        }
    newest = list(ConsentEvent.objects.order_by("-pk")[:NEWEST])[::-1]
    return {"whole": False, "holds": chain_holds(newest), "broken": None, "count": len(newest)}


class DemandFilterSet(WagtailFilterSet):
    """Filters of the list of demands."""

    state = django_filters.ChoiceFilter(
        label=_("State"),
        choices=[("open", _("open")), ("overdue", _("overdue")), ("done", _("done"))],
        empty_label=_("All"),
        widget=forms.RadioSelect,
        method="in_state",
    )
    kind = django_filters.ChoiceFilter(
        label=_("What she demands"),
        choices=DemandKind.choices,
        empty_label=_("All"),
        widget=forms.RadioSelect,
    )
    channel = django_filters.ChoiceFilter(
        label=_("How it came"), choices=Channel.choices, empty_label=_("All"), widget=forms.RadioSelect
    )
    member = django_filters.ModelChoiceFilter(
        label=_("Narrator"), queryset=Member.objects.all(), widget=member_chooser.widget_class
    )
    due_on = django_filters.DateFromToRangeFilter(label=_("Due on"), widget=DateRangePickerWidget)

    class Meta:
        model = Demand
        fields: list[str] = []

    def in_state(self, queryset: QuerySet[Demand], name: str, value: str) -> QuerySet[Demand]:
        """Keep what waits, what is late, or what is done."""
        late = Q(done_at=None, due_on__lt=timezone.localdate())
        return queryset.filter(
            {"open": Q(done_at=None), "overdue": late, "done": Q(done_at__isnull=False)}[value]
        )


class DemandIndexView(generic.IndexView):
    """All demands, open and done."""

    any_permission_required = ["view"]
    filterset_class = DemandFilterSet
    is_searchable = True
    add_item_label = _("Record a demand")
    page_title = _("Demands")
    # Codes only, and no words of hers: an export leaves the house.
    list_export = [
        "pk",
        "member.code",
        "get_kind_display",
        "law",
        "article_label",
        "get_channel_display",
        "received_at",
        "due_on",
        "done_at",
        "left_label",
        "outcome",
    ]
    export_headings = {
        "pk": _("Number"),
        "member.code": _("Narrator"),
        "get_kind_display": _("What she demands"),
        "law": _("Law"),
        "article_label": _("Article"),
        "get_channel_display": _("How it came"),
        "left_label": _("State"),
    }
    export_filename = "demands"

    @cached_property
    def columns(self) -> list[BaseColumn]:
        """What, whose, when it came, when it is due, how it stands."""
        return [
            TitleColumn("kind", label=_("What she demands"), accessor="get_kind_display", get_url=self.get_inspect_url),
            Column("member", label=_("Narrator"), accessor="member"),
            Column("received_at", label=_("Came in"), accessor=day_received, sort_key="received_at"),
            Column("due_on", label=_("Due on"), accessor=lambda demand: demand.due_on.isoformat(), sort_key="due_on"),
            StatusTagColumn("left", label=_("State"), accessor=words.left_of, primary=in_time),
            Column("article", label=_("Article"), accessor=words.article),
        ]  # fmt: skip

    def get_base_queryset(self) -> QuerySet[Demand]:
        """Load narrators with the demands; what is done comes after what waits."""
        done = Case(When(done_at=None, then=0), default=1)
        return Demand.objects.select_related("member").annotate(is_done=done)

    def search_queryset(self, queryset: QuerySet[Demand]) -> QuerySet[Demand]:
        """Find by figure's name or code."""
        return queryset.filter(words_q(SEARCHED, self.search_query)) if self.is_searching else queryset

    def to_row_dict(self, item: Demand) -> dict[str, Any]:
        """Label a row of the export."""
        item.article_label, item.left_label = words.article(item), words.left_of(item)
        return super().to_row_dict(item)


def in_time(demand: Demand) -> bool:
    """Whether a demand is done or its term still runs."""
    return not words.is_late(demand)


def day_received(demand: Demand) -> str:
    """Return the day a demand came in."""
    return timezone.localtime(demand.received_at).date().isoformat()


class RecordDemandView(WagtailAdminTemplateMixin, FormView):
    """Recording a demand that came by letter, mail or telephone."""

    model = Demand
    form_class = DemandForm
    template_name = "consent/admin/demand_form.html"
    page_title = _("Record a demand")
    header_icon = "tasks"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """For those who may take demands down."""
        if not request.user.has_perm("consent.add_demand"):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get_initial(self) -> dict[str, Any]:
        """Prefill today, and the narrator named in the address."""
        member = self.request.GET.get("member", "")
        found = (
            Member.objects.filter(pk=member, erased_at=None).first()
            if member.isdecimal() and len(member) < 10
            else None
        )
        return {"received_on": timezone.localdate(), "member": found}

    def form_valid(self, form: DemandForm) -> HttpResponse:
        """Record it; what it ends has ended when this answers."""
        try:
            demand = receive(**form.to_record(), by=employee(self.request))
        except ValidationError as error:
            add_errors(form, error)
            return self.form_invalid(form)
        messages.success(
            self.request,
            _now("Recorded. By %(article)s it must be done by %(day)s.")
            % {"article": words.article(demand), "day": demand.due_on.isoformat()},
        )
        return redirect(f"{DEMANDS}:inspect", demand.pk)

    def form_invalid(self, form: DemandForm) -> HttpResponse:
        """Say what is missing."""
        messages.error(self.request, _now("Nothing is recorded yet. Look at what is marked below."))
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        """Lead back to the demands."""
        demands = {"url": reverse(f"{DEMANDS}:index"), "label": _("Demands")}
        return [*self.breadcrumbs_items, demands, {"url": "", "label": self.page_title}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the form's scripts."""
        context = super().get_context_data(**kwargs)
        return {**context, "media": context["form"].media}


class DemandInspectView(generic.InspectView):
    """One demand: what, by when and why, and what may be done."""

    template_name = "consent/admin/demand.html"
    page_title = _("Demand")
    any_permission_required = ["view"]

    @cached_property
    def header_buttons(self) -> list[HeaderButton]:
        """Note what was done, while it is open."""
        if self.object.done_at or not self.request.user.has_perm("consent.change_demand"):
            return []
        url = reverse(f"{DEMANDS}:fulfil", args=[self.object.pk])
        return [HeaderButton(_("Note what was done"), url=url, icon_name="check")]

    @cached_property
    def header_more_buttons(self) -> list[Any]:
        """Nothing hidden."""
        return []

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add what the law says and what can be done about it."""
        demand, user = self.object, self.request.user
        consent = Consent.objects.filter(member=demand.member).order_by("-valid_from", "-pk").first()
        still_open = Grant.objects.filter(member=demand.member).exclude(ended("grant")).exists()
        return {
            **super().get_context_data(**kwargs),
            **shown(demand),
            "rule": words.rule_of(demand),
            "announced": calendar.announced(),
            "withdraw_url": withdraw_url(consent)
            if still_open and user.has_perm("consent.withdraw_consent")
            else None,
            "erasures": demand.erasures.order_by("pk"),
            "may_erase": user.has_perm("consent.add_erasurerun"),
            "may_copy": may_copy(user),
            "may_see_member": user.has_perm("club.view_member"),
        }


def withdraw_url(consent: Consent | None) -> str | None:
    """Return where a withdrawal is recorded."""
    return reverse(f"{REGISTER}:withdraw", args=[consent.pk]) if consent else None


def may_copy(user: Any) -> bool:
    """A copy holds everything about a person, her identity too."""
    return bool(user.has_perm("consent.change_demand") and user.has_perm("club.view_identity"))


class FulfilView(WagtailAdminTemplateMixin, FormView):
    """Noting what was done about a demand."""

    model = Demand
    form_class = OutcomeForm
    template_name = "consent/admin/demand_done.html"
    page_title = _("Note what was done")
    header_icon = "check"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """For those who answer demands; what is done stays as it was noted."""
        if not request.user.has_perm("consent.change_demand"):
            raise PermissionDenied
        self.demand = get_object_or_404(Demand.objects.select_related("member"), pk=kwargs["pk"])
        if self.demand.done_at:
            messages.warning(request, _now("This demand is done already; the first note stays."))
            return redirect(f"{DEMANDS}:inspect", self.demand.pk)
        return super().dispatch(request, *args, **kwargs)

    def form_valid(self, form: OutcomeForm) -> HttpResponse:
        """Note it."""
        fulfil(self.demand, by=employee(self.request), outcome=form.cleaned_data["outcome"])
        messages.success(self.request, _now("Noted. The demand is done."))
        return redirect(f"{DEMANDS}:inspect", self.demand.pk)

    def form_invalid(self, form: OutcomeForm) -> HttpResponse:
        """Ask again."""
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        """Lead back to the demand."""
        return [
            *self.breadcrumbs_items,
            {"url": reverse(f"{DEMANDS}:index"), "label": _("Demands")},
            {"url": reverse(f"{DEMANDS}:inspect", args=[self.demand.pk]), "label": str(self.demand)},
            {"url": "", "label": self.page_title},
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Show the demand."""
        return {**super().get_context_data(**kwargs), **shown(self.demand)}


class CopyView(View):
    """Making the copy of everything about a narrator, for a demand of one."""

    model = Demand
    http_method_names = ["post"]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """For those who answer demands and may see identities."""
        if not may_copy(request.user):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Give out the file; that it was made stands in the log, what is in it does not."""
        from consent.erasing.running import export

        demand = get_object_or_404(Demand.objects.select_related("member"), pk=pk, kind=DemandKind.COPY)
        body = "".join(pretty(export(demand.member)))
        log(demand, COPY_MADE, user=employee(request))
        return HttpResponse(
            body,
            content_type="application/json; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="copy-{demand.pk}.json"'},
        )


def pretty(contents: Any) -> Iterator[str]:
    """Yield JSON that people can read too."""
    return json.JSONEncoder(ensure_ascii=False, indent=2, default=unusual).iterencode(contents)


def unusual(value: Any) -> Any:
    """Return what JSON has no form for: dates as Django writes them, the rest as text."""
    try:
        return DjangoJSONEncoder().default(value)
    except TypeError:
        return str(value)
