"""The journal of endings: what narrators took back, kept beside the database so that no restored backup undoes it.

Every withdrawal, revocation, pause, end of a pause and erasure is written as one line to ``KB_DATA_DIR/endings.jsonl``
and flushed to the disk inside the transaction that makes it; a second line, written after the commit, says that it
really happened. A line holds the kind, a keyed hash of the member's code (the key lies outside the database), purpose
and category or the wording's digest, the moment, and the ledger entry's hash. Nothing in it says who anybody is.

What a line means when it is replayed:

- it says it was committed, or the ledger says so: it is done again;
- nobody says so: the transaction was rolled back, or the machine stopped between the commit and the second line.
  The safe side is taken. Taking back hides (a new consent brings it back), so it is done again. The end of a pause
  shows, so it is left out. An erasure cannot be undone, so only the hiding half of it is done, and a person is told.
"""

import fcntl
import hashlib
import hmac
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from consent.enums import EventKind
from consent.models import ConsentEvent

NAME = "endings.jsonl"
PURPOSE = b"kb endings 1"
JOURNALED = frozenset(
    {EventKind.WITHDRAWN, EventKind.REVOKED, EventKind.PAUSED, EventKind.RESUMED, EventKind.ERASED}
)
TOMBSTONE = "tombstone"
DONE = "done"


@dataclass(frozen=True, slots=True)
class Ending:
    """One line of the journal. ``who`` is a keyed hash; ``event`` the hash of the ledger's entry."""

    kind: str
    who: str
    at: datetime
    event: str
    purpose: str = ""
    category: str = ""
    wording: str = ""
    committed: bool = False


def path() -> Path:
    """Return where the journal lies."""
    return Path(settings.KB_DATA_DIR) / NAME


def names_of(code: str) -> list[str]:
    """Return the keyed hashes of a member's code, under the newest identity key first."""
    return [
        hmac.new(hmac.digest(key.encode(), PURPOSE, hashlib.sha256), code.encode(), hashlib.sha256).hexdigest()
        for key in settings.IDENTITY_KEYS
    ]


def note(events: Sequence[ConsentEvent]) -> None:
    """Write the endings among new ledger entries to the disk, in the transaction that makes them."""
    found = [event for event in events if event.kind in JOURNALED]
    if not found:
        return
    names: dict[int, str] = {}
    for event in found:
        if event.member_id not in names:
            names[event.member_id] = names_of(event.member.code)[0]
    write([_line(event, names[event.member_id]) for event in found])
    hashes = [event.hash for event in found]
    # What is committed stays so, whether or not the disk takes the second line; without it the safe side is taken.
    transaction.on_commit(lambda: write([{"kind": DONE, "events": hashes}]), robust=True)


def note_tombstones(marks: Sequence[str]) -> None:
    """Write the marks of what is being forgotten; they count once the transaction has committed."""
    if marks:
        kept = sorted(marks)
        write([{"kind": TOMBSTONE, "marks": kept}])
        transaction.on_commit(lambda: write([{"kind": DONE, "events": [], "marks": kept}]), robust=True)


def _line(event: ConsentEvent, who: str) -> dict[str, Any]:
    return {
        "kind": str(event.kind),
        "who": who,
        "at": event.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "event": event.hash,
        "purpose": str(event.purpose),
        "category": str(event.category),
        "wording": event.wording_sha256,
    }


def write(lines: Sequence[dict[str, Any]]) -> None:
    """Append lines and flush them to the disk; one writer at a time, and never into a line that a crash cut off."""
    write_raw([json.dumps(line, sort_keys=True, separators=(",", ":")).encode("ascii") for line in lines])


def write_raw(lines: Sequence[bytes]) -> None:
    """Append lines as they are."""
    data = b"".join(line + b"\n" for line in lines)
    descriptor = os.open(path(), os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        size = os.lseek(descriptor, 0, os.SEEK_END)
        if size and os.pread(descriptor, 1, size - 1) != b"\n":
            data = b"\n" + data
        while data:
            data = data[os.write(descriptor, data) :]
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@dataclass(frozen=True, slots=True)
class Journal:
    """What a journal says: endings in order, confirmed marks of what was forgotten, lines that cannot be read."""

    endings: tuple[Ending, ...] = ()
    marks: frozenset[str] = frozenset()
    broken: int = 0


def read(file: Path) -> Journal:
    """Read a journal; a missing one is empty."""
    rows, done, marks, broken = [], set(), set(), 0
    for line in _lines(file):
        try:
            row = json.loads(line)
            if row["kind"] == DONE:
                done |= set(row["events"])
                marks |= set(row.get("marks", ()))
            elif row["kind"] != TOMBSTONE:
                rows.append(ending_of(row))
        except (ValueError, KeyError, TypeError):
            broken += 1
    endings = tuple(replace(row, committed=True) if row.event in done else row for row in rows)
    return Journal(endings, frozenset(marks), broken)


def _lines(file: Path) -> Iterator[bytes]:
    if file.exists():
        with file.open("rb") as stream:
            yield from (line for line in stream if line.strip())


def ending_of(row: dict[str, Any]) -> Ending:
    """Return the ending of a line."""
    return Ending(
        kind=str(EventKind(row["kind"]).value),
        who=str(row["who"]),
        at=datetime.fromisoformat(row["at"]),
        event=str(row["event"]),
        purpose=str(row.get("purpose", "")),
        category=str(row.get("category", "")),
        wording=str(row.get("wording", "")),
        committed=bool(row.get("committed", False)),
    )


def row_of(ending: Ending) -> dict[str, Any]:
    """Return an ending as plain data, for another process."""
    return {**asdict(ending), "at": ending.at.isoformat()}


def of_events(events: Iterable[tuple[ConsentEvent, str]]) -> list[Ending]:
    """Return the endings that ledger entries (with their members' codes) are: what a database itself remembers."""
    names: dict[str, str] = {}
    found = []
    for event, code in events:
        if code not in names:
            names[code] = names_of(code)[0]
        found.append(replace(ending_of(_line(event, names[code])), committed=True))
    return found
