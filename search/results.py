"""What a search gives back to pages, commands and the HTTP API."""

from dataclasses import dataclass
from typing import Any

from search.enums import LOOSE_STAGES, StageName

FEW = 5


@dataclass(frozen=True, slots=True)
class Hit:
    """One found thing; ``title_html`` and ``excerpt_html`` are escaped text with ``<mark>``."""

    kind: str
    object_id: int
    external_id: str
    score: float
    title: str
    title_html: str
    url: str
    excerpt_html: str
    card: object
    template: str


@dataclass(frozen=True, slots=True)
class FacetValue:
    """One value of a facet; ``few`` says that fewer than five people stand behind ``count``."""

    value: str
    label: str
    count: int
    few: bool
    selected: bool


@dataclass(frozen=True, slots=True)
class Facet:
    """A facet with its most frequent values and those that are chosen."""

    name: str
    title: str
    values: list[FacetValue]


@dataclass(frozen=True, slots=True)
class SearchResult:
    """A page of hits. ``corrected`` is the query really used, if it had to be repaired."""

    hits: list[Hit]
    total: int
    facets: list[Facet]
    stage: StageName
    corrected: str | None = None
    took_ms: float = 0.0
    notice: str | None = None

    @property
    def loosened(self) -> bool:
        """Whether hits hold fewer than half of the words asked for."""
        return self.stage in LOOSE_STAGES


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A title that completes what is being typed."""

    kind: str
    label: str
    url: str


def as_json(found: SearchResult, *, scores: bool = False) -> dict[str, Any]:
    """A result in the form of the HTTP API and of the ``find`` command.

    Scores count words over the whole index, stories for other audiences among them, so that readers are told the order
    of hits and not how far apart they are.
    """
    return {
        "total": found.total,
        "stage": str(found.stage),
        "suggestion": found.corrected,
        "notice": found.notice,
        "results": [_hit(each, scores) for each in found.hits],
        "facets": [_facet(each) for each in found.facets],
    }


def _hit(hit: Hit, scores: bool) -> dict[str, Any]:
    return {
        "external_id": hit.external_id,
        "id": hit.object_id,
        "kind": hit.kind,
        **({"score": round(hit.score, 4)} if scores else {}),
        "title": hit.title,
        "excerpt": hit.excerpt_html,
        "url": hit.url,
    }


def _facet(facet: Facet) -> dict[str, Any]:
    return {"name": facet.name, "title": facet.title, "values": [_value(each) for each in facet.values]}


def _value(value: FacetValue) -> dict[str, Any]:
    """A cell with fewer than five people keeps its number to itself."""
    count = None if value.few else value.count
    return {
        "value": value.value,
        "label": value.label,
        "count": count,
        "few": value.few,
        "selected": value.selected,
    }
