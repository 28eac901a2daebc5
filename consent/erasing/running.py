"""Forgetting one member: rows in one transaction, then bytes, then a search for anything that may be left.

A run that stops between the two (a crash, a disk that fails) stays open with the ids and random names of what it
destroyed; running ``erase`` again goes on from there, and the worker does after a while.
"""

import logging
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Greatest
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from club.models import Member, User
from consent import demands, endings, ledger
from consent import registry as clearance
from consent.enums import DemandKind, EventKind
from consent.erasing import compacting, copies, places, registry, tombstones
from consent.erasing.canaries import LEAST_BYTES, Canary, from_words, samples
from consent.erasing.registry import Case
from consent.erasing.scanning import Scanner
from consent.models import Approval, ConsentEvent, Demand, ErasureRun, ErasureStep, Grant
from consent.querysets import ended

logger = logging.getLogger(__name__)
ERASE = "consent.add_erasurerun"
# Told as (steps done, steps in all, what is being done now).
Progress = Callable[[int, int, str], object]
SHOWN_HITS = 50
LEFT_AFTER = timedelta(minutes=15)
# Kinds of pieces by which another text may speak of her.
NAMING = frozenset({"name", "title", "address", "id", "identity"})


class ErasureUnfinished(Exception):
    """The rows are gone, but something on the disk could not be destroyed or searched yet; ``run`` is open."""

    def __init__(self, run: ErasureRun, cause: Exception) -> None:
        super().__init__(f"{type(cause).__name__}: {cause}")
        self.run = run


@dataclass(slots=True)
class Steps:
    """Counts the steps of a run for whoever watches it."""

    tell: Progress
    total: int
    done: int = 0

    def next(self, what: Any) -> None:
        """Say what is being done now."""
        self.tell(self.done, self.total, str(what))
        self.done += 1

    def end(self) -> None:
        """Say that everything is done."""
        self.tell(self.total, self.total, "")


def erase(
    member: Member, *, demand: Demand | None = None, by: User | None = None, progress: Progress | None = None
) -> ErasureRun:
    """Forget a member everywhere; returns the run with its steps and its proof.

    ``by`` is None for commands. Raises ``PermissionDenied``; any error while rows are destroyed leaves everything as
    it was; ``ErasureUnfinished`` after that says that the run is open and goes on when this is called again.
    """
    if by is not None and not by.has_perm(ERASE):
        raise PermissionDenied
    found = registry.erasers()
    steps = Steps(progress or (lambda done, total, what: None), 2 * len(found) + 3)
    run, scanner = _destroy_rows(member, demand, by, steps)
    try:
        _destroy_bytes(run, scanner, steps)
    except (KeyboardInterrupt, SystemExit):
        raise
    except Exception as error:
        raise ErasureUnfinished(run, error) from error
    steps.end()
    return run


def unfinished() -> list[ErasureRun]:
    """Return the runs that stopped on the way."""
    return list(ErasureRun.objects.filter(finished_at=None).select_related("member"))


def finish_left() -> int:
    """Go on with the runs that stopped a while ago; returns how many are finished now.

    A worker's job: whoever began a run may have seen it fail and gone home. One that fails again waits for the next
    time and does not keep the others back.
    """
    done = 0
    for run in unfinished():
        if timezone.now() - run.started_at < LEFT_AFTER:
            continue  # somebody may be at it just now
        try:
            erase(run.member)
            done += 1
        except ErasureUnfinished:
            logger.exception("The erasure %s could not be finished", run.pk)
    return done


def preview(member: Member) -> list[tuple[str, int]]:
    """Return how much of hers every category holds now, without touching it."""
    case = Case(member)
    for eraser in registry.erasers():
        case.remember(eraser.traces(member))
    counted = [(str(eraser.label), eraser.found(case)) for eraser in registry.erasers()]
    return [(label, found) for label, found in reversed(counted) if found]


def labelled(run: ErasureRun) -> list[ErasureStep]:
    """Return the steps of a run, who she is first, each with the ``label`` of its surface."""
    labels = {eraser.surface: eraser.label for eraser in registry.erasers()}
    steps = list(run.steps.order_by("-pk"))
    for step in steps:
        step.label = labels.get(step.surface, step.surface)  # type: ignore[attr-defined]  # for templates
    return steps


def export(member: Member) -> dict[str, Any]:
    """Return everything about a member, by surface: the copy she may demand."""
    surfaces = {eraser.surface: eraser.export(member) for eraser in registry.erasers()}
    return {
        "member": member.code,
        "made_at": timezone.now().isoformat(),
        "surfaces": {name: found for name, found in surfaces.items() if found},
    }


@transaction.atomic
def _destroy_rows(
    member: Member, demand: Demand | None, by: User | None, steps: Steps
) -> tuple[ErasureRun, Scanner]:
    """Everything the database can forget at once, with the ledger's entries; all of it or nothing."""
    ledger.lock()
    member = Member.objects.select_for_update().get(pk=member.pk)
    run = _open_run(member, demand, by)
    case = Case(member, {name: list(values) for name, values in run.traces.items()})
    for eraser in registry.erasers():
        case.remember(eraser.traces(member))
    scanner = _prepare(case)
    run.copies_out = run.copies_out or copies.that_left(member)
    _note_found(run, case)
    _write_endings(member, by)
    _keep_marks(case)
    for eraser in registry.erasers():
        steps.next(eraser.label)
        eraser.erase(case)
    run.traces = case.traces
    run.save()
    return run, scanner


def _open_run(member: Member, demand: Demand | None, by: User | None) -> ErasureRun:
    run = ErasureRun.objects.filter(member=member, finished_at=None).order_by("pk").first()
    demand = demand or _open_demand(member)
    if run is None:
        return ErasureRun.objects.create(
            member=member, demand=demand, started_by=by, started_at=timezone.now(), scan={}, copies_out=[]
        )
    run.demand = run.demand or demand
    return run


def _open_demand(member: Member) -> Demand | None:
    """Return the demand that an erasure meets: the oldest of hers to be erased that waits."""
    waiting = Demand.objects.filter(member=member, kind=DemandKind.ERASE, done_at=None)
    return waiting.order_by("received_at", "pk").first()


def _prepare(case: Case) -> Scanner:
    """Take the pieces of her texts that nobody else's texts hold."""
    found = [word for eraser in registry.erasers() for word in eraser.words(case)]
    found += [("file", name.rpartition("/")[2]) for name in case.of("files")]
    found += [("picture", piece) for content in _contents(case) for piece in samples(content)]
    scanner = Scanner(from_words(found))
    scanner = scanner.without(text for eraser in registry.erasers() for text in eraser.others(case))
    # A title may be a tag's name too. A whole sentence of hers in a text of the company's is no chance.
    scanner = scanner.without(_of_the_company(), keep=_is_sentence)
    case.names = [each.data.decode() for each in scanner.canaries if each.kind in NAMING]
    return scanner


def _is_sentence(each: Canary) -> bool:
    return each.kind == "words" and len(each.data) >= LEAST_BYTES


def _of_the_company() -> Iterator[str]:
    """Yield every text of the models that hold nothing of a member."""
    for label in registry.exempted():
        model = registry.model_of(label)
        columns = [each.name for each in registry.texts_of(model)] if model else []
        if model and columns:
            for row in model._base_manager.order_by().values_list(*columns).iterator(chunk_size=500):
                yield from (str(value) for value in row if value)


def _contents(case: Case) -> Iterator[bytes]:
    """Yield the bytes of her files."""
    from django.core.files.storage import default_storage

    for name in case.of("files"):
        if default_storage.exists(name):
            with default_storage.open(name) as file:
                yield file.read()


def _write_endings(member: Member, by: User | None) -> None:
    """End every grant and approval that holds, and note the erasure itself."""
    actor, now = by.pk if by else None, timezone.now()
    events = [
        ConsentEvent(
            at=now, kind=EventKind.ERASED, member=member, consent_id=grant.consent_id, grant=grant,
            purpose=grant.purpose, category=grant.category, actor_id=actor,
        )
        for grant in Grant.objects.filter(member=member).exclude(ended("grant")).order_by("pk")
    ]  # fmt: skip
    events += [
        ConsentEvent(
            at=now, kind=EventKind.ERASED, member=member, approval=approval,
            wording_sha256=approval.wording_sha256, actor_id=actor,
        )
        for approval in Approval.objects.filter(member=member).exclude(ended("approval")).order_by("pk")
    ]  # fmt: skip
    if events or member.erased_at is None:
        ledger.append([*events, ConsentEvent(at=now, kind=EventKind.ERASED, member=member, actor_id=actor)])
        clearance.clearance_changed([member.pk])


def _keep_marks(case: Case) -> None:
    """Leave the marks by which imports and restored backups know her again, and take ids out of the traces."""
    values = {
        tombstones.CODE: [case.member.code],
        tombstones.EXTERNAL_ID: case.traces.pop("external_ids", []),
        tombstones.NARRATOR: case.traces.pop("narrators", []),
    }
    endings.note_tombstones(tombstones.put(tombstones.marks_of(values)))


def _note_found(run: ErasureRun, case: Case) -> None:
    """Keep how much every surface holds before anything goes; a run that goes on adds what came meanwhile."""
    now = timezone.now()
    for eraser in registry.erasers():
        step, _made = ErasureStep.objects.get_or_create(run=run, surface=eraser.surface, defaults={"at": now})
        if found := eraser.found(case):
            ErasureStep.objects.filter(pk=step.pk).update(found=F("found") + found)


def _destroy_bytes(run: ErasureRun, scanner: Scanner, steps: Steps) -> None:
    """Files, index, free pages; then count and search what may be left, and close the run."""
    member = Member.objects.get(pk=run.member_id)
    case = Case(member, {name: list(values) for name, values in run.traces.items()})
    for eraser in registry.erasers():
        steps.next(eraser.label)
        eraser.finish(case)
    left = _verify(run, case)
    # Names of files have served; what is searched for must not lie in the proof itself.
    run.traces = {kind: values for kind, values in run.traces.items() if kind != "files"}
    run.save()
    steps.next(_("free space of the database"))
    done = compacting.compact()
    steps.next(_("search for anything left"))
    run.scan = scan(scanner, resumed=bool(case.of("pages") and not _said(scanner))) | done
    run.is_clean = not left and not run.scan["hits"]
    run.finished_at = timezone.now()
    steps.next(_("the act"))
    run.save()
    if run.is_clean and run.demand is not None:
        outcome = gettext("Everything was destroyed. The act is number %(number)s.") % {"number": run.pk}
        demands.fulfil(run.demand, outcome=outcome)


def _said(scanner: Scanner) -> bool:
    return any(each.kind in ("title", "words") for each in scanner.canaries)


def _verify(run: ErasureRun, case: Case) -> int:
    """Ask every eraser what it still finds; returns how much there is in all."""
    total = 0
    for eraser in registry.erasers():
        remains = eraser.verify(case)
        total += remains.count
        left = min(remains.count, 2**31 - 1)
        ErasureStep.objects.filter(run=run, surface=eraser.surface).update(
            remaining=left, destroyed=Greatest(F("found") - left, 0), proof=dict(remains.proof), at=timezone.now()
        )
    return total


def scan(scanner: Scanner, *, resumed: bool = False) -> dict[str, Any]:
    """Search every place for the pieces; says where and what kind was found, never the words.

    ``resumed``: the run had been interrupted, and her words, which are held in memory only, are not known any more;
    then only random names of files are searched, and the proof of the rest is that everything was written anew.
    """
    began = time.monotonic()
    files = size = 0
    hits: list[dict[str, Any]] = []
    for place in places.all_places() if scanner.canaries else ():
        try:
            with places.opened(place) as stream:
                found = scanner.read(stream)
        except FileNotFoundError:
            continue  # a temporary file of somebody who has finished meanwhile
        files, size = files + 1, size + found.size
        if found.hits:
            hits.append(_hit(place, [scanner.canaries[number] for number in found.hits]))
    return {
        "places": files,
        "bytes": size,
        "canaries": len(scanner.canaries),
        "hits": hits[:SHOWN_HITS],
        "seconds": round(time.monotonic() - began, 2),
        "resumed": resumed,
    }


def _hit(place: places.Place, canaries: Iterable[Canary]) -> dict[str, Any]:
    found: Sequence[Canary] = list(canaries)
    is_database = place.kind == "database" or "sqlite" in place.name
    tables = copies.tables_with(found) if is_database else []
    return {
        "where": place.name,
        "kinds": sorted({each.kind for each in found}),
        "count": len(found),
        "tables": tables,
    }
