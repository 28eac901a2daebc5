"""Triggers that make the database itself refuse to change or delete what the ledger of learning holds."""

from django.db.backends.base.base import BaseDatabaseWrapper

from consent import triggers

TABLES = ("onboarding_event", "onboarding_attempt")
# Awards taken back: their reason is text that people write, so it may be emptied, and nothing else.
REVOCATIONS = "onboarding_revocation"
BLANKABLE = {REVOCATIONS: "reason"}


def create(connection: BaseDatabaseWrapper) -> None:
    """Install the triggers on SQLite or PostgreSQL."""
    triggers.close(connection, TABLES, BLANKABLE)
    if REVOCATIONS in connection.introspection.table_names():
        close_revocations(connection)


def close_revocations(connection: BaseDatabaseWrapper) -> None:
    """Install the triggers of the younger table, by its own migration or with the others."""
    triggers.close(connection, (REVOCATIONS,), BLANKABLE)


def drop(connection: BaseDatabaseWrapper) -> None:
    """Remove the triggers: for reversing the migration and for emptying test databases only."""
    triggers.reopen(connection, (*TABLES, REVOCATIONS))
