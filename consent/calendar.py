"""Working days and the last day of a term, by the days off of a country.

The days come from the ``holidays`` library. Russia's government moves days off every year by decree: the library
knows the decrees of ``announced()`` years; for a later year only the holidays of the Labour Code (article 112) are
known, so that a term which reaches into it may come out a day or two off. Whoever shows such a term says so.

The library is loaded when the first term is counted: it knows the whole world and takes most of a second.
"""

from calendar import monthrange
from datetime import date, timedelta
from functools import cache
from typing import TYPE_CHECKING

from django.conf import settings

from consent.enums import Law

if TYPE_CHECKING:
    from holidays import HolidayBase

RUSSIA = "RU"
SATURDAY = 5


def country_of(law: Law) -> str:
    """Return the country whose days off count under a law."""
    return str(settings.KB_COUNTRY) if law == Law.GDPR else RUSSIA


@cache
def days_off(country: str) -> "HolidayBase":
    """Return the public holidays of a country; years are added when they are asked for.

    Raises ``NotImplementedError`` for a country that the library does not know.
    """
    from holidays import country_holidays

    return country_holidays(country)


def is_working_day(day: date, country: str = RUSSIA) -> bool:
    """Whether people work on a day: neither weekend nor holiday, or a Saturday that was made a working day."""
    off = days_off(country)
    if day in off:
        return False
    return day.weekday() < SATURDAY or day in off.weekend_workdays


def working_days_after(day: date, count: int, country: str = RUSSIA) -> date:
    """Return the ``count``-th working day after a day; counting begins on the next day (ГК РФ, art. 191)."""
    while count:
        day += timedelta(days=1)
        count -= is_working_day(day, country)
    return day


def calendar_days_after(day: date, count: int, country: str = RUSSIA) -> date:
    """Return the last of ``count`` days after a day, moved on to a working day (ГК РФ, art. 191 and 193)."""
    return next_working_day(day + timedelta(days=count), country)


def months_after(day: date, count: int, country: str = RUSSIA) -> date:
    """Return the day of the same number ``count`` months later, or the last of that month, moved to a working day.

    Source: Regulation (EEC, Euratom) No 1182/71, art. 3(1), 3(2)(c) and 3(4); ГК РФ, art. 192(3) and 193.
    """
    years, month = divmod(day.month - 1 + count, 12)
    year, month = day.year + years, month + 1
    return next_working_day(date(year, month, min(day.day, monthrange(year, month)[1])), country)


def next_working_day(day: date, country: str = RUSSIA) -> date:
    """Return the day itself if people work on it, else the first on which they do."""
    while not is_working_day(day, country):
        day += timedelta(days=1)
    return day


def announced() -> int:
    """Return the last year whose moved days off are known for Russia."""
    from holidays.countries.russia import RussiaStaticHolidays

    return max(RussiaStaticHolidays.special_public_holidays)


def is_announced(day: date, country: str = RUSSIA) -> bool:
    """Whether the days off of that day's year are known, moved ones included."""
    return country != RUSSIA or day.year <= announced()
