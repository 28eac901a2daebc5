"""What was erased at its owner's demand does not come back by an import."""

import json
from pathlib import Path
from typing import Any

import pytest

from consent.erasing import running
from stories.importing.mapping import load
from stories.importing.running import Options, Report, import_from
from stories.models import StoryPage

pytestmark = pytest.mark.django_db(transaction=True)

ROWS = [
    {"external_id": f"row-{number}", "title": f"A story number {number}", "language": "en", "who": who, "consent": "yes",
     "body": [{"narrative": f"<p>The lift stood still for day {number} and nobody came to look.</p>"}]}
    for number, who in enumerate(("anna", "anna", "boris"))
]  # fmt: skip


def bring(folder: Path, rows: list[dict[str, Any]], mapping: dict[str, Any] | None = None, **options: Any) -> tuple[Report, list[str]]:
    """Import rows; returns the report and what was told."""
    file = folder / "rows.jsonl"
    file.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    if mapping:
        (folder / "map.json").write_text(json.dumps(mapping), encoding="utf-8")
        options["mapping"] = load(folder / "map.json")
    told: list[str] = []
    return import_from(file, Options(consent_field="consent", publish=True, **options), told.append), told


def test_the_row_of_an_erased_story_is_refused_and_says_why(install: Path) -> None:
    bring(install, ROWS)
    erased = StoryPage.objects.get(external_id="row-0")
    running.erase(erased.member)
    for dry in (True, False):
        report, told = bring(install, ROWS, dry_run=dry)
        assert (report.rejected, report.same, report.new) == (1, 2, 0)
        assert told == ["row 1: its narrator was forgotten at her demand; what was erased is not imported again"]
    assert not StoryPage.objects.filter(external_id="row-0").exists()


def test_a_new_row_of_the_same_narrator_is_refused_by_her_key(install: Path) -> None:
    mapping = {"member_key": "who"}
    bring(install, ROWS, mapping)
    anna = StoryPage.objects.get(external_id="row-0").member
    assert anna.stories.count() == 2
    running.erase(anna)
    more = {**ROWS[0], "external_id": "row-9", "title": "Another story of hers"}
    report, _told = bring(install, [*ROWS, more], mapping)
    assert (report.rejected, report.same, report.new) == (3, 1, 0)


def test_a_row_that_names_her_code_is_refused(install: Path) -> None:
    bring(install, ROWS)
    member = StoryPage.objects.get(external_id="row-0").member
    running.erase(member)
    report, _told = bring(install, [{**ROWS[0], "external_id": "row-8", "member": {"code": member.code}}])
    assert report.rejected == 1
