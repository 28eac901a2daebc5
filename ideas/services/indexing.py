"""Telling the search about themes and ideas, which are found by their own words."""

from collections.abc import Iterable

from ideas.models import Theme
from search.services import enqueue

THEME, IDEA = "theme", "idea"


def themes_changed(ids: Iterable[int]) -> None:
    """A theme was written, renamed, answered, merged; what it went into is found by its words too."""
    ids = set(ids)
    into = Theme.objects.filter(pk__in=ids, merged_into__isnull=False).values_list(
        "merged_into_id", flat=True
    )
    enqueue(THEME, sorted(ids | {pk for pk in into if pk}))


def ideas_changed(ids: Iterable[int]) -> None:
    """An idea was written, moved or merged."""
    enqueue(IDEA, list(ids))
