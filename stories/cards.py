"""What a list shows of a story. Made only from rows that came through the gate."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple, TypeAlias

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from consent.enums import Purpose
from stories.enums import Provenance
from stories.models import StoryPage
from stories.periods import month_label
from stories.prepared import VisibleRows
from stories.querysets import Reader, read_until, visible

Stories: TypeAlias = QuerySet[StoryPage]
Rows: TypeAlias = QuerySet[StoryPage, tuple[Any, ...]]

IDS = {size: tuple(range(-871_000_000, -871_000_000 - size, -1)) for size in (4, 24, 120)}


class CardRow(NamedTuple):
    """The columns that a card and an excerpt need; the body stays in the database."""

    pk: int
    title: str
    slug: str
    external_id: str | None
    language: str
    summary: str
    provenance: str
    period_start: date | None
    period_end: date | None
    loyalty_path: list[int]
    loyalty_outcome: int | None
    plain_text: str
    episode_count: int
    word_count: int
    persona: str
    code: str
    hair: str
    dress: str
    read_until: datetime | None


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


def for_cards(stories: Stories, at: datetime | None = None) -> Rows:
    """Narrow a gated query to the columns of ``CardRow``, in their order; no body."""
    own = CardRow._fields[: CardRow._fields.index("persona")]
    person = ("member__persona_name", "member__code", "member__hair", "member__dress")
    return stories.values_list(*own, *person, read_until(at or timezone.now()))


def _by_ids(stories: Stories, at: datetime, *, ids: Sequence[int]) -> Rows:
    return for_cards(stories.filter(pk__in=ids), at).order_by()


BY_IDS = {size: VisibleRows(_by_ids, ids=ids) for size, ids in IDS.items()}


def card_rows(user: Reader, purpose: Purpose, ids: Sequence[int], at: datetime) -> list[CardRow]:
    """Return the rows of those of ``ids`` that the reader may meet, in no order; one query for up to 120."""
    size = next((size for size in BY_IDS if size >= len(ids)), None)
    if size is None:
        return rows_of(for_cards(visible(user, purpose, at).filter(pk__in=list(ids)), at))
    return [CardRow(*row) for row in BY_IDS[size](user, purpose, at, ids=ids)]


def rows_of(stories: Rows) -> list[CardRow]:
    """Return the rows of a query that ``for_cards`` narrowed."""
    return [CardRow(*row) for row in stories]


def card(row: CardRow) -> StoryCard:
    """Return the card of a row."""
    until = row.read_until
    return StoryCard(
        object_id=row.pk,
        url=story_url(row.slug),
        title=row.title,
        persona=row.persona,
        member_code=row.code,
        hair=row.hair,
        dress=row.dress,
        date_label=month_label(row.period_end or row.period_start),
        arc=list(row.loyalty_path),
        outcome=row.loyalty_outcome,
        read_until=timezone.localtime(until).date() if until else None,
        language=row.language,
        summary=row.summary,
        provenance_label=str(Provenance(row.provenance).label),
    )


def hit(row: CardRow) -> StoryHit:
    """Return the hit of a row."""
    made = card(row)
    text = "\n\n".join(part for part in (row.summary, row.plain_text) if part)
    return StoryHit(made.title, made.url, row.external_id or "", text, made)
