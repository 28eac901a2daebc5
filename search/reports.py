"""What the company learns from its searches. Nobody who searched is in these rows; rare ones are only called few."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, F, Max, QuerySet
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import Column, TitleColumn
from wagtail.admin.views.reports import ReportView
from wagtail.permission_policies import ModelPermissionPolicy

from search.enums import FEW
from search.models import LoggedQuery

POLICY = ModelPermissionPolicy(LoggedQuery)
MOST = 500  # rows of a report


@dataclass(frozen=True, slots=True)
class Row:
    """One text that was searched for. ``times`` and ``opened`` are words where people could be guessed."""

    text: str
    times: str
    found: int
    opened: str
    last: str
    search_url: str
    story_url: str
    synonym_url: str


def grouped(notes: QuerySet[LoggedQuery]) -> Any:
    """Notes of searches by their text, with how often, how many were opened, and the newest total."""
    return notes.values("text").annotate(
        times=Count("pk"), opened=Count("clicked_rank"), found=Max("total"), last=Max("hour")
    )


def row_of(group: Mapping[str, Any]) -> Row:
    """A row as people read it."""
    many = group["times"] >= FEW
    rate = round(100 * group["opened"] / group["times"])
    return Row(
        text=group["text"],
        times=str(group["times"]) if many else _now("few"),
        found=group["found"],
        opened=f"{rate} %" if many else "–",
        last=timezone.localtime(group["last"]).date().isoformat(),
        search_url=f"{reverse('search:results')}?{urlencode({'q': group['text']})}",
        story_url=_prefilled("stories:capture", title=group["text"]),
        synonym_url=_prefilled("wagtailsnippets_search_synonym:add", word=group["text"]),
    )


def _prefilled(name: str, **values: str) -> str:
    """The address of a form with something filled in; empty where the house has no such form."""
    try:
        return f"{reverse(name)}?{urlencode(values)}"
    except NoReverseMatch:
        return ""


class WhatToDoColumn(Column):
    """Ways to help those who found nothing."""

    cell_template_name = "search/admin/what_to_do.html"


class QueriesReport(ReportView):
    """Texts searched for; a subclass says which and in which order."""

    model = LoggedQuery
    permission_policy = POLICY
    any_permission_required = ["view"]
    header_icon = "search"
    is_searchable = False
    default_ordering = None
    explanation: Any = ""
    results_template_name = "search/admin/report_results.html"
    list_export = ["text", "times", "found", "opened", "last"]
    export_headings = {
        "text": _("Searched for"),
        "times": _("Times"),
        "found": _("Results"),
        "opened": _("Opened a result"),
        "last": _("Last"),
    }
    columns = [
        TitleColumn("text", label=_("Searched for"), get_url=lambda row: row.search_url),
        Column("times", label=_("Times"), width="10%"),
        Column("found", label=_("Results"), width="10%"),
        Column("opened", label=_("Opened a result"), width="15%"),
        Column("last", label=_("Last"), width="15%"),
    ]

    def get_groups(self) -> Any:
        """Return the groups of the report, in its order."""
        raise NotImplementedError

    def get_filtered_queryset(self) -> list[Row]:
        """Return the rows as people read them, in exports too."""
        return [row_of(group) for group in self.get_groups()[:MOST]]

    def get_context_data(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Add what the report tells."""
        return {**super().get_context_data(*args, **kwargs), "explanation": self.explanation}


class NothingFoundReport(QueriesReport):
    """What people looked for in vain."""

    page_title = _("Searches that found nothing")
    explanation = _(
        "Somebody needed this. Perhaps a story is missing, perhaps only a word: a synonym makes it find what is there."
    )
    index_url_name = "search_nothing_found"
    index_results_url_name = "search_nothing_found_results"
    columns = [
        QueriesReport.columns[0],
        QueriesReport.columns[1],
        QueriesReport.columns[4],
        WhatToDoColumn("what_to_do", label=_("What to do"), accessor=lambda row: row, width="35%"),
    ]

    def get_groups(self) -> Any:
        """Texts of which no search found anything."""
        return grouped(LoggedQuery.objects.all()).filter(found=0).order_by("-times", "-last", "text")


class MostSearchedReport(QueriesReport):
    """What people look for most."""

    page_title = _("Most searched for")
    explanation = _("What the house wants to know about its clients.")
    index_url_name = "search_most_searched"
    index_results_url_name = "search_most_searched_results"

    def get_groups(self) -> Any:
        """All texts, the most frequent first."""
        return grouped(LoggedQuery.objects.all()).order_by("-times", "-last", "text")


class SeldomOpenedReport(QueriesReport):
    """What finds something that nobody wants."""

    page_title = _("Found but seldom opened")
    explanation = _(
        "Searched for five times or more, something was found, and one in five opened it at most. "
        "Look at the results with their eyes."
    )
    index_url_name = "search_seldom_opened"
    index_results_url_name = "search_seldom_opened_results"

    def get_groups(self) -> Any:
        """Texts with results of which at most a fifth were opened."""
        found = grouped(LoggedQuery.objects.filter(total__gt=0)).filter(times__gte=FEW)
        return found.filter(times__gte=F("opened") * 5).order_by("-times", "text")


REPORTS = (NothingFoundReport, MostSearchedReport, SeldomOpenedReport)
