"""The table of evidence: one coded passage a row, as CSV or XLSX; out only."""

import csv
import io
from collections.abc import Iterator

from django.utils.translation import gettext as _
from openpyxl import Workbook

from ideas.enums import Importance
from ideas.exchange.annotations import absolute
from ideas.exchange.gathering import Cited, Evidence
from ideas.exchange.records import UNSPEAKABLE
from stories.cards import story_url
from stories.importing.readers.cells import guarded


def header() -> list[str]:
    """Return the names of the columns in the active language."""
    return [
        _("Theme"), _("What it is"), _("Idea"), _("Passage"), _("Feeling"), _("Importance"), _("Memo"), _("Touchpoint"),
        _("Narrator"), _("Code of the narrator"), _("Part of the customers"), _("Day"), _("Story"), _("Address"),
    ]  # fmt: skip


def rows(evidence: Evidence) -> Iterator[list[str | int]]:
    """Yield the rows, themes first, each in the order of its stories."""
    for each in sorted(
        evidence.cited, key=lambda each: (each.theme is None, str(each.theme or each.idea).casefold())
    ):
        yield row(each, evidence)


def row(each: Cited, evidence: Evidence) -> list[str | int]:
    """Return one coded passage."""
    told = evidence.told[each.story]
    return [
        each.theme.label if each.theme else "", str(each.theme.get_kind_display()) if each.theme else "",
        each.idea.title if each.idea else "", each.place.exact, each.valence, str(Importance(each.importance).label),
        each.memo, evidence.touchpoints.get(each.touchpoint or 0, ""), told.persona, told.code, told.stratum,
        told.day.isoformat() if told.day else "", told.title, absolute(story_url(told.slug)),
    ]  # fmt: skip


def cells(values: list[str | int]) -> list[str | int]:
    """Return cells that no spreadsheet takes for formulas and every file can hold."""
    return [guarded(UNSPEAKABLE.sub("", value)) if isinstance(value, str) else value for value in values]


def write_csv(evidence: Evidence) -> bytes:
    """Return the table in UTF-8 with the mark that spreadsheets need."""
    out = io.StringIO(newline="")
    table = csv.writer(out)
    table.writerow(header())
    table.writerows(cells(each) for each in rows(evidence))
    return out.getvalue().encode("utf-8-sig")


def write_xlsx(evidence: Evidence) -> bytes:
    """Return the table as a workbook."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(_("Evidence")[:31])
    sheet.freeze_panes = "A2"
    sheet.append(header())
    for each in rows(evidence):
        sheet.append(cells(each))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
