"""Writing calendars (RFC 5545): titles that name no story, no client and no module; ids that stay."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Literal, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event

PRODUCT = "-//client-stories//learning//EN"
MEETING, REVIEW = timedelta(minutes=45), timedelta(minutes=10)
Method = Literal["PUBLISH", "CANCEL"]


class Line(NamedTuple):
    """What a calendar says of one entry."""

    uid: UUID
    title: str
    day: date
    starts_at: datetime | None
    lasts: timedelta
    sequence: int
    is_cancelled: bool
    changed_at: datetime


def written(lines: Iterable[Line], *, method: Method, name: str, zone: str, address: str) -> bytes:
    """Return a calendar; times are those of ``zone``, whose rules it carries. ``address`` is where to go on."""
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", method)
    calendar.add("x-wr-calname", name)
    calendar.add("x-wr-timezone", zone)
    for line in lines:
        calendar.add_component(event(line, ZoneInfo(zone), address))
    calendar.add_missing_timezones()
    content: bytes = calendar.to_ical()
    return content


def event(line: Line, zone: ZoneInfo, address: str) -> Event:
    """Return one entry: of a whole day, or of a time where the person lives."""
    made = Event()
    made.add("uid", str(line.uid))
    made.add("sequence", line.sequence)
    made.add("dtstamp", line.changed_at.astimezone(UTC))
    made.add("last-modified", line.changed_at.astimezone(UTC))
    made.add("summary", line.title)
    made.add("url", address)
    made.add("class", "PRIVATE")
    made.add("status", "CANCELLED" if line.is_cancelled else "CONFIRMED")
    if line.starts_at is None:
        made.add("dtstart", line.day)
        made.add("dtend", line.day + timedelta(days=1))
        made.add("transp", "TRANSPARENT")
    else:
        start = line.starts_at.astimezone(zone)
        made.add("dtstart", start)
        made.add("dtend", start + line.lasts)
    return made
