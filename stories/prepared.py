"""Questions to the gate whose SQL is spelt once: the gate is asked with every read, Django need not word it every time.

A question is a fixed narrowing of ``visible(…)``. It is worded with stand-ins, kept as SQL with its parameters, and
each reading puts the real reader, moment and values where the stand-ins are. Nothing of an answer is kept.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import zip_longest
from threading import local
from typing import Any, cast

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import QuerySet
from django.db.models.sql.compiler import SQLCompiler

from consent.enums import Purpose
from stories.models import StoryPage
from stories.querysets import Reader, may_read, visible

# Values that no real question holds.
ANY_MOMENT = datetime(1871, 3, 17, 4, 5, 6, 789_123, tzinfo=UTC)
ANY_PERSON = -871_317_456

Narrow = Callable[..., QuerySet[StoryPage, tuple[Any, ...]]]


@dataclass(frozen=True, slots=True)
class AnyReader:
    """Stands in for a reader while a question is worded; who really asks is checked before each reading."""

    is_superuser: bool
    pk: int = ANY_PERSON
    is_authenticated: bool = True
    is_active: bool = True

    def has_perm(self, permission: str) -> bool:
        """Pass: the permission is part of each reading, not of the wording."""
        return True


@dataclass(frozen=True, slots=True)
class Worded:
    """SQL with its parameters, and the compiler that knows how to read the columns."""

    compiler: SQLCompiler
    sql: str
    parameters: tuple[Any, ...]

    @classmethod
    def of(cls, rows: QuerySet[StoryPage, tuple[Any, ...]]) -> Worded:
        """Word a queryset of ``values_list`` for this thread's connection."""
        compiler = rows.query.get_compiler(connection=connections[DEFAULT_DB_ALIAS])
        sql, parameters = compiler.as_sql()
        return cls(compiler, sql, tuple(parameters))

    def read(self, real: dict[Any, Any]) -> list[tuple[Any, ...]]:
        """Run it with real values in the places of stand-ins; ``real`` maps what stands in to what is meant."""
        with self.compiler.connection.cursor() as cursor:
            cursor.execute(self.sql, [real.get(each, each) for each in self.parameters])
            found = cursor.fetchall()
        return [tuple(row) for row in self.compiler.results_iter(results=[found])]


class Kept(local):
    """What one thread has worded: a compiler belongs to a connection, and a connection to a thread."""

    def __init__(self) -> None:
        self.worded: dict[tuple[Purpose, bool], Worded] = {}


class VisibleRows:
    """Rows of stories that a reader may meet, by one question: ``narrow(stories, at, **standins)`` gives its columns.

    ``standins`` are the values that change from reading to reading, each unlike every other value of the question.
    A tuple of numbers stands in for up to as many ids.
    """

    def __init__(self, narrow: Narrow, **standins: Any) -> None:
        self.narrow, self.standins = narrow, standins
        self.kept = Kept()

    def __call__(self, user: Reader, purpose: Purpose, at: datetime, **values: Any) -> list[tuple[Any, ...]]:
        """Return the rows for this reader, purpose and moment; none for who may not read stories."""
        if not may_read(user):
            return []
        worded = self.worded(purpose, user.is_superuser)
        moment = worded.compiler.connection.ops.adapt_datetimefield_value
        real: dict[Any, Any] = {ANY_PERSON: user.pk, moment(ANY_MOMENT): moment(at)}
        for name, value in values.items():
            real |= places(self.standins[name], value)
        return worded.read(real)

    def worded(self, purpose: Purpose, everything: bool) -> Worded:
        """Return the question worded for a purpose and for people with or without audiences."""
        kept = self.kept.worded
        known = kept.get((purpose, everything))
        if known is None or known.compiler.connection is not connections[DEFAULT_DB_ALIAS]:
            stories = visible(cast(Reader, AnyReader(everything)), purpose, ANY_MOMENT)
            known = kept[purpose, everything] = Worded.of(self.narrow(stories, ANY_MOMENT, **self.standins))
        return known


def places(standin: Any, value: Any) -> dict[Any, Any]:
    """Return what stands in for what; ids that are not needed become 0, which no row has."""
    if not isinstance(standin, tuple):
        return {standin: value}
    if len(value) > len(standin):
        raise ValueError(f"This question takes up to {len(standin)} ids, not {len(value)}.")
    return dict(zip_longest(standin, value, fillvalue=0))
