"""Passages as pages show them: her words, who told them, where the story is. Made only of what passed the gate."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from consent.enums import Purpose
from ideas.enums import Importance
from ideas.models import Coding, Highlight
from ideas.querysets import Ground, Mark
from stories.cards import StoryCard, card, card_rows
from stories.querysets import Reader

PAGE = 24


@dataclass(frozen=True, slots=True)
class Passage:
    """One passage that speaks for a theme or an idea."""

    highlight: int
    coding: int
    words: str
    valence: int
    importance: str
    memo: str
    card: StoryCard
    url: str


def ranked(marks: Sequence[Mark], here: Ground) -> list[Mark]:
    """Return marks in the order of showing: the weightiest first, one of each member before seconds, newest first."""
    best = sorted(marks, key=lambda mark: (-mark.importance, -mark.pk))
    seen: dict[int, int] = {}
    places = []
    for mark in best:
        member = here.stories[mark.story].member
        places.append((seen.get(member, 0), mark))
        seen[member] = seen.get(member, 0) + 1
    return [mark for _turn, mark in sorted(places, key=lambda pair: pair[0])]


def unique(marks: Sequence[Mark]) -> list[Mark]:
    """Return one mark a passage: a passage coded to a theme and to one merged into it counts once."""
    seen: set[int] = set()
    return [mark for mark in marks if not (mark.highlight in seen or seen.add(mark.highlight))]  # type: ignore[func-returns-value]


def shown(user: Reader, marks: Sequence[Mark], at: datetime | None = None) -> list[Passage]:
    """Return the passages of marks that may be shown now; two queries at most, however many there are.

    Marks stand on ground, and there is ground only where the words may be read.
    """
    at = at or timezone.now()
    stories = list({mark.story for mark in marks})
    cards = {row.pk: card(row) for row in card_rows(user, Purpose.IDEAS, stories, at)} if stories else {}
    words = texts([mark.pk for mark in marks])
    return [
        Passage(
            mark.highlight,
            mark.pk,
            *words[mark.pk],
            card=cards[mark.story],
            url=f"{cards[mark.story].url}#highlight-{mark.highlight}",
        )
        for mark in marks
        if mark.story in cards and mark.pk in words
    ]


def texts(codings: Sequence[int]) -> dict[int, tuple[str, int, str, str]]:
    """Return words, valence, importance and memo by coding."""
    rows = Coding.objects.filter(pk__in=codings).order_by()
    columns = ("pk", "highlight__exact", "valence", "importance", "memo")
    return {
        pk: (exact, valence, str(Importance(importance).label), memo)
        for pk, exact, valence, importance, memo in rows.values_list(*columns)
    }


def by_highlight(user: Reader, ids: Sequence[int], here: Ground) -> list[Passage]:
    """Return passages by their highlights, whatever they were coded with: what a decision overrules."""
    rows = (
        Highlight.objects.filter(pk__in=ids)
        .order_by("pk")
        .values_list("pk", "story_id", "revision", "codings")
    )
    marks = [
        Mark(coding, pk, story, revision, 0, 0, 0, None) for pk, story, revision, coding in rows if coding
    ]
    return shown(user, unique([mark for mark in marks if here.stands(mark)]))
