"""What leaves is what one may read, and comes back without a difference."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command
from django.db import transaction
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from wagtail.models import PageLogEntry

from club.models import User
from consent.enums import Purpose
from consent.erasing.copies import that_left
from stories.exporting.writers import EMPTY, WRITERS, flat, markdown
from stories.importing import tidying
from stories.importing.readers import open_source
from stories.importing.readers.cells import guarded, header, joined, record, unguarded
from stories.importing.readers.frontmatter import fenced_blocks, split
from stories.models import StoryPage
from tests.factories import (
    HIDDEN,
    episode,
    give,
    make_hidden,
    make_image,
    make_member,
    make_product_line,
    make_story,
    make_tag,
    make_touchpoint,
    make_user,
)

FORMATS = tuple(WRITERS)


def rich() -> StoryPage:
    """A story with everything in it."""
    member = make_member(persona_name="=The gardener; +7, «five»", language="ru")
    give(member, until=timezone.now() + timezone.timedelta(days=90))
    story = make_story(
        member,
        publish=False,
        title="-Three “evenings”: 'one', two & more 👩‍🔧",
        external_id="wd/three evenings",
        summary="@Short\n---\nand ::: long",
        language="ru",
        provenance="heard",
        sensitivity="sensitive",
        period_start="2026-02-03",
        period_end="2026-10-28",
        body=[
            episode(
                touchpoint=make_touchpoint("dispatch"),
                happened="One\r\n\r\ntwo: #three\n---\n:::",
                turning_point=True,
            ),
            episode(title="- yes", loyalty=5, feeling=3, when="3 февраля, 8:15"),
            ("narrative", "<p>=SUM(A1)</p>\n:::\n<p>a &amp; b</p>"),
            ("quote", {"text": "'= no"}),
            ("case", {"verdict": "good", "why": "w", "missing": "", "lesson": "null"}),
            ("warning", "# warned"),
            ("response", {"date": timezone.datetime(2026, 4, 1).date(), "text": "2026-04-01"}),
            ("photo", {"image": make_image(member), "caption": "", "alt": "A door"}),
            ("narrative", "<p>" + "long " * 9000 + "</p>"),
        ],
    )
    story.tags.add(make_tag(), make_tag("waiting"))
    story.touchpoints.add(make_touchpoint("dispatch"), make_touchpoint("visit", order=1))
    story.product_lines.add(make_product_line())
    story.audience_groups.add(Group.objects.get_or_create(name="Heat, cold; and more")[0])
    story.save()
    publish(story)
    return story


def publish(story: StoryPage) -> None:
    from tests.factories import approve

    revision = story.save_revision()
    approve(revision.as_object())
    revision.publish()


def export(path: Path, form: str, **options: Any) -> Path:
    call_command("export_stories", str(path), format=form, stdout=StringIO(), **options)
    return path


class Undo(Exception):
    """Ends a look into another state of the database."""


@contextmanager
def another_install() -> Iterator[None]:
    """The same groups and pictures, no stories, members or words; afterwards everything is as it was."""
    try:
        with transaction.atomic():
            from stories.models import ImageUse, ProductLine, Tag, Touchpoint

            ImageUse.objects.all().delete()
            for story in StoryPage.objects.all():
                story.delete()
            Tag.objects.all().delete()
            Touchpoint.objects.all().delete()
            ProductLine.objects.all().delete()
            yield
            raise Undo
    except Undo:
        pass


@pytest.mark.parametrize("form", FORMATS)
def test_export_import_export_gives_the_same_files(superuser: User, tmp_path: Path, form: str) -> None:
    rich()
    make_story(title="Plain", external_id="plain", member=make_member())
    endings = {"md": ""}
    one, two = (tmp_path / f"{name}{endings.get(form, '.' + form)}" for name in ("one", "two"))
    export(one, form)
    with another_install():
        errors = StringIO()
        call_command(
            "import_stories",
            str(one),
            publish=True,
            consent_field="consent.given",
            stdout=StringIO(),
            stderr=errors,
        )
        export(two, form)
    assert contents(one, form) == contents(two, form)
    assert len(contents(one, form)) == (3 if form in ("csv", "xlsx") else 2)


def contents(path: Path, form: str) -> list[Any]:
    if form == "md":
        return sorted((each.name, each.read_text()) for each in path.iterdir())
    if form == "xlsx":
        return list(load_workbook(path).active.iter_rows(values_only=True))
    return list(open_csv(path)) if form == "csv" else path.read_text().splitlines()


def open_csv(path: Path) -> Iterator[list[str]]:
    import csv

    with path.open(encoding="utf-8-sig", newline="") as file:
        yield from csv.reader(file)


@pytest.mark.parametrize("form", FORMATS)
def test_an_export_imported_where_it_came_from_changes_nothing(
    superuser: User, tmp_path: Path, form: str
) -> None:
    rich()
    make_story()
    path = export(tmp_path / f"out.{form}", form)
    told = StringIO()
    call_command("import_stories", str(path), publish=True, consent_field="consent.given", stdout=told)
    counts = {
        name.strip(): value
        for name, _, value in (line.rpartition(" ") for line in told.getvalue().splitlines())
    }
    assert (counts["same"], counts["new"], counts["changed"], counts["published"]) == ("2", "0", "0", "0")


@pytest.mark.parametrize("state", HIDDEN)
def test_what_may_not_be_read_does_not_leave(superuser: User, tmp_path: Path, state: str) -> None:
    make_hidden(state)
    assert export(tmp_path / "a.jsonl", "jsonl").read_text() == ""


def test_an_export_carries_the_terms(superuser: User, tmp_path: Path) -> None:
    member, until = make_member(), timezone.now() + timezone.timedelta(days=9)
    give(member, purposes=(Purpose.READ,), until=until)
    make_story(member)
    data = json.loads(export(tmp_path / "a.jsonl", "jsonl").read_text())
    assert data["consent"] == {"given": "yes", "purposes": ["read"], "until": until.isoformat()}


def test_an_export_is_logged_and_private(superuser: User, tmp_path: Path) -> None:
    told, other = make_story().member, make_hidden("withdrawn").member
    path = export(tmp_path / "a.csv", "csv")
    entry = PageLogEntry.objects.get(action="stories.exported")
    assert (entry.user_id, entry.data) == (superuser.pk, {"count": 1, "format": "csv", "members": [told.pk]})
    assert [copy["what"] for copy in that_left(told)] == ["export"]
    assert that_left(other) == []
    assert path.stat().st_mode & 0o077 == 0


def test_only_those_who_may_export_do(tmp_path: Path, person: Callable[[str], User]) -> None:
    with pytest.raises(CommandError, match="no active superuser"):
        export(tmp_path / "a.jsonl", "jsonl")
    with pytest.raises(CommandError, match="no active user"):
        export(tmp_path / "a.jsonl", "jsonl", user="nobody")
    with pytest.raises(CommandError, match="may not export"):
        export(tmp_path / "a.jsonl", "jsonl", user=person("reader").username)
    story = make_story()
    story.audience_groups.add(Group.objects.get(name="HR lead"))
    story.save()
    assert export(tmp_path / "a.jsonl", "jsonl", user=make_user("story_keeper").username).read_text() == ""


def test_a_folder_with_files_is_not_written_into(superuser: User, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("x")
    with pytest.raises(CommandError, match="not an empty folder"):
        export(tmp_path, "md")


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_no_cell_is_a_formula(superuser: User, tmp_path: Path, form: str) -> None:
    rich()
    path = export(tmp_path / f"a.{form}", form)
    cells = [str(cell) for line in contents(path, form) for cell in line if cell]
    assert not [cell for cell in cells if cell[0] in "=+-@\t\r"]
    if form == "xlsx":
        kinds = {
            cell.data_type for line in load_workbook(path).active.iter_rows() for cell in line if cell.value
        }
        assert kinds == {"s"}


@given(st.text(alphabet="'=+-@\t\rab"))
def test_guarding_a_cell_can_be_undone(text: str) -> None:
    assert unguarded(guarded(text)) == text
    assert not guarded(text).startswith(("=", "+", "-", "@", "\t", "\r"))


@given(st.lists(st.text(max_size=5).map(lambda text: tidying.line(text, "x")).filter(bool), unique=True))
def test_a_list_in_a_cell_comes_back(items: list[str]) -> None:
    cells = record(["tags"], [joined(items)])["tags"]
    assert tidying.words(cells, "tags") == items


TEXT = st.text(max_size=40).map(tidying.text)
BLOCKS = st.lists(
    st.builds(lambda text: {"narrative": text}, TEXT)
    | st.builds(lambda text: {"warning": text}, TEXT)
    | st.builds(lambda one, two: {"case": {"why": one, "lesson": two, "verdict": "bad"}}, TEXT, TEXT)
    | st.builds(
        lambda text, number: {"episode": {"title": text, "loyalty": number, "turning_point": True}},
        TEXT,
        st.integers(-5, 5),
    ),
    max_size=4,
)


@settings(max_examples=80)
@given(TEXT, TEXT, BLOCKS)
def test_a_record_comes_back_from_markdown(title: str, summary: str, body: list[Any]) -> None:
    whole = {**EMPTY, "external_id": "x", "title": title, "summary": summary, "body": body}
    front, rest = split(markdown(whole))
    assert {**front, "body": fenced_blocks(rest)} == whole


@settings(max_examples=80)
@given(TEXT, TEXT, BLOCKS)
def test_a_record_comes_back_from_cells(title: str, summary: str, body: list[Any]) -> None:
    whole = {**EMPTY, "external_id": "x", "title": title, "summary": summary, "body": body}
    cells = flat(whole)
    back = record(header(cells), [guarded(cell) for cell in cells.values()])
    assert (back["title"], back["summary"], back["body"]) == (title, summary, body)


def test_long_bodies_go_over_several_cells(superuser: User, tmp_path: Path) -> None:
    rich()
    head, line = contents(export(tmp_path / "a.xlsx", "xlsx"), "xlsx")
    assert head[-3:] == ("body", "body#2", "body#3")
    assert max(len(cell) for cell in line if cell) <= 16_001
    (read,) = open_source(tmp_path / "a.xlsx").rows()
    assert len(read.data["body"]) == 9
