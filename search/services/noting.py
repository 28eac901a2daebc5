"""Notes what is looked for and which result was opened, never who did it."""

import logging
from datetime import timedelta
from uuid import UUID, uuid4

from django.conf import settings
from django.db import DatabaseError, transaction
from django.db.models import Q
from django.utils import timezone

from search import analysis, registry
from search.engines import engine_name
from search.models import LoggedQuery
from search.plan import Query
from search.results import SearchResult

logger = logging.getLogger(__name__)

DEEPEST_RANK = 1000


def noted(query: Query, result: SearchResult, language: str) -> LoggedQuery | None:
    """The note of a search, not yet written; none for browsing, for later pages, or where no log is kept."""
    if not settings.KB_SEARCH_LOG_DAYS or query.page > 1 or not query.text.strip():
        return None
    return LoggedQuery(
        key=uuid4(),
        hour=timezone.now().replace(minute=0, second=0, microsecond=0),
        text=as_kept(query.text),
        total=result.total,
        stage=result.stage,
        engine=engine_name(str(settings.SEARCH_URL)),
        language=language[:2],
        took_ms=result.took_ms,
    )


def as_kept(text: str) -> str:
    """A text without what names or identifies somebody, folded, with single spaces."""
    return " ".join(analysis.fold(registry.masked(analysis.clean(text))).split())[:200]


def write(note: LoggedQuery) -> None:
    """Keep a note. A database that is busy loses a note rather than a reader's patience."""
    try:
        with transaction.atomic():
            note.save(force_insert=True)
    except DatabaseError:
        logger.warning("A search could not be noted")


def opened(key: UUID, rank: int) -> None:
    """Note that the result at ``rank`` (from 1) of a noted search was opened; the best rank is kept."""
    if not 1 <= rank <= DEEPEST_RANK:
        return
    better = Q(clicked_rank__isnull=True) | Q(clicked_rank__gt=rank)
    LoggedQuery.objects.filter(better, key=key, total__gte=rank).update(clicked_rank=rank)


def forget_searches() -> int:
    """Delete what is older than ``KB_SEARCH_LOG_DAYS``; returns how many. The worker's job."""
    oldest = timezone.now() - timedelta(days=settings.KB_SEARCH_LOG_DAYS)
    return LoggedQuery.objects.filter(hour__lt=oldest).delete()[0]
