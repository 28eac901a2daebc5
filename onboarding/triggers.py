"""Triggers that make the database itself refuse to change or delete what the ledger of learning holds."""

from django.db.backends.base.base import BaseDatabaseWrapper

from consent.triggers import BLANKABLE, MESSAGE, statements

TABLES = ("onboarding_event", "onboarding_attempt")
# Awards taken back: their reason is text that people write, so it may be emptied, and nothing else.
REVOCATIONS = "onboarding_revocation"
BLANKABLE[REVOCATIONS] = "reason"


def create(connection: BaseDatabaseWrapper) -> None:
    """Install the triggers on SQLite or PostgreSQL."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "CREATE OR REPLACE FUNCTION kb_refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
                f"$$ BEGIN RAISE EXCEPTION '{MESSAGE}' USING ERRCODE = 'restrict_violation'; END $$"
            )
        for table in TABLES:
            for statement in statements(connection.vendor, table, ()):
                cursor.execute(statement)
        if REVOCATIONS in connection.introspection.table_names(cursor):
            close_revocations(connection)


def close_revocations(connection: BaseDatabaseWrapper) -> None:
    """Install the triggers of the younger table, by its own migration or with the others."""
    with connection.cursor() as cursor:
        found = connection.introspection.get_table_description(cursor, REVOCATIONS)
        for statement in statements(connection.vendor, REVOCATIONS, [column.name for column in found]):
            cursor.execute(statement)


def drop(connection: BaseDatabaseWrapper) -> None:
    """Remove the triggers: for reversing the migration and for emptying test databases only."""
    with connection.cursor() as cursor:
        for table in (*TABLES, REVOCATIONS):
            for name in ("update", "delete", "rows", "whole"):
                where = f" ON {table}" if connection.vendor == "postgresql" else ""
                cursor.execute(f"DROP TRIGGER IF EXISTS {table}_{name}{where}")
