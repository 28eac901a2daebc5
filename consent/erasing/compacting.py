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
        _wait_for_snapshots(cursor)
        tables = [table for table in connection.introspection.table_names(cursor)]
        for table in tables:
            cursor.execute(f"VACUUM (FULL, ANALYZE) {connection.ops.quote_name(table)}")
        done = "VACUUM (FULL, ANALYZE)"
        for statement in ("VACUUM (FULL) pg_statistic", "CHECKPOINT"):
            # The planner's statistics quote values of columns; both need the owner or a superuser.
            if _allowed(statement):
                done += f", {statement}"
    return {"database": done}


# Whoever took a snapshot before now may still read dead rows, so no VACUUM takes them away. Another account's sessions
# show no snapshot here; the search through the files afterwards would find what they held.
HOLDERS = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start < %s
      AND (backend_xmin IS NOT NULL OR backend_xid IS NOT NULL)
"""


def _wait_for_snapshots(cursor: Any) -> None:
    cursor.execute("SELECT clock_timestamp()")
    [now] = cursor.fetchone()
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        cursor.execute(HOLDERS, [now])
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
