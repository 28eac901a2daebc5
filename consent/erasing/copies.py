"""What left before a member was forgotten, for a person to follow up; and in which rows a search found something."""

from collections.abc import Sequence
from typing import Any

from django.db import DatabaseError, connection

from club.models import Member
from consent.enums import Channel, LetterState
from consent.erasing.canaries import Canary
from consent.models import ApprovalLink, Letter

_listed: list[Any] = []


def listing(function: Any) -> Any:
    """Register a function of a member that returns copies known to have left: ``{"what": …, "at": …, …}``."""
    if function not in _listed:
        _listed.append(function)
    return function


def that_left(member: Member) -> list[dict[str, Any]]:
    """Return the copies known to have left: letters, printed sheets, and what apps say of exports and backups."""
    letters = Letter.objects.filter(member=member, state=LetterState.SENT).order_by("pk")
    sheets = ApprovalLink.objects.filter(member=member, channel=Channel.PAPER).order_by("pk")
    found: list[dict[str, Any]] = [
        {"what": "letter", "kind": letter.kind, "to": letter.recipient_id, "at": _day(letter.sent_at)}
        for letter in letters
    ]
    found += [{"what": "sheet", "at": _day(sheet.created_at)} for sheet in sheets]
    return found + [copy for function in _listed for copy in function(member)]


def _day(moment: Any) -> str | None:
    return moment.date().isoformat() if moment else None


def tables_with(canaries: Sequence[Canary]) -> list[str]:
    """Return the tables whose rows hold one of the pieces, to say where an eraser is missing."""
    if connection.vendor != "sqlite":
        return []
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            try:
                columns = [each.name for each in connection.introspection.get_table_description(cursor, table)]
                if any(_holds(cursor, table, columns, each.data) for each in canaries[:20]):
                    found.append(table)
            except DatabaseError:
                continue
    return found


def _holds(cursor: Any, table: str, columns: Sequence[str], data: bytes) -> bool:
    quote = connection.ops.quote_name
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return False
    escaped = text.encode("ascii", "backslashreplace").decode()
    where = " OR ".join(f"instr({quote(column)}, %s) > 0 OR instr({quote(column)}, %s) > 0" for column in columns)
    cursor.execute(
        f"SELECT 1 FROM {quote(table)} WHERE {where} LIMIT 1",  # noqa: S608 names of our own schema
        [part for _column in columns for part in (text, escaped)],
    )
    return cursor.fetchone() is not None
