"""Completes what is being typed: titles, and values to narrow down to, if their reader may see what is behind."""

import logging
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from search import naming, registry
from search import plan as planning
from search.engines import get_engine
from search.engines.base import EngineHit, EngineUnavailable, Reader
from search.enums import Purpose
from search.plan import Scope
from search.results import Suggestion
from search.services.searching import MEMBER, key_of, labels_of, load, may_search, scope_of

logger = logging.getLogger(__name__)

VALUES = 3
CANDIDATES = 8


def suggest(
    user: Any, text: str, limit: int = 8, *, purpose: str = Purpose.READ, at: datetime | None = None
) -> list[Suggestion]:
    """Titles with words that begin as the words typed, then values; empty when the engine is away.

    Values take at most half of the places while there are titles for the others.
    """
    moment = at or timezone.now()
    if not may_search(user) or not text.strip():
        return []
    scope = scope_of(user, purpose, (), moment)
    try:
        reader = get_engine().reader()
        titles = _titles(reader, scope, text, limit)
        values = list(_values(reader, scope, text))
    except EngineUnavailable as error:
        logger.error("Suggestions are unavailable: %s", error)
        return []
    loaded = load(user, purpose, (*titles, *(hit for _facet, _name, hit in values)), moment)
    chosen = [(facet, name) for facet, name, hit in values if key_of(hit) in loaded]
    chosen = chosen[: max(limit - len(titles), limit // 2)]
    named = [
        Suggestion(hit.kind, loaded[key_of(hit)].title, loaded[key_of(hit)].url, _kind(hit.kind))
        for hit in titles
        if key_of(hit) in loaded
    ]
    return named[: limit - len(chosen)] + list(_narrowing(chosen))


def _titles(reader: Reader, scope: Scope, text: str, limit: int) -> Sequence[EngineHit]:
    plans = planning.title_plans(text, scope, limit, reader.vocabulary(scope))
    return next((found for each in plans if (found := reader.complete(each))), ())


def _values(reader: Reader, scope: Scope, text: str) -> Iterator[tuple[str, naming.Name, EngineHit]]:
    """Values of facets that a text begins to name, each with one thing that carries it."""
    left = CANDIDATES
    for facet in (*registry.facet_names(), MEMBER):
        known = naming.names(reader.generation, facet, scope.kinds)
        for name in naming.begun(text, known, VALUES):
            left -= 1
            plan = planning.Plan(scope, filters={facet: (name.value,)}, limit=1)
            if hits := reader.search(plan).hits:
                yield facet, name, hits[0]
            if not left:
                return


def _narrowing(chosen: Sequence[tuple[str, naming.Name]]) -> Iterator[Suggestion]:
    """Suggestions that lead to everything with a value, grouped by facet."""
    page = reverse("search:results")
    for facet in dict.fromkeys(facet for facet, _name in chosen):
        values = [name.value for each, name in chosen if each == facet]
        labels = labels_of(facet, values)
        for value in values:
            url = f"{page}?{urlencode({facet: value})}"
            yield Suggestion(facet, labels.get(value, value), url, _title(facet))


def _title(facet: str) -> str:
    if facet == MEMBER:
        return _("Who told it")
    owner = next(found for found in registry.sources() if facet in registry.facets_of(found))
    return owner.facet_title(facet)


def _kind(kind: str) -> str:
    return str(registry.source(kind).label)
