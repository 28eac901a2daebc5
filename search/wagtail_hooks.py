"""The search in Wagtail's admin: synonyms, reports, the page that explains."""

from typing import Any

from django.http import HttpRequest
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.snippets.models import register_snippet

from search.admin_views import ExplainView
from search.reports import POLICY, REPORTS
from search.viewsets import SynonymViewSet

register_snippet(SynonymViewSet)


class ReportMenuItem(MenuItem):
    """A report in the menu, for those who may read it."""

    def is_shown(self, request: HttpRequest) -> bool:
        """Whether the report would answer."""
        return POLICY.user_has_any_permission(request.user, ["view"])


@hooks.register("register_admin_urls")
def report_addresses() -> list[URLPattern]:
    """Reports with their results, and the explanation."""
    found = [path("reports/search/why/", ExplainView.as_view(), name="search_explain")]
    for report in REPORTS:
        route = f"reports/search/{report.index_url_name.removeprefix('search_').replace('_', '-')}/"
        found.append(path(route, report.as_view(), name=report.index_url_name))
        found.append(
            path(f"{route}results/", report.as_view(results_only=True), name=report.index_results_url_name)
        )
    return found


def _menu_item(label: Any, name: str, order: int) -> None:
    @hooks.register("register_reports_menu_item")
    def item() -> MenuItem:
        return ReportMenuItem(label, reverse(name), name=name, icon_name="search", order=order)


for number, each in enumerate(REPORTS):
    _menu_item(each.page_title, each.index_url_name, 1210 + number)
_menu_item(_("Why this result"), "search_explain", 1220)


@hooks.register("construct_reports_menu")
def hide_the_other_log(request: HttpRequest, menu_items: list[MenuItem]) -> None:
    """Wagtail's own report of search terms is empty here: what people type is not written into its log."""
    menu_items[:] = [item for item in menu_items if item.name != "search-terms"]
