"""From the ledger to the outbox: whose ledger has grown, and the statements that are not there yet."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from onboarding import ledger
from onboarding.keys import opaque
from onboarding.models import Attempt, Enrolment, Event, ModuleVersion, Statement, Telling
from onboarding.structure import structure_of
from onboarding.xapi.statements import Body, Teller

LIMIT = 50
BATCH = 200


def is_on() -> bool:
    """Whether statements are wanted."""
    return bool(settings.KB_XAPI_URL)


def note_entries(events: Sequence[Event]) -> None:
    """Note, in the transaction of new entries, that their enrolments have something to tell."""
    if is_on():
        mark_behind(event.enrolment_id for event in events)


def mark_behind(ids: Iterable[int]) -> None:
    """Note that the ledgers of some enrolments are to be gone through."""
    rows = [Telling(enrolment_id=pk, is_behind=True) for pk in sorted(set(ids))]
    Telling.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["enrolment"],
        update_fields=["is_behind"],
        batch_size=BATCH,
    )


def tell_all() -> int:
    """Go through every ledger again, for instance after statements were switched on; returns how many."""
    ids = list(Enrolment.objects.order_by("pk").values_list("pk", flat=True))
    mark_behind(ids)
    return len(ids)


def tell(limit: int = LIMIT) -> int:
    """Put what is not told yet into the outbox; returns how many statements. The worker's job."""
    if not is_on():
        return 0
    behind = Telling.objects.filter(is_behind=True).order_by("enrolment")
    return sum(tell_one(pk) for pk in list(behind.values_list("enrolment_id", flat=True)[:limit]))


@transaction.atomic
def tell_one(pk: int) -> int:
    """Do it for one enrolment, under its lock: entries that come meanwhile mark it again."""
    [row] = ledger.lock([pk])
    bodies = statements_of(row)
    known = set(Statement.objects.filter(enrolment=row).values_list("uuid", flat=True))
    now = timezone.now()
    fresh = [
        Statement(uuid=UUID(body["id"]), enrolment=row, body=body, send_at=now)
        for body in bodies
        if UUID(body["id"]) not in known
    ]
    Statement.objects.bulk_create(fresh, ignore_conflicts=True, batch_size=BATCH)
    Telling.objects.filter(enrolment=row).update(is_behind=False)
    return len(fresh)


def statements_of(row: Enrolment) -> list[Body]:
    """Return every statement of an enrolment, from its first entry on."""
    events = list(Event.objects.filter(enrolment=row).order_by("pk"))
    attempts = {str(each.uuid): each for each in Attempt.objects.filter(enrolment=row)}
    versions = ModuleVersion.objects.filter(pk__in=version_ids(row, events)).order_by()
    teller = Teller(
        enrolment=row,
        actor=opaque("learner", row.employee.hr_id),
        home=str(settings.KB_BASE_URL).rstrip("/"),
        attempts=attempts,
        structures=ledger.cached_structures(),
        versions={version.pk: version.number for version in versions.defer("graph")},
    )
    return list(teller.told(events))


def version_ids(row: Enrolment, events: Iterable[Event]) -> set[int]:
    """Return the module versions that entries name, and those of the pin."""
    named = {event.version_id for event in events if event.version_id}
    return named | {module.version_id for module in structure_of(row.version).modules}
