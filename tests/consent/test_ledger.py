"""The ledger: a chain that shows every change, in tables that refuse to change."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, timedelta
from threading import Thread
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection, transaction
from django.db.models import ProtectedError

from club.models import Member, User
from consent import ledger, triggers
from consent.enums import Method
from consent.models import Approval, ConsentEvent, Grant, LedgerClosed
from consent.services import withdraw
from tests.factories import approve, give, make_member, make_story, make_text

pytestmark = pytest.mark.django_db
TABLES = {"consent_consentevent": ConsentEvent, "consent_grant": Grant, "consent_approval": Approval}


@contextmanager
def opened() -> Iterator[None]:
    """Lift the triggers, as somebody with the database's password could."""
    triggers.drop(connection)
    try:
        yield
    finally:
        triggers.create(connection)


def run(statement: str, *values: Any) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.rowcount


def broken() -> dict[int, str]:
    """Places where the chain does not hold."""
    return {found.event_id: found.reason for found in ledger.breaks()}


@pytest.fixture
def member() -> Member:
    """A member with a consent, an approval and a withdrawal on record."""
    made = make_member()
    give(made)
    make_story(made)
    withdraw(member=made)
    return made


@pytest.fixture
def events(member: Member) -> list[ConsentEvent]:
    return list(ConsentEvent.objects.order_by("pk"))


def test_the_chain_of_a_real_ledger_holds(events: list[ConsentEvent]) -> None:
    assert len(events) == 7
    assert events[0].previous_hash == ledger.GENESIS
    assert [event.previous_hash for event in events[1:]] == [event.hash for event in events[:-1]]
    assert broken() == {}


def test_an_empty_ledger_holds() -> None:
    assert broken() == {}
    assert ledger.append([]) == []


def test_appending_continues_the_chain(events: list[ConsentEvent]) -> None:
    give(make_member())
    assert broken() == {}
    assert ConsentEvent.objects.order_by("pk")[len(events)].previous_hash == events[-1].hash


def test_a_chain_from_elsewhere_is_checked_by_itself(events: list[ConsentEvent]) -> None:
    assert list(ledger.breaks(events[:3])) == []
    assert [found.event_id for found in ledger.breaks([events[0], events[2]])] == [events[2].pk]


@pytest.mark.django_db(transaction=True)
def test_entries_are_written_inside_a_transaction_only() -> None:
    event = ConsentEvent(member=make_member(), kind="refused")
    with pytest.raises(transaction.TransactionManagementError) as refused:
        ledger.append([event])
    assert str(refused.value) == "Ledger entries are written inside a transaction."
    assert not ConsentEvent.objects.exists()


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_writers_extend_one_chain() -> None:
    """The second waits until the first has committed; SQLite lets one write at a time anyway."""
    first, second = make_member(), make_member()
    make_text()

    def write() -> None:
        give(second)
        connection.close()

    writer = Thread(target=write)
    with transaction.atomic():
        give(first)
        writer.start()
        deadline = time.monotonic() + 30
        while not _waiting():
            assert writer.is_alive(), "the second writer did not wait"
            assert time.monotonic() < deadline, "the second writer never came to the lock"
    writer.join()
    assert broken() == {}
    assert list(ConsentEvent.objects.order_by("pk").values_list("member_id", flat=True).distinct())[-1] == second.pk


def _waiting() -> bool:
    """Whether somebody waits for a lock that has a name."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
        return bool(cursor.fetchone()[0])


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("kind", "given"),
        ("purpose", "promote"),
        ("category", "image"),
        ("actor_id", 7),
        ("wording_sha256", "f" * 64),
    ],
)
def test_a_changed_entry_is_found(events: list[ConsentEvent], column: str, value: object) -> None:
    victim = events[-1]
    with opened():
        assert run(f"UPDATE consent_consentevent SET {column} = %s WHERE id = %s", value, victim.pk) == 1  # noqa: S608
    assert broken() == {victim.pk: "its contents were changed"}


def test_a_shifted_moment_is_found(events: list[ConsentEvent]) -> None:
    victim = events[2]
    with opened():
        ConsentEvent.objects.filter(pk=victim.pk).update(at=victim.at + timedelta(microseconds=1))
    assert broken() == {victim.pk: "its contents were changed"}


def test_a_removed_entry_is_found(events: list[ConsentEvent]) -> None:
    with opened():
        assert run("DELETE FROM consent_consentevent WHERE id = %s", events[3].pk) == 1
    assert broken() == {
        events[4].pk: "does not follow the entry before it: an entry was removed or put in",
    }


def test_a_removed_beginning_is_found(events: list[ConsentEvent]) -> None:
    with opened():
        run("DELETE FROM consent_consentevent WHERE id = %s", events[0].pk)
    assert list(broken()) == [events[1].pk]


def test_two_swapped_entries_are_found(events: list[ConsentEvent]) -> None:
    first, second = events[1], events[2]
    with opened():
        for pk, purpose in ((first.pk, second.purpose), (second.pk, first.purpose)):
            run("UPDATE consent_consentevent SET purpose = %s WHERE id = %s", purpose, pk)
    assert set(broken()) == {first.pk, second.pk}


def test_an_entry_with_a_forged_hash_is_found_by_the_next_one(events: list[ConsentEvent]) -> None:
    victim = events[2]
    victim.purpose = "promote"
    with opened():
        run("UPDATE consent_consentevent SET purpose = 'promote', hash = %s WHERE id = %s",
            victim.chained(victim.previous_hash), victim.pk)  # fmt: skip
    assert list(broken()) == [events[3].pk]


def test_an_entry_is_hashed_the_same_in_every_time_zone(events: list[ConsentEvent]) -> None:
    from zoneinfo import ZoneInfo

    event = events[0]
    payloads = set()
    for zone in (UTC, ZoneInfo("Europe/Moscow"), ZoneInfo("America/Lima")):
        event.at = event.at.astimezone(zone)
        payloads.add(event.payload())
    assert len(payloads) == 1


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("statement", ["UPDATE {table} SET member_id = member_id", "DELETE FROM {table}"])
def test_the_database_itself_refuses(member: Member, table: str, statement: str) -> None:
    before = list(TABLES[table].objects.order_by("pk").values())
    assert before
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        run(statement.format(table=table))
    assert list(TABLES[table].objects.order_by("pk").values()) == before


@pytest.mark.parametrize("model", TABLES.values())
def test_the_database_refuses_the_orm_too(member: Member, model: type[Grant]) -> None:
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        model.objects.update(member=member)
    row = model.objects.order_by("-pk")[0]
    with pytest.raises((DatabaseError, LedgerClosed, ProtectedError)), transaction.atomic():
        row.delete()
    assert model.objects.filter(pk=row.pk).exists()


@pytest.mark.postgres
@pytest.mark.parametrize("table", TABLES)
def test_the_database_refuses_to_be_emptied(member: Member, table: str) -> None:
    run("SET CONSTRAINTS ALL IMMEDIATE")  # or PostgreSQL refuses for the rows just written, before it asks us
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        run(f"TRUNCATE {table} CASCADE")


def test_the_model_refuses_before_the_database_does(events: list[ConsentEvent]) -> None:
    with pytest.raises(LedgerClosed):
        events[0].save()
    with pytest.raises(LedgerClosed):
        events[0].delete()


@pytest.mark.parametrize("kind", ["member", "consent", "text"])
def test_nothing_the_ledger_stands_on_can_be_deleted(member: Member, kind: str) -> None:
    consent = member.consents.get()
    victim = {"member": member, "consent": consent, "text": consent.text}[kind]
    with pytest.raises(ProtectedError):
        victim.delete()


def test_an_employee_who_recorded_something_is_not_deleted(member: Member) -> None:
    from consent.services import approve_wording
    from tests.factories import make_user

    keeper = make_user("story_keeper")
    approve_wording(member=member, wording_sha256="c" * 64, method=Method.PAPER, by=keeper)
    with pytest.raises(ProtectedError):
        keeper.delete()


def test_the_ledger_holds_codes_and_digests_only(events: list[ConsentEvent], member: Member) -> None:
    story = member.stories.get()
    for event in events:
        assert story.title not in event.payload()
        assert member.persona_name not in event.payload()


def test_a_refused_deed_leaves_no_entry(member: Member, reader: User) -> None:
    before = ConsentEvent.objects.count()
    with pytest.raises(PermissionDenied):
        withdraw(member=member, by=reader)
    assert ConsentEvent.objects.count() == before


def test_the_triggers_come_back_after_they_were_lifted(member: Member) -> None:
    with opened():
        assert run("UPDATE consent_grant SET credit = credit") > 0
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        run("UPDATE consent_grant SET credit = credit")


def test_approving_after_a_withdrawal_keeps_the_chain(member: Member) -> None:
    approve(member.stories.get())
    assert broken() == {}
