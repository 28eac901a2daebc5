"""The erasers: one for each surface on which something of a member may lie; every app registers its own in ``apps.py``.

A test walks every model of the project: each is covered by an eraser or exempt by name, with the reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from django.apps import apps
from django.db.models import (
    BinaryField,
    CharField,
    Field,
    FileField,
    JSONField,
    Model,
    QuerySet,
    TextField,
)

from club.models import Member

Traces = Mapping[str, Sequence[Any]]
# A kind of text ("title", "name", "words", "id", "file") and the text, or bytes of a file.
Word = tuple[str, str | bytes]


@dataclass(slots=True)
class Case:
    """A member who is being forgotten, and what of hers was found: ids and random names by kind, nothing she said.

    ``names`` are short texts by which something else may speak of her (figure's name, titles, addresses of stories,
    who she is). They live in memory and only while the rows are being destroyed.
    """

    member: Member
    traces: dict[str, list[Any]] = field(default_factory=dict)
    names: list[str] = field(default_factory=list)

    def of(self, kind: str) -> list[Any]:
        """Return the traces of one kind."""
        return self.traces.get(kind, [])

    def remember(self, found: Traces) -> None:
        """Add traces, each once, in a fixed order."""
        for kind, values in found.items():
            self.traces[kind] = sorted({*self.of(kind), *values})

    def speaks_of_her(self, text: str) -> bool:
        """Whether a text holds one of her names."""
        return any(name in text for name in self.names)


@dataclass(frozen=True, slots=True)
class Remains:
    """What an eraser still finds afterwards, and what it looked at."""

    count: int = 0
    proof: Mapping[str, Any] = field(default_factory=dict)


class Eraser(Protocol):
    """One surface. ``traces`` and ``words`` are asked before anything is destroyed, ``finish`` after the commit."""

    surface: str
    label: Any

    @property
    def models(self) -> Sequence[str]:
        """Labels of the models whose rows this surface covers."""
        ...

    def traces(self, member: Member) -> Traces:
        """Ids and random names of what is hers, by which it is recognised when it is gone."""
        ...

    def words(self, case: Case) -> Iterable[Word]:
        """Texts of hers that nobody may find anywhere afterwards."""
        ...

    def others(self, case: Case) -> Iterable[str | bytes]:
        """Texts of other people that stay: what she has in common with them proves nothing."""
        ...

    def export(self, member: Member) -> Any:
        """What of hers lies here, as plain data: the copy she may demand."""
        ...

    def found(self, case: Case) -> int:
        """How many things of hers lie here."""
        ...

    def erase(self, case: Case) -> None:
        """Destroy them in the caller's transaction."""
        ...

    def finish(self, case: Case) -> None:
        """Destroy the bytes that a transaction does not reach; may be called again after a crash."""
        ...

    def verify(self, case: Case) -> Remains:
        """Count what is left."""
        ...


class RowsEraser:
    """An eraser whose surface is rows that go as a whole: a subclass says which."""

    surface = ""
    label: Any = ""
    models: Sequence[str] = ()

    def rows(self, case: Case) -> Iterable[QuerySet[Any]]:
        """The rows of the surface, in the order in which they may be deleted."""
        return ()

    def traces(self, member: Member) -> Traces:
        """Nothing but the member's own key is needed to find the rows again."""
        return {}

    def words(self, case: Case) -> Iterable[Word]:
        """No text of its own."""
        return ()

    def others(self, case: Case) -> Iterable[str | bytes]:
        """Nobody else's text."""
        return ()

    def export(self, member: Member) -> Any:
        """Nothing that another surface does not give."""
        return None

    def found(self, case: Case) -> int:
        """Count the rows."""
        return sum(rows.count() for rows in self.rows(case))

    def erase(self, case: Case) -> None:
        """Delete the rows."""
        for rows in self.rows(case):
            rows.delete()

    def finish(self, case: Case) -> None:
        """Nothing outside the database."""

    def verify(self, case: Case) -> Remains:
        """Count the rows again."""
        return Remains(self.found(case))


class BlankingEraser(RowsEraser):
    """An eraser of rows that stay, because the ledger points at them, and lose everything personal.

    ``blanks`` gives the value of each emptied column; ``keeps`` names every other column that can hold text, with the
    reason why it may stay. A test compares both with the model.
    """

    blanks: Mapping[str, Any] = {}
    keeps: Mapping[str, str] = {}

    def full(self, case: Case) -> QuerySet[Any]:
        """The rows that still hold something."""
        from django.db.models import Q

        something = Q()
        for name, value in self.blanks.items():
            something |= Q(**{f"{name}__isnull": False}) if value is None else ~Q(**{name: value})
        return self.all_rows(case).filter(something)

    def all_rows(self, case: Case) -> QuerySet[Any]:
        """Every row of hers."""
        raise NotImplementedError

    def rows(self, case: Case) -> Iterable[QuerySet[Any]]:
        return (self.full(case),)

    def erase(self, case: Case) -> None:
        """Empty the columns."""
        self.full(case).update(**self.blanks)


def model_of(label: str) -> type[Model] | None:
    """Return the model of a label; None where this database or install has none of it."""
    return next((each for each in apps.get_models(include_auto_created=True) if each._meta.label == label), None)


def texts_of(model: type[Model]) -> list[Field[Any, Any]]:
    """Return the columns of a model that can hold what somebody wrote."""
    kinds = CharField | TextField | JSONField | FileField | BinaryField
    return [each for each in model._meta.concrete_fields if isinstance(each, kinds)]


_erasers: dict[str, tuple[int, Eraser]] = {}
_exempt: dict[str, str] = {}


def register(eraser: Eraser, *, order: int) -> None:
    """Add a surface; registering it again replaces it. What leans on other rows has the lower order and goes first."""
    _erasers[eraser.surface] = (order, eraser)


def exempt(models: Mapping[str, str]) -> None:
    """Name models that hold nothing of a member, each with the reason."""
    _exempt.update(models)


def erasers() -> list[Eraser]:
    """All erasers, in the order in which rows may go."""
    return [eraser for _order, eraser in sorted(_erasers.values(), key=lambda each: (each[0], each[1].surface))]


def exempted() -> dict[str, str]:
    """The models that hold nothing of a member, with the reasons."""
    return dict(_exempt)
