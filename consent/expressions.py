"""The ledger's questions as SQL written once, so that asking them on every read costs the database and not Python.

Each is a condition or value about one row of an outer query, given by its columns; nothing is joined or cached.
Plain SQL that SQLite and PostgreSQL both speak. ``tests/consent/test_expressions.py`` holds it to the same questions
asked through the ORM.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BooleanField, DateTimeField, Expression, F, Field
from django.db.models.sql.compiler import SQLCompiler
from django.utils import timezone

from consent.enums import ENDING_EVENTS, PAUSE_EVENTS, Category, EventKind, Purpose

ENDING = ", ".join(f"'{kind.value}'" for kind in ENDING_EVENTS)
NOT_ENDED = (
    "NOT EXISTS (SELECT 1 FROM consent_consentevent e "  # noqa: S608 - constants only; values go as parameters
    f"WHERE e.{{column}} = {{row}}.id AND e.kind IN ({ENDING}))"
)
# The list is written as the condition of the partial index is, so that both databases use that index.
PAUSED = (
    "COALESCE((SELECT p.kind FROM consent_consentevent p WHERE p.member_id = {member} AND p.kind IN ("  # noqa: S608
    + ", ".join(f"'{kind.value}'" for kind in PAUSE_EVENTS)
    + f") ORDER BY p.id DESC LIMIT 1), '') = '{EventKind.PAUSED.value}'"
)
IN_FORCE = (
    "FROM consent_grant g WHERE g.member_id = {member} AND g.purpose = %s AND g.category = %s AND g.valid_from <= %s "
    "AND (g.valid_until IS NULL OR g.valid_until > %s) AND "
    + NOT_ENDED.format(column="grant_id", row="g")
    + " AND NOT "
    + PAUSED.replace("{member}", "g.member_id")
)
APPROVED = (
    "FROM consent_approval a WHERE a.member_id = {member} AND a.wording_sha256 = {wording} AND a.approved_at <= %s AND "
    + NOT_ENDED.format(column="approval_id", row="a")
)


class LedgerExpression(Expression):
    """A question to the ledger about the member (and the wording) of the outer row.

    ``values`` fill the ``%s`` of the SQL in order; None stands for the moment asked about.
    """

    def __init__(
        self, *columns: str, values: tuple[Any, ...], at: datetime, output_field: Field[Any, Any]
    ) -> None:
        super().__init__(output_field=output_field)
        self.columns: list[Any] = [F(column) for column in columns]  # Django resolves them in place
        self.values, self.at = values, at

    def get_source_expressions(self) -> list[Any]:
        return list(self.columns)

    def set_source_expressions(self, exprs: Any) -> None:
        self.columns = list(exprs)

    def as_sql(  # type: ignore[override]  # a list of parameters, as Django itself returns
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **extra: Any
    ) -> tuple[str, list[Any]]:
        """Return the subquery; moments are adapted as Django adapts them for this database."""
        columns = [compiler.compile(column) for column in self.columns]
        moment = connection.ops.adapt_datetimefield_value(self.at)
        # Columns stand before the values in every template, so what they bring along (annotations do) goes first.
        bound = [value for _name, values in columns for value in values]
        return self.sql(*(name for name, _values in columns)), bound + [
            moment if value is None else value for value in self.values
        ]

    def sql(self, *names: str) -> str:
        """Return the SQL with the outer row's columns in place; ``%s`` stay for the values."""
        raise NotImplementedError


class Granted(LedgerExpression):
    """Whether the member grants a purpose × category at a moment."""

    conditional = True

    def __init__(
        self, member: str, purpose: Purpose, at: datetime, category: Category = Category.WORDS
    ) -> None:
        values = (str(purpose), str(category), None, None)
        super().__init__(member, values=values, at=at, output_field=BooleanField())

    def sql(self, *names: str) -> str:
        return f"EXISTS (SELECT 1 {IN_FORCE.format(member=names[0])})"


class GrantedUntil(LedgerExpression):
    """The moment until which the member grants a purpose × category; null where she set no end (or grants nothing)."""

    def __init__(
        self, member: str, purpose: Purpose, at: datetime, category: Category = Category.WORDS
    ) -> None:
        values = (str(purpose), str(category), None, None)
        super().__init__(member, values=values, at=at, output_field=DateTimeField(null=True))

    def sql(self, *names: str) -> str:
        order = "ORDER BY g.valid_until IS NOT NULL, g.valid_until DESC LIMIT 1"
        return f"(SELECT g.valid_until {IN_FORCE.format(member=names[0])} {order})"


class Paused(LedgerExpression):
    """Whether the member has put everything of hers on pause; like every "no", for whatever moment one asks about."""

    conditional = True

    def __init__(self, member: str) -> None:
        super().__init__(member, values=(), at=timezone.now(), output_field=BooleanField())

    def sql(self, *names: str) -> str:
        return f"({PAUSED.format(member=names[0])})"


class Approved(LedgerExpression):
    """Whether the member approved the wording and has not taken it back."""

    conditional = True

    def __init__(self, member: str, wording: str, at: datetime) -> None:
        super().__init__(member, wording, values=(None,), at=at, output_field=BooleanField())

    def sql(self, *names: str) -> str:
        return f"EXISTS (SELECT 1 {APPROVED.format(member=names[0], wording=names[1])})"


class ApprovedOn(LedgerExpression):
    """When the member first approved the wording; null if she has not."""

    def __init__(self, member: str, wording: str, at: datetime) -> None:
        super().__init__(member, wording, values=(None,), at=at, output_field=DateTimeField(null=True))

    def sql(self, *names: str) -> str:
        return f"(SELECT MIN(a.approved_at) {APPROVED.format(member=names[0], wording=names[1])})"
