"""Keeps the index like the database: outbox, drain, reconciliation, rebuild."""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from uuid import uuid4

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from search import registry
from search.engines import get_engine
from search.engines.base import Batch, Build, Engine, EngineAway, EngineUnavailable
from search.models import Outbox
from search.querysets import due, free_q, parked, pending_ids

logger = logging.getLogger(__name__)

BATCH = 200
COMMIT_EVERY = 20_000
LEASE = timedelta(seconds=30)
ATTEMPTS = 8
FIRST_DELAY = timedelta(seconds=5)
LONGEST_DELAY = timedelta(minutes=10)
PARKED_FOR = timedelta(hours=1)
AWAY_DELAY = timedelta(seconds=5)
MUCH = 1000

Progress = Callable[[int, int], None]


@dataclass(slots=True)
class DrainReport:
    """How many things were brought up to date, failed this time, and were given up."""

    done: int = 0
    failed: int = 0
    parked: int = 0
    unavailable: bool = False


@dataclass(frozen=True, slots=True)
class ReconcileReport:
    """How the index differed from the database; the differences are now in the outbox, or it was rebuilt.

    ``unavailable`` says that a server did not answer, so that nothing is known.
    """

    missing: int = 0
    stale: int = 0
    extra: int = 0
    rebuilt: bool = False
    unavailable: bool = False


def enqueue(kind: str, ids: Iterable[int], *, hides: bool = True) -> int:
    """Note in the caller's transaction that things changed, appeared or went. Returns the number of rows.

    With ``hides`` searches leave them out until they are indexed; without it, for changes that can only show more.
    """
    rows = [Outbox(kind=kind, object_id=object_id, hides=hides) for object_id in dict.fromkeys(ids)]
    Outbox.objects.bulk_create(rows, batch_size=500)
    return len(rows)


def drain(*, limit: int | None = None, batch: int = BATCH, now: datetime | None = None) -> DrainReport:
    """Bring the index up to date with the outbox, at most ``limit`` things.

    A row that fails is tried again after 5, 10, 20 … seconds and parked at the eighth failure. While the
    engine is away nothing is counted as a failure of a row.
    """
    report = DrainReport()
    taken = 0
    while not report.unavailable and (limit is None or taken < limit):
        moment = now or timezone.now()
        owner, things = _claim(batch if limit is None else min(batch, limit - taken), moment)
        if not things:
            break
        taken += len(things)
        for kind, ids in _by_kind(things):
            _work(owner, kind, ids, report, moment)
    return report


def reconcile() -> ReconcileReport:
    """Enqueue what differs between index and database; rebuild an index that is missing, damaged or mostly wrong."""
    try:
        indexed = get_engine().reader().fingerprints()
    except EngineAway as error:
        logger.error("The index could not be compared: %s", error)
        return ReconcileReport(unavailable=True)
    except EngineUnavailable as error:
        logger.warning("The index is rebuilt: %s", error)
        return _rebuilt()
    _revive_parked()
    pending = pending_ids()
    drifts = [
        Drift(kind, indexed.get(kind, {}), _wanted(kind), pending.get(kind, frozenset()))
        for kind in dict.fromkeys((*(found.kind for found in registry.sources()), *indexed))
    ]
    differing = sum(len(drift.differing) for drift in drifts)
    if differing > max(MUCH, sum(len(drift.want) for drift in drifts) // 2):
        logger.warning("The index is rebuilt: it differs in %d things", differing)
        return _rebuilt()
    for drift in drifts:
        enqueue(drift.kind, drift.differing)
    return ReconcileReport(
        missing=sum(drift.missing for drift in drifts),
        stale=sum(drift.stale for drift in drifts),
        extra=sum(drift.extra for drift in drifts),
    )


class Drift:
    """How the things of one kind differ between index and database, those with a pending change left out."""

    def __init__(
        self, kind: str, have: Mapping[int, str], want: Mapping[int, str], pending: frozenset[int]
    ) -> None:
        self.kind, self.want = kind, want
        self.differing = [object_id for object_id in _differing(have, want) if object_id not in pending]
        self.extra = sum(object_id not in want for object_id in self.differing)
        self.missing = sum(object_id not in have for object_id in self.differing)
        self.stale = len(self.differing) - self.extra - self.missing


def _rebuilt() -> ReconcileReport:
    rebuild()
    return ReconcileReport(rebuilt=True)


def rebuild(progress: Progress | None = None) -> int:
    """Build a new index beside the one in use and switch to it. Returns the number of things in it.

    What changes meanwhile is found by comparing fingerprints under the writers' lock just before the switch;
    what changes after that comparison still has its outbox row, and is drained into the new index.
    """
    engine = get_engine()
    build = engine.build()
    try:
        total = _fill(build, progress)
        build.close()
        with engine.exclusive():
            _catch_up(build)
            build.switch()
    except BaseException:
        build.abandon()
        raise
    return total


def compact() -> bool:
    """Rebuild if bytes of removed things may still lie in the index. Says whether it did."""
    if not get_engine().residue():
        return False
    rebuild()
    return True


@dataclass(frozen=True, slots=True)
class EngineState:
    """Whether the engine answers, how many things it holds, or why it does not answer."""

    name: str
    answers: bool
    documents: int = 0
    reason: str = ""


def engine_state() -> EngineState:
    """Ask the engine how it is."""
    engine = get_engine()
    try:
        return EngineState(engine.name, answers=True, documents=engine.reader().count())
    except EngineUnavailable as error:
        return EngineState(engine.name, answers=False, reason=str(error))


def retry_parked(*, now: datetime) -> int:
    """Give every row that was given up another attempt at once. Returns how many there were."""
    return parked().update(parked_at=None, due_at=now, attempts=0)


def _claim(size: int, now: datetime) -> tuple[str, list[tuple[str, int]]]:
    """Lease the oldest due rows and every other free row of the same things, parked ones too.

    Gives the name of the lease and the things under it.
    """
    owner = uuid4().hex
    if not due(now).exists():
        return owner, []
    with transaction.atomic():
        wanted = list(due(now).values_list("kind", "object_id")[:size])
        for kind, ids in _by_kind(wanted):
            rows = Outbox.objects.filter(free_q(now), kind=kind, object_id__in=ids)
            rows.update(lease_owner=owner, lease_until=now + LEASE)
    leased = (
        Outbox.objects.filter(lease_owner=owner).values_list("kind", "object_id").distinct() if wanted else []
    )
    return owner, list(leased)


def _revive_parked() -> None:
    """Give rows parked long ago one more attempt: the cause may have been mended."""
    now = timezone.now()
    parked().filter(parked_at__lt=now - PARKED_FOR).update(parked_at=None, due_at=now)


def _work(owner: str, kind: str, ids: Sequence[int], report: DrainReport, now: datetime) -> None:
    """Bring things of one kind up to date and settle their leased rows: they can be found from then on."""
    leased = Outbox.objects.filter(lease_owner=owner, kind=kind)
    with ExitStack() as tidying:
        try:
            errors = _bring_up_to_date(get_engine(), kind, ids, tidying)
        except EngineUnavailable as error:
            logger.error("Changes wait in the outbox: %s", error)
            report.unavailable = True
            leased.update(lease_until=None, lease_owner="", due_at=now + AWAY_DELAY)
            return
        leased.exclude(object_id__in=errors).delete()
    report.done += len(ids) - len(errors)
    _note_failures(leased, errors, report, now)


def _bring_up_to_date(engine: Engine, kind: str, ids: Sequence[int], tidying: ExitStack) -> dict[int, str]:
    """Index ``ids``; a batch that fails is halved until the things that cannot be indexed are alone."""
    try:
        with engine.exclusive():
            tidying.close()  # of the half before this one
            batch = engine.batch()
            tidying.callback(batch.close)
            _write(batch, kind, ids)
            batch.commit()
    except EngineUnavailable:
        raise
    except Exception as error:  # any error of a source must not stop the other things
        if len(ids) == 1:
            return {ids[0]: _described(error)}
        middle = len(ids) // 2
        errors: dict[int, str] = {}
        for half in (ids[:middle], ids[middle:]):
            errors |= _bring_up_to_date(engine, kind, half, tidying)
        return errors
    return {}


def _write(batch: Batch, kind: str, ids: Sequence[int]) -> None:
    """Put the documents of ``ids`` into a batch; those without one, or of an unknown kind, are removed."""
    documents = [document for found in registry.sources((kind,)) for document in found.documents(ids)]
    batch.index(documents)
    batch.remove(kind, set(ids) - {document.object_id for document in documents})


def _note_failures(
    leased: QuerySet[Outbox], errors: Mapping[int, str], report: DrainReport, now: datetime
) -> None:
    for row in leased.filter(object_id__in=errors):
        row.attempts += 1
        row.error = errors[row.object_id]
        row.due_at = now + min(FIRST_DELAY * 2 ** min(row.attempts - 1, 16), LONGEST_DELAY)
        row.parked_at = now if row.attempts >= ATTEMPTS else None
        row.lease_until, row.lease_owner = None, ""
        row.save()
        report.parked += row.parked_at is not None
        logger.error("%s could not be indexed (attempt %d): %s", row, row.attempts, row.error)
    report.failed += len(errors)


def _described(error: Exception) -> str:
    """Kind and place of an error without its message, which may quote a story."""
    last = error.__traceback__
    while last and last.tb_next:
        last = last.tb_next
    place = f"{last.tb_frame.f_code.co_qualname}:{last.tb_lineno}" if last else "?"
    return f"{type(error).__name__} in {place}"[:200]


def _fill(build: Build, progress: Progress | None) -> int:
    ids = {found.kind: list(found.ids()) for found in registry.sources()}
    total, done = sum(map(len, ids.values())), 0
    for kind, wanted in ids.items():
        for chunk in _chunks(wanted):
            _write_what_can_be(build, kind, chunk)
            done += len(chunk)
            if progress:
                progress(done, total)
            if done % COMMIT_EVERY < len(chunk):
                build.commit()
    build.commit()
    return total


def _catch_up(build: Build) -> None:
    """Bring a finished build to the state the database has now."""
    built = build.fingerprints()
    for kind in dict.fromkeys((*(found.kind for found in registry.sources()), *built)):
        for chunk in _chunks(_differing(built.get(kind, {}), _wanted(kind))):
            _write_what_can_be(build, kind, chunk)
    build.commit()


def _write_what_can_be(build: Build, kind: str, ids: Sequence[int]) -> None:
    """Write a chunk; what cannot be indexed stays out of it, and of answers through its outbox row."""
    try:
        _write(build, kind, ids)
    except EngineUnavailable:
        raise
    except Exception as error:  # any error of a source must not stop the other things
        if len(ids) > 1:
            for object_id in ids:
                _write_what_can_be(build, kind, [object_id])
        else:
            logger.error("%s:%d is left out of the new index: %s", kind, ids[0], _described(error))
            enqueue(kind, ids)


def _wanted(kind: str) -> Mapping[int, str]:
    return {key: text for found in registry.sources((kind,)) for key, text in found.fingerprints()}


def _differing(have: Mapping[int, str], want: Mapping[int, str]) -> list[int]:
    return sorted(key for key in have.keys() | want.keys() if have.get(key) != want.get(key))


def _chunks(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    return (ids[start : start + BATCH] for start in range(0, len(ids), BATCH))


def _by_kind(things: Iterable[tuple[str, int]]) -> Iterator[tuple[str, list[int]]]:
    for kind, group in groupby(sorted(set(things)), key=lambda thing: thing[0]):
        yield kind, [object_id for _kind, object_id in group]
