"""Copies of databases: taken while people write, counted, and their ledger's chain walked."""

import json
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from django.apps import apps
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from consent.erasing.places import postgres_call
from consent.ledger import GENESIS, breaks
from consent.models import ConsentEvent

LEDGER = "consent_consentevent"
COLUMNS = (
    "id", "at", "kind", "member_id", "consent_id", "grant_id", "approval_id", "purpose", "category",
    "wording_sha256", "actor_id", "previous_hash", "hash",
)  # fmt: skip
NUMBERS = frozenset({"id", "member_id", "consent_id", "grant_id", "approval_id", "actor_id"})


class ToolMissing(Exception):
    """One of PostgreSQL's tools is not on this machine."""


@dataclass(slots=True)
class Contents:
    """What a copy holds: rows by table, migrations by app, the ledger's length and last hash, what is wrong with it."""

    counts: dict[str, int] = field(default_factory=dict)
    migrations: dict[str, list[str]] = field(default_factory=dict)
    ledger: dict[str, Any] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


def copy_to(target: Path) -> None:
    """Write a consistent copy of the database in use to a file; writers go on meanwhile."""
    if connection.vendor == "postgresql":
        _run("pg_dump", "--format=custom", "--no-owner", "--no-privileges", "--compress=1", f"--file={target}")
    else:
        with connection.cursor() as cursor:
            # Not the pages as they lie but the rows: nothing that was deleted comes along.
            cursor.execute("VACUUM INTO %s", [str(target)])
    os.chmod(target, 0o600)
    with target.open("rb") as file:
        os.fsync(file.fileno())


def contents(file: Path, vendor: str) -> Contents:
    """Read a copy through from end to end."""
    return _of_dump(file) if vendor == "postgresql" else _of_sqlite(file)


def own_migrations() -> dict[str, list[str]]:
    """Return the migrations this version of the product has, by app."""
    found: dict[str, list[str]] = {}
    for app, name in MigrationLoader(None).disk_migrations or {}:
        found.setdefault(app, []).append(name)
    return {app: sorted(names) for app, names in sorted(found.items())}


def tables() -> list[str]:
    """Return the tables that hold what people wrote or did: those of our models."""
    names = {model._meta.db_table for model in apps.get_models(include_auto_created=True) if model._meta.managed}
    return sorted(name for name in names if not name.endswith("_fts"))


def _of_sqlite(file: Path) -> Contents:
    found = Contents()
    with closing(sqlite3.connect(f"file:{file}?mode=ro&immutable=1", uri=True)) as database:
        try:
            said = [text for (text,) in database.execute("PRAGMA integrity_check")]
            found.problems += [f"database: {text}" for text in said if text != "ok"]
            broken = database.execute("PRAGMA foreign_key_check").fetchall()
            found.problems += [f"database: {len(broken)} rows point at rows that are not there"] if broken else []
            there = {name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            for table in sorted(there.intersection(tables())):
                quoted = '"' + table.replace('"', '""') + '"'
                [found.counts[table]] = database.execute(f"SELECT count(*) FROM {quoted}").fetchone()  # noqa: S608
            for app, name in database.execute("SELECT app, name FROM django_migrations ORDER BY app, name"):
                found.migrations.setdefault(app, []).append(name)
            _walk(found, _sqlite_events(database))
        except sqlite3.DatabaseError as error:
            found.problems.append(f"database: {error}")
    return found


def _sqlite_events(database: sqlite3.Connection) -> Iterator[ConsentEvent]:
    columns = ", ".join(COLUMNS)
    for row in database.execute(f"SELECT {columns} FROM {LEDGER} ORDER BY id"):  # noqa: S608 our own names
        values = dict(zip(COLUMNS, row, strict=True))
        values["at"] = datetime.fromisoformat(values["at"]).replace(tzinfo=UTC)
        yield ConsentEvent(**values)


def _of_dump(file: Path) -> Contents:
    """Read a dump as the text that ``pg_restore`` makes of it: every byte of it is unpacked."""
    found = Contents()
    arguments = [tool("pg_restore"), "--file=-", "--no-owner", "--no-privileges", str(file)]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:  # noqa: S603
        _walk(found, _dumped_events(process.stdout, found))  # type: ignore[arg-type]  # asked for above
        error = process.stderr.read().decode(errors="replace") if process.stderr else ""
    if process.returncode:
        found.problems.append(f"database: pg_restore cannot read it: {error.strip()[:200]}")
    return found


def _dumped_events(stream: IO[bytes], found: Contents) -> Iterator[ConsentEvent]:
    """Count the rows of every table in a dump's text and yield those of the ledger, in order."""
    wanted = set(tables())
    events: list[ConsentEvent] = []
    table, columns = "", []
    for line in stream:
        if not table:
            if line.startswith(b"COPY public."):
                name, _paren, rest = line.decode()[len("COPY public.") :].partition(" (")
                table, columns = name.strip('"'), [part.strip(' "') for part in rest.partition(")")[0].split(",")]
                if table in wanted:
                    found.counts[table] = 0
        elif line == b"\\.\n":
            table = ""
        elif table == LEDGER:
            found.counts[table] += 1
            events.append(_event(dict(zip(columns, line.decode().rstrip("\n").split("\t"), strict=True))))
        elif table == "django_migrations":
            row = dict(zip(columns, line.decode().rstrip("\n").split("\t"), strict=True))
            found.migrations.setdefault(row["app"], []).append(row["name"])
        elif table in wanted:
            found.counts[table] += 1
    for names in found.migrations.values():
        names.sort()
    yield from sorted(events, key=lambda event: event.pk)


def _event(row: dict[str, str]) -> ConsentEvent:
    values: dict[str, Any] = {
        name: None if row[name] == "\\N" else int(row[name]) if name in NUMBERS else row[name] for name in COLUMNS
    }
    values["at"] = datetime.fromisoformat(row["at"] + (":00" if row["at"][-3] in "+-" else "")).astimezone(UTC)
    return ConsentEvent(**values)


def _walk(found: Contents, events: Iterator[ConsentEvent]) -> None:
    """Walk the ledger's chain and note its length and last hash."""
    count, head = 0, GENESIS

    def counted() -> Iterator[ConsentEvent]:
        nonlocal count, head
        for event in events:
            count, head = count + 1, event.hash
            yield event

    found.problems += [f"ledger entry {each.event_id}: {each.reason}" for each in breaks(counted())]
    found.ledger = {"entries": count, "head": head}


def tool(name: str) -> str:
    """Return the path of one of PostgreSQL's tools; raises ``ToolMissing``."""
    path = shutil.which(name)
    if path is None:
        raise ToolMissing(f"{name} is not on this machine (Debian: apt-get install postgresql-client).")
    return path


def _run(name: str, *arguments: str, database: str = "") -> None:
    """Run one of PostgreSQL's tools for our server; raises ``OSError`` with what it says."""
    command, environment = postgres_call(tool(name), *arguments, database=database)
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise OSError(f"{name} failed: {(done.stderr or done.stdout).strip()[:400]}")


def restore_into(file: Path, database: str) -> None:
    """Load a dump into an empty database beside ours."""
    _run("pg_restore", "--no-owner", "--no-privileges", "--exit-on-error", str(file), database=database)


def versions() -> dict[str, str]:
    """Return the versions that made a backup."""
    import django
    import wagtail

    base: dict[str, str] = {"django": django.get_version(), "wagtail": wagtail.__version__}
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SHOW server_version")
            base["postgresql"] = cursor.fetchone()[0]
    else:
        base["sqlite"] = sqlite3.sqlite_version
    return base


def as_json(value: Any) -> str:
    """Return a value as JSON on one line."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
