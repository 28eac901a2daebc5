"""Making the database forget the bytes of rows that are gone."""

import time
from typing import Any

from django.db import DatabaseError, connection, transaction

PATIENCE_SECONDS = 30.0
STEP_SECONDS = 0.1


class StillHeld(Exception):
    """Other connections kept the old bytes in use; running the erasure again finishes it."""


def compact() -> dict[str, str]:
    """Rewrite the database without free pages and dead rows, and empty its log; returns what was done.

    Cannot run inside a transaction. Readers go on meanwhile; on PostgreSQL each table is locked while it is rewritten.
    """
    if connection.in_atomic_block:
        raise transaction.TransactionManagementError("The database is compacted outside a transaction.")
    if connection.vendor == "postgresql":
        return _compact_postgresql()
    return _compact_sqlite()


def _compact_sqlite() -> dict[str, str]:
    with connection.cursor() as cursor:
        for (table,) in _full_text_tables(cursor):
            # Tokens of deleted rows stay in FTS5's segments until they are merged.
            quoted = connection.ops.quote_name(table)
            cursor.execute(f"INSERT INTO {quoted}({quoted}) VALUES ('rebuild')")  # noqa: S608 a name of the schema
        cursor.execute("VACUUM")
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            [busy, *_pages] = cursor.fetchone()
            if not busy:
                break
            if time.monotonic() > deadline:
                raise StillHeld("Somebody is reading an older state of the database.")
            time.sleep(STEP_SECONDS)
    return {"database": "VACUUM, wal_checkpoint(TRUNCATE)"}


def _full_text_tables(cursor: object) -> list[tuple[str]]:
    cursor.execute(  # type: ignore[attr-defined]
        "SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE 'CREATE VIRTUAL TABLE%USING fts5%'"
    )
    return cursor.fetchall()  # type: ignore[attr-defined]


def _compact_postgresql() -> dict[str, str]:
    with connection.cursor() as cursor:
        now = _next_number(cursor)
        _wait_for_snapshots(cursor, now)
        # FULL keeps what its own snapshot might see, and an older transaction in any database of the server makes that
        # snapshot old; the plain form looks at this database only and takes the dead rows away for it.
        forms = ["VACUUM (FULL, ANALYZE)"] if _is_past(cursor, now) else ["VACUUM", "VACUUM (FULL, ANALYZE)"]
        for table in connection.introspection.table_names(cursor):
            for form in forms:
                cursor.execute(f"{form} {connection.ops.quote_name(table)}")
        done = ", ".join(forms)
        for statement in (*(f"{form.replace(', ANALYZE', '')} pg_statistic" for form in forms), "CHECKPOINT"):
            # The planner's statistics quote values of columns; these need the owner or a superuser.
            if _allowed(statement):
                done += f", {statement}"
    return {"database": done}


# Whoever took a snapshot before now, or holds one that looks back before now, may still read dead rows, so no VACUUM
# takes them away. Another account's sessions show no snapshot here; the search through the files afterwards would find
# what they held.
HOLDERS = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
      AND (age(backend_xmin) > age(%s::xid8::xid) OR age(backend_xid) > age(%s::xid8::xid))
"""


def _next_number(cursor: Any) -> str:
    """Return the number that the server's next transaction will have, or a later one."""
    cursor.execute("SELECT pg_snapshot_xmax(pg_current_snapshot())::text")
    return str(cursor.fetchone()[0])


def _is_past(cursor: Any, number: str) -> bool:
    """Whether every transaction before this number has ended, in all databases of the server."""
    cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot()) >= %s::xid8", [number])
    return bool(cursor.fetchone()[0])


def _wait_for_snapshots(cursor: Any, now: str) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        cursor.execute(HOLDERS, [now, now])
        [holders] = cursor.fetchone()
        if not holders:
            return
        if time.monotonic() > deadline:
            raise StillHeld("Somebody is reading an older state of the database.")
        time.sleep(STEP_SECONDS)


def _allowed(statement: str) -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement)
    except DatabaseError:
        return False
    return True
