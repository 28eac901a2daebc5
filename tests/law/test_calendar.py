"""Working days and last days of terms, against cases counted by hand from the published calendars."""

from datetime import date, timedelta

import pytest

from consent import calendar
from consent.enums import Law


def day(text: str) -> date:
    return date.fromisoformat(text)


@pytest.mark.parametrize(
    ("year", "working"),
    [(2024, 248), (2025, 247), (2026, 247), (2027, 247)],
)
def test_a_year_has_as_many_working_days_as_the_official_calendar(year: int, working: int) -> None:
    first = date(year, 1, 1)
    days = (first + timedelta(days=number) for number in range((date(year + 1, 1, 1) - first).days))
    assert sum(map(calendar.is_working_day, days)) == working


@pytest.mark.parametrize(
    ("text", "working", "why"),
    [
        ("2025-11-01", True, "a Saturday made a working day, for 3 November"),
        ("2025-11-03", False, "moved from 1 November"),
        ("2025-12-31", False, "moved from 5 January"),
        ("2026-01-09", False, "moved from 3 January"),
        ("2026-01-12", True, "the first working day of the year"),
        ("2026-03-09", False, "8 March is a Sunday"),
        ("2026-05-01", False, "May Day"),
        ("2026-05-04", True, "between the holidays"),
        ("2026-05-11", False, "Victory Day is a Saturday"),
        ("2027-02-20", True, "a Saturday made a working day, for 22 February"),
        ("2027-02-22", False, "moved from 20 February"),
    ],
)
def test_it_knows_moved_days_off(text: str, working: bool, why: str) -> None:
    assert calendar.is_working_day(day(text)) == working, why


@pytest.mark.parametrize(
    ("received", "count", "last", "counted"),
    [
        ("2026-11-19", 3, "2026-11-24", "Fri 20, Mon 23, Tue 24"),
        ("2026-11-21", 3, "2026-11-25", "a Saturday: Mon 23, Tue 24, Wed 25"),
        ("2025-12-30", 3, "2026-01-14", "New Year: 12, 13, 14 January"),
        ("2025-12-22", 10, "2026-01-15", "23-26, 29, 30 December, 12-15 January"),
        ("2026-01-03", 10, "2026-01-23", "within the holidays: 12-16, 19-23 January"),
        ("2026-04-30", 3, "2026-05-06", "May holidays: 4, 5, 6"),
        ("2026-04-30", 10, "2026-05-18", "4-8, 12-15, 18 May"),
        ("2025-04-30", 7, "2025-05-15", "5, 6, 7, 12, 13, 14, 15 May"),
        ("2025-10-30", 3, "2025-11-05", "31 October, the working Saturday, 5 November"),
        ("2027-02-18", 3, "2027-02-24", "19, the working Saturday, 24 February"),
        ("2026-12-29", 3, "2027-01-12", "30 December, 11, 12 January"),
    ],
)
def test_working_days_are_counted_from_the_day_after(
    received: str, count: int, last: str, counted: str
) -> None:
    assert calendar.working_days_after(day(received), count) == day(last), counted


@pytest.mark.parametrize(
    ("received", "last", "why"),
    [
        ("2026-11-23", "2026-12-23", "a Wednesday stays"),
        ("2025-12-02", "2026-01-12", "1 January moves behind the holidays"),
        ("2026-04-01", "2026-05-04", "May Day moves behind the weekend"),
        ("2026-04-09", "2026-05-12", "9 May, Saturday, moves behind 11 May"),
        ("2026-10-02", "2026-11-02", "Sunday moves to Monday"),
        ("2026-10-05", "2026-11-05", "Unity Day moves to the day after"),
        ("2027-01-21", "2027-02-20", "a working Saturday stays"),
    ],
)
def test_thirty_days_end_on_a_working_day(received: str, last: str, why: str) -> None:
    assert calendar.calendar_days_after(day(received), 30) == day(last), why


@pytest.mark.parametrize(
    ("received", "country", "last", "why"),
    [
        ("2026-06-15", "RU", "2026-07-15", "the same number"),
        ("2026-01-31", "RU", "2026-03-02", "28 February is a Saturday"),
        ("2024-01-31", "RU", "2024-02-29", "a leap year"),
        ("2025-12-08", "RU", "2026-01-12", "8 January is a holiday in Russia"),
        ("2025-12-08", "DE", "2026-01-08", "and none in Germany"),
        ("2025-11-25", "DE", "2025-12-29", "Christmas and a weekend in Germany"),
        ("2025-11-25", "RU", "2025-12-25", "and a working day in Russia"),
        ("2026-12-15", "RU", "2027-01-15", "over the year's end"),
    ],
)
def test_a_month_ends_on_the_day_of_its_number(received: str, country: str, last: str, why: str) -> None:
    assert calendar.months_after(day(received), 1, country) == day(last), why


def test_only_the_gdpr_goes_by_another_country(settings: object) -> None:
    settings.KB_COUNTRY = "DE"
    assert [calendar.country_of(law) for law in Law] == ["RU", "DE", "RU"]


def test_it_says_which_years_are_announced() -> None:
    assert calendar.announced() >= 2027
    assert calendar.is_announced(date(2027, 12, 31))
    assert not calendar.is_announced(date(calendar.announced() + 1, 1, 1))
    assert calendar.is_announced(date(2090, 1, 1), "DE")


def test_a_year_that_is_not_announced_has_the_holidays_of_the_labour_code() -> None:
    year = calendar.announced() + 1
    assert not calendar.is_working_day(date(year, 1, 8))
    assert not calendar.is_working_day(date(year, 5, 9))
