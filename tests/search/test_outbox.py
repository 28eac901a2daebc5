"""Leases, failures, parked rows, reconciliation."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import tantivy
from django.db import transaction
from django.utils import timezone

from search import services
from search.engines import embedded, get_engine
from search.models import Outbox
from search.services import indexing
from tests.search.conftest import Notes, ids

Find = Callable[..., services.SearchResult]

pytestmark = pytest.mark.django_db


def test_a_change_is_noted_in_the_transaction_that_makes_it() -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        services.enqueue("note", [1])
        raise RuntimeError
    assert not Outbox.objects.exists()


def test_a_thing_noted_twice_in_one_call_has_one_row() -> None:
    assert services.enqueue("note", [1, 2, 1]) == 2


def test_draining_indexes_and_forgets(notes: Notes, find: Find) -> None:
    notes.add(1, "Вода")
    services.enqueue("note", [1])
    services.enqueue("note", [1])
    assert services.drain() == services.DrainReport(done=1)
    assert (find("вода").total, Outbox.objects.count()) == (1, 0)


def test_a_thing_that_is_gone_leaves_the_index(notes: Notes, index: Callable[..., None], find: Find) -> None:
    notes.add(1, "Вода")
    index()
    del notes.store[1]
    index(1)
    assert find("вода").total == 0
    assert get_engine().reader().fingerprints() == {}


def test_a_limit_leaves_the_rest_for_later(notes: Notes) -> None:
    for number in range(1, 6):
        notes.add(number, "Вода")
    services.enqueue("note", notes.ids())
    assert services.drain(limit=2).done == 2
    assert Outbox.objects.count() == 3


def test_a_leased_row_is_left_alone_until_the_lease_ends(notes: Notes) -> None:
    notes.add(1, "Вода")
    services.enqueue("note", [1])
    now = timezone.now()
    Outbox.objects.update(lease_owner="dead", lease_until=now + timedelta(seconds=20))
    assert services.drain(now=now).done == 0
    assert services.drain(now=now + timedelta(seconds=21)).done == 1


def test_a_change_during_indexing_is_not_lost(notes: Notes, find: Find) -> None:
    notes.add(1, "Вода")

    def change() -> None:
        services.enqueue("note", [1])

    notes.on_documents = change
    services.enqueue("note", [1])
    report = services.drain(limit=1)
    assert (report.done, Outbox.objects.count()) == (1, 1)
    assert find("вода").total == 0
    services.drain()
    assert find("вода").total == 1


def test_one_thing_that_cannot_be_indexed_does_not_stop_the_others(notes: Notes, find: Find) -> None:
    for number in range(1, 8):
        notes.add(number, "Вода")
    notes.broken = {4}
    services.enqueue("note", notes.ids())
    report = services.drain()
    assert (report.done, report.failed) == (6, 1)
    assert find("вода").total == 6


def test_a_failure_waits_longer_each_time_and_is_parked_at_last(notes: Notes) -> None:
    notes.add(1, "Вода")
    notes.broken = {1}
    services.enqueue("note", [1])
    now = timezone.now()
    waits = []
    for _ in range(indexing.ATTEMPTS):
        assert services.drain(now=now).failed == 1
        row = Outbox.objects.get()
        waits.append((row.due_at - now).total_seconds())
        assert services.drain(now=now).failed == 0
        now = row.due_at
    assert waits[:4] == [5, 10, 20, 40]
    assert max(waits) <= 600
    assert row.parked_at is not None
    assert services.drain(now=now + timedelta(days=1)).failed == 0


def test_an_error_is_kept_without_the_words_of_the_story(
    notes: Notes, caplog: pytest.LogCaptureFixture
) -> None:
    notes.add(1, "Вода")
    notes.broken = {1}
    services.enqueue("note", [1])
    services.drain()
    assert Outbox.objects.get().error.startswith("ArithmeticError in ")
    assert "secret" not in caplog.text


def test_a_parked_thing_stays_hidden_until_it_is_changed_again(notes: Notes, index: Any, find: Find) -> None:
    notes.add(1, "Вода")
    index()
    Outbox.objects.create(kind="note", object_id=1, parked_at=timezone.now(), attempts=8)
    assert find("вода").total == 0
    index(1)
    assert (find("вода").total, Outbox.objects.count()) == (1, 0)


def test_a_parked_thing_gets_another_chance_from_the_reconciler(notes: Notes, index: Any, find: Find) -> None:
    notes.add(1, "Вода")
    index()
    long_ago = timezone.now() - timedelta(hours=2)
    Outbox.objects.create(kind="note", object_id=1, parked_at=long_ago, attempts=8, due_at=long_ago)
    services.reconcile()
    services.drain()
    assert find("вода").total == 1


def test_a_document_that_does_not_fit_is_the_only_one_that_fails(notes: Notes, find: Find) -> None:
    notes.add(1, "Вода")
    notes.add(2, "Вода", visible={"gossip": notes.store[1].visible["read"]})
    services.enqueue("note", [1, 2])
    report = services.drain()
    assert (report.done, report.failed, ids(find("вода"))) == (1, 1, [1])


def test_a_commit_that_raises_puts_everything_back(notes: Notes, find: Find, monkeypatch: Any) -> None:
    notes.add(1, "Вода")
    services.enqueue("note", [1])
    with monkeypatch.context() as patched:
        patched.setattr(embedded, "finish", _refuse)
        assert services.drain().failed == 1
    assert Outbox.objects.count() == 1
    services.drain(now=timezone.now() + timedelta(minutes=1))
    assert find("вода").total == 1


def _refuse(writer: tantivy.IndexWriter) -> None:
    writer.rollback()
    writer.wait_merging_threads()
    raise ValueError("refused")


def test_a_busy_index_is_nobodys_failure(notes: Notes, index: Any, find: Find, monkeypatch: Any) -> None:
    notes.add(1, "Вода")
    index()
    monkeypatch.setattr(embedded, "BUSY_SECONDS", 0.0)
    generation = embedded.Generation.open(_current_path())
    other = generation.documents.writer(15_000_000, 1)
    notes.add(2, "Вода")
    services.enqueue("note", [2])
    report = services.drain()
    assert (report.unavailable, report.failed) == (True, 0)
    other.wait_merging_threads()
    del other
    assert services.drain(now=timezone.now() + timedelta(minutes=1)).done == 1
    assert find("вода").total == 2


def _current_path() -> Any:
    directory = get_engine().directory
    return directory.path(directory.current())


def test_two_drainers_take_different_rows(notes: Notes) -> None:
    for number in range(1, 5):
        notes.add(number, "Вода")
    services.enqueue("note", notes.ids())
    now = timezone.now()
    _owner, first = indexing._claim(2, now)
    _other, second = indexing._claim(10, now)
    assert sorted(first + second) == [("note", number) for number in range(1, 5)]
    assert not set(first) & set(second)


def test_reconciling_finds_what_is_missing_stale_and_extra(notes: Notes, index: Any, find: Find) -> None:
    for number in (1, 2, 3):
        notes.add(number, "Вода")
    index()
    del notes.store[1]
    notes.change(2, title="Снег")
    notes.add(4, "Вода")
    report = services.reconcile()
    assert (report.missing, report.stale, report.extra, report.rebuilt) == (1, 1, 1, False)
    assert ids(find("")) == [3]
    services.drain()
    assert sorted(ids(find(""))) == [2, 3, 4]
    assert services.reconcile() == services.ReconcileReport()


def test_reconciling_leaves_pending_things_to_the_drainer(notes: Notes, index: Any) -> None:
    notes.add(1, "Вода")
    index()
    notes.change(1, title="Снег")
    services.enqueue("note", [1])
    assert services.reconcile() == services.ReconcileReport()
    assert Outbox.objects.count() == 1


def test_reconciling_takes_out_a_kind_nobody_registers_any_more(
    notes: Notes, index: Any, monkeypatch: Any
) -> None:
    notes.add(1, "Вода")
    index()
    monkeypatch.setattr("search.registry._sources", {})
    assert services.reconcile().extra == 1
    services.drain()
    assert get_engine().reader().fingerprints() == {}


def test_reconciling_builds_a_missing_index(notes: Notes, find: Find) -> None:
    notes.add(1, "Вода")
    assert services.reconcile().rebuilt
    assert find("вода").total == 1


def test_reconciling_builds_a_damaged_index_anew(
    notes: Notes, index: Any, find: Find, index_directory: Any
) -> None:
    notes.add(1, "Вода")
    index()
    for path in index_directory.rglob("meta.json"):
        path.write_bytes(b"{")
    assert services.reconcile().rebuilt
    assert find("вода").total == 1


def test_an_index_that_is_mostly_wrong_is_rebuilt(notes: Notes, index: Any, find: Find, monkeypatch: Any) -> None:
    monkeypatch.setattr(indexing, "MUCH", 2)
    notes.add(1, "Вода")
    index()
    for number in range(2, 6):
        notes.add(number, "Вода")
    assert services.reconcile().rebuilt
    assert (find("вода").total, Outbox.objects.count()) == (5, 0)
