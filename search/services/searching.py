"""Answers for one reader: the index proposes, the gate of each source decides.

Inside the query: the reader's scope (purpose, moment, audience) without things that have a pending change, so
totals, facets and suggestions are exact as soon as a withdrawal commits. After it: every hit is loaded
through its source, and what the source does not give is dropped.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache
from time import perf_counter
from typing import Any

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _

from search import analysis, excerpts, registry
from search import plan as planning
from search.documents import HitObject
from search.engines import get_engine
from search.engines.base import Answer, Cell, EngineHit, EngineUnavailable
from search.engines.expecting import expected
from search.enums import EVERYONE, Purpose, StageName
from search.plan import Query, Scope
from search.querysets import hidden_ids
from search.results import FEW, Facet, FacetValue, Hit, SearchResult, Suggestion

logger = logging.getLogger(__name__)

FACET_VALUES = 12
FALLBACK_HITS = 20

Loaded = dict[tuple[str, int], HitObject]


@dataclass(frozen=True, slots=True)
class _Asked:
    """A plan with its answer; no plan when the engine could not be asked."""

    plan: planning.Plan | None = None
    answer: Answer = field(default_factory=Answer)


def search(user: Any, query: Query, *, at: datetime | None = None) -> SearchResult:
    """Find what ``user`` may see at ``at`` (default: now). Never raises because of the engine or the text."""
    began = perf_counter()
    moment = at or timezone.now()
    if not _may_search(user):
        return SearchResult([], 0, [], StageName.ALL)
    query = _sane(query)
    asked = _ask(user, query, moment)
    if asked.plan is None:
        return _fallback(user, query, began)
    loaded = _load(user, query.purpose, asked.answer.hits, moment)
    hits = [_hit(each, loaded, asked.plan.stems) for each in asked.answer.hits if _key(each) in loaded]
    dropped = len(asked.answer.hits) - len(hits)
    if dropped:
        logger.warning("The gate dropped %d hits: the index is behind and needs a reconciliation", dropped)
    return SearchResult(
        hits=hits,
        total=max(asked.answer.total - dropped, 0),
        facets=_facets(query, asked.answer),
        stage=asked.answer.stage,
        corrected=asked.plan.corrected,
        took_ms=_since(began),
    )


def suggest(
    user: Any, text: str, limit: int = 8, *, purpose: str = Purpose.READ, at: datetime | None = None
) -> list[Suggestion]:
    """Titles with words that begin as the words typed; empty when the engine is away."""
    moment = at or timezone.now()
    if not _may_search(user) or not text.strip():
        return []
    try:
        plans = planning.title_plans(text, _scope(user, purpose, (), moment), limit)
        reader = get_engine().reader()
        hits = next((found for each in plans if (found := reader.complete(each))), ())
    except EngineUnavailable as error:
        logger.error("Suggestions are unavailable: %s", error)
        return []
    loaded = _load(user, purpose, hits, moment)
    return [Suggestion(kind, found.title, found.url) for (kind, _id), found in loaded.items()]


def similar(
    user: Any,
    kind: str,
    object_id: int,
    limit: int = 4,
    purpose: str = Purpose.READ,
    *,
    at: datetime | None = None,
) -> list[HitObject]:
    """Things told in similar words, best first; none if ``user`` may not see the one compared with."""
    moment = at or timezone.now()
    if not _may_search(user):
        return []
    try:
        hits = _neighbours(_scope(user, purpose, (kind,), moment), kind, object_id, limit)
    except EngineUnavailable as error:
        logger.error("Similar things are unavailable: %s", error)
        return []
    return list(_load(user, purpose, hits, moment).values())


def _neighbours(scope: Scope, kind: str, object_id: int, limit: int) -> tuple[EngineHit, ...]:
    """What the index proposes as similar, remembered for as long as the index and what is left out stay the same.

    A memory of proposals only: the gate is asked for each of them every time. A window of visibility that opens or
    closes counts from the next minute on.
    """
    excluded = tuple(sorted((name, ids) for name, ids in scope.excluded.items() if ids))
    still = Still(scope.purpose, scope.at - scope.at % 60, scope.audience, scope.kinds, excluded)
    return _proposed(get_engine().reader().generation, still, kind, object_id, limit)


@dataclass(frozen=True, slots=True)
class Still:
    """A scope that can be remembered."""

    purpose: str
    at: int
    audience: tuple[str, ...] | None
    kinds: tuple[str, ...]
    excluded: tuple[tuple[str, frozenset[int]], ...]


@lru_cache(maxsize=4096)
def _proposed(generation: str, still: Still, kind: str, object_id: int, limit: int) -> tuple[EngineHit, ...]:
    """Ask the index; ``generation`` names the state of it for which the answer is remembered."""
    scope = Scope(still.purpose, still.at, still.audience, still.kinds, dict(still.excluded))
    reader = get_engine().reader()
    sketch = reader.sketch(scope, kind, object_id)
    wanted = planning.similar_plan(scope, kind, object_id, sketch, reader.rarity(sketch), limit)
    return reader.similar(wanted)


def audience_of(user: Any) -> tuple[str, ...]:
    """Audience values of a person: everyone, and the ids of the groups as text. One database query."""
    groups = user._meta.get_field("groups")
    person, group = groups.m2m_column_name(), groups.m2m_reverse_name()
    with connection.cursor() as cursor:  # asked with every search: not worded anew each time
        cursor.execute(
            f"SELECT {group} FROM {groups.m2m_db_table()} WHERE {person} = %s ORDER BY 1",  # noqa: S608 - own names
            [user.pk],
        )
        return (EVERYONE, *(str(pk) for (pk,) in cursor.fetchall()))


def _may_search(user: Any) -> bool:
    return bool(user.is_authenticated and user.is_active)


def _scope(user: Any, purpose: str, kinds: Sequence[str], at: datetime) -> Scope:
    """What ``user`` may be told of; a superuser passes every audience, but no visibility window."""
    return Scope(
        purpose=Purpose(purpose),
        at=int(at.timestamp()),
        audience=None if user.is_superuser else audience_of(user),
        kinds=tuple(found.kind for found in registry.sources(kinds)) or ("",),
        excluded=hidden_ids(),
    )


def _ask(user: Any, query: Query, at: datetime) -> _Asked:
    scope = _scope(user, query.purpose, query.kinds, at)
    names = registry.facet_names(query.kinds)
    try:
        reader = get_engine().reader()
        chosen = planning.plan(query, scope, reader.vocabulary(scope, expected(query.text)), names)
        return _Asked(chosen, reader.search(chosen))
    except EngineUnavailable as error:
        logger.error("The search engine is unavailable: %s", error)
        return _Asked()


def _sane(query: Query) -> Query:
    """The query cut to its limits, without signs no database takes and without facets that nobody offers."""
    offered = registry.facet_names(query.kinds)
    filters = {
        name: tuple(analysis.clean(value)[: planning.TEXT_LIMIT] for value in values)
        for name, values in query.filters.items()
        if name in offered
    }
    return replace(query, text=analysis.clean(query.text[: planning.TEXT_LIMIT]), filters=filters)


def _fallback(user: Any, query: Query, began: float) -> SearchResult:
    """What the database alone can list, through the same gate, with a word of excuse."""
    hits: list[Hit] = []
    for found in registry.sources(query.kinds):
        if isinstance(found, registry.FallbackSource):
            listed = found.fallback(user, query.purpose, query.text, FALLBACK_HITS)
            loaded: Loaded = {(found.kind, object_id): each for object_id, each in listed.items()}
            hits += [_hit(EngineHit(*each, score=0.0), loaded, frozenset()) for each in loaded]
    notice = _("Search answers slowly just now. What you see is complete and current")
    return SearchResult(hits, len(hits), [], StageName.ALL, took_ms=_since(began), notice=notice)


def _load(user: Any, purpose: str, hits: Sequence[EngineHit], at: datetime) -> Loaded:
    """The things behind hits that the gate lets through, in the order of the hits."""
    ids: dict[str, list[int]] = {}
    for each in hits:
        ids.setdefault(each.kind, []).append(each.object_id)
    found = {kind: registry.source(kind).hits(user, purpose, wanted, at) for kind, wanted in ids.items()}
    return {_key(hit): found[hit.kind][hit.object_id] for hit in hits if hit.object_id in found[hit.kind]}


def _key(hit: EngineHit) -> tuple[str, int]:
    return hit.kind, hit.object_id


def _hit(hit: EngineHit, loaded: Loaded, stems: frozenset[str]) -> Hit:
    found = loaded[_key(hit)]
    return Hit(
        kind=hit.kind,
        object_id=hit.object_id,
        external_id=found.external_id,
        score=hit.score,
        title=found.title,
        title_html=excerpts.highlight(found.title, stems),
        url=found.url,
        excerpt_html=excerpts.excerpt(found.text, stems),
        card=found.card,
        template=registry.source(hit.kind).template,
    )


def _facets(query: Query, answer: Answer) -> list[Facet]:
    facets: list[Facet] = []
    offered = registry.sources(query.kinds)
    for name, cells in answer.facets.items():
        owner = next(found for found in offered if name in registry.facets_of(found))
        chosen = query.filters.get(name, ())
        shown = _shown(cells, chosen)
        if shown:
            labels = owner.facet_labels(name, [cell.value for cell in shown])
            values = [_value(cell, labels, chosen) for cell in shown]
            facets.append(Facet(name, owner.facet_title(name), values))
    return facets


def _shown(cells: Sequence[Cell], chosen: Sequence[str]) -> list[Cell]:
    """The most frequent values and the chosen ones, a chosen one without hits included."""
    ranked = sorted(cells, key=lambda cell: (-cell.count, cell.value))
    shown = ranked[:FACET_VALUES] + [cell for cell in ranked[FACET_VALUES:] if cell.value in chosen]
    counted = {cell.value for cell in shown}
    return shown + [Cell(value, 0, 0) for value in dict.fromkeys(chosen) if value not in counted]


def _value(cell: Cell, labels: Mapping[str, str], chosen: Sequence[str]) -> FacetValue:
    few = min(cell.people or cell.count, cell.count) < FEW
    return FacetValue(cell.value, labels.get(cell.value, cell.value), cell.count, few, cell.value in chosen)


def _since(began: float) -> float:
    return round((perf_counter() - began) * 1000, 2)
