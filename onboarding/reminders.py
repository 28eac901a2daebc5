"""When people are reminded: pure functions of a due date and the calendar, zone and working days of a person."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from consent.calendar import is_working_day, next_working_day, working_days_after
from onboarding.enums import NoticeKind

MORNING = time(9)
SOON_BEFORE = 2
OVERDUE_AFTER, MENTOR_AFTER, MANAGER_AFTER = 1, 2, 5


class Calendar(Protocol):
    """Whose days they are."""

    time_zone: str
    country: str


@dataclass(frozen=True, slots=True)
class Moment:
    """A stage of reminding, and when it comes."""

    kind: NoticeKind
    at: datetime


def workdays_before(day: date, count: int, country: str) -> date:
    """Return the ``count``-th working day before a day."""
    while count:
        day -= timedelta(days=1)
        count -= is_working_day(day, country)
    return day


def due_date(anchor: date, offset: int, country: str) -> date:
    """Return the day ``offset`` workdays from the first day; a negative offset counts backwards."""
    if offset < 0:
        return workdays_before(anchor, -offset, country)
    return working_days_after(anchor, offset, country) if offset else next_working_day(anchor, country)


def moments(due_on: date, person: Calendar) -> Iterator[Moment]:
    """Yield the stages of a due date in order, each in the morning of its day where the person lives."""
    country = person.country
    days = (
        (NoticeKind.SOON, workdays_before(due_on, SOON_BEFORE, country)),
        (NoticeKind.DUE, due_on),
        (NoticeKind.OVERDUE, working_days_after(due_on, OVERDUE_AFTER, country)),
        (NoticeKind.MENTOR, working_days_after(due_on, MENTOR_AFTER, country)),
        (NoticeKind.MANAGER, working_days_after(due_on, MANAGER_AFTER, country)),
    )
    zone = ZoneInfo(person.time_zone)
    for kind, day in days:
        yield Moment(kind, datetime.combine(day, MORNING, zone).astimezone(UTC))


def next_moment(due_on: date | None, person: Calendar, after: datetime) -> datetime | None:
    """Return the first stage after a moment; None when all are past, or nothing is due."""
    if due_on is None:
        return None
    return next((each.at for each in moments(due_on, person) if each.at > after), None)
