"""Telling the search about themes and ideas, which are found by their own words."""

from collections.abc import Iterable

from ideas.models import Coding, Theme
from ideas.querysets import Tree
from search.services import enqueue

STORY, THEME, IDEA = "story", "theme", "idea"


def themes_changed(ids: Iterable[int]) -> None:
    """A theme was written, renamed, answered, merged; what it went into is found by its words too."""
    ids = set(ids)
    into = Theme.objects.filter(pk__in=ids, merged_into__isnull=False).values_list(
        "merged_into_id", flat=True
    )
    enqueue(THEME, sorted(ids | {pk for pk in into if pk}))
    tree = Tree(list(Theme.objects.order_by()))
    below = {each.pk for pk in ids if pk in tree.by_id for each in tree.closure(tree.by_id[pk])}
    coded = Coding.objects.filter(theme_id__in=below).order_by()
    stories_coded(coded.values_list("highlight__story_id", flat=True).distinct())


def stories_coded(ids: Iterable[int]) -> None:
    """Passages of stories were coded, or to other themes."""
    enqueue(STORY, sorted(ids), hides=False)


def ideas_changed(ids: Iterable[int]) -> None:
    """An idea was written, moved or merged."""
    enqueue(IDEA, list(ids))
