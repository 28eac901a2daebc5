"""Checking that what is recorded, shown and kept is as the ledger says: each check yields a sentence a problem."""

from collections.abc import Callable, Iterator
from datetime import datetime

from django.utils import timezone

from kb_site.verification import records, shown, traces

Check = Callable[[datetime], Iterator[str]]

# What each check looks at, as the command names it.
CHECKS: dict[str, Check] = {
    "chain of the ledger": lambda at: records.broken_chain(),
    "grants and approvals": lambda at: records.unrecorded_rows(),
    "consent texts": lambda at: records.changed_texts(),
    "evidence": lambda at: records.lost_evidence(),
    "closed tables": lambda at: records.open_ledgers(),
    "wordings": lambda at: shown.stale_wordings(),
    "clearances": shown.wrong_clearances,
    "pictures of stories": lambda at: shown.orphaned_pictures(),
    "search index": traces.wrong_index,
    "queue of the index": traces.stale_queue,
    "files": lambda at: traces.unowned_files(),
    "forgotten members": lambda at: traces.remains_of_the_forgotten(),
}


def problems(at: datetime | None = None) -> Iterator[str]:
    """Yield one sentence for everything that is not as the ledger says."""
    at = at or timezone.now()
    for check in CHECKS.values():
        yield from check(at)
