"""The trigger that makes the database itself keep the words of a text which somebody has agreed to.

It looks from one table into another, so on SQLite a later migration that alters ``consent_consent`` or
``consent_consenttext`` calls ``drop`` first and ``create`` afterwards: SQLite makes such tables anew.
"""

from django.db.backends.base.base import BaseDatabaseWrapper

TABLE, NAME = "consent_consenttext", "consent_consenttext_in_use"
# As in ``consent.models.texts.FROZEN``, written out: migrations are history.
COLUMNS = ("law", "scope", "category", "language", "version", "title", "body", "elements", "sha256")
MESSAGE = "a consent text that is in use never changes"


def create(connection: BaseDatabaseWrapper) -> None:
    """Install the trigger on SQLite or PostgreSQL."""
    with connection.cursor() as cursor:
        for statement in statements(connection.vendor):
            cursor.execute(statement)


def statements(vendor: str) -> list[str]:
    """Return the statements that install it."""
    used = "EXISTS (SELECT 1 FROM consent_consent WHERE text_id = OLD.id)"
    if vendor == "postgresql":
        changed = " OR ".join(f"OLD.{column} IS DISTINCT FROM NEW.{column}" for column in COLUMNS)
        return [
            "CREATE OR REPLACE FUNCTION kb_keep_text() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN IF {used} THEN RAISE EXCEPTION '{MESSAGE}' USING ERRCODE = 'restrict_violation'; "
            "END IF; RETURN NEW; END $$",
            f"CREATE TRIGGER {NAME} BEFORE UPDATE ON {TABLE} FOR EACH ROW WHEN ({changed}) "
            "EXECUTE FUNCTION kb_keep_text()",
        ]
    changed = " OR ".join(f"OLD.{column} IS NOT NEW.{column}" for column in COLUMNS)
    return [
        f"CREATE TRIGGER {NAME} BEFORE UPDATE ON {TABLE} WHEN ({changed}) AND {used} "
        f"BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END"
    ]


def drop(connection: BaseDatabaseWrapper) -> None:
    """Remove the trigger."""
    on = f" ON {TABLE}" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER IF EXISTS {NAME}{on}")
