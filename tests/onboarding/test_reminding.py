"""Reminders from a clock that tests turn: each at most once, none missed, with the logic of the day it was meant for."""

import os
import random
from bisect import bisect_left
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from onboarding.enums import NoticeKind, NoticeState
from onboarding.models import Employee, ModuleState, Notice
from onboarding.reminders import due_date, moments, next_moment, workdays_before
from onboarding.services.enrolling import enrol, move_due, move_start, resume, suspend
from onboarding.services.notices import deliver
from onboarding.services.reminding import run_due
from tests.factories import make_user
from tests.onboarding.making import make_employee, make_enrolment, make_module, make_track

ZONES = (
    "Europe/Moscow",
    "Asia/Vladivostok",
    "Asia/Yekaterinburg",
    "Europe/Kaliningrad",
    "America/New_York",
    "Pacific/Auckland",
)
MONDAY = date(2026, 3, 2)
# Minutes between two ticks of the simulated clock, and people: ``KB_TEST_CLOCK=1,200`` plays the long game.
TICK, PEOPLE = (int(number) for number in os.environ.get("KB_TEST_CLOCK", "60,12").split(","))


class Person:
    time_zone, country = "Asia/Vladivostok", "RU"


def test_due_dates_count_working_days_of_the_country() -> None:
    assert due_date(MONDAY, 0, "RU") == MONDAY
    assert due_date(MONDAY, 5, "RU") == date(2026, 3, 10), "8 March is a holiday, moved to Monday"
    assert due_date(MONDAY, 5, "US") == MONDAY + timedelta(days=7)
    assert due_date(MONDAY, -1, "RU") == date(2026, 2, 27)
    assert due_date(date(2026, 3, 7), 0, "RU") == date(2026, 3, 10)


@given(st.dates(date(2026, 1, 12), date(2026, 11, 1)), st.integers(1, 15))
@hypothesis_settings(max_examples=25)
def test_workdays_there_and_back(day: date, count: int) -> None:
    there = due_date(day, count, "RU")
    back = workdays_before(there, count, "RU")
    assert back <= day <= there


def test_stages_come_in_the_morning_where_the_person_lives() -> None:
    found = list(moments(date(2026, 3, 18), Person()))
    assert [each.kind for each in found] == list(NoticeKind)[:5]
    zone = ZoneInfo("Asia/Vladivostok")
    assert {each.at.astimezone(zone).hour for each in found} == {9}
    assert [each.at.astimezone(zone).date().day for each in found] == [16, 18, 19, 20, 25]
    assert next_moment(date(2026, 3, 18), Person(), found[-1].at) is None


def people(track: object, count: int) -> None:
    for number in range(count):
        person = Employee.objects.create(
            hr_id=f"Z-{number}", name=f"N {number}", start_date=MONDAY + timedelta(days=number % 9),
            time_zone=ZONES[number % len(ZONES)], mentor=None,
        )  # fmt: skip
        enrol(employee=person, track_key=track.translation_key, at=datetime(2026, 2, 20, 12, tzinfo=UTC))


def expected(until: datetime) -> set[tuple[Any, ...]]:
    """Every stage of every module up to a moment, computed apart from the product's own queue."""
    rows = ModuleState.objects.select_related("enrolment__employee")
    return {
        (str(row.enrolment.uuid), row.module_key, each.kind, row.due_on)
        for row in rows
        if row.due_on is not None
        for each in moments(row.due_on, row.enrolment.employee)
        if each.at <= until
    }


def written() -> list[tuple[Any, ...]]:
    rows = Notice.objects.exclude(due_on=None).select_related("enrolment")
    return [(str(row.enrolment.uuid), row.module_key, row.kind, row.due_on) for row in rows]


def outages(kind: str, begins: datetime) -> list[tuple[datetime, datetime]]:
    """When the worker is out: two whole weeks, or parts of them from a minute to two days long."""
    ends = begins + timedelta(days=14)
    if kind == "all":
        return [(begins, ends)]
    chance, at, found = random.Random(7), begins, []
    while at < ends:
        stop = min(ends, at + timedelta(minutes=2 ** chance.uniform(0, 11.5)))
        found.append((at, stop))
        at = stop + timedelta(minutes=2 ** chance.uniform(0, 9))
    return found


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["all", "parts"])
def test_an_outage_of_two_weeks_neither_doubles_nor_misses_a_reminder(kind: str) -> None:
    """Ten days of ticks, fourteen without all or some, ten more: every stage that was meant is there once.

    It has the date it was meant for, and was written by the first tick that came after.
    """
    people(make_track(make_module(), make_module(), make_module()), PEOPLE)
    at = datetime(2026, 2, 20, 12, tzinfo=UTC)
    out, ticks = outages(kind, at + timedelta(days=12)), []
    while at < datetime(2026, 3, 28, tzinfo=UTC):
        if not any(start < at < end for start, end in out):
            run_due(at)
            ticks.append(at)
        at += timedelta(minutes=TICK)
    found = written()
    assert len(found) == len(set(found))
    assert set(found) == expected(ticks[-1])
    rows = Notice.objects.exclude(due_on=None).select_related("enrolment__employee")
    assert any(start < row.planned_for < end for row in rows for start, end in out)
    for row in rows:
        assert row.due_on is not None
        meant = next(each.at for each in moments(row.due_on, row.enrolment.employee) if each.kind == row.kind)
        assert row.planned_for == meant
        assert row.send_at == ticks[bisect_left(ticks, meant)]


@pytest.mark.django_db
def test_after_an_outage_only_the_latest_that_still_means_something_leaves(
    mailoutbox: list[object], settings: Any
) -> None:
    settings.LANGUAGE_CODE = "en"
    user, mentor = (
        make_user("newcomer", email="n@warm-house.example"),
        make_user("mentor", email="m@warm-house.example"),
    )
    enrolment = make_enrolment(
        make_track(make_module()), make_employee(user, mentor=mentor), at=datetime(2026, 2, 20, tzinfo=UTC)
    )
    run_due(datetime(2026, 4, 1, tzinfo=UTC))
    states = dict(Notice.objects.exclude(due_on=None).values_list("kind", "state"))
    assert states == {"soon": NoticeState.DROPPED, "due": NoticeState.DROPPED, "overdue": NoticeState.WAITING,
                      "mentor": NoticeState.WAITING, "manager": NoticeState.DROPPED}  # fmt: skip
    Notice.objects.update(send_at=datetime(2026, 3, 1, tzinfo=UTC))
    assert deliver() == 3
    assert deliver() == 0
    texts = [mail.body for mail in mailoutbox]
    assert sum("04.03.2026" in text or "03.03.2026" in text for text in texts) == 2
    assert all(mail.subject == "Learning: something waits for you" for mail in mailoutbox)
    assert enrolment.employee.name in next(mail.body for mail in mailoutbox if mail.to == [mentor.email])


@pytest.mark.django_db
def test_moving_a_plan_moves_reminders_of_what_is_not_done_and_raises_the_sequence() -> None:
    track = make_track(make_module(), make_module())
    enrolment = make_enrolment(track, at=datetime(2026, 2, 20, tzinfo=UTC))
    first, second = enrolment.modules.order_by("due_on")
    ModuleState.objects.filter(pk=first.pk).update(done_at=datetime(2026, 3, 2, tzinfo=UTC), remind_at=None)
    before = first.due_on
    move_start(enrolment.employee, MONDAY + timedelta(days=14), at=datetime(2026, 3, 1, tzinfo=UTC))
    first, second = enrolment.modules.order_by("pk")
    assert first.due_on == before and second.due_on > MONDAY + timedelta(days=14)
    assert (first.sequence, second.sequence) == (0, 1)
    move_due(enrolment, second.module_key, date(2026, 6, 1), at=datetime(2026, 3, 1, tzinfo=UTC))
    second.refresh_from_db()
    assert second.sequence == 2 and second.remind_at.date() == date(2026, 5, 28)
    suspend(enrolment, at=datetime(2026, 5, 1, 12, tzinfo=UTC))
    second.refresh_from_db()
    assert second.remind_at is None, "who rests is not reminded"
    resume(enrolment, at=datetime(2026, 5, 11, 12, tzinfo=UTC))
    second.refresh_from_db()
    assert second.due_on == date(2026, 6, 11) and second.remind_at is not None
