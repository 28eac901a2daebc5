"""After an erasure nothing of a member is left: not in a row, not in a file, not in a free page."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from wagtail.models import ModelLogEntry, Page, PageLogEntry, Revision

from club.models import Identity, Member
from consent import endings, ledger
from consent.enums import EventKind
from consent.erasing import compacting, places, registry, running, tombstones
from consent.erasing.canaries import Canary
from consent.erasing.scanning import Scanner
from consent.models import (
    Approval,
    ApprovalLink,
    Consent,
    ConsentEvent,
    Demand,
    ErasureRun,
    Grant,
    Letter,
    Suggestion,
    Tombstone,
)
from kb_site.verification import problems
from search.models import Outbox
from search.services import Query, search
from stories.models import StoryImage, StoryNote, StoryPage
from tests.erasing.conftest import QUIET, SENTENCE, Trace
from tests.factories import episode, make_member, make_story, make_user

pytestmark = pytest.mark.django_db(transaction=True)

SECRETS = (
    SENTENCE, QUIET, "Три вечера Аксиньи", "Три очень долгих вечера Аксиньи", "Чайник в коридоре у Аксиньи",
    "Зеленщица с Садовой", "Аксинья Петровна Зеленщикова", "+7 900 765-43-21", "aksinya@example.org",
    "greengrocer-evenings-17", "моему зятю Прохору", "Батарея, у которой сидела", "Диспетчер записал Аксинью",
    "Аксинья просила убрать", "мастер был вежлив", "Марфа Тимофеевна", "Уничтожьте всё, что я", "Вечера Аксиньи у окна",
    "binder, sheet 2 of Aksinya",
)  # fmt: skip


def left(secrets: tuple[str, ...] = SECRETS) -> list[tuple[str, str]]:
    """Return where which secret still lies, by the same search over all places."""
    scanner = Scanner([Canary("words", text.encode()) for text in secrets])
    found = []
    for place in places.all_places():
        with places.opened(place) as stream:
            found += [(place.name, secrets[number]) for number in scanner.read(stream).hits]
    return found


def test_before_it_everything_of_hers_can_be_found(trace: Trace) -> None:
    """Else finding nothing afterwards would prove nothing."""
    found = {text for _place, text in left()}
    sealed = {"Аксинья Петровна Зеленщикова", "+7 900 765-43-21", "aksinya@example.org", "binder, sheet 2 of Aksinya"}
    assert found == set(SECRETS) - sealed


def test_after_it_no_byte_of_hers_is_left_anywhere(trace: Trace) -> None:
    slugs = tuple(story.slug for story in trace.stories)
    run = running.erase(trace.member)
    assert run.is_clean, run.scan
    assert run.finished_at
    assert run.scan["hits"] == []
    assert run.scan["canaries"] > 20
    assert run.scan["bytes"] > 100_000
    assert left((*SECRETS, *slugs)) == []


def test_every_surface_says_that_nothing_remains(trace: Trace) -> None:
    run = running.erase(trace.member)
    steps = {step.surface: step for step in run.steps.all()}
    assert set(steps) == {eraser.surface for eraser in registry.erasers()}
    assert all(step.remaining == 0 and step.destroyed == step.found for step in steps.values())
    empty = {name for name, step in steps.items() if not step.found}
    assert empty <= {"site.sessions", "site.medallions", "site.logs", "search.outbox"}


def test_the_rows_are_gone_and_hers_stays_empty(trace: Trace) -> None:
    member = trace.member
    pages = [story.pk for story in trace.stories]
    running.erase(member)
    member.refresh_from_db()
    assert (member.persona_name, member.stratum, member.client_since, member.hair) == ("", None, None, "")
    assert member.erased_at and not member.hosts.exists()
    for model in (Identity, ApprovalLink, Letter, Suggestion):
        assert not model.objects.filter(member=member).exists(), model
    assert not Page.objects.filter(pk__in=pages).exists()
    assert not Revision.objects.filter(object_id__in=[str(pk) for pk in pages]).exists()
    assert not StoryImage.objects.filter(member=member).exists()
    assert not StoryNote.objects.exists()
    assert set(PageLogEntry.objects.filter(page_id__in=pages).values_list("label", flat=True)) == {member.code}
    assert not ModelLogEntry.objects.filter(label__contains="Зеленщица").exists()
    assert Consent.objects.get(member=member).conditions == ""
    assert Page.find_problems() == ([], [], [], [], [])


def test_others_keep_everything(trace: Trace) -> None:
    other = trace.other
    before = (other.title, other.body.raw_data[0]["value"]["happened"], Revision.objects.for_instance(other).count())
    running.erase(trace.member)
    again = StoryPage.objects.get(pk=other.pk)
    now = (again.title, again.body.raw_data[0]["value"]["happened"], Revision.objects.for_instance(again).count())
    assert now == before
    reader = make_user("reader")
    assert [hit.object_id for hit in search(reader, Query("лифте")).hits] == [other.pk]
    assert list(problems()) == []


def test_the_files_are_gone(trace: Trace) -> None:
    names = [trace.image.file.name, *trace.image.renditions.values_list("file", flat=True)]
    names.append(Consent.objects.get(member=trace.member).evidence.name)
    assert all(default_storage.exists(name) for name in names)
    running.erase(trace.member)
    assert not any(default_storage.exists(name) for name in names)


def test_the_ledger_ends_everything_and_its_chain_holds(trace: Trace) -> None:
    running.erase(trace.member)
    erased = ConsentEvent.objects.filter(member=trace.member, kind=EventKind.ERASED)
    assert erased.exclude(grant=None).count() == Grant.objects.filter(member=trace.member).count() > 0
    assert erased.exclude(approval=None).count() == Approval.objects.filter(member=trace.member).count() > 0
    assert erased.filter(grant=None, approval=None).count() == 1
    assert list(ledger.breaks()) == []


def test_the_references_of_approvals_are_emptied(trace: Trace) -> None:
    running.erase(trace.member)
    assert set(Approval.objects.filter(member=trace.member).values_list("evidence_reference", flat=True)) == {""}


def test_her_demand_is_met_and_the_term_stays_provable(trace: Trace) -> None:
    run = running.erase(trace.member)
    demand = Demand.objects.get(member=trace.member)
    assert run.demand == demand
    assert demand.done_at and demand.outcome and demand.words == ""


def test_copies_that_left_are_listed_for_a_person(trace: Trace) -> None:
    run = running.erase(trace.member)
    assert {copy["what"] for copy in run.copies_out} == {"letter", "sheet"}


def test_she_is_known_again_by_marks_that_say_nothing(trace: Trace) -> None:
    assert not tombstones.known(code=trace.member.code)
    running.erase(trace.member)
    assert tombstones.known(code=trace.member.code)
    assert tombstones.known(external_id="greengrocer-evenings-17")
    assert not tombstones.known(external_id="somebody-elses")
    assert Tombstone.objects.count() == 2


def test_a_planted_leftover_is_found_and_said(trace: Trace, install: Path) -> None:
    planted = install / "data" / "cache" / "copy.json"
    planted.parent.mkdir(exist_ok=True)
    planted.write_text(json.dumps({"kept": f"… {SENTENCE} …"}), encoding="utf-8")
    run = running.erase(trace.member)
    assert run.is_clean is False
    [hit] = run.scan["hits"]
    assert hit["where"].endswith("cache/copy.json")
    assert "words" in hit["kinds"]
    assert SENTENCE[:20] not in json.dumps(run.scan, ensure_ascii=False)


def test_a_row_that_no_eraser_knows_is_found(trace: Trace) -> None:
    trace.keeper.job_title = "Помнит: " + SENTENCE[:60]
    trace.keeper.save()
    PageLogEntry.objects.filter(page_id=trace.other.pk).update(data={"note": SENTENCE})
    run = running.erase(trace.member)
    assert run.is_clean is False
    kinds = {kind for hit in run.scan["hits"] for kind in hit["kinds"]}
    assert "words" in kinds


def test_a_copied_picture_is_found_by_its_bytes(trace: Trace, install: Path) -> None:
    with trace.image.file.open() as file:
        (install / "media" / "forgotten-copy.bin").write_bytes(file.read())
    run = running.erase(trace.member)
    assert [hit["kinds"] for hit in run.scan["hits"]] == [["picture"]]


def test_what_she_shares_with_others_raises_no_alarm(trace: Trace) -> None:
    make_story(make_member(persona_name="Зеленщица с Садовой"), title="Три вечера Аксиньи", body=[episode(happened=SENTENCE)])
    run = running.erase(trace.member)
    assert run.is_clean, run.scan


def test_an_error_leaves_everything_as_it_was(trace: Trace) -> None:
    before = _everything()
    with (
        patch("consent.erasing.members.CardEraser.erase", side_effect=RuntimeError("no")),
        pytest.raises(RuntimeError),
    ):
        running.erase(trace.member)
    assert _everything() == before
    assert not ErasureRun.objects.exists()
    assert default_storage.exists(trace.image.file.name)


def _everything() -> dict[str, int]:
    models = (Page, Revision, StoryImage, Identity, ConsentEvent, Letter, Suggestion, Tombstone, Outbox)
    return {model.__name__: model.objects.count() for model in models} | {
        "card": Member.objects.filter(persona_name="Зеленщица с Садовой").count()
    }


@pytest.mark.parametrize("where", ["consent.erasing.compacting.compact", "kb_site.erasing.rebuild", "consent.erasing.erasers.default_storage.delete"])
def test_a_crash_after_the_transaction_is_finished_by_the_next_run(trace: Trace, where: str) -> None:
    with patch(where, side_effect=OSError("disk")), pytest.raises(running.ErasureUnfinished) as caught:
        running.erase(trace.member)
    first = caught.value.run
    assert [run.pk for run in running.unfinished()] == [first.pk]
    assert not StoryPage.objects.filter(member=trace.member).exists()
    run = running.erase(trace.member)
    assert run.pk == first.pk
    assert run.is_clean and run.scan["resumed"]
    assert running.unfinished() == []
    assert left() == []
    assert {step.surface: step.found for step in run.steps.all()}["stories.pages"] == 2


def test_a_run_that_stopped_is_finished_by_the_worker_after_a_while(trace: Trace) -> None:
    with patch("kb_site.erasing.rebuild", side_effect=OSError("disk")):
        with pytest.raises(running.ErasureUnfinished) as caught:
            running.erase(trace.member)
        assert running.finish_left() == 0  # somebody may be at it
        ErasureRun.objects.update(started_at=timezone.now() - running.LEFT_AFTER)
        assert running.finish_left() == 0  # the disk still fails
    assert running.finish_left() == 1
    assert running.unfinished() == []
    assert ErasureRun.objects.get(pk=caught.value.run.pk).is_clean
    assert running.finish_left() == 0


def test_erasing_twice_changes_nothing(trace: Trace) -> None:
    running.erase(trace.member)
    events = ConsentEvent.objects.count()
    again = running.erase(Member.objects.get(pk=trace.member.pk))
    assert again.is_clean
    assert ConsentEvent.objects.count() == events
    assert Tombstone.objects.count() == 2


def test_only_who_may_erases(trace: Trace) -> None:
    for role in ("story_keeper", "club_host", "reader"):
        with pytest.raises(PermissionDenied):
            running.erase(trace.member, by=make_user(role))
    assert running.erase(trace.member, by=make_user("dpo")).is_clean


def test_drafts_of_others_written_under_her_go_too(trace: Trace) -> None:
    other = trace.other
    other.member = trace.member
    other.title = "Черновик, который писали под именем Аксиньи"
    stray = other.save_revision()
    other.refresh_from_db()
    running.erase(trace.member)
    again = StoryPage.objects.get(pk=other.pk)
    assert not Revision.objects.filter(pk=stray.pk).exists()
    assert again.latest_revision_id and again.latest_revision_id != stray.pk
    assert left(("Черновик, который писали",)) == []


def test_a_picture_of_hers_in_anothers_story_goes_and_the_story_waits_for_approval(trace: Trace) -> None:
    borrower = make_story(body=[episode(), ("photo", {"image": trace.image, "caption": "borrowed"})])
    running.erase(trace.member)
    borrower.refresh_from_db()
    assert not borrower.wording_is_approved()
    assert list(problems()) == [] or all("picture" not in line for line in problems())


@pytest.mark.parametrize("table", ["consent_consentevent", "consent_grant", "consent_approval"])
def test_the_closed_tables_refuse_everything_else(trace: Trace, table: str) -> None:
    statements = [f"DELETE FROM {table}"]  # noqa: S608
    if table == "consent_approval":
        statements += [
            "UPDATE consent_approval SET wording_sha256 = 'x'",
            "UPDATE consent_approval SET evidence_reference = 'another binder'",
            "UPDATE consent_approval SET evidence_reference = '', method = 'paper ', wording_sha256 = 'x'",
            "UPDATE consent_approval SET evidence_reference = '', approved_at = '2001-01-01 00:00:00'",
        ]
    else:
        statements.append(f"UPDATE {table} SET member_id = member_id")  # noqa: S608
    for statement in statements:
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def test_emptying_the_reference_of_an_approval_is_let_through(trace: Trace) -> None:
    assert Approval.objects.exclude(evidence_reference="").update(evidence_reference="") > 0


# The journal


def test_every_ending_is_on_the_disk_before_it_commits(trace: Trace) -> None:
    from consent.services import pause, resume, withdraw

    with pytest.raises(ZeroDivisionError), transaction.atomic():
        withdraw(member=trace.member)
        raise ZeroDivisionError
    pause(member=trace.member)
    resume(member=trace.member)
    found = endings.read(endings.path()).endings
    assert [(each.kind, each.committed) for each in found] == [
        *[("withdrawn", False)] * 3, ("paused", True), ("resumed", True)
    ]  # fmt: skip
    assert trace.member.code not in endings.path().read_text()
    assert endings.path().stat().st_mode & 0o777 == 0o600


def test_a_line_that_a_crash_cut_off_spoils_only_itself(trace: Trace) -> None:
    from consent.services import withdraw

    endings.path().write_bytes(b'{"kind":"withdr')
    withdraw(member=trace.member)
    journal = endings.read(endings.path())
    assert (len(journal.endings), journal.broken) == (3, 1)


# Commands


@pytest.fixture
def quiet() -> Iterator[None]:
    yield


def test_the_command_erases_and_says_where_the_act_is(trace: Trace, capsys: Any) -> None:
    call_command("erase", trace.member.code, "--yes")
    out = capsys.readouterr().out
    assert "act of destruction: /admin/consent/erasures/" in out
    assert "0 with a find" in out
    assert "Аксинь" not in out


def test_the_command_asks_before_it_does_what_cannot_be_undone(trace: Trace) -> None:
    with pytest.raises(CommandError, match="--yes"):
        call_command("erase", trace.member.code)
    with pytest.raises(CommandError, match="no member"):
        call_command("erase", "KD-000000-0", "--yes")
    assert StoryPage.objects.filter(member=trace.member).exists()


def test_the_command_fails_when_something_is_left(trace: Trace, install: Path) -> None:
    (install / "data" / "planted.txt").write_text(SENTENCE, encoding="utf-8")
    with pytest.raises(CommandError, match="found afterwards"):
        call_command("erase", trace.member.code, "--yes")


def test_the_copy_she_may_demand_holds_everything(trace: Trace, install: Path) -> None:
    import zipfile

    target = install / "copy.zip"
    call_command("export_member", trace.member.code, str(target))
    with zipfile.ZipFile(target) as archive:
        text = archive.read("everything.json").decode()
        names = archive.namelist()
    for secret in (SENTENCE, QUIET, "Аксинья Петровна Зеленщикова", "моему зятю Прохору", "мастер был вежлив", "Уничтожьте"):
        assert secret in text, secret
    assert f"files/{trace.image.file.name}" in names
    assert target.stat().st_mode & 0o777 == 0o600
    with pytest.raises(CommandError, match="already"):
        call_command("export_member", trace.member.code, str(target))


@pytest.mark.postgres
def test_bytes_that_somebody_may_still_read_are_waited_for(trace: Trace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compacting, "PATIENCE_SECONDS", 0.3)
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
            cursor.execute("SELECT count(*) FROM club_member")
            with pytest.raises(running.ErasureUnfinished, match="StillHeld"):
                running.erase(trace.member)
            cursor.execute("COMMIT")
        assert running.erase(trace.member).is_clean
    finally:
        other.close()


@pytest.mark.postgres
def test_a_transaction_in_another_database_does_not_keep_the_bytes(trace: Trace) -> None:
    other = connection.copy()
    other.settings_dict = connection.settings_dict | {"NAME": "postgres"}
    try:
        with other.cursor() as cursor:
            cursor.execute("BEGIN")
            cursor.execute("SELECT pg_current_xact_id()")
            assert running.erase(trace.member).is_clean
            cursor.execute("COMMIT")
    finally:
        other.close()
