"""Coming onto a track, resting, leaving; first days and due dates."""

from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID, uuid4

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from club.models import User
from onboarding import ledger
from onboarding.enums import NoticeKind, Source, Status, Verb
from onboarding.models import AssignmentRule, Employee, Enrolment, Event, TrackVersion
from onboarding.reminders import due_date
from onboarding.services.entries import entry, require_hr
from onboarding.services.notices import tell
from onboarding.structure import Structure, structure_of


def due_dates(structure: Structure, employee: Employee, anchor: date) -> dict[str, str]:
    """Return the due date of every module by its key: workdays from the first day in the person's calendar."""
    return {
        str(module.key): due_date(anchor, module.due_in, employee.country).isoformat()
        for module in structure.modules
    }


def newest_version(track_key: UUID) -> TrackVersion:
    """Return the version that newcomers are pinned to today; raises ``ValidationError`` if there is none."""
    version = TrackVersion.objects.filter(key=track_key).order_by("-pk").first()
    if version is None:
        raise ValidationError(_("This track is not published yet."))
    return version


@transaction.atomic
def enrol(
    *,
    employee: Employee,
    track_key: UUID,
    source: Source = Source.MANUAL,
    rule: AssignmentRule | None = None,
    by: User | None = None,
    at: datetime | None = None,
) -> Enrolment:
    """Bring somebody onto a track, pinned to its newest version; doing it twice changes nothing.

    Who rests on it goes on; what a person did by hand a rule no longer decides.
    """
    require_hr(by)
    now = at or timezone.now()
    known = Enrolment.objects.filter(employee=employee, track_key=track_key).first()
    if known is not None:
        return go_on(known, source, by, now)
    version = newest_version(track_key)
    made = Enrolment.objects.create(
        employee=employee,
        track_key=track_key,
        version=version,
        source=source,
        rule=rule,
        anchor=employee.start_date,
        created_at=now,
    )
    data = {
        "version": version.pk,
        "anchor": employee.start_date.isoformat(),
        "due": due_dates(structure_of(version), employee, employee.start_date),
        "source": str(source),
    }
    ledger.append([entry(made, Verb.ENROLLED, "enrolled", at=now, by=by, data=data)])
    tell(NoticeKind.INVITED, f"invited:{made.uuid}", recipient=employee.user, enrolment=made, at=now)
    made.refresh_from_db()
    return made


def go_on(known: Enrolment, source: Source, by: User | None, at: datetime) -> Enrolment:
    """Take up an enrolment that is there."""
    if source != Source.RULE and known.source == Source.RULE:
        Enrolment.objects.filter(pk=known.pk).update(source=source, rule=None)
    if known.status == Status.SUSPENDED:
        resume(known, by=by, at=at)
    known.refresh_from_db()
    return known


@transaction.atomic
def suspend(enrolment: Enrolment, *, by: User | None = None, at: datetime | None = None) -> None:
    """Let an enrolment rest: nothing is deleted, nobody is reminded."""
    require_hr(by)
    [row] = ledger.lock([enrolment.pk])
    if row.status not in (Status.SUSPENDED, Status.LEFT, Status.COMPLETED):
        tell_plan(ledger.append([entry(row, Verb.SUSPENDED, f"suspended:{uuid4()}", at=at, by=by)]), at)


@transaction.atomic
def resume(enrolment: Enrolment, *, by: User | None = None, at: datetime | None = None) -> None:
    """Go on after a rest. What fell due meanwhile is due later by as many days as the rest was long."""
    require_hr(by)
    [row] = ledger.lock([enrolment.pk])
    if row.status != Status.SUSPENDED:
        return
    now = at or timezone.now()
    since = row.events.filter(verb=Verb.SUSPENDED).order_by("-pk").values_list("occurred_at", flat=True)[0]
    pause = now.date() - since.date()
    open_modules = row.modules.filter(done_at=None).exclude(due_on=None)
    due = {
        str(key): (day + pause if day >= since.date() else day).isoformat()
        for key, day in open_modules.values_list("module_key", "due_on")
        if day is not None
    }
    event = entry(row, Verb.RESUMED, f"resumed:{uuid4()}", at=now, by=by, data={"due": due})
    tell_plan(ledger.append([event]), now)


@transaction.atomic
def leave(employee: Employee, *, by: User | None = None, at: datetime | None = None) -> None:
    """Somebody does not work here any more: the enrolments close, what was done stays counted."""
    require_hr(by)
    Employee.objects.filter(pk=employee.pk).update(has_left=True)
    rows = ledger.lock(Enrolment.objects.filter(employee=employee).values_list("pk", flat=True))
    ledger.append([entry(row, Verb.LEFT, "left", at=at, by=by) for row in rows])


@transaction.atomic
def move_start(employee: Employee, day: date, *, by: User | None = None, at: datetime | None = None) -> None:
    """Another first day: only what is not done moves."""
    require_hr(by)
    Employee.objects.filter(pk=employee.pk).update(start_date=day)
    employee.start_date = day
    rows = ledger.lock(Enrolment.objects.filter(employee=employee).values_list("pk", flat=True))
    events = []
    for row in rows:
        if row.status in (Status.COMPLETED, Status.LEFT) or row.anchor == day:
            continue
        due = due_dates(structure_of(row.version), employee, day)
        data = {"anchor": day.isoformat(), "due": due}
        events.append(entry(row, Verb.START_MOVED, f"start:{uuid4()}", at=at, by=by, data=data))
    tell_plan(ledger.append(events), at)


@transaction.atomic
def move_due(
    enrolment: Enrolment, module_key: UUID, day: date, *, by: User | None = None, at: datetime | None = None
) -> None:
    """Change the plan of one person: one module is due on another day."""
    require_hr(by)
    data = {"due": {str(module_key): day.isoformat()}}
    tell_plan(
        ledger.append([entry(enrolment, Verb.DUE_MOVED, f"due:{uuid4()}", at=at, by=by, data=data)]), at
    )


@transaction.atomic
def waive(
    enrolment: Enrolment,
    places: Iterable[tuple[UUID, UUID]],
    *,
    by: User | None = None,
    at: datetime | None = None,
) -> None:
    """HR decides that somebody does not need some steps."""
    require_hr(by)
    events = [
        entry(enrolment, Verb.WAIVED, f"waived:{place[1]}", at=at, by=by, place=place) for place in places
    ]
    tell_plan(ledger.append(events)[:1], at)


def tell_plan(events: Iterable[Event], at: datetime | None) -> None:
    """Tell people whose calendar holds other days that they changed; one mail for however many changes."""
    for event in events:
        row = event.enrolment
        tell(NoticeKind.PLAN, f"plan:{event.uuid}", recipient=row.employee.user, enrolment=row, at=at)
