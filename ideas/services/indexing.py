"""Telling the search: themes and ideas are found by their own words, stories by the themes that they are coded with."""

from collections.abc import Iterable

from django.db.models import Q

from ideas.models import Coding, Theme
from search.services import enqueue

THEME, IDEA, STORY = "theme", "idea", "story"


def themes_changed(ids: Iterable[int]) -> None:
    """A theme was written, renamed, answered, merged: it and the stories coded with it are indexed anew."""
    ids = list(ids)
    enqueue(THEME, ids, hides=True)
    enqueue(STORY, stories_of(Q(theme_id__in=family(ids))), hides=False)


def ideas_changed(ids: Iterable[int]) -> None:
    """An idea was written, moved or merged."""
    enqueue(IDEA, list(ids), hides=True)


def passages_changed(highlight_ids: Iterable[int]) -> None:
    """Codings of these passages came, went or moved: the stories' themes may be others now."""
    enqueue(STORY, stories_of(Q(highlight_id__in=list(highlight_ids), theme__isnull=False)), hides=False)


def stories_of(which: Q) -> list[int]:
    """Return the stories of codings."""
    return list(
        Coding.objects.filter(which).order_by().values_list("highlight__story_id", flat=True).distinct()
    )


def family(ids: Iterable[int]) -> set[int]:
    """Return themes with all that was merged into them."""
    found, fresh = set(), set(ids)
    while fresh:
        found |= fresh
        fresh = set(Theme.objects.filter(merged_into_id__in=fresh).values_list("pk", flat=True)) - found
    return found
