"""Reading the outbox."""

from collections.abc import Iterable
from datetime import datetime

from django.db import connection
from django.db.models import Q, QuerySet

from search.models import Outbox

HIDDEN = "SELECT DISTINCT kind, object_id FROM search_outbox WHERE hides"


def free_q(now: datetime) -> Q:
    """Rows that no living drainer holds."""
    return Q(lease_until__isnull=True) | Q(lease_until__lte=now)


def due(now: datetime) -> QuerySet[Outbox]:
    """Rows to be worked on now, oldest first."""
    return Outbox.objects.filter(free_q(now), due_at__lte=now, parked_at__isnull=True).order_by("pk")


def parked() -> QuerySet[Outbox]:
    """Rows given up until somebody changes the thing again."""
    return Outbox.objects.filter(parked_at__isnull=False)


def pending_ids() -> dict[str, frozenset[int]]:
    """Ids by kind of which the index may not know the last state, in one query."""
    return _by_kind(Outbox.objects.all())


def hidden_ids() -> dict[str, frozenset[int]]:
    """Ids by kind that searches leave out, because the index may still show what is gone or changed; one query."""
    with connection.cursor() as cursor:  # asked with every search and every story: not worded anew each time
        cursor.execute(HIDDEN)
        return _grouped(cursor.fetchall())


def _by_kind(rows: QuerySet[Outbox]) -> dict[str, frozenset[int]]:
    return _grouped(rows.values_list("kind", "object_id").distinct())


def _grouped(rows: Iterable[tuple[str, int]]) -> dict[str, frozenset[int]]:
    found: dict[str, set[int]] = {}
    for kind, object_id in rows:
        found.setdefault(kind, set()).add(object_id)
    return {kind: frozenset(ids) for kind, ids in found.items()}
