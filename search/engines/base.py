"""What every engine can do. Engines get documents and plans; they never see what a person typed."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Protocol

from search.documents import Document
from search.engines.expecting import Expected
from search.enums import StageName
from search.plan import Plan, Scope, SimilarPlan, TitlePlan
from search.spelling import Vocabulary

PEOPLE = 10


class EngineUnavailable(Exception):
    """The engine cannot answer or write just now. What was being written has to be written again."""


class EngineAway(EngineUnavailable):
    """The engine's server does not answer, or not to us: there is nothing to rebuild, only to wait or to set right."""


@dataclass(frozen=True, slots=True)
class EngineHit:
    """A found document, not yet checked against the gate."""

    kind: str
    object_id: int
    score: float


@dataclass(frozen=True, slots=True)
class Cell:
    """One value of a facet with the number of documents and of distinct people.

    ``people`` is exact below ``PEOPLE`` and stops there: it is asked whether few people stand behind a number.
    """

    value: str
    count: int
    people: int


def ordered(cells: Iterable[Cell]) -> tuple[Cell, ...]:
    """Cells, the most frequent value first."""
    return tuple(sorted(cells, key=lambda cell: (-cell.count, cell.value)))


@dataclass(frozen=True, slots=True)
class Answer:
    """Hits of one page; ``total`` and the cells of each facet are exact for the stage that was used."""

    hits: tuple[EngineHit, ...] = ()
    total: int = 0
    facets: Mapping[str, tuple[Cell, ...]] = field(default_factory=dict)
    stage: StageName = StageName.ALL


@dataclass(frozen=True, slots=True)
class Part:
    """What one ingredient gave to a document's score; ``ingredient`` is text, title, lead, grams, pairs or code."""

    label: str
    stem_or_gram: str
    ingredient: str
    score: float


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why one document has its score: ``matched`` of the clauses are in it, ``needed`` make it a hit of the stage."""

    parts: tuple[Part, ...] = ()
    total: float = 0.0
    matched: int = 0
    needed: int = 0


class Reader(Protocol):
    """The newest committed state of the index; open a new one for each request."""

    @property
    def generation(self) -> str:
        """A text that changes with every change of the index."""
        ...

    def search(self, plan: Plan) -> Answer:
        """Carry out a plan: the page, the exact total, the facets."""
        ...

    def complete(self, plan: TitlePlan) -> tuple[EngineHit, ...]:
        """Newest documents whose titles hold every prefix."""
        ...

    def similar(self, plan: SimilarPlan) -> tuple[EngineHit, ...]:
        """Documents that share most of the weighted stems."""
        ...

    def sketch(self, scope: Scope, kind: str, object_id: int) -> Mapping[str, int]:
        """Frequent stems of one document with their counts; empty if it is not inside ``scope``."""
        ...

    def rarity(self, stems: Iterable[str]) -> Mapping[str, float]:
        """Inverse document frequency of stems; those of one document only are left out."""
        ...

    def vocabulary(self, scope: Scope, expected: Expected | None = None) -> Vocabulary:
        """The words of documents inside ``scope``. ``expected`` lets an engine ask its server for many at once."""
        ...

    def explain(self, plan: Plan, kind: str, object_id: int) -> Explanation:
        """What each ingredient of a plan gives one document inside its scope, by the stage the search used."""
        ...

    def fingerprints(self) -> Mapping[str, Mapping[int, str]]:
        """Fingerprints of all documents by kind and id."""
        ...

    def count(self) -> int:
        """Number of documents, whoever may see them."""
        ...


class Batch(Protocol):
    """Changes that are visible from ``commit`` on. After an exception all of them have to be written again."""

    def index(self, documents: Sequence[Document]) -> None:
        """Add documents or replace those with the same kind and id; ``ValueError`` if one does not fit."""
        ...

    def remove(self, kind: str, ids: Iterable[int]) -> None:
        """Take documents out; ids that are not there are fine."""
        ...

    def commit(self) -> None:
        """Make the changes durable and visible to every reader opened from now on."""
        ...

    def close(self) -> None:
        """Tidy up after the last commit, which may take seconds; nothing of what was committed waits for it."""
        ...


class Build(Batch, Protocol):
    """A new index beside the one in use. ``commit`` may be called several times before ``switch``."""

    def fingerprints(self) -> Mapping[str, Mapping[int, str]]:
        """Fingerprints of what was committed so far."""
        ...

    def switch(self) -> None:
        """Put this index into the place of the one in use, at once for every process, and drop that one."""
        ...

    def abandon(self) -> None:
        """Drop what was built."""
        ...


class Engine(Protocol):
    """An index: one shared by all processes of the product."""

    name: str

    def reader(self) -> Reader:
        """The newest committed state."""
        ...

    def batch(self) -> Batch:
        """Begin changes of the index in use; creates an empty one if there is none."""
        ...

    def build(self) -> Build:
        """Begin a new index."""
        ...

    def exclusive(self) -> AbstractContextManager[None]:
        """Hold off every other writer, in any process, while documents are read and written."""
        ...

    def residue(self) -> bool:
        """Whether bytes of removed documents may still lie in the index, until a rebuild."""
        ...

    def contents(self) -> Iterator[bytes]:
        """Everything a server holds of documents, old indexes included; nothing where the files lie in our folder."""
        ...
