"""Years, months and days as people write them in a query: ISO and Russian, digits only."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime

_FORMS = (
    re.compile(r"(?P<year>\d{4})"),
    re.compile(r"(?P<year>\d{4})[-./](?P<month>\d{1,2})"),
    re.compile(r"(?P<year>\d{4})[-./](?P<month>\d{1,2})[-./](?P<day>\d{1,2})"),
    re.compile(r"(?P<month>\d{1,2})[./](?P<year>\d{4})"),
    re.compile(r"(?P<day>\d{1,2})\.(?P<month>\d{1,2})\.(?P<year>\d{4})"),
)


@dataclass(frozen=True, slots=True)
class Moment:
    """The first day of a year, of a month, or a day; ``unit`` says which was written."""

    day: date
    unit: str

    @property
    def epoch(self) -> int:
        """Its beginning in epoch seconds, UTC."""
        return int(datetime(self.day.year, self.day.month, self.day.day, tzinfo=UTC).timestamp())


def read(text: str) -> Moment | None:
    """The moment a text names, nothing if it names none: ``2026``, ``2026-03``, ``03.2026``, ``17.03.2026``."""
    if not text.isascii():
        return None
    found = next((match for form in _FORMS if (match := form.fullmatch(text.strip()))), None)
    if found is None:
        return None
    parts = {name: int(value) for name, value in found.groupdict().items()}
    unit = "day" if "day" in parts else "month" if "month" in parts else "year"
    try:
        return Moment(date(parts["year"], parts.get("month", 1), parts.get("day", 1)), unit)
    except ValueError:
        return None
