"""The report on the loop back to the narrators: who was told, how soon, what they said. Few people are called few."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import Column, TitleColumn
from wagtail.admin.views.reports import ReportView
from wagtail.permission_policies import ModelPermissionPolicy

from ideas.closing import Closing, everything, together
from ideas.enums import Verdict
from ideas.models import Idea, LoopClosure
from search.enums import FEW

POLICY = ModelPermissionPolicy(Idea)
HEADINGS = {
    "name": _("Theme or idea"),
    "sort": _("What it is"),
    "cited": _("People cited"),
    "told": _("Told"),
    "share": _("Share told"),
    "days": _("Median days from story to answer"),
    "yes": _("Yes, that is it"),
    "partly": _("Partly"),
    "no": _("No"),
}
SHORT = {"days": _("Days, median"), "share": _("Share"), "yes": _("Yes"), "cited": _("Cited")}


@dataclass(frozen=True, slots=True)
class Row:
    """One theme or idea in words and numbers that give nobody away."""

    name: str
    sort: str
    url: str
    cited: str
    told: str
    share: str
    days: str
    yes: str
    partly: str
    no: str


def people(count: int) -> str:
    """Return a number of people."""
    return str(count) if count >= FEW or not count else _now("few")


def verdict(closing: Closing, value: str) -> str:
    """Return how many said so; nothing where few were told at all."""
    if closing.told < FEW:
        return "–"
    count = closing.said(value)
    return _now("few") if count is None else str(count)


def row_of(name: str, sort: str, url: str, closing: Closing) -> Row:
    """Return a row as people read it."""
    share, days = closing.share, closing.median
    return Row(
        name, sort, url, people(len(closing.cited)), people(closing.told),
        "–" if share is None else f"{share} %", "–" if days is None else str(days),
        verdict(closing, Verdict.YES), verdict(closing, Verdict.PARTLY), verdict(closing, Verdict.NO),
    )  # fmt: skip


class LoopReport(ReportView):
    """Share told, median days from story to answer, verdicts; by theme and idea."""

    model = LoopClosure
    permission_policy = POLICY
    any_permission_required = ["view"]
    page_title = _("Back to the narrators")
    header_icon = "resubmit"
    index_url_name = "loop_report"
    index_results_url_name = "loop_report_results"
    results_template_name = "ideas/admin/loop_results.html"
    is_searchable = False
    default_ordering = None
    list_export = list(HEADINGS)
    export_headings = HEADINGS
    export_filename = "back-to-the-narrators"
    columns = [
        TitleColumn("name", label=_("Theme or idea"), get_url=lambda row: row.url or None, width="28%"),
        *(Column(name, label=SHORT.get(name, label)) for name, label in HEADINGS.items() if name != "name"),
    ]

    def get_filtered_queryset(self) -> list[Row]:
        """Return the rows, all together first."""
        found = everything(self.request.user)
        rows = [
            row_of(
                str(each.subject),
                _now("Idea") if isinstance(each.subject, Idea) else _now("Theme"),
                each.subject.get_absolute_url(),
                each.closing,
            )
            for each in found
        ]
        return (
            [row_of(_now("All together, each person once"), "", "", together(found)), *rows] if rows else []
        )

    def get_context_data(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Add what the report tells."""
        explanation = _now(
            "Whose words a theme or an idea stands on: how many of them were told what became of it, how long that "
            "took from the day their story belongs to, and what they said. Numbers under five people are called few."
        )
        return {**super().get_context_data(*args, **kwargs), "explanation": explanation}
