"""Screens of erasure for the data protection officer: begin, see what came of it, the act, the event log."""

from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.views.generic import FormView, TemplateView
from wagtail import hooks
from wagtail.admin import messages
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.tables import BaseColumn, Column, StatusTagColumn, TitleColumn
from wagtail.admin.views import generic
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.admin.viewsets.base import ViewSet
from wagtail.admin.widgets.button import HeaderButton

from club import codes
from club.models import Member
from club.permissions import employee
from consent.enums import DemandKind
from consent.erasing import act, running
from consent.models import Demand, ErasureRun

LIST, START, RESULT, ACT, LOG = "erasure_list", "erasure_start", "erasure_result", "erasure_act", "erasure_log"
VIEW = "consent.view_erasurerun"


class StartForm(forms.Form):
    """The code, typed by hand: what cannot be undone is not done by a stray click."""

    code = forms.CharField(
        label=_("Her code, typed by you"),
        max_length=16,
        help_text=_("For example KD-482913-7. Copy it from her demand, not from this page."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def __init__(self, *args: Any, member: Member | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.member = member

    def clean_code(self) -> str:
        """Find the member; where one is meant already, it must be her."""
        code = self.cleaned_data["code"].strip().upper()
        if not codes.is_valid(code):
            raise forms.ValidationError(_("This is not a member code: it looks like KD-123456-7. Check the digits."))
        if self.member is not None and code != self.member.code:
            raise forms.ValidationError(_("This is not the code of the member on this page. Nothing was erased."))
        self.member = Member.objects.filter(code=code).first()
        if self.member is None:
            raise forms.ValidationError(_("Nobody here has this code."))
        return code


class ErasureStartView(WagtailAdminTemplateMixin, FormView):
    """What will be destroyed is said before; then the code is typed."""

    form_class = StartForm
    template_name = "consent/admin/erasure_start.html"
    page_title = _("Erase everything about a member")
    header_icon = "bin"
    index_url_name = ""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Only for those who may erase."""
        if not request.user.has_perm(running.ERASE):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    @cached_property
    def member(self) -> Member | None:
        """The member meant by the address, if it names one."""
        pk = self.kwargs.get("member_pk")
        return get_object_or_404(Member, pk=pk) if pk else None

    def get_form_kwargs(self) -> dict[str, Any]:
        """Say whose code is expected."""
        return {**super().get_form_kwargs(), "member": self.member}

    def form_valid(self, form: StartForm) -> HttpResponse:
        """Erase, and show what came of it."""
        if form.member is None:
            raise Http404
        try:
            run = running.erase(form.member, by=employee(self.request))
        except running.ErasureUnfinished as problem:
            run = problem.run
            messages.warning(
                self.request,
                _now("The records are destroyed, but the rest is not finished yet. Press “Go on” to finish it."),
            )
        else:
            if run.is_clean:
                messages.success(self.request, _now("Everything is destroyed, and nothing was found afterwards."))
            else:
                messages.error(self.request, _now("Something was found afterwards. Look at what is marked below."))
        return redirect(RESULT, run.pk)

    def form_invalid(self, form: StartForm) -> HttpResponse:
        """Say what is wrong; nothing was touched."""
        messages.error(self.request, _now("Nothing was erased. Look at the code below."))
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        """Lead back to the list."""
        return [*self.breadcrumbs_items, crumb(), {"url": "", "label": self.page_title}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Count what is hers, surface by surface."""
        demands: QuerySet[Demand] = Demand.objects.none()
        if self.member:
            demands = Demand.objects.filter(member=self.member, kind=DemandKind.ERASE, done_at=None)
        return {
            **super().get_context_data(**kwargs),
            "member": self.member,
            "surfaces": running.preview(self.member) if self.member else [],
            "demand": demands.order_by("received_at").first(),
            "list_url": reverse(LIST),
        }


def crumb() -> dict[str, Any]:
    """Return the way back to the list."""
    return {"url": reverse(LIST), "label": _("Erasures")}


class ErasureListView(generic.IndexView):
    """All erasures, the newest first."""

    model = ErasureRun
    permission_policy = None  # asked in dispatch
    permission_required = None
    any_permission_required = None
    page_title = _("Erasures")
    header_icon = "bin"
    default_ordering = "-started_at"
    is_searchable = False
    index_url_name = LIST
    results_only = False

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Only for those who may see erasures."""
        if not request.user.has_perm(VIEW):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    @cached_property
    def columns(self) -> list[BaseColumn]:
        """When, whose, what came of it, by whom."""
        return [
            TitleColumn("started", label=_("Begun"), accessor=begun, get_url=result_url),
            Column("code", label=_("Code"), accessor="member.code"),
            StatusTagColumn("state", label=_("State"), accessor=state_of, primary=lambda run: bool(run.is_clean)),
            Column("by", label=_("Begun by"), accessor=lambda run: run.started_by or _now("a command")),
        ]

    def get_base_queryset(self) -> QuerySet[ErasureRun]:
        """Load names with the runs."""
        return ErasureRun.objects.select_related("member", "started_by")

    @cached_property
    def header_buttons(self) -> list[HeaderButton]:
        """Begin one, for those who may."""
        if not self.request.user.has_perm(running.ERASE):
            return []
        return [HeaderButton(_("Erase a member"), url=reverse(START), icon_name="bin")]

    @cached_property
    def header_more_buttons(self) -> list[Any]:
        """Nothing hidden."""
        return []

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        """A list of its own."""
        return [*self.breadcrumbs_items, {"url": "", "label": self.page_title}]


def result_url(run: ErasureRun) -> str:
    """Return the page of a run."""
    return reverse(RESULT, args=[run.pk])


def begun(run: ErasureRun) -> str:
    """Return when a run began, local time."""
    return timezone.localtime(run.started_at).strftime("%Y-%m-%d %H:%M")


def state_of(run: ErasureRun) -> Any:
    """Return what came of a run."""
    if run.finished_at is None:
        return _("not finished")
    return _("nothing was found afterwards") if run.is_clean else _("something was left")


class RunMixin:
    """A page about one run, for those who may see erasures."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Refuse strangers."""
        if not request.user.has_perm(VIEW):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    @cached_property
    def run(self) -> ErasureRun:
        """The run the address names."""
        runs = ErasureRun.objects.select_related("member", "demand", "started_by")
        return get_object_or_404(runs, pk=self.kwargs["pk"])


class ErasureResultView(RunMixin, WagtailAdminTemplateMixin, TemplateView):
    """What was destroyed, what was searched, what is left to do; an open run goes on from here."""

    template_name = "consent/admin/erasure_result.html"
    page_title = _("Erasure")
    header_icon = "bin"
    index_url_name = ""

    def get_page_subtitle(self) -> str:
        """Whose."""
        return self.run.member.code

    @cached_property
    def header_buttons(self) -> list[HeaderButton]:
        """The act and the export of the log, once there is something to prove."""
        if self.run.finished_at is None:
            return []
        log = reverse(LOG, args=[self.run.pk])
        return [
            HeaderButton(_("Act of destruction"), url=reverse(ACT, args=[self.run.pk]), icon_name="doc-full"),
            HeaderButton(_("Event log, CSV"), url=f"{log}?format=csv", icon_name="download"),
            HeaderButton(_("Event log, JSON"), url=f"{log}?format=json", icon_name="download"),
        ]

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        """Lead back to the list."""
        return [*self.breadcrumbs_items, crumb(), {"url": "", "label": self.get_page_subtitle()}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Steps, scan, copies."""
        run = self.run
        return {
            **super().get_context_data(**kwargs),
            "run": run,
            "state": state_of(run),
            "steps": running.labelled(run),
            "megabytes": round(run.scan.get("bytes", 0) / 1_000_000, 1),
            "copies": [copy_label(copy) for copy in run.copies_out],
            "may_go_on": run.finished_at is None and self.request.user.has_perm(running.ERASE),
            "start_url": reverse(START, args=[run.member_id]),
            "header_buttons": self.header_buttons,
        }


def copy_label(copy: dict[str, Any]) -> str:
    """Say in words what left, and when."""
    words = {
        "letter": _("a letter"),
        "sheet": _("a printed sheet"),
        "export": _("an export of stories"),
        "passages": _("a file with passages of stories"),
        "backup": _("a backup beside the data"),
    }
    what = words.get(str(copy.get("what")), _("a copy"))
    detail = " ".join(str(copy[name]) for name in ("name", "format", "at") if copy.get(name))
    return f"{what}: {detail}" if detail else str(what)


class ErasureActView(RunMixin, TemplateView):
    """The act, to be printed and signed."""

    template_name = "consent/admin/erasure_act.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show the act of a finished run."""
        if self.run.finished_at is None:
            raise Http404
        found = act.act_of(self.run)
        context = {
            "act": found,
            "run": self.run,
            "system": act.system_name(),
            "method": act.method_name(),
            "megabytes": round(self.run.scan.get("bytes", 0) / 1_000_000, 1),
            "copies": [copy_label(copy) for copy in self.run.copies_out],
            "back": reverse(RESULT, args=[self.run.pk]),
        }
        return render(request, self.template_name, context)


class ErasureLogView(RunMixin, TemplateView):
    """The export of the event log."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Give the export as a file."""
        form = "json" if request.GET.get("format") == "json" else "csv"
        number = act.act_of(self.run).number
        text = act.as_json(self.run) if form == "json" else "\ufeff" + act.as_csv(self.run)
        kind = "application/json" if form == "json" else "text/csv; charset=utf-8"
        response = HttpResponse(text, content_type=kind)
        response["Content-Disposition"] = f'attachment; filename="destruction-{number}.{form}"'
        return response


class ErasureItem(MenuItem):
    """Erasures in the menu."""

    def is_shown(self, request: HttpRequest) -> bool:
        """For those who may see them."""
        return bool(request.user.has_perm(VIEW))


class ErasureViewSet(ViewSet):
    """The place of erasures in the menu; their addresses have plain names, see ``erasure_urls``."""

    name = "erasures"
    icon = "bin"
    menu_label = _("Erasures")
    menu_item_class = ErasureItem

    @cached_property
    def menu_url(self) -> str:
        """The list."""
        return reverse(LIST)


@hooks.register("register_admin_urls")
def erasure_urls() -> list[URLPattern]:
    """The addresses of erasure."""
    return [
        path("consent/erasures/", ErasureListView.as_view(), name=LIST),
        path("consent/erasures/start/", ErasureStartView.as_view(), name=START),
        path("consent/erasures/start/<int:member_pk>/", ErasureStartView.as_view(), name=START),
        path("consent/erasures/<int:pk>/", ErasureResultView.as_view(), name=RESULT),
        path("consent/erasures/<int:pk>/act/", ErasureActView.as_view(), name=ACT),
        path("consent/erasures/<int:pk>/log/", ErasureLogView.as_view(), name=LOG),
    ]
