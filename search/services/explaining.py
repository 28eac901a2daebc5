"""Why a thing stands where it stands: what each ingredient of one query gave one result."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils import timezone

from search.engines import get_engine
from search.engines.base import EngineHit, Part
from search.enums import Purpose
from search.plan import Query
from search.results import SearchResult
from search.services.searching import heard, key_of, load, may_search, planned, scope_of, search


@dataclass(frozen=True, slots=True)
class Share:
    """What one ingredient gave altogether, and its share of the whole, 0 to 100."""

    ingredient: str
    score: float
    percent: int


@dataclass(frozen=True, slots=True)
class Explained:
    """One result explained: ``matched`` of the query's words are in it, ``needed`` make a result."""

    title: str
    url: str
    total: float
    matched: int
    needed: int
    shares: list[Share] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)


def explain(
    user: Any, text: str, kind: str, object_id: int, *, at: datetime | None = None
) -> Explained | None:
    """Explain one result of a text; nothing if ``user`` may not see it. Raises ``EngineUnavailable``."""
    moment = at or timezone.now()
    if not may_search(user):
        return None
    hit = EngineHit(kind, object_id, 0.0)
    thing = load(user, Purpose.READ, [hit], moment).get(key_of(hit))
    if thing is None:
        return None
    query = Query(text)
    scope = scope_of(user, query.purpose, (), moment)
    reader = get_engine().reader()
    plan = planned(query, reader, scope, heard(query, reader, scope, user, moment))
    found = reader.explain(plan, kind, object_id)
    parts = sorted(found.parts, key=lambda part: -part.score)
    return Explained(thing.title, thing.url, found.total, found.matched, found.needed, _shares(parts), parts)


def candidates(user: Any, text: str) -> SearchResult:
    """The results of which one can be explained."""
    return search(user, Query(text, size=10))


def _shares(parts: list[Part]) -> list[Share]:
    given: dict[str, float] = defaultdict(float)
    for part in parts:
        given[part.ingredient] += part.score
    whole = sum(given.values()) or 1.0
    ranked = sorted(given.items(), key=lambda pair: -pair[1])
    return [Share(name, score, round(100 * score / whole)) for name, score in ranked]
