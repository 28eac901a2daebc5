"""What other apps, views and commands call."""

from search.plan import Query
from search.results import SearchResult, Suggestion
from search.services.indexing import (
    DrainReport,
    EngineState,
    ReconcileReport,
    compact,
    drain,
    engine_state,
    enqueue,
    rebuild,
    reconcile,
    retry_parked,
)
from search.services.searching import KIND, MEMBER, audience_of, search, similar
from search.services.suggesting import suggest

# What a query can be narrowed down to beside facets.
BESIDE_FACETS = (KIND, MEMBER)

__all__ = [
    "BESIDE_FACETS",
    "KIND",
    "MEMBER",
    "DrainReport",
    "EngineState",
    "Query",
    "ReconcileReport",
    "SearchResult",
    "Suggestion",
    "audience_of",
    "compact",
    "drain",
    "engine_state",
    "enqueue",
    "rebuild",
    "reconcile",
    "retry_parked",
    "search",
    "similar",
    "suggest",
]
