"""What a list shows of a story. Made only from rows that came through the gate."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from stories.models import StoryPage
from stories.periods import month_label
from stories.querysets import read_until

# Columns that a card and an excerpt need; the body stays in the database.
CARD_FIELDS = (
    "pk", "title", "slug", "external_id", "language", "summary", "provenance", "period_start", "period_end",
    "first_published_at", "loyalty_path", "loyalty_outcome", "plain_text", "episode_count", "word_count",
    "member__persona_name", "member__code", "member__hair", "member__dress",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class StoryCard:
    """One story in a list: a face, a title, a date, where the loyalty went."""

    object_id: int
    url: str
    title: str
    persona: str
    member_code: str
    hair: str
    dress: str
    date_label: str
    arc: list[int]
    outcome: int | None
    read_until: date | None
    language: str
    summary: str
    provenance_label: str


@dataclass(frozen=True, slots=True)
class StoryHit:
    """A story as the search asks for it; ``text`` feeds the excerpt."""

    title: str
    url: str
    external_id: str
    text: str
    card: StoryCard


def story_url(slug: str) -> str:
    """Return the address of a story."""
    return reverse("stories:detail", args=[slug])


def for_cards(stories: QuerySet[StoryPage], at: datetime | None = None) -> QuerySet[StoryPage]:
    """Narrow a gated query to what cards need: one query, no body."""
    return (
        stories.select_related("member")
        .only(*CARD_FIELDS)
        .annotate(read_until=read_until(at or timezone.now()))
    )


def card(story: StoryPage) -> StoryCard:
    """Return the card of a row that ``for_cards`` loaded."""
    day = story.period_end or story.period_start
    until: datetime | None = story.read_until
    return StoryCard(
        object_id=story.pk,
        url=story_url(story.slug),
        title=story.title,
        persona=story.member.persona_name,
        member_code=story.member.code,
        hair=story.member.hair,
        dress=story.member.dress,
        date_label=month_label(day),
        arc=list(story.loyalty_path),
        outcome=story.loyalty_outcome,
        read_until=timezone.localtime(until).date() if until else None,
        language=story.language,
        summary=story.summary,
        provenance_label=story.get_provenance_display(),
    )


def cards(stories: Iterable[StoryPage]) -> list[StoryCard]:
    """Return the cards of several rows."""
    return [card(story) for story in stories]


def hit(story: StoryPage) -> StoryHit:
    """Return the hit of a row that ``for_cards`` loaded."""
    made = card(story)
    text = "\n\n".join(part for part in (story.summary, story.plain_text) if part)
    return StoryHit(made.title, made.url, story.external_id or "", text, made)
