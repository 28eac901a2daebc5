"""Changes the index has not learned yet, with those that were given up, and trying these again."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views import View
from wagtail import hooks
from wagtail.admin import messages
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.tables import BaseColumn, Column, DateColumn, NumberColumn, StatusTagColumn
from wagtail.admin.views.reports import ReportView
from wagtail.permission_policies import ModelPermissionPolicy

from search import registry
from search.models import Outbox
from search.querysets import parked
from search.services import engine_state, retry_parked

POLICY = ModelPermissionPolicy(Outbox)
REPORT, RESULTS, RETRY = "search_index_report", "search_index_report_results", "search_index_retry"
CHANGE = "search.change_outbox"


def kind_of(row: Outbox) -> str:
    """What the thing of a row is called; its kind, where no app knows it any more."""
    known = {source.kind: str(source.label) for source in registry.sources()}
    return known.get(row.kind, row.kind)


def state_of(row: Outbox) -> Any:
    """What became of a row so far."""
    if row.parked_at:
        return _("given up")
    return _("failed, will be tried again") if row.attempts else _("waits")


class IndexReportView(ReportView):
    """Rows of the outbox, those that were given up first. They hold numbers and kinds of errors, no words."""

    model = Outbox
    page_title = _("Search index")
    header_icon = "search"
    template_name = "search/index_report/report.html"
    index_url_name = REPORT
    index_results_url_name = RESULTS
    permission_policy = POLICY
    any_permission_required = ["view"]
    export_headings = {"object_id": _("Number"), "attempts": _("Attempts"), "error": _("Last error")}
    list_export = ["kind", "object_id", "attempts", "error", "created_at", "parked_at"]

    def get_queryset(self) -> QuerySet[Outbox]:
        """Given up first, then in the order of the changes."""
        return Outbox.objects.order_by(F("parked_at").desc(nulls_last=True), "pk")

    @cached_property
    def no_results_message(self) -> Any:
        """What to say where nothing waits."""
        return _("The index has learned every change.")

    @cached_property
    def columns(self) -> list[BaseColumn]:
        """What, how often it was tried, and what was in the way."""
        return [
            Column("kind", label=_("Kind"), accessor=kind_of),
            NumberColumn("object_id", label=_("Number")),
            StatusTagColumn(
                "state", label=_("State"), accessor=state_of, primary=lambda row: not row.parked_at
            ),
            NumberColumn("attempts", label=_("Attempts")),
            Column("error", label=_("Last error")),
            DateColumn("created_at", label=_("Changed")),
        ]

    def get_context_data(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """The engine's state above the rows."""
        given_up = parked().count()
        return {
            **super().get_context_data(*args, **kwargs),
            "state": engine_state(),
            "waiting": Outbox.objects.count() - given_up,
            "given_up": given_up,
            "retry_url": reverse(RETRY) if self.request.user.has_perm(CHANGE) else "",
        }


class RetryView(View):
    """Try what was given up again, at once."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        """Release the rows and say how many."""
        if not request.user.has_perm(CHANGE):
            raise PermissionDenied
        count = retry_parked(now=timezone.now())
        told = ngettext(
            "%(count)s change is tried again. It takes a few seconds.",
            "%(count)s changes are tried again. It takes a few seconds.",
            count,
        )
        messages.success(request, told % {"count": count})
        return redirect(REPORT)


class IndexReportItem(MenuItem):
    """The report in the menu, for those who may read it."""

    def is_shown(self, request: HttpRequest) -> bool:
        """Whether the report would answer."""
        return POLICY.user_has_any_permission(request.user, ["view"])


@hooks.register("register_reports_menu_item")
def index_report_item() -> MenuItem:
    """The way to the report."""
    return IndexReportItem(
        _("Search index"), reverse(REPORT), name="search-index", icon_name="search", order=1230
    )


@hooks.register("register_admin_urls")
def index_report_addresses() -> list[URLPattern]:
    """The report, its rows alone, and the attempt."""
    return [
        path("reports/search-index/", IndexReportView.as_view(), name=REPORT),
        path("reports/search-index/results/", IndexReportView.as_view(results_only=True), name=RESULTS),
        path("reports/search-index/retry/", RetryView.as_view(), name=RETRY),
    ]
