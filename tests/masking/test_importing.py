"""Masking while importing: only where asked for, only drafts, known by their source."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from stories.models import StoryPage
from stories.services import masking

pytestmark = pytest.mark.django_db


def rows(path: Path, *records: dict[str, Any]) -> str:
    file = path / "rows.jsonl"
    file.write_text("\n".join(json.dumps(record, ensure_ascii=False) for record in records), encoding="utf-8")
    return str(file)


def row(number: int, **fields: Any) -> dict[str, Any]:
    return {
        "external_id": f"r{number}",
        "title": f"История {number}",
        "text": "Пришла Наташа, я Наташе рада.",
        "language": "ru",
        **fields,
    }


def run(*arguments: str) -> str:
    said = StringIO()
    call_command("import_stories", *arguments, stdout=said, stderr=StringIO())
    return said.getvalue()


def test_nothing_is_masked_unless_asked_for(tmp_path: Path) -> None:
    run(rows(tmp_path, row(1)))
    assert "Наташа" in StoryPage.objects.get().plain_text


def test_drafts_are_masked_on_request_and_the_summary_says_so(tmp_path: Path) -> None:
    said = run(rows(tmp_path, row(1), row(2, text="Было тихо.")), "--mask")
    story = StoryPage.objects.get(external_id="r1")
    assert "Наташ" not in story.plain_text + str(story.get_latest_revision().content)
    assert "drafts in which names were replaced        1" in said


def test_published_rows_keep_their_words(tmp_path: Path) -> None:
    run(rows(tmp_path, row(1, consent="yes")), "--mask", "--publish", "--consent-field", "consent")
    story = StoryPage.objects.get()
    assert story.live
    assert "Наташа" in story.plain_text


def test_importing_twice_changes_nothing(tmp_path: Path) -> None:
    path = rows(tmp_path, row(1))
    run(path, "--mask")
    before = StoryPage.objects.get()
    said = run(path, "--mask")
    after = StoryPage.objects.get()
    assert (after.latest_revision_id, after.plain_text) == (before.latest_revision_id, before.plain_text)
    assert "same" in said


def test_a_dry_run_counts_and_writes_nothing(tmp_path: Path) -> None:
    said = run(rows(tmp_path, row(1)), "--mask", "--dry-run")
    assert "drafts in which names were replaced        1" in said
    assert not StoryPage.objects.exists()


def test_a_person_still_looks_it_through(tmp_path: Path) -> None:
    run(rows(tmp_path, row(1)), "--mask")
    story = StoryPage.objects.get()
    assert story.names_checked_sha256 == ""
    assert masking.review_of(story).unspoken == 0
    assert all(group.seen for group in masking.review_of(story).groups)
