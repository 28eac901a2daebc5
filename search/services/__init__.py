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
from search.services.searching import audience_of, search, similar, suggest

__all__ = [
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
