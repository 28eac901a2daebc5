"""Triggers that make the database itself refuse to change or delete what the ledgers hold.

One change is let through: the reference of an approval's evidence may become empty, and nothing else with it. It is
the only text in these tables that people write, and when a narrator is forgotten it must be forgotten too.
"""

from collections.abc import Iterable, Mapping, Sequence

from django.db.backends.base.base import BaseDatabaseWrapper

TABLES = ("consent_consentevent", "consent_grant", "consent_approval")
# Table → the column that may be emptied.
BLANKABLE = {"consent_approval": "evidence_reference"}
MESSAGE = "append-only: entries are never changed or deleted"


def create(connection: BaseDatabaseWrapper) -> None:
    """Install the triggers on SQLite or PostgreSQL."""
    close(connection, TABLES, BLANKABLE)


def close(connection: BaseDatabaseWrapper, tables: Iterable[str], blankable: Mapping[str, str]) -> None:
    """Close tables; ``blankable`` names the column of a table that may be emptied, where there is one."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "CREATE OR REPLACE FUNCTION kb_refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
                f"$$ BEGIN RAISE EXCEPTION '{MESSAGE}' USING ERRCODE = 'restrict_violation'; END $$"
            )
        for table in tables:
            found = connection.introspection.get_table_description(cursor, table)
            columns, emptied = [column.name for column in found], blankable.get(table, "")
            for statement in statements(connection.vendor, table, columns, emptied):
                cursor.execute(statement)


def statements(vendor: str, table: str, columns: Sequence[str], emptied: str) -> list[str]:
    """Return the statements that close one table; ``columns`` are all it has, ``emptied`` may become empty."""
    if vendor == "postgresql":
        refuse = "EXECUTE FUNCTION kb_refuse_change()"
        return [
            f"CREATE TRIGGER {table}_update BEFORE UPDATE ON {table} "
            f"FOR EACH ROW {_unless_emptied_postgresql(emptied)}{refuse}",
            f"CREATE TRIGGER {table}_rows BEFORE DELETE ON {table} FOR EACH ROW {refuse}",
            f"CREATE TRIGGER {table}_whole BEFORE TRUNCATE ON {table} FOR EACH STATEMENT {refuse}",
        ]
    refuse = f"BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END"
    return [
        f"CREATE TRIGGER {table}_update BEFORE UPDATE ON {table} {_unless_emptied_sqlite(emptied, columns)}{refuse}",
        f"CREATE TRIGGER {table}_delete BEFORE DELETE ON {table} {refuse}",
    ]


def _unless_emptied_sqlite(emptied: str, columns: Sequence[str]) -> str:
    """Return the condition under which an update is refused: any other column differs, or the text is not empty."""
    if not emptied:
        return ""
    same = " AND ".join(f"NEW.{name} IS OLD.{name}" for name in columns if name != emptied)
    return f"WHEN NOT (NEW.{emptied} = '' AND {same}) "


def _unless_emptied_postgresql(emptied: str) -> str:
    """Return the same condition for PostgreSQL."""
    if not emptied:
        return ""
    same = f"to_jsonb(NEW) - '{emptied}' = to_jsonb(OLD) - '{emptied}'"
    return f"WHEN (NOT (NEW.{emptied} = '' AND {same})) "


def drop(connection: BaseDatabaseWrapper) -> None:
    """Remove the triggers: for reversing the migration and for emptying test databases only."""
    reopen(connection, TABLES)


def reopen(connection: BaseDatabaseWrapper, tables: Iterable[str]) -> None:
    """Remove the triggers of tables."""
    with connection.cursor() as cursor:
        for table in tables:
            for name in ("update", "delete", "rows", "whole"):
                where = f" ON {table}" if connection.vendor == "postgresql" else ""
                cursor.execute(f"DROP TRIGGER IF EXISTS {table}_{name}{where}")


def installed(connection: BaseDatabaseWrapper) -> set[str]:
    """Return the tables that the database really closes: with a trigger against changing and one against deleting."""
    query = "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger'"
    if connection.vendor == "postgresql":
        query = (
            "SELECT t.tgname, c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
            "WHERE NOT t.tgisinternal AND t.tgenabled <> 'D'"
        )
    with connection.cursor() as cursor:
        cursor.execute(query)
        found = {name for name, _table in cursor.fetchall()}
    deleting = "rows" if connection.vendor == "postgresql" else "delete"
    return {table for table in TABLES if {f"{table}_update", f"{table}_{deleting}"} <= found}
