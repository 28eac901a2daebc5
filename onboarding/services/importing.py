"""Newcomers from a CSV or XLSX file: read, compared with what is known, written. Idempotent by the number in HR."""

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from openpyxl import load_workbook

from club.models import User
from onboarding.enums import Source
from onboarding.models import Employee, Enrolment, TrackPage, TrackVersion
from onboarding.services.enrolling import enrol, move_start
from onboarding.services.entries import require_hr

COLUMNS = (
    "hr_id",
    "name",
    "department",
    "role",
    "location",
    "start_date",
    "time_zone",
    "country",
    "language",
    "user",
    "mentor",
    "manager",
    "track",
)
NEEDED = ("hr_id", "name", "start_date")
PLAIN = ("name", "department", "role", "location", "time_zone", "country", "language")
PEOPLE = ("user", "mentor", "manager")
MOST_ROWS = 5000
DATES = ("%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y")


@dataclass(slots=True)
class Line:
    """One row of a file and what it would do."""

    number: int
    values: dict[str, str]
    is_new: bool = False
    changes: dict[str, tuple[str, str]] = field(default_factory=dict)
    enrols: bool = False
    errors: list[str] = field(default_factory=list)


def read(name: str, content: bytes) -> list[dict[str, str]]:
    """Return the rows of a file by column; raises ``ValidationError`` for what is no such file."""
    try:
        rows = from_workbook(content) if name.lower().endswith(".xlsx") else from_csv(content)
    except (UnicodeDecodeError, csv.Error, OSError, ValueError, KeyError) as error:
        raise ValidationError(_("This file could not be read. Save it as CSV (UTF-8) or XLSX.")) from error
    found = [row for row in rows if any(row.values())]
    if not found:
        raise ValidationError(_("The file has no rows."))
    if len(found) > MOST_ROWS:
        raise ValidationError(_("More than %(count)d rows: part the file.") % {"count": MOST_ROWS})
    missing = [column for column in NEEDED if column not in found[0]]
    if missing:
        raise ValidationError(_("Columns are missing: %(columns)s.") % {"columns": ", ".join(missing)})
    return found


def from_csv(content: bytes) -> list[dict[str, str]]:
    """Return the rows of a CSV file, whichever of comma, semicolon or tab parts its cells."""
    text = content.decode("utf-8-sig")
    first = text.splitlines()[0] if text.strip() else ""
    comma = max(",;\t", key=first.count)
    return [tidy(row) for row in csv.DictReader(io.StringIO(text), delimiter=comma)]


def from_workbook(content: bytes) -> list[dict[str, str]]:
    """Return the rows of the first sheet."""
    import zipfile

    try:
        sheet = load_workbook(io.BytesIO(content), read_only=True, data_only=True).worksheets[0]
    except (zipfile.BadZipFile, IndexError) as error:
        raise ValueError from error
    rows = sheet.iter_rows(values_only=True)
    headings = [str(cell or "") for cell in next(rows, ())]
    return [tidy(dict(zip(headings, row, strict=False))) for row in rows]


def tidy(row: Mapping[Any, Any]) -> dict[str, str]:
    """Return the cells we know as text."""
    found = {}
    for heading, cell in row.items():
        column = str(heading or "").strip().lower()
        if column in COLUMNS:
            found[column] = text_of(cell)
    if found.get("country"):
        found["country"] = found["country"].upper()
    return found


def text_of(cell: Any) -> str:
    """Return a cell as text."""
    if isinstance(cell, datetime | date):
        return cell.strftime("%Y-%m-%d")
    return ("" if cell is None else str(cell)).replace("\0", "").strip()[:200]


def plan(rows: Iterable[Mapping[str, str]]) -> list[Line]:
    """Return what the rows would do; changes nothing."""
    rows = list(rows)
    known = {
        row.hr_id: row for row in Employee.objects.filter(hr_id__in=[each.get("hr_id", "") for each in rows])
    }
    users = {
        user.username: user
        for user in User.objects.filter(username__in={each.get(name) for each in rows for name in PEOPLE})
    }
    tracks = tracks_by_slug()
    enrolled = set(
        Enrolment.objects.filter(employee__in=known.values()).values_list("employee__hr_id", "track_key")
    )
    lines: list[Line] = []
    seen: set[str] = set()
    for number, values in enumerate(rows, start=2):
        line = Line(number, dict(values))
        line.errors = list(wrong(values, users, tracks, seen))
        seen.add(values.get("hr_id", ""))
        if not line.errors:
            person = known.get(values["hr_id"])
            line.is_new = person is None
            line.changes = differences(person, values) if person else {}
            key = tracks.get(values.get("track", ""))
            line.enrols = key is not None and (values["hr_id"], key) not in enrolled
        lines.append(line)
    return lines


def tracks_by_slug() -> dict[str, UUID]:
    """Return the published tracks by the short name of their page."""
    published = set(TrackVersion.objects.order_by().values_list("key", flat=True))
    rows = TrackPage.objects.order_by().values_list("slug", "translation_key")
    return {slug: key for slug, key in rows if key in published}


def wrong(
    values: Mapping[str, str], users: Mapping[str, User], tracks: Mapping[str, UUID], seen: set[str]
) -> Iterable[str]:
    """Yield what is wrong with a row."""
    for column in NEEDED:
        if not values.get(column):
            yield _("The column %(column)s is empty.") % {"column": column}
    for column in ("hr_id", *PLAIN):
        most = getattr(Employee._meta.get_field(column), "max_length", None) or 200
        if len(values.get(column, "")) > most:
            yield _("The column %(column)s is longer than %(most)d letters.") % {
                "column": column,
                "most": most,
            }
    if values.get("hr_id") in seen:
        yield _("This number stands in the file twice.")
    if values.get("start_date") and day(values["start_date"]) is None:
        yield _("This is no date: %(text)s. Write it like 2026-03-02.") % {"text": values["start_date"]}
    if values.get("time_zone") and not is_zone(values["time_zone"]):
        yield _("No such time zone: %(text)s.") % {"text": values["time_zone"]}
    if values.get("country") and not has_calendar(values["country"]):
        yield _("No calendar is known for this country: %(text)s.") % {"text": values["country"]}
    if values.get("language") and values["language"] not in dict(settings.LANGUAGES):
        yield _("No such language: %(text)s.") % {"text": values["language"]}
    for column in PEOPLE:
        if values.get(column) and values[column] not in users:
            yield _("Nobody has the account %(text)s.") % {"text": values[column]}
    if values.get("track") and values["track"] not in tracks:
        yield _("No such track, or it is not published: %(text)s.") % {"text": values["track"]}


def day(text: str) -> date | None:
    """Return a date in one of the ways people write it."""
    for form in DATES:
        try:
            return datetime.strptime(text, form).date()
        except ValueError:
            continue
    return None


def is_zone(name: str) -> bool:
    """Whether a time zone is known."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def has_calendar(country: str) -> bool:
    """Whether the working days of a country are known."""
    from consent.calendar import days_off

    try:
        days_off(country.upper())
    except NotImplementedError:
        return False
    return True


def differences(person: Employee, values: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """Return what would change about somebody who is known: {column: (before, after)}; empty cells change nothing."""
    found = {}
    for column in (*PLAIN, *PEOPLE, "start_date"):
        after = values.get(column, "")
        if column == "start_date" and after:
            after = str(day(after))
        before = getattr(person, column)
        before = before.username if isinstance(before, User) else str(before or "")
        if after and after != before:
            found[column] = (before, after)
    return found


@transaction.atomic
def write(
    rows: Iterable[Mapping[str, str]],
    *,
    by: User | None = None,
    at: datetime | None = None,
    source: Source = Source.FILE,
) -> list[Line]:
    """Do what the plan says for every row that is right; the same file again changes nothing."""
    require_hr(by)
    lines = plan(rows)
    users = {
        user.username: user
        for user in User.objects.filter(
            username__in={line.values.get(name) for line in lines for name in PEOPLE}
        )
    }
    tracks = tracks_by_slug()
    for line in lines:
        if line.errors:
            continue
        person = write_person(line, users, by, at)
        key = tracks.get(line.values.get("track", ""))
        if key is not None and line.enrols:
            enrol(employee=person, track_key=key, source=source, by=by, at=at)
    return lines


def write_person(line: Line, users: Mapping[str, User], by: User | None, at: datetime | None) -> Employee:
    """Insert or change one person; another first day moves the plan."""
    values = line.values
    start = day(values["start_date"])
    if start is None:
        raise ValidationError(_("This is no date: %(text)s.") % {"text": values["start_date"]})
    fields: dict[str, Any] = {name: values[name] for name in PLAIN if values.get(name)}
    fields |= {name: users[values[name]] for name in PEOPLE if values.get(name)}
    if line.is_new:
        return Employee.objects.create(hr_id=values["hr_id"], start_date=start, **fields)
    person = Employee.objects.get(hr_id=values["hr_id"])
    for name, value in fields.items():
        setattr(person, name, value)
    if line.changes:
        person.save()
    if "start_date" in line.changes:
        move_start(person, start, by=by, at=at)
    return person
