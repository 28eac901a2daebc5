"""The loop back to the narrators in numbers: the report, the theme's page, and what a withdrawal takes from both."""

import csv
import io
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from openpyxl import load_workbook

from consent.enums import Purpose
from consent.services import withdraw
from ideas.documents import IdeaSource
from ideas.models import LoopClosure, Theme
from ideas.services import loops, merging, thinking
from search.enums import FEW
from tests.factories import make_member
from tests.ideas.world import RANG, THANKED, make_idea, make_theme, mark, marketer, stratum, told

pytestmark = pytest.mark.django_db
As = Callable[[str], Client]
EN = {"Accept-Language": "en"}
REPORT = "/admin/reports/loop/"


def answered(count: int, waited: int = 40, **member: Any) -> tuple[Theme, list[Any]]:
    """A theme that so many people told of and that was answered; all but the last were told, the first said yes."""
    theme, user = make_theme(), marketer()
    ended = timezone.localdate() - timedelta(days=waited)
    stories = [told(make_member(**member), period_end=ended) for _ in range(count)]
    for story in stories:
        mark(user, story, RANG, theme)
    thinking.answer_theme(user=user, theme=theme, answer="Since July we name the hour.")
    loops.open_loop(user=user, theme=theme)
    rows = LoopClosure.objects.order_by("pk")
    for row in rows[: count - 1]:
        row.told_at, row.verdict = timezone.now(), "yes" if row.pk != rows[count - 2].pk else "no"
        row.save()
    return theme, stories


def rows(client: Client) -> dict[str, Any]:
    return {row.name: row for row in client.get(REPORT, headers=EN).context["object_list"]}


def test_the_report_says_who_was_told_how_soon_and_what_they_said(as_: As) -> None:
    _theme, stories = answered(7)
    client = as_("club_host")
    row = rows(client)["Name the hour"]
    assert (row.cited, row.told, row.share, row.days, row.yes, row.partly, row.no) == ("7", "6", "86 %", "40", "5", "few", "few")
    assert rows(client)["All together, each person once"].cited == "7"
    table = list(csv.reader(io.StringIO(b"".join(client.get(f"{REPORT}?export=csv", headers=EN).streaming_content).decode("utf-8-sig"))))
    assert table[0][:5] == ["Theme or idea", "What it is", "People cited", "Told", "Share told"] and table[2][:5] == ["Name the hour", "Theme", "7", "6", "86 %"]
    book = load_workbook(io.BytesIO(b"".join(client.get(f"{REPORT}?export=xlsx", headers=EN).streaming_content)))
    assert [cell.value for cell in book.active[3]][:5] == table[2][:5]
    withdraw(member=stories[0].member, purpose=Purpose.IDEAS)
    row = rows(client)["Name the hour"]
    assert (row.cited, row.told, row.share, row.yes) == ("6", "5", "83 %", "few")
    withdraw(member=stories[1].member, purpose=Purpose.IDEAS)
    row = rows(client)["Name the hour"]
    assert (row.cited, row.told, row.share, row.days, row.yes) == ("5", "few", "–", "–", "–")


def test_an_idea_counts_what_was_merged_into_it(as_: As) -> None:
    user, idea, into = marketer(), make_idea(state="shipped"), make_idea("Both", state="shipped")
    for each in (idea, into):
        mark(user, told(period_end=date(2026, 1, 1)), RANG, each)
        loops.open_loop(user=user, idea=each)
    merging.merge_ideas(user=user, idea=idea, into=into)
    assert [(name, row.cited) for name, row in rows(as_("marketer")).items()] == [("All together, each person once", "few"), ("Both", "few")]


def test_a_theme_shows_charts_beside_their_tables_and_who_was_told(as_: As) -> None:
    theme, stories = answered(6, stratum=stratum("settled", 6000))
    user = marketer()
    for number, name in ((5, "They rang back"), (2, "A warm word <b>")):
        other = make_theme(name)
        for story in stories[:number]:
            mark(user, story, THANKED, other)
    mark(user, told(make_member(stratum=stratum("newcomers", 500))), THANKED, other)
    page = as_("reader").get(theme.get_absolute_url(), headers=EN)
    text = page.content.decode()
    assert [line.cells for line in page.context["matrix"]] == [(None, 5, 2), (5, None, 2), (2, 2, None)]
    drawing = page.context["matrix_drawing"]
    assert drawing.count('class="d-3"') == 4 and ">2<" not in drawing.split("1. ")[1] and "&lt;b&gt;" in drawing
    assert "6 of 6" in page.context["strata_drawing"] and 'class="chart strata"' in text
    assert "Told 5 of 6" in text and "From story to answer: 40 days" in text
    assert [count for _label, count in page.context["closing"]["verdicts"]] == [None, None, None] and page.context["closures"] == []
    host = as_("club_host")
    persona = stories[0].member.persona_name
    assert "Notes to pass on" in host.get(theme.get_absolute_url(), headers=EN).content.decode()
    withdraw(member=stories[0].member, purpose=Purpose.IDEAS)
    after = host.get(theme.get_absolute_url(), headers=EN)
    assert persona not in after.content.decode() and after.context["closing"]["of"] == 5 >= FEW
    with CaptureQueriesContext(connection) as asked:
        host.get(theme.get_absolute_url())
    assert len(asked) <= 16


def test_an_idea_is_indexed_in_the_language_it_is_written_in() -> None:
    one, two = make_idea("A note by the lift"), make_idea("Записка у лифта", statement="С часом и именем, как SMS")
    found = {document.object_id: document.language for document in IdeaSource().documents([one.pk, two.pk])}
    assert found == {one.pk: "en", two.pk: "ru"}
