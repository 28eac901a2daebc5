"""Admin screens around the narrator's page: asking her, answering her changes, letters on their way."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import django_filters
import segno
from django import forms
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.functional import cached_property
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.generic import FormView, TemplateView
from wagtail.admin import messages
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.components import Component
from wagtail.admin.ui.tables import BaseColumn, Column, DateColumn, StatusTagColumn, TitleColumn
from wagtail.admin.views import generic
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.models import Revision

from club.models import Member, User
from club.permissions import employee
from consent.enums import Channel, LetterKind, LetterState, SuggestionState
from consent.models import ApprovalLink, Letter, Suggestion
from consent.narrator import asking, links, registry, suggesting
from consent.narrator.contacts import contact_of, has_mail, name_of
from consent.narrator.registry import Wording

SUGGESTIONS, LETTERS = "consent_suggestions", "consent_letters"


def guarded_wording(revision: Revision | None, user: User) -> Wording:
    """Return the wording of a revision; for those outside the work's audience it is not there."""
    source = registry.source_of(revision) if revision is not None else None
    if revision is None or source is None or source.is_hidden_from(revision, user):
        raise Http404
    wording = registry.wording(revision)
    if wording is None:
        raise Http404
    return wording


def subject_url(revision: Revision) -> str:
    """Return the address of the consent screen of a revision's work."""
    source = registry.source_of(revision)
    return source.admin_url(revision) if source else ""


# Asking


class AskView(WagtailAdminTemplateMixin, TemplateView):
    """Asking the narrator about the words of one revision: by e-mail, or on a printed sheet."""

    template_name = "consent/admin/ask.html"
    page_title = _("Ask the narrator")
    header_icon = "mail"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer 404 to whoever may not ask, or is outside the audience."""
        self.revision = get_object_or_404(Revision, pk=kwargs["revision"])
        self.wording = guarded_wording(self.revision, employee(request))
        self.member = get_object_or_404(Member, pk=self.wording.member_id)
        if not asking.user_may_ask(employee(request), self.member):
            raise Http404
        return super().dispatch(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Ask, or close a link that went astray."""
        if request.POST.get("close"):
            return self.close(request.POST["close"])
        how = request.POST.get("how")
        obstacle = asking.obstacle(self.member, self.wording)
        if not obstacle and how not in (Channel.MAIL, Channel.PAPER):
            obstacle = _now("Choose how she is asked.")
        if not obstacle and how == Channel.MAIL and not has_mail(self.member):
            obstacle = _now("There is no e-mail address of hers. Print a sheet, or record an address first.")
        if obstacle:
            messages.error(request, obstacle)
            return self.render_to_response(self.get_context_data(), status=422)
        return self.by_mail() if how == Channel.MAIL else self.on_paper()

    def by_mail(self) -> HttpResponse:
        """Put the letter in the outbox."""
        asking.ask_by_mail(member=self.member, wording=self.wording, by=employee(self.request))
        messages.success(self.request, _now("The letter is on its way. Its link will open for 30 days."))
        return redirect("narrator_ask", self.revision.pk)

    def on_paper(self) -> HttpResponse:
        """Draw the sheet; its link is on it and nowhere else, so that it cannot be drawn again."""
        by = employee(self.request)
        link, token = asking.ask_on_paper(member=self.member, wording=self.wording, by=by)
        return sheet(self.request, link, token)

    def close(self, pk: str) -> HttpResponse:
        """Close one of her links for good."""
        found = ApprovalLink.objects.filter(member=self.member, pk=pk if pk.isdecimal() and len(pk) < 10 else 0)
        if links.close(found):
            messages.success(self.request, _now("The link is closed: whoever has it opens nothing any more."))
        return redirect("narrator_ask", self.revision.pk)

    def get_page_subtitle(self) -> str:
        """Which words it is about."""
        return self.wording.title

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        """Lead back to the consent screen of the work."""
        return [
            *self.breadcrumbs_items,
            {"url": subject_url(self.revision), "label": _("Consent")},
            {"url": "", "label": self.page_title, "sublabel": self.get_page_subtitle()},
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Say what was asked and answered, what hinders, and which ways there are."""
        return {
            **super().get_context_data(**kwargs),
            "wording": self.wording,
            "member": self.member,
            "asked": asking.asked_about(self.member, self.wording.key),
            "obstacle": asking.obstacle(self.member, self.wording),
            "has_mail": has_mail(self.member),
            "contact": contact_of(self.member, employee(self.request)),
            "suggestion": asking.suggestion_about(self.member, self.wording.key),
        }


def sheet(request: HttpRequest, link: ApprovalLink, token: str) -> HttpResponse:
    """Return an A4 sheet in the narrator's language, with her address as a code to scan."""
    address = links.address(token)
    drawing = segno.make(address, error="m").svg_inline(border=2, omitsize=True, svgclass="qr", lineclass=None)
    context = {
        "address": address,
        "code": mark_safe(drawing),  # noqa: S308 - drawn from a token of letters and digits
        "asker": name_of(link.created_by),
        "company": registry.company_name(),
        "contact": contact_of(link.member, link.created_by),
        "until": timezone.localtime(link.created_at).date() + timedelta(days=links.DAYS),
        "link": link,
    }
    with translation.override(link.member.language):
        context["company"] = registry.company_name()
        response = TemplateResponse(request, "narrator/sheet.html", context).render()
    response["Cache-Control"] = "private, no-store"
    response["Referrer-Policy"] = "no-referrer"
    return response


# Changes that narrators ask for


class SuggestionFilterSet(WagtailFilterSet):
    """Filters of the list of asked changes."""

    state = django_filters.ChoiceFilter(
        label=_("State"), choices=SuggestionState.choices, empty_label=_("All"), widget=forms.RadioSelect
    )

    class Meta:
        model = Suggestion
        fields: list[str] = []


class SuggestionIndexView(generic.IndexView):
    """Changes that narrators ask for; those about works for others are left out."""

    any_permission_required = ["view"]
    filterset_class = SuggestionFilterSet
    page_title = _("Changes narrators ask for")
    default_ordering = "-created_at"
    is_searchable = False

    @cached_property
    def columns(self) -> list[BaseColumn]:
        """Whose, when, how many passages, state."""
        return [
            TitleColumn("member", label=_("Narrator"), get_url=self.get_inspect_url),
            DateColumn("created_at", label=_("Asked"), sort_key="created_at", width="15%"),
            Column("passages", label=_("Passages"), accessor=lambda row: len(row.passages), width="12%"),
            StatusTagColumn(
                "state",
                label=_("State"),
                accessor="get_state_display",
                primary=lambda row: row.state == SuggestionState.OPEN,
            ),
        ]

    def get_base_queryset(self) -> QuerySet[Suggestion]:
        """Leave out what is about works that this employee may not meet."""
        rows = Suggestion.objects.select_related("member", "revision")
        return rows.exclude(pk__in=[row.pk for row in rows if not may_see(row, employee(self.request))])


def may_see(suggestion: Suggestion, user: User) -> bool:
    """Whether the work that a change is about is for this employee; one whose work is gone is for nobody."""
    revision = suggestion.revision
    source = registry.source_of(revision) if revision is not None else None
    return revision is not None and source is not None and not source.is_hidden_from(revision, user)


class SuggestionView(WagtailAdminTemplateMixin, FormView):
    """One asked change, marked up: the keeper takes passages into a new draft, answers, and asks again."""

    template_name = "consent/admin/suggestion.html"
    page_title = _("A change she asks for")
    header_icon = "edit"
    form_class = forms.Form

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer 404 to whoever has nothing to do with approvals, or is outside the audience."""
        if not request.user.has_perm("consent.view_suggestion"):
            raise Http404
        rows = Suggestion.objects.select_related("member", "revision", "answered_by")
        self.suggestion = get_object_or_404(rows, pk=kwargs["pk"])
        self.wording = guarded_wording(self.suggestion.revision, employee(request))
        return super().dispatch(request, *args, **kwargs)

    def get_form_class(self) -> type[forms.Form]:
        """Offer a tick for every passage and a field for the answer."""
        fields: dict[str, Any] = {
            "take": forms.MultipleChoiceField(
                required=False, choices=[(p["path"], p["path"]) for p in self.suggestion.passages]
            ),
            "answer": forms.CharField(
                label=_("What we answer her"),
                max_length=2000,
                widget=forms.Textarea(attrs={"rows": 4}),
                help_text=_("She reads this on her own page. Say what you took and, if not everything, why."),
            ),
        }
        return type("AnswerForm", (forms.Form,), fields)

    def form_valid(self, form: forms.Form) -> HttpResponse:
        """Take what is ticked, answer, and go on to asking her again."""
        data = form.cleaned_data
        taken = suggesting.answer(
            suggestion=self.suggestion, take=data["take"], words=data["answer"], by=employee(self.request)
        )
        if taken is None:
            messages.success(self.request, _now("Your answer is on her page."))
            return redirect(f"{SUGGESTIONS}:inspect", self.suggestion.pk)
        self.tell(len(taken.done), len(taken.missed))
        return redirect("narrator_ask", taken.revision.pk)

    def tell(self, done: int, missed: int) -> None:
        """Say what became of the passages."""
        if done:
            text = ngettext(
                "%(n)s passage is in a new draft. Now ask her about the new words.",
                "%(n)s passages are in a new draft. Now ask her about the new words.",
                done,
            )
            messages.success(self.request, text % {"n": done})
        if missed:
            text = ngettext(
                "%(n)s passage reads otherwise by now and was left as it is: look at it in the editor.",
                "%(n)s passages read otherwise by now and were left as they are: look at them in the editor.",
                missed,
            )
            messages.warning(self.request, text % {"n": missed})

    def form_invalid(self, form: forms.Form) -> HttpResponse:
        """Ask again; nothing was taken."""
        messages.error(self.request, _now("Nothing is recorded yet. Look at what is marked below."))
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Only those who may record approvals answer."""
        if not request.user.has_perm("consent.add_approval"):
            raise PermissionDenied
        return super().post(request, *args, **kwargs)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        """Lead back to the list."""
        return [
            *self.breadcrumbs_items,
            {"url": reverse(f"{SUGGESTIONS}:index"), "label": _("Changes narrators ask for")},
            {"url": "", "label": self.page_title, "sublabel": str(self.suggestion.member)},
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Mark up every passage."""
        context = super().get_context_data(**kwargs)
        labels = {passage.path: passage.label for passage in self.wording.passages}
        chosen = set(context["form"].data.getlist("take")) if context["form"].is_bound else set()
        rows = [
            {
                **passage,
                "label": labels.get(passage["path"], passage["path"]),
                "pieces": suggesting.marked_up(passage["before"], passage["after"]),
                "checked": passage["path"] in chosen,
            }
            for passage in self.suggestion.passages
        ]
        revision = self.suggestion.revision
        return {
            **context,
            "suggestion": self.suggestion,
            "wording": self.wording,
            "rows": rows,
            "is_open": self.suggestion.state == SuggestionState.OPEN,
            "may_answer": self.request.user.has_perm("consent.add_approval"),
            "subject_url": subject_url(revision) if revision else "",
        }


class OpenSuggestions(Component):
    """How many changes wait for an answer, on the dashboard."""

    template_name = "consent/admin/count_panel.html"
    order = 105

    def __init__(self, user: User) -> None:
        self.user = user

    def get_context_data(self, parent_context: Mapping[str, Any]) -> dict[str, Any]:
        """Count those that this employee may meet."""
        rows = Suggestion.objects.filter(state=SuggestionState.OPEN).select_related("revision")
        return {
            "id": "open-suggestions",
            "heading": _("Changes narrators ask for"),
            "icon": "edit",
            "count": sum(may_see(row, self.user) for row in rows),
            "url": f"{reverse(f'{SUGGESTIONS}:index')}?state={SuggestionState.OPEN}",
            "nothing": _("None wait for an answer."),
            "action": _("Answer them"),
        }


# Letters


class LetterFilterSet(WagtailFilterSet):
    """Filters of the outbox."""

    state = django_filters.ChoiceFilter(
        label=_("State"), choices=LetterState.choices, empty_label=_("All"), widget=forms.RadioSelect
    )
    kind = django_filters.ChoiceFilter(
        label=_("Kind"), choices=LetterKind.choices, empty_label=_("All"), widget=forms.RadioSelect
    )

    class Meta:
        model = Letter
        fields: list[str] = []


class LetterIndexView(generic.IndexView):
    """Letters and where they are: no address, no text, no link."""

    any_permission_required = ["view"]
    filterset_class = LetterFilterSet
    page_title = _("Letters")
    default_ordering = "-created_at"
    is_searchable = False

    @cached_property
    def columns(self) -> list[BaseColumn]:
        """Whose, what, state, when, attempts, what went wrong."""
        return [
            Column("member", label=_("About or to"), accessor="member"),
            Column("kind", label=_("Kind"), accessor="get_kind_display"),
            StatusTagColumn(
                "state",
                label=_("State"),
                accessor="get_state_display",
                primary=lambda row: row.state == LetterState.SENT,
            ),
            DateColumn("created_at", label=_("Written"), sort_key="created_at", width="13%"),
            DateColumn("sent_at", label=_("Sent at"), sort_key="sent_at", width="13%"),
            Column("attempts", label=_("Attempts"), sort_key="attempts", width="9%"),
            Column("last_error", label=_("Last error"), accessor="last_error"),
        ]

    def get_base_queryset(self) -> QuerySet[Letter]:
        """Load the members with the rows."""
        return Letter.objects.select_related("member")
