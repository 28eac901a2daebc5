"""What a search gives back to pages, commands and the HTTP API."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from search.enums import LOOSE_STAGES, StageName
from search.understanding import Chip


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
class Promoted:
    """What people chose for a query by hand: a thing its reader may see, or an address outside; ``note`` says why."""

    title: str
    url: str
    note: str = ""
    kind: str = ""
    object_id: int = 0
    card: object = None


@dataclass(frozen=True, slots=True)
class SearchResult:
    """A page of hits. ``corrected`` is the query really used, if it had to be repaired; ``meant`` one to offer.

    ``chips`` are the parts of the query that were understood as more than words, ``puzzles`` sentences about what
    was not, ``also`` the synonyms that were looked for too.
    """

    hits: list[Hit]
    total: int
    facets: list[Facet]
    stage: StageName
    corrected: str | None = None
    took_ms: float = 0.0
    notice: str | None = None
    meant: str | None = None
    also: tuple[str, ...] = ()
    chips: tuple[Chip, ...] = ()
    puzzles: tuple[str, ...] = ()
    promoted: tuple[Promoted, ...] = ()
    chosen: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def loosened(self) -> bool:
        """Whether hits hold fewer than half of the words asked for."""
        return self.stage in LOOSE_STAGES


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Something that completes what is being typed: a thing by its title, or a value to narrow down to.

    ``kind`` is the kind of the thing or the facet of the value, ``group`` its name for people.
    """

    kind: str
    label: str
    url: str
    group: str = ""


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
        "did_you_mean": found.meant,
        "synonyms": list(found.also),
        "understood": [{"label": each.label, "without": each.remaining} for each in found.chips],
        "not_understood": list(found.puzzles),
        "promoted": [{"title": each.title, "url": each.url, "note": each.note} for each in found.promoted],
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
