"""What came of a track, for HR: surveys, satisfaction, the first client met alone, who stayed. Groups of five at least.

Completion alone says little; these say whether it helped.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import mean
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from onboarding import survival
from onboarding.enums import Verb
from onboarding.models import Employee, Event
from onboarding.more_figures import Share
from onboarding.reports import FEW, Filters
from onboarding.services.outcomes import ABLE, BROUGHT_IN, DAYS, contacts

STAY = 90  # days
CONTENT = 4  # a mark from here on says that somebody was brought in well


@dataclass(frozen=True, slots=True)
class Survey:
    """One survey: how many came to its day, how many answered, the mean of each question."""

    day: int
    of: int
    marks: Sequence[Mapping[str, int]]

    @property
    def n(self) -> int:
        """How many answered."""
        return len(self.marks)

    @property
    def enough(self) -> bool:
        """Whether the group is large enough."""
        return self.n >= FEW

    @property
    def able(self) -> float | None:
        """The mean of "I can do my work with clients"."""
        return self.mean_of(ABLE)

    @property
    def brought_in(self) -> float | None:
        """The mean of "I was brought in well"."""
        return self.mean_of(BROUGHT_IN)

    def mean_of(self, name: str) -> float | None:
        """Return the mean of a question; nothing where it would speak of single people."""
        return round(mean(each[name] for each in self.marks), 1) if self.enough else None


@dataclass(frozen=True, slots=True)
class Person:
    """What is counted of one person."""

    hr_id: str
    start: date
    left: date | None
    met: date | None  # the first client alone
    marks: Mapping[int, Mapping[str, int]]  # by the day of the survey

    def came_to(self, days: int, today: date) -> bool:
        """Whether somebody's day has come while she worked here."""
        day = self.start + timedelta(days=days)
        return day <= today and (self.left is None or day <= self.left)

    def stayed(self, today: date) -> bool | None:
        """Whether somebody stayed ninety days; None while they are not over and she is here."""
        end = self.start + timedelta(days=STAY)
        if self.left is not None and self.left < end:
            return False
        return True if end <= today else None


def people(filters: Filters) -> dict[int, Person]:
    """Return everybody of the enrolments that are looked at; four queries."""
    ids = filters.rows().values("employee")
    rows = Employee.objects.filter(pk__in=ids).order_by().values_list("pk", "hr_id", "start_date", "has_left")
    told = Event.objects.filter(enrolment__employee__in=ids).order_by("pk")
    columns = ("enrolment__employee_id", "data")
    marks: dict[int, dict[int, Mapping[str, int]]] = defaultdict(dict)
    for pk, data in told.filter(verb=Verb.PULSE).values_list(*columns):
        marks[pk].setdefault(data["day"], data)
    left = dict(told.filter(verb=Verb.LEFT).values_list("enrolment__employee_id", "occurred_at"))
    met = contacts(ids)
    return {
        pk: Person(
            hr_id,
            start,
            timezone.localdate(left[pk]) if gone and pk in left else None,
            met.get(pk),
            marks.get(pk, {}),
        )
        for pk, hr_id, start, gone in rows
    }


def outcomes(filters: Filters, at: datetime | None = None) -> dict[str, Any]:
    """Return what the section shows."""
    today, everybody = timezone.localdate(at), list(people(filters).values())
    over = [each for each in everybody if each.start + timedelta(days=STAY) <= today]
    last = [each.marks[max(each.marks)][BROUGHT_IN] for each in everybody if each.marks]
    shares = [
        Share(_("Brought in well: 4 or 5 of 5"), sum(mark >= CONTENT for mark in last), len(last)),
        Share(_("Stayed ninety days"), sum(bool(each.stayed(today)) for each in over), len(over)),
    ]
    met = [each for each in everybody if each.met is not None]
    points = survival.finished_by(spans(everybody, today)) if len(met) >= FEW else []
    return {
        "surveys": [survey(day, everybody, today) for day in DAYS],
        "shares": shares,
        "met": len(met),
        "points": points,
        "half": survival.day_of(points, 0.5),
        "half_interval": survival.interval_of(points, 0.5) if points else (None, None),
    }


def survey(day: int, everybody: Iterable[Person], today: date) -> Survey:
    """Return one survey."""
    came = [each for each in everybody if each.came_to(day, today) or day in each.marks]
    return Survey(day, len(came), [each.marks[day] for each in came if day in each.marks])


def spans(everybody: Iterable[Person], today: date) -> Iterable[tuple[float, bool]]:
    """Yield days from the first day to the first client alone, or to now or the last day for who has met none."""
    for each in everybody:
        end = each.met or each.left or today
        if each.start <= today:
            yield float(max(0, (end - each.start).days)), each.met is not None


# In files


def table(filters: Filters, at: datetime | None = None) -> Iterable[list[str]]:
    """Yield the figures as rows of a file; a group that is too small has its number of people as few."""
    found = outcomes(filters, at)
    yield ["figure", "n", "of", "value", "low", "high"]
    for each in found["surveys"]:
        for name, value in ((ABLE, each.able), (BROUGHT_IN, each.brought_in)):
            yield [f"survey_{each.day}_{name}", count(each.n), count(each.of), said(value), "", ""]
    for name, share in zip(("satisfied_percent", "stayed_90_days_percent"), found["shares"], strict=True):
        low, high = share.interval if share.enough else ("", "")
        value = share.percent if share.enough else None
        yield [name, count(share.n), "", said(value), str(low), str(high)]
    low, high = found["half_interval"]
    yield [
        "days_to_first_client_alone_median",
        count(found["met"]),
        "",
        *map(said, (found["half"], low, high)),
    ]


def count(number: int) -> str:
    """Return a number of people; few under five."""
    return "few" if 0 < number < FEW else str(number)


def said(value: float | None) -> str:
    """Return a figure, or nothing."""
    return "" if value is None else f"{value:g}"


COLUMNS = ("surveys_answered", "first_client_alone", "stayed_90_days")


def cells(person: Person | None, today: date) -> list[str]:
    """Return the columns of one person: that she answered, never what."""
    if person is None:
        return ["", "", ""]
    stayed = {True: "yes", False: "no", None: ""}[person.stayed(today)]
    return [" ".join(map(str, sorted(person.marks))), person.met.isoformat() if person.met else "", stayed]
