"""What other apps, views and commands call."""

from search.plan import Query
from search.results import SearchResult, Suggestion
from search.services.indexing import (
    DrainReport,
    ReconcileReport,
    compact,
    drain,
    enqueue,
    rebuild,
    reconcile,
)
from search.services.searching import audience_of, search, similar, suggest

__all__ = [
    "DrainReport",
    "Query",
    "ReconcileReport",
    "SearchResult",
    "Suggestion",
    "audience_of",
    "compact",
    "drain",
    "enqueue",
    "rebuild",
    "reconcile",
    "search",
    "similar",
    "suggest",
]
