"""The command: what it prints, how it ends."""

from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError

from search.services import indexing
from stories.importing import applying
from stories.importing.texts import looks_like_markdown, markup
from stories.importing.words import word
from stories.management.commands.import_stories import Command
from stories.models import StoryIndexPage, StoryPage
from tests.importing.conftest import Outcome, row

Lines = Callable[..., Path]


def command(path: Path | str, **options: Any) -> tuple[str, str]:
    out, err = StringIO(), StringIO()
    call_command("import_stories", str(path), stdout=out, stderr=err, **options)
    return out.getvalue(), err.getvalue()


def test_it_ends_with_a_table(db: None, lines: Lines) -> None:
    out, _err = command(lines(row(1), row(2, consent="no")), consent_field="consent", publish=True)
    assert [line.split()[-1] for line in out.splitlines()][:8] == ["2", "2", "0", "0", "1", "1", "0", "0"]


def test_rejected_rows_are_told_and_the_status_is_1(db: None, lines: Lines) -> None:
    err = StringIO()
    with pytest.raises(CommandError, match="1 of 2 rows were rejected") as caught:
        call_command("import_stories", str(lines(row(1), row(2, title=""))), stdout=StringIO(), stderr=err)
    assert caught.value.returncode == 1
    assert "row 2: title is missing" in err.getvalue()
    assert StoryPage.objects.count() == 1


@pytest.mark.parametrize("path", ["missing.jsonl", "/"])
def test_a_path_that_cannot_be_read_ends_with_status_2(db: None, path: str) -> None:
    with pytest.raises(CommandError) as caught:
        command(path if path != "/" else "tests/importing")
    assert caught.value.returncode == 2


def test_a_mapping_file_is_used(db: None, lines: Lines, tmp_path: Path) -> None:
    (tmp_path / "map.json").write_text(
        '{"title": "extra.head", "language": {"value": "ru"}, "persona": "who"}'
    )
    command(lines(row(extra={"head": "Other"}, who="A baker")), map=str(tmp_path / "map.json"))
    story = StoryPage.objects.get()
    assert (story.title, story.language, story.member.persona_name) == ("Other", "ru", "A baker")


def test_a_database_that_refuses_is_said_in_a_sentence(
    db: None, lines: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    def locked(*args: Any, **options: Any) -> None:
        raise OperationalError("database is locked")

    monkeypatch.setattr(applying, "place", locked)
    with pytest.raises(CommandError, match=r"database is locked\. What was imported stays"):
        command(lines(row()))


def test_an_index_that_is_busy_is_left_to_the_worker(
    db: None, lines: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = indexing.DrainReport(unavailable=True)
    monkeypatch.setattr("stories.importing.running.drain", lambda **options: report)
    _out, err = command(lines(row()), consent_field="consent", publish=True)
    assert "the worker will finish it" in err


def test_a_house_without_a_shelf_is_said(db: None, lines: Lines) -> None:
    StoryIndexPage.objects.get().delete()
    with pytest.raises(CommandError, match="no shelf"):
        command(lines(row()))


def test_the_process_ends_without_a_traceback(
    db: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        Command().run_from_argv(["manage.py", "import_stories", str(tmp_path / "none.csv"), "--skip-checks"])
    assert ended.value.code == 2
    assert "does not exist" in capsys.readouterr().err


@pytest.mark.parametrize(
    "text",
    ["5 * 3 * 2 and *not* more", "- one\n- two", "1. first 2. second", "**URGENT** please",
     "#1 problem: it fails", "XXXX_XXXX_ and {$1200.00}",
     "a\n----\nb", "see [1] and [2](below)", "    indented", "<XXXX> & co"],
)  # fmt: skip
def test_customers_signs_stay_what_they_are(text: str) -> None:
    assert not looks_like_markdown(text)
    from stories.wording import plain

    assert plain(markup(text)).split() == text.split()


@pytest.mark.parametrize(
    "text",
    ["# Title\n\n- a\n- b\n", "**Background:** x\n\n**Goals:** y", "## A\n\nsee [b](https://example.org)"],
)
def test_markdown_is_known_by_two_signs(text: str) -> None:
    assert looks_like_markdown(text)


def test_markdown_is_sanitised() -> None:
    made = markup(
        "# A\n\n[x](javascript:alert(1)) ![y](http://z) <img src=x onerror=y>\n\n```\n<b>\n```", "markdown"
    )
    assert "javascript" not in made
    assert "<img" not in made
    assert "&lt;img src=x" in made
    assert made.startswith("<h3>A</h3>")


def test_words_have_codes_of_their_own() -> None:
    assert word("hot-water") == ("hot-water", "Hot water")
    assert word("Горячая вода").slug == "goryachaya-voda"
    long = "Problem with a credit reporting company's investigation into an existing"
    assert word(f"{long} problem").slug != word(f"{long} case").slug
    assert len(word(long * 3).slug) <= 60
    assert word("👍").slug != word("👎").slug


def test_a_run_is_counted(run: Callable[..., Outcome]) -> None:
    assert run([row(n) for n in range(3)]).report.read == 3
