"""Appending to the ledger of learning, keeping its projection, replaying and checking it."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from functools import cache

from django.db import connection, transaction
from django.db.models import Max
from django.utils import timezone

from onboarding import progress
from onboarding.enums import INSIDE
from onboarding.models import Enrolment, Event, ModuleState, StepState, TrackVersion
from onboarding.progress import ModuleNow, State
from onboarding.reminders import next_moment
from onboarding.structure import Structure, structure_of

GENESIS = "0" * 64
BATCH = 800
# Called with new entries in the transaction that writes them.
_listeners: list[Callable[[Sequence[Event]], None]] = []


def on_append(listener: Callable[[Sequence[Event]], None]) -> None:
    """Have new entries told to somebody."""
    if listener not in _listeners:
        _listeners.append(listener)


def append(events: Sequence[Event]) -> list[Event]:
    """Chain, insert and project entries in the caller's transaction; those already there by their key are left out.

    Returns the new ones. One writer at a time extends the chain of an enrolment.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("Ledger entries are written inside a transaction.")
    enrolments = lock({event.enrolment_id for event in events})
    known = known_keys([event.key for event in events])
    fresh = list({event.key: event for event in events if event.key not in known}.values())
    if not fresh:
        return []
    last = last_hashes({event.enrolment_id for event in fresh})
    now = timezone.now()
    for event in fresh:
        event.recorded_at = now
        event.previous_hash = last.get(event.enrolment_id, GENESIS)
        event.hash = last[event.enrolment_id] = event.chained(event.previous_hash)
    rows = Event.objects.bulk_create(fresh, batch_size=BATCH)
    project(rows, enrolments)
    for listener in _listeners:
        listener(rows)
    return rows


def lock(ids: Iterable[int]) -> list[Enrolment]:
    """Hold enrolments until the transaction ends, in a fixed order; SQLite's IMMEDIATE transactions already do."""
    rows = Enrolment.objects.filter(pk__in=list(ids)).order_by("pk").select_related("employee__user")
    return list(rows.select_for_update(of=("self",)))


def known_keys(keys: Sequence[str]) -> set[str]:
    """Return which entries are there already."""
    found: set[str] = set()
    for start in range(0, len(keys), BATCH):
        rows = Event.objects.filter(key__in=keys[start : start + BATCH]).order_by()
        found.update(rows.values_list("key", flat=True))
    return found


def last_hashes(ids: Iterable[int]) -> dict[int, str]:
    """Return the hash of the last entry of each enrolment."""
    rows = Event.objects.filter(enrolment_id__in=list(ids)).order_by().values("enrolment_id")
    last = rows.annotate(last=Max("pk")).values("last")
    return dict(Event.objects.filter(pk__in=last).values_list("enrolment_id", "hash"))


def cached_structures() -> progress.Structures:
    """Return a function that loads each pinned structure once."""

    @cache
    def load(version_id: int) -> Structure:
        return structure_of(TrackVersion.objects.get(pk=version_id))

    return load


def project(events: Sequence[Event], enrolments: list[Enrolment]) -> None:
    """Take new entries into the rows that pages and reports read."""
    structures, states = cached_structures(), progress.stored(enrolments)
    before = {pk: state.copied() for pk, state in states.items()}
    touched: dict[int, datetime] = {}
    for event in events:
        states[event.enrolment_id].apply(event, structures)
        touched[event.enrolment_id] = event.occurred_at
    rows = [row for row in enrolments if row.pk in touched]
    for row in rows:
        for name in progress.ENROLMENT_FIELDS:
            setattr(row, name, getattr(states[row.pk], name))
    save_enrolments(rows)
    save_steps(changed_steps(rows, before, states))
    save_modules(changed_modules(rows, before, states, touched))


def save_enrolments(rows: list[Enrolment]) -> None:
    """Update the columns of the projection; written out, because ``bulk_update`` spends most of its time on wording."""
    fields = [
        field for field in Enrolment._meta.concrete_fields if field.attname in progress.ENROLMENT_FIELDS
    ]
    columns = ", ".join(f"{field.column} = %s" for field in fields)
    values = [
        [*(field.get_db_prep_save(getattr(row, field.attname), connection) for field in fields), row.pk]
        for row in rows
    ]
    with connection.cursor() as cursor:
        cursor.executemany(f"UPDATE {Enrolment._meta.db_table} SET {columns} WHERE id = %s", values)  # noqa: S608


def changed_steps(
    rows: list[Enrolment], before: dict[int, State], states: dict[int, State]
) -> Iterator[StepState]:
    """Yield the steps that differ."""
    for row in rows:
        old = before[row.pk].steps
        for (module, step), now in states[row.pk].steps.items():
            if old.get((module, step)) != now:
                values = {name: getattr(now, name) for name in progress.STEP_FIELDS}
                yield StepState(enrolment=row, module_key=module, step=step, **values)


def save_steps(rows: Iterable[StepState]) -> None:
    """Insert or update."""
    StepState.objects.bulk_create(
        rows,
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=["enrolment", "module_key", "step"],
        update_fields=list(progress.STEP_FIELDS),
    )


def changed_modules(
    rows: list[Enrolment], before: dict[int, State], states: dict[int, State], touched: dict[int, datetime]
) -> Iterator[ModuleState]:
    """Yield the modules that differ, each with the moment of its next reminder."""
    known = ModuleState.objects.filter(enrolment__in=rows).order_by()
    kept = {
        (pk, key): (remind_at, sequence)
        for pk, key, remind_at, sequence in known.values_list(
            "enrolment_id", "module_key", "remind_at", "sequence"
        )
    }
    for row in rows:
        old, new = before[row.pk], states[row.pk]
        for key, now in new.modules.items():
            was = old.modules.get(key)
            planned = was is None or rests(old, was) != rests(new, now) or was.due_on != now.due_on
            if was == now and not planned:
                continue
            remind_at, sequence = kept.get((row.pk, key), (None, 0))
            if planned:
                sequence += was is not None and was.due_on != now.due_on
                remind_at = (
                    None if rests(new, now) else next_moment(now.due_on, row.employee, touched[row.pk])
                )
            yield ModuleState(
                enrolment=row,
                module_key=key,
                due_on=now.due_on,
                opened_at=now.opened_at,
                done_at=now.done_at,
                remind_at=remind_at,
                sequence=sequence,
            )


def rests(state: State, module: ModuleNow) -> bool:
    """Whether nobody is to be reminded of a module."""
    return module.done_at is not None or module.due_on is None or state.status not in INSIDE


def save_modules(rows: Iterable[ModuleState]) -> None:
    """Insert or update."""
    ModuleState.objects.bulk_create(
        rows,
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=["enrolment", "module_key"],
        update_fields=[*progress.MODULE_FIELDS, "remind_at", "sequence"],
    )


# Replaying and checking


def entries_of(ids: Iterable[int]) -> dict[int, list[Event]]:
    """Return the entries of enrolments in their order."""
    found: dict[int, list[Event]] = defaultdict(list)
    for event in Event.objects.filter(enrolment_id__in=list(ids)).order_by("pk"):
        found[event.enrolment_id].append(event)
    return found


def differences(ids: Iterable[int] | None = None) -> Iterator[str]:
    """Yield every enrolment whose rows are not what its entries come to, and every broken chain."""
    rows = Enrolment.objects.order_by("pk")
    enrolments = list(rows if ids is None else rows.filter(pk__in=list(ids)))
    states, structures = progress.stored(enrolments), cached_structures()
    entries = entries_of([row.pk for row in enrolments])
    for row in enrolments:
        yield from breaks(entries[row.pk])
        if progress.replayed(entries[row.pk], structures).text() != states[row.pk].text():
            yield f"enrolment {row.pk}: its rows are not what the ledger says"


def breaks(events: Sequence[Event]) -> Iterator[str]:
    """Yield every entry of one enrolment that does not follow from the one before."""
    last = GENESIS
    for event in events:
        if event.previous_hash != last:
            yield f"entry {event.pk} does not follow the one before it: one was removed or put in"
        if event.chained(event.previous_hash) != event.hash:
            yield f"the contents of entry {event.pk} were changed"
        last = event.hash
