"""What came of a track: a survey after 30, 60 and 90 days, and the first client met alone. Entries of the ledger.

A survey is open for three weeks from its day and asked once; an outage of the worker asks late, never twice.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import uuid4
from zoneinfo import ZoneInfo

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from club.models import User
from onboarding import ledger
from onboarding.enums import NoticeKind, Status, Verb
from onboarding.models import Employee, Enrolment, Event, Notice
from onboarding.reminders import MORNING
from onboarding.services.entries import entry
from onboarding.services.notices import notice, tell_all

DAYS = (30, 60, 90)
OPEN_FOR = timedelta(days=21)
ABLE, BROUGHT_IN = "able", "brought_in"
QUESTIONS = (ABLE, BROUGHT_IN)
AWAY = (Status.SUSPENDED, Status.LEFT)


class Open(NamedTuple):
    """A survey that waits for somebody."""

    enrolment: Enrolment
    day: int

    @property
    def key(self) -> str:
        """The key of its notice and of its answer."""
        return f"{self.enrolment.uuid}:pulse:{self.day}"


def morning(person: Employee, day: int) -> datetime:
    """Return the moment at which a survey opens: nine in the morning where the person lives."""
    return datetime.combine(person.start_date + timedelta(days=day), MORNING, ZoneInfo(person.time_zone))


def open_day(person: Employee, now: datetime) -> int | None:
    """Return which survey is open for a person; the windows do not meet."""
    return next((day for day in DAYS if morning(person, day) <= now < morning(person, day) + OPEN_FOR), None)


def ask(at: datetime | None = None) -> int:
    """Ask everybody whose day has come and who was not asked; returns how many. The worker's job."""
    now = at or timezone.now()
    people = Q(employee__user__isnull=False, employee__has_left=False) & near(now)
    rows = [each for each in surveys(Enrolment.objects.filter(people), now) if each.enrolment.employee.user]
    told = Notice.objects.filter(kind=NoticeKind.PULSE, enrolment__in=[each.enrolment for each in rows])
    asked = stages(told.values_list("enrolment__employee_id", "key"))
    fresh = [each for each in rows if (each.enrolment.employee_id, each.day) not in asked]
    tell_all(
        notice(
            NoticeKind.PULSE,
            each.key,
            recipient=each.enrolment.employee.user,
            enrolment=each.enrolment,
            at=now,
            planned_for=morning(each.enrolment.employee, each.day),
        )
        for each in fresh
    )
    return len(fresh)


def near(now: datetime) -> Q:
    """Return who may have a survey open, a day of time zones around it."""
    today, day = now.date(), timedelta(days=1)
    windows = Q()
    for number in DAYS:
        first = today - timedelta(days=number)
        windows |= Q(employee__start_date__range=(first - OPEN_FOR - day, first + day))
    return windows


def surveys(rows: QuerySet[Enrolment], now: datetime) -> list[Open]:
    """Return the open surveys that are not answered, one a person, under the first enrolment that goes on."""
    first: dict[int, Open] = {}
    for row in rows.exclude(status__in=AWAY).select_related("employee__user").order_by("pk"):
        day = open_day(row.employee, now)
        if day is not None:
            first.setdefault(row.employee_id, Open(row, day))
    said = Event.objects.filter(verb=Verb.PULSE, enrolment__employee__in=list(first)).order_by()
    given = stages(said.values_list("enrolment__employee_id", "key"))
    return [each for pk, each in first.items() if (pk, each.day) not in given]


def stages(rows: Iterable[tuple[int, str]]) -> set[tuple[int, int]]:
    """Return (person, day) of keys of surveys."""
    return {(pk, int(key.rpartition(":")[2])) for pk, key in rows}


def open_survey(user: User, at: datetime | None = None) -> Open | None:
    """Return the survey that waits for somebody."""
    now = at or timezone.now()
    found = surveys(Enrolment.objects.filter(employee__user=user, employee__has_left=False), now)
    return found[0] if found else None


@transaction.atomic
def answer(survey: Open, marks: dict[str, int], *, by: User, at: datetime | None = None) -> None:
    """Write the answer; the same form twice is one."""
    if set(marks) != set(QUESTIONS) or not all(1 <= mark <= 5 for mark in marks.values()):
        raise ValidationError(_("Choose a number from 1 to 5."))
    data = {"day": survey.day, **marks}
    ledger.append([entry(survey.enrolment, Verb.PULSE, f"pulse:{survey.day}", at=at, by=by, data=data)])


# The first client met alone


@transaction.atomic
def unaided(enrolment: Enrolment, on: date | None, *, by: User, at: datetime | None = None) -> None:
    """The mentor or manager says when a newcomer first met a client alone, or takes it back; the latest word counts."""
    now, person = at or timezone.now(), enrolment.employee
    if by.pk not in (person.mentor_id, person.manager_id):
        raise PermissionDenied
    if on is not None and not person.start_date <= on <= timezone.localdate(now, ZoneInfo(person.time_zone)):
        raise ValidationError(_("The day lies between her first day and today."))
    [row] = ledger.lock([enrolment.pk])
    if contacts([row.employee_id]).get(row.employee_id) == on:
        return
    data = {"on": on.isoformat() if on else ""}
    ledger.append([entry(row, Verb.UNAIDED, f"unaided:{uuid4()}", at=now, by=by, data=data)])


def contacts(people: Any) -> dict[int, date]:
    """Return when each first met a client alone, by person. ``people`` are ids, or a query for them."""
    rows = Event.objects.filter(verb=Verb.UNAIDED, enrolment__employee__in=people)
    last = dict(rows.order_by("pk").values_list("enrolment__employee_id", "data__on"))
    return {pk: date.fromisoformat(on) for pk, on in last.items() if on}
