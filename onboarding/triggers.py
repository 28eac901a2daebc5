"""Triggers that make the database itself refuse to change or delete what the ledger of learning holds."""

from django.db.backends.base.base import BaseDatabaseWrapper

from consent.triggers import MESSAGE, statements

TABLES = ("onboarding_event", "onboarding_attempt")


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


def drop(connection: BaseDatabaseWrapper) -> None:
    """Remove the triggers: for reversing the migration and for emptying test databases only."""
    with connection.cursor() as cursor:
        for table in TABLES:
            for name in ("update", "delete", "rows", "whole"):
                where = f" ON {table}" if connection.vendor == "postgresql" else ""
                cursor.execute(f"DROP TRIGGER IF EXISTS {table}_{name}{where}")
