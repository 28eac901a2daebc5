"""What the home page shows: a person first, then numbers that say of how many people."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from itertools import accumulate
from typing import Any, NamedTuple

from django.db.models import Count
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language

from club.models import Member
from consent.enums import Purpose
from ideas.lately import lately
from search.enums import FEW
from stories.cards import CardRow, card, card_rows
from stories.enums import Sensitivity
from stories.models import StoryPage, Tag, Touchpoint
from stories.querysets import Reader, visible

NEWEST = 6
LATELY = 30
WAYS_IN = 4
ROWS = 7
WORDS_PER_MINUTE = 180
OPENING_WORDS = 46


class Told(NamedTuple):
    """What the home page counts of one visible story."""

    pk: int
    member: int
    outcome: int | None
    episodes: int
    sensitivity: str
    language: str


def context(user: Reader) -> dict[str, Any]:
    """Return the home page's context: one walk through the gate, then a fixed number of small queries."""
    stories = visible(user)
    columns = ("pk", "member_id", "loyalty_outcome", "episode_count", "sensitivity", "language")
    told = [Told(*row) for row in stories.order_by("-first_published_at", "-pk").values_list(*columns)]
    chosen = story_of_the_day(told)
    wanted = [story.pk for story in told[:NEWEST]]
    shown = [*wanted, *([chosen] if chosen else [])]
    loaded = {row.pk: row for row in card_rows(user, Purpose.READ, shown, timezone.now())}
    return {
        "story_of_the_day": described(loaded[chosen]) if chosen in loaded else None,
        "newest": [card(loaded[pk]) for pk in wanted if pk in loaded],
        "total": len(told),
        "recent_tags": recent_tags(told),
        **mood(told),
        **lately(user),
        "sections": [],
    }


def story_of_the_day(told: Sequence[Told], day: date | None = None) -> int | None:
    """Return the id of one story that changes every day, in the reader's language where there is one."""
    whole = [story for story in told if story.episodes >= 3 and story.sensitivity == Sensitivity.NORMAL]
    language = (get_language() or "")[:2]
    own = [story for story in whole if story.language == language]
    ids = sorted(story.pk for story in own or whole)
    return ids[(day or timezone.localdate()).toordinal() % len(ids)] if ids else None


def described(story: CardRow) -> dict[str, Any]:
    """Return what the front page tells of one story."""
    points = list(accumulate(story.loyalty_path))
    return {
        "card": card(story),
        "opening": opening(story.plain_text),
        "low": min(points),
        "now": points[-1],
        "episode_count": story.episode_count,
        "minutes": max(1, round(story.word_count / WORDS_PER_MINUTE)),
    }


def opening(text: str) -> str:
    """Return the first sentences of a story, not its first heading."""
    _title, _, body = text.partition("\n")
    words = (body or text).split()
    if len(words) <= OPENING_WORDS:
        return " ".join(words)
    cut = " ".join(words[:OPENING_WORDS])
    end = max(cut.rfind(mark) for mark in (". ", "? ", "… "))
    return cut[: end + 1] if end > len(cut) // 2 else f"{cut}…"


def recent_tags(told: Sequence[Told]) -> list[dict[str, str]]:
    """Return the most frequent tags of the newest stories as ways in."""
    newest = [story.pk for story in told[:LATELY]]
    tags = (
        Tag.objects.filter(items__content_object__in=newest)
        .annotate(n=Count("items"))
        .order_by("-n", "slug")[:WAYS_IN]
    )
    return [{"label": tag.label, "url": f"{reverse('stories:list')}?tag={tag.slug}"} for tag in tags]


def mood(told: Sequence[Told]) -> dict[str, Any]:
    """Return where people's loyalty fell and rose, by touchpoint, counting each person once a cell."""
    marked = {story.pk: story for story in told if story.outcome is not None}
    through = StoryPage.touchpoints.through.objects.order_by().values_list("touchpoint_id", "storypage_id")
    fell: dict[int, set[int]] = defaultdict(set)
    rose: dict[int, set[int]] = defaultdict(set)
    for touchpoint, pk in through:
        story = marked.get(pk)
        if story and story.outcome:
            (rose if story.outcome > 0 else fell)[touchpoint].add(story.member)
    words = Touchpoint.objects.in_bulk([*{*fell, *rose}])
    ranked = sorted(words.values(), key=lambda word: (-len(fell[word.pk] | rose[word.pk]), word.order))[:ROWS]
    return {
        "mood": [mood_row(word, len(fell[word.pk]), len(rose[word.pk])) for word in ranked],
        "mood_people": len({story.member for story in marked.values()}),
        "club_people": Member.objects.count(),
    }


def mood_row(word: Touchpoint, falls: int, rises: int) -> dict[str, Any]:
    """Return one row; a cell under five people says "few" and gives no number away."""
    return {
        "label": word.label,
        "url": f"{reverse('stories:list')}?touchpoint={word.slug}",
        "falls": falls if falls >= FEW else None,
        "rises": rises if rises >= FEW else None,
        "few_falls": 0 < falls < FEW,
        "few_rises": 0 < rises < FEW,
    }
