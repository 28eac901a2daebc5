"""Appending to the consent ledger and checking its chain."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from django.db import connection, transaction

from consent import endings
from consent.models import ConsentEvent

GENESIS = "0" * 64
# Any constant will do: it names the lock under which one writer at a time extends the chain.
ADVISORY_LOCK = 27560


@dataclass(frozen=True, slots=True)
class Break:
    """A place where the chain does not hold."""

    event_id: int
    reason: str


def append(events: Sequence[ConsentEvent]) -> list[ConsentEvent]:
    """Chain and insert entries in the caller's transaction; one writer at a time extends the chain."""
    if not events:
        return []
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("Ledger entries are written inside a transaction.")
    lock()
    last = ConsentEvent.objects.order_by("-pk").values_list("hash", flat=True).first() or GENESIS
    for event in events:
        event.previous_hash = last
        event.hash = last = event.chained(last)
    rows = ConsentEvent.objects.bulk_create(events, batch_size=2000)
    endings.note(rows)
    return rows


def lock() -> None:
    """Hold the chain until the transaction ends; SQLite's IMMEDIATE transactions already do."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ADVISORY_LOCK])


def breaks(events: Iterable[ConsentEvent] | None = None) -> Iterator[Break]:
    """Walk the whole chain and yield every entry that does not follow from the one before."""
    last = GENESIS
    for event in events if events is not None else ConsentEvent.objects.order_by("pk").iterator():
        if event.previous_hash != last:
            yield Break(event.pk, "does not follow the entry before it: an entry was removed or put in")
        if event.chained(event.previous_hash) != event.hash:
            yield Break(event.pk, "its contents were changed")
        last = event.hash
