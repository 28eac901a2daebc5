"""A person's calendar: compared with her plan whenever it is asked for, so that ids stay and numbers rise.

An entry goes when what it stands for goes; it is kept as cancelled, and comes back under the same id.
"""

import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from club.models import User
from consent.narrator.links import digest
from onboarding import calendars
from onboarding.calendars import Line
from onboarding.enums import INSIDE, EntryKind, Status, StepKind
from onboarding.models import (
    CalendarEntry,
    CalendarKey,
    Employee,
    Enrolment,
    MentorEntry,
    ModuleState,
    ReviewCard,
    StepState,
)
from onboarding.progress import Place
from onboarding.structure import Structure, structures

KEPT_CANCELLED = timedelta(days=30)
Row = TypeVar("Row", CalendarEntry, MentorEntry)
LASTS = {EntryKind.MEETING: calendars.MEETING, EntryKind.REVIEW: calendars.REVIEW}


@dataclass(frozen=True, slots=True)
class Wanted:
    """An entry that should stand in a calendar."""

    enrolment: int
    kind: str
    place: str
    day: date
    starts_at: datetime | None = None

    @property
    def key(self) -> tuple[int, str, str]:
        """What it stands for."""
        return self.enrolment, self.kind, self.place


# What should stand there


def wanted(person: Employee) -> list[Wanted]:
    """Return what a person's calendar should hold: what is due, meetings, what comes back."""
    if person.has_left:
        return []
    rows = list(Enrolment.objects.filter(employee=person, status__in=INSIDE).select_related("version"))
    plans = structures({row.version for row in rows})
    due = {
        (pk, key): day
        for pk, key, day in ModuleState.objects.filter(enrolment__in=rows, done_at=None, due_on__isnull=False)
        .order_by()
        .values_list("enrolment_id", "module_key", "due_on")
        if day is not None
    }
    done = set(
        StepState.objects.filter(enrolment__in=rows, done_at__isnull=False)
        .order_by()
        .values_list("enrolment_id", "module_key", "step")
    )
    found = [each for row in rows for each in of_plan(row.pk, plans[row.version_id], due, done)]
    return [*found, *coming_back(person)]


def of_plan(
    pk: int,
    plan: Structure,
    due: dict[tuple[int, UUID], date],
    done: set[tuple[int, UUID, UUID]],
) -> Iterable[Wanted]:
    """Yield the due dates and meetings of one plan."""
    for module in plan.modules:
        day = due.get((pk, module.key))
        if day is None:
            continue
        yield Wanted(pk, EntryKind.DUE, str(module.key), day)
        for step in module.steps:
            if step.kind == StepKind.MEET and (pk, module.key, step.id) not in done:
                yield Wanted(pk, EntryKind.MEETING, f"{module.key}/{step.id}", day)


def coming_back(person: Employee) -> Iterable[Wanted]:
    """Yield what comes back to a person, in the morning of its day."""
    zone = ZoneInfo(person.time_zone)
    cards = ReviewCard.objects.filter(employee=person).exclude(
        enrolment__status__in=(Status.LEFT, Status.SUSPENDED)
    )
    for pk, competency, at in cards.values_list("enrolment_id", "competency_id", "due_at"):
        yield Wanted(pk, EntryKind.REVIEW, str(competency), at.astimezone(zone).date(), at)


# What stands there


@transaction.atomic
def sync(person: Employee, at: datetime | None = None) -> list[CalendarEntry]:
    """Bring the entries of a person to what they should be; returns all of them."""
    now = at or timezone.now()
    person = Employee.objects.select_for_update(of=("self",)).get(pk=person.pk)
    known = CalendarEntry.objects.filter(employee=person)

    def make(each: Wanted) -> CalendarEntry:
        return CalendarEntry.objects.create(
            employee=person, enrolment_id=each.enrolment, kind=each.kind, place=each.place, day=each.day,
            starts_at=each.starts_at, changed_at=now,
        )  # fmt: skip

    return settled(known, wanted(person), make, change, now)


def settled(
    known: Iterable[Row],
    wanted: Iterable[Wanted],
    make: Callable[[Wanted], Row],
    change: Callable[[Row, Wanted, datetime], None],
    now: datetime,
) -> list[Row]:
    """Make, change and cancel entries until they are what is wanted; returns all of them by day."""
    rows = {(row.enrolment_id, row.kind, row.place): row for row in known}
    should = {each.key: each for each in wanted}
    for key, each in should.items():
        if key in rows:
            change(rows[key], each, now)
        else:
            rows[key] = make(each)
    for key, row in rows.items():
        if key not in should and not row.is_cancelled:
            row.is_cancelled = True
            raised(row, now)
    return sorted(rows.values(), key=lambda row: (row.day, row.pk))


def change(row: CalendarEntry, each: Wanted, now: datetime) -> None:
    """Take over what differs; a meeting for which a time was agreed keeps it."""
    agreed = row.kind == EntryKind.MEETING and row.starts_at is not None
    take_over(row, row if agreed else each, now)


def take_over(
    row: CalendarEntry | MentorEntry, of: CalendarEntry | MentorEntry | Wanted, now: datetime
) -> None:
    """Let an entry stand at a day and time; nothing is saved where it stands there already."""
    if (row.day, row.starts_at, row.is_cancelled) == (of.day, of.starts_at, False):
        return
    row.day, row.starts_at, row.is_cancelled = of.day, of.starts_at, False
    raised(row, now)


def lately(rows: Iterable[Row], now: datetime) -> list[Row]:
    """Leave out what was cancelled long ago."""
    return [row for row in rows if not row.is_cancelled or row.changed_at > now - KEPT_CANCELLED]


def raised(row: CalendarEntry | MentorEntry, now: datetime) -> None:
    """Save a change: the number rises."""
    row.sequence += 1
    row.changed_at = now
    row.save(update_fields=["day", "starts_at", "is_cancelled", "sequence", "changed_at"])


@transaction.atomic
def appoint(
    enrolment: Enrolment, place: Place, starts_at: datetime | None, *, at: datetime | None = None
) -> bool:
    """Agree on the time of a meeting, or take it back; False where no such meeting is to be held."""
    now = at or timezone.now()
    sync(enrolment.employee, now)
    kept = CalendarEntry.objects.filter(
        enrolment=enrolment, kind=EntryKind.MEETING, place=f"{place[0]}/{place[1]}", is_cancelled=False
    ).first()
    if kept is None:
        return False
    if kept.starts_at != starts_at:
        kept.starts_at = starts_at
        if starts_at is not None:
            kept.day = starts_at.astimezone(ZoneInfo(enrolment.employee.time_zone)).date()
        raised(kept, now)
        sync(enrolment.employee, now)
    return True


def agreed_time(enrolment: Enrolment, place: Place) -> datetime | None:
    """Return when a meeting is to be held, where the newcomer lives; None if no time was agreed."""
    kept = CalendarEntry.objects.filter(
        enrolment=enrolment, kind=EntryKind.MEETING, place=f"{place[0]}/{place[1]}", is_cancelled=False
    ).first()
    if kept is None or kept.starts_at is None:
        return None
    return kept.starts_at.astimezone(ZoneInfo(enrolment.employee.time_zone))


# Writing it


def feed(person: Employee, at: datetime | None = None) -> bytes:
    """Return a person's calendar, in her language; what was cancelled of late is in it as cancelled."""
    now = at or timezone.now()
    return content_of(lately(sync(person, now), now), person, "PUBLISH")


def content_of(rows: Iterable[CalendarEntry], person: Employee, method: calendars.Method) -> bytes:
    """Return entries as a calendar."""
    address = settings.KB_BASE_URL.rstrip("/") + reverse("onboarding:track")
    with translation.override(person.language):
        return calendars.written(
            [line(row) for row in rows],
            method=method,
            name=_("Learning"),
            zone=person.time_zone,
            address=address,
        )


def line(row: CalendarEntry | MentorEntry) -> Line:
    """Return what a calendar says of an entry."""
    kind = EntryKind(row.kind)
    return Line(
        row.uid,
        str(kind.label),
        row.day,
        row.starts_at,
        LASTS.get(kind, timedelta(0)),
        row.sequence,
        row.is_cancelled,
        row.changed_at,
    )


# With mails


def news_of(person: Employee, at: datetime | None = None) -> list[CalendarEntry]:
    """Return the entries of which no mail has told the newest; what came and went untold is none."""
    return [
        row
        for row in sync(person, at)
        if row.sequence > row.mailed and not (row.is_cancelled and row.mailed < 0)
    ]


def attach(message: EmailMultiAlternatives, person: Employee) -> list[CalendarEntry]:
    """Attach what is new to a mail for the newcomer: entries, and cancellations apart. Returns them."""
    news = news_of(person)
    live, gone = ([row for row in news if row.is_cancelled is state] for state in (False, True))
    if live:
        calendar = content_of(live, person, "PUBLISH").decode()
        message.attach("learning.ics", calendar, "text/calendar; method=PUBLISH")
    if gone:
        calendar = content_of(gone, person, "CANCEL").decode()
        message.attach("cancelled.ics", calendar, "text/calendar; method=CANCEL")
    return news


def mailed(rows: Iterable[CalendarEntry]) -> None:
    """Note that a mail has told them."""
    for row in rows:
        CalendarEntry.objects.filter(pk=row.pk, mailed__lt=row.sequence).update(mailed=row.sequence)


def told(person: Employee) -> bool:
    """Whether any entry was ever mailed to a person: only then a change of dates is a change to her."""
    return CalendarEntry.objects.filter(employee=person, mailed__gte=0).exists()


# The secret address


def new_key(person: Employee, at: datetime | None = None) -> str:
    """Return a new secret for a person's calendar; the old one opens nothing any more. Only its hash is kept."""
    token = secrets.token_urlsafe(24)
    CalendarKey.objects.update_or_create(
        employee=person, defaults={"token_sha256": digest(token), "made_at": at or timezone.now()}
    )
    return token


def has_key(person: Employee) -> bool:
    """Whether an address opens a person's calendar."""
    return CalendarKey.objects.filter(employee=person).exists()


def close(person: Employee) -> None:
    """Let no address open a person's calendar."""
    CalendarKey.objects.filter(employee=person).delete()


def owner_of(token: str) -> Employee | None:
    """Return whose calendar a secret opens: somebody who works here and may sign in."""
    key = CalendarKey.objects.select_related("employee__user").filter(token_sha256=digest(token)).first()
    if key is None or key.employee.has_left:
        return None
    user: User | None = key.employee.user
    return key.employee if user is not None and user.is_active else None
