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

from search import analysis, excerpts, naming, registry, understanding
from search import plan as planning
from search.documents import HitObject
from search.engines import get_engine
from search.engines.base import Answer, Cell, EngineHit, EngineUnavailable, Reader
from search.engines.expecting import expected
from search.enums import EVERYONE, FEW, Purpose, Sort, StageName
from search.plan import Query, Scope
from search.querysets import hidden_ids
from search.results import Facet, FacetValue, Hit, SearchResult
from search.services import promoting
from search.services.synonyms import current_thesaurus
from search.understanding import Understood

logger = logging.getLogger(__name__)

KIND, MEMBER = "kind", "member"
FACET_VALUES = 12
FALLBACK_HITS = 20

Loaded = dict[tuple[str, int], HitObject]
Excluded = Mapping[str, frozenset[int]]
NOTHING: Excluded = {}


@dataclass(frozen=True, slots=True)
class _Asked:
    """What was understood, the plan made of it, and its answer."""

    plan: planning.Plan
    answer: Answer
    said: Understood
    chosen: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Found:
    """An answer, and what the gate let through of it a moment later."""

    asked: _Asked
    picks: Sequence[promoting.Pick]
    loaded: Loaded

    @property
    def dropped(self) -> list[EngineHit]:
        """Hits that the gate did not let through."""
        return [each for each in self.asked.answer.hits if key_of(each) not in self.loaded]

    def late(self) -> Excluded:
        """What counts and words were still made of although it is gone: withdrawn meanwhile, or dropped by the gate."""
        excluded = self.asked.plan.scope.excluded
        gone = {kind: set(ids - excluded.get(kind, frozenset())) for kind, ids in hidden_ids().items()}
        for each in self.dropped:
            gone.setdefault(each.kind, set()).add(each.object_id)
        return {kind: frozenset(ids) for kind, ids in gone.items() if ids}


def search(user: Any, query: Query, *, at: datetime | None = None) -> SearchResult:
    """Find what ``user`` may see at ``at`` (default: now). Never raises because of the engine or the text."""
    began = perf_counter()
    moment = at or timezone.now()
    if not may_search(user):
        return SearchResult([], 0, [], StageName.ALL)
    query = _sane(query)
    found = _found(user, query, moment)
    if found and found.dropped:
        logger.warning(
            "The gate dropped %d hits: the index is behind and needs a reconciliation", len(found.dropped)
        )
    if found and (late := found.late()):
        found = _found(user, query, moment, late)
    if found is None:
        return _fallback(user, query, began)
    asked = found.asked
    return SearchResult(
        hits=[
            _hit(each, found.loaded, asked.plan.stems)
            for each in asked.answer.hits
            if key_of(each) in found.loaded
        ],
        total=max(asked.answer.total - len(found.dropped), 0),
        facets=_facets(query, asked.answer),
        stage=asked.answer.stage,
        corrected=asked.plan.corrected,
        took_ms=_since(began),
        meant=asked.plan.meant,
        also=asked.plan.also,
        chips=asked.said.chips,
        puzzles=asked.said.puzzles,
        promoted=promoting.shown(found.picks, found.loaded),
        chosen=asked.chosen,
    )


def found_ids(user: Any, query: Query, limit: int, *, at: datetime | None = None) -> tuple[EngineHit, ...]:
    """What ``user`` finds with the strictest reading of a query, newest first, without loading anything.

    Exact like every count, but not yet through the gate. ``EngineUnavailable`` if the index cannot be asked.
    """
    moment = at or timezone.now()
    if not may_search(user):
        return ()
    query = _sane(query)
    scope = scope_of(user, query.purpose, query.kinds, moment)
    reader = get_engine().reader()
    plan = planned(query, reader, scope, heard(query, reader, scope, user, moment))
    strict = tuple(stage for stage in plan.stages[:1] if not stage.by_grams)
    if plan.stages and not strict:
        return ()
    return reader.search(
        replace(plan, stages=strict, facets=(), sort=Sort.NEWEST, offset=0, limit=limit)
    ).hits


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
    if not may_search(user):
        return []
    try:
        hits = _neighbours(scope_of(user, purpose, (kind,), moment), kind, object_id, limit)
    except EngineUnavailable as error:
        logger.error("Similar things are unavailable: %s", error)
        return []
    return list(load(user, purpose, hits, moment).values())


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


def may_search(user: Any) -> bool:
    return bool(user.is_authenticated and user.is_active)


def scope_of(user: Any, purpose: str, kinds: Sequence[str], at: datetime) -> Scope:
    """What ``user`` may be told of; a superuser passes every audience, but no visibility window."""
    return Scope(
        purpose=Purpose(purpose),
        at=int(at.timestamp()),
        audience=None if user.is_superuser else audience_of(user),
        kinds=tuple(found.kind for found in registry.sources(kinds)) or ("",),
        excluded=hidden_ids(),
    )


def _found(user: Any, query: Query, at: datetime, late: Excluded = NOTHING) -> _Found | None:
    """Ask the index, then the gate; nothing when the engine could not be asked."""
    asked = _ask(user, query, at, late)
    if asked is None:
        return None
    picks = promoting.picks(query, asked.plan.corrected)
    pages = [EngineHit(*each, score=0.0) for each in promoting.pages(picks)]
    return _Found(asked, picks, load(user, query.purpose, (*pages, *asked.answer.hits), at))


def _ask(user: Any, query: Query, at: datetime, late: Excluded) -> _Asked | None:
    scope = scope_of(user, query.purpose, query.kinds, at)
    without = {kind: scope.excluded.get(kind, frozenset()) | ids for kind, ids in late.items()}
    scope = replace(scope, excluded={**scope.excluded, **without})
    try:
        reader = get_engine().reader()
        said = heard(query, reader, scope, user, at)
        chosen = planned(query, reader, scope, said)
        answer = reader.search(chosen)
        if not answer.total and chosen.phrases:
            said = understanding.unquoted(said)
            chosen = planned(query, reader, scope, said)
            answer = reader.search(chosen)
        codes = query.filters.get(MEMBER, ())
        known = people(user, query.purpose, reader, scope, codes, at)
        labels = {code: code for code in codes} | dict(labels_of(MEMBER, known, query.kinds))
        return _Asked(chosen, answer, said, {MEMBER: labels} if codes else {})
    except EngineUnavailable as error:
        logger.error("The search engine is unavailable: %s", error)
        return None


def planned(query: Query, reader: Reader, scope: Scope, said: Understood) -> planning.Plan:
    """The plan of a query whose fields were looked up."""
    names = registry.facet_names(query.kinds)
    if len(scope.kinds) > 1:
        names = (KIND, *names)
    vocabulary = reader.vocabulary(scope, expected(query.text))
    plan = planning.plan(query, scope, vocabulary, names, understood=said, thesaurus=current_thesaurus())
    return replace(plan, values=FACET_VALUES, gated=registry.gates(query.kinds))


def heard(query: Query, reader: Reader, scope: Scope, user: Any, at: datetime) -> Understood:
    """What a query says, with the values of its fields as its reader may know of them."""
    offered = (*registry.facet_names(query.kinds), MEMBER)

    def resolve(facet: str, text: str) -> list[tuple[str, str]]:
        known = naming.names(reader.generation, facet, scope.kinds)
        found = [name.value for name in naming.named(text, known)] or ([] if known.names else [text])
        if facet == MEMBER:
            found = people(user, query.purpose, reader, scope, found, at)
        labels = labels_of(facet, found, query.kinds)
        return [(value, labels.get(value, value)) for value in found]

    return understanding.understand(query.text, offered, resolve)


def people(
    user: Any, purpose: str, reader: Reader, scope: Scope, codes: Sequence[str], at: datetime
) -> list[str]:
    """Those of ``codes`` behind whom stands something that the reader may see."""
    proposed = {code: one_of(reader, scope, MEMBER, code) for code in codes}
    loaded = load(user, purpose, [hit for hit in proposed.values() if hit], at)
    return [code for code, hit in proposed.items() if hit and key_of(hit) in loaded]


def one_of(reader: Reader, scope: Scope, facet: str, value: str) -> EngineHit | None:
    """Something inside the scope that has a value of a facet."""
    answer = reader.search(planning.Plan(scope, filters={facet: (value,)}, limit=1))
    return answer.hits[0] if answer.hits else None


def labels_of(facet: str, values: Sequence[str], kinds: Sequence[str] = ()) -> Mapping[str, str]:
    """Labels of values that a reader may know of, in the active language."""
    owners = [found for found in registry.sources(kinds) if facet in (*registry.facets_of(found), MEMBER)]
    return (
        {}
        if not values
        else {
            value: label
            for found in reversed(owners)  # the first source has the last word
            for value, label in found.facet_labels(facet, values).items()
        }
    )


def _sane(query: Query) -> Query:
    """The query cut to its limits, without signs no database takes and without facets that nobody offers."""
    offered = (*registry.facet_names(query.kinds), MEMBER, KIND)
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


def load(user: Any, purpose: str, hits: Sequence[EngineHit], at: datetime) -> Loaded:
    """The things behind hits that the gate lets through, in the order of the hits."""
    ids: dict[str, list[int]] = {}
    for each in hits:
        ids.setdefault(each.kind, []).append(each.object_id)
    found = {kind: registry.source(kind).hits(user, purpose, wanted, at) for kind, wanted in ids.items()}
    return {key_of(hit): found[hit.kind][hit.object_id] for hit in hits if hit.object_id in found[hit.kind]}


def key_of(hit: EngineHit) -> tuple[str, int]:
    return hit.kind, hit.object_id


def _hit(hit: EngineHit, loaded: Loaded, stems: frozenset[str]) -> Hit:
    found = loaded[key_of(hit)]
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
        if name == KIND:
            facets.append(_kinds(query, cells))
            continue
        owner = next(found for found in offered if name in registry.facets_of(found))
        chosen = query.filters.get(name, ())
        shown = _shown(cells, chosen)
        if shown:
            labels = owner.facet_labels(name, [cell.value for cell in shown])
            values = [_value(cell, labels, chosen) for cell in shown]
            facets.append(Facet(name, owner.facet_title(name), values))
    return facets


def _kinds(query: Query, cells: Sequence[Cell]) -> Facet:
    """The facet of kinds: every registered one, in order, found or not."""
    counted = {cell.value: cell for cell in cells}
    labels = {found.kind: str(found.label) for found in registry.sources(query.kinds)}
    chosen = query.filters.get(KIND, ())
    return Facet(
        KIND,
        _("Kind"),
        [_value(counted.get(kind, Cell(kind, 0, 0)), labels, chosen) for kind in labels],
    )


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
