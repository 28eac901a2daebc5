"""Puts the database back after a test that commits.

Django flushes every table then, which the append-only ledgers refuse, and leaves nothing of what migrations
made (Wagtail's root page, groups, the first site). Here the ledgers' triggers are lifted for the flush and
every row that was there before the first test comes back, so that tests pass in any order.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

from django.apps import apps
from django.core.management.color import no_style
from django.core.management.sql import sql_flush
from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.test import TransactionTestCase


@dataclass(frozen=True)
class Table:
    """The rows of one table as the database returned them; generated columns are left to the database."""

    name: str
    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]


def snapshot(connection: BaseDatabaseWrapper) -> list[Table]:
    """Read every managed table that has rows."""
    existing = set(connection.introspection.table_names())
    found = []
    for model in apps.get_models(include_auto_created=True):
        meta = model._meta
        if meta.proxy or not meta.managed or meta.db_table not in existing:
            continue
        columns = tuple(str(field.column) for field in meta.local_concrete_fields if not field.generated)
        with connection.cursor() as cursor:
            wanted, table = _names(connection, columns), _names(connection, [meta.db_table])
            cursor.execute(f"SELECT {wanted} FROM {table}")  # noqa: S608 names of our own models
            rows = cursor.fetchall()
        if rows:
            found.append(Table(meta.db_table, columns, rows))
    return found


def restore(connection: BaseDatabaseWrapper, tables: list[Table]) -> None:
    """Empty every table and put the rows of ``tables`` back, without signals, whatever the triggers say."""
    with _ledgers_open(connection):
        connection.ops.execute_sql_flush(sql_flush(no_style(), connection, reset_sequences=False))
        # Foreign keys are deferred to the commit on both databases, so the order of tables does not matter.
        with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
            for table in tables:
                values = ", ".join(["%s"] * len(table.columns))
                cursor.executemany(
                    f"INSERT INTO {_names(connection, [table.name])} "  # noqa: S608 names of our own models
                    f"({_names(connection, table.columns)}) VALUES ({values})",
                    table.rows,
                )


def snapshots() -> dict[str, list[Table]]:
    """Return the rows of every database by its alias."""
    return {alias: snapshot(connections[alias]) for alias in connections}


@contextmanager
def restored_after_commits(kept: Mapping[str, list[Table]]) -> Iterator[None]:
    """Make every ``TransactionTestCase``, also pytest-django's, end in ``restore`` instead of a flush."""

    def teardown(self: Any) -> None:
        for alias in self._databases_names(include_mirrors=False):
            restore(connections[alias], kept[alias])

    with patch.object(TransactionTestCase, "_fixture_teardown", teardown):
        yield


@contextmanager
def _ledgers_open(connection: BaseDatabaseWrapper) -> Iterator[None]:
    from consent import triggers
    from onboarding import triggers as of_learning

    triggers.drop(connection)
    of_learning.drop(connection)
    try:
        yield
    finally:
        triggers.create(connection)
        of_learning.create(connection)


def _names(connection: BaseDatabaseWrapper, names: Iterable[str]) -> str:
    return ", ".join(connection.ops.quote_name(name) for name in names)
