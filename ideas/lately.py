"""For the front page: what the company changed lately because of stories, and the themes that more people tell of.

One query, which asks the gate itself: codings of stories that this reader may meet as evidence and may read. What
nobody's standing passage speaks for is not on the page.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from django.db.models import F, Q
from django.db.models.functions import Coalesce, TruncDate
from django.urls import reverse
from django.utils import timezone

from consent.enums import Purpose
from consent.expressions import Granted
from ideas.enums import STANDING, IdeaState
from ideas.models import Coding
from search.enums import FEW
from stories.models.vocabulary import label_of
from stories.querysets import Reader, visible

CHANGED_DAYS, CHANGES = 180, 4
RISING_DAYS, RISING = 90, 4
DAY = Coalesce(
    "highlight__story__period_end",
    "highlight__story__period_start",
    TruncDate("highlight__story__first_published_at"),
)
COLUMNS = (
    "highlight__story__member_id", "day", "theme__slug", "theme__name_ru", "theme__name_en", "theme__answered_at",
    "theme__merged_into__slug", "theme__merged_into__name_ru", "theme__merged_into__name_en",
    "theme__merged_into__answered_at", "idea_id", "idea__title", "idea__state", "idea__moved_at",
)  # fmt: skip


class Row(NamedTuple):
    """One standing coding: whose, of which day, for what."""

    member: int
    day: date | None
    slug: str | None
    name_ru: str | None
    name_en: str | None
    answered_at: datetime | None
    into_slug: str | None
    into_ru: str | None
    into_en: str | None
    into_answered_at: datetime | None
    idea: int | None
    title: str | None
    state: str | None
    moved_at: datetime | None

    @property
    def theme(self) -> tuple[str, str, datetime | None]:
        """Slug, label and answer's moment of the theme, or of the one it went into."""
        if self.into_slug:
            return self.into_slug, label_of(self.into_ru or "", self.into_en or ""), self.into_answered_at
        return self.slug or "", label_of(self.name_ru or "", self.name_en or ""), self.answered_at


@dataclass(frozen=True, slots=True)
class Change:
    """Something the company did or answered, with the people on whose words it stands."""

    label: str
    url: str
    on: date
    is_made: bool
    people: int


@dataclass(frozen=True, slots=True)
class Rise:
    """A theme with the people who told of it in the last days, and in as many days before."""

    label: str
    url: str
    now: int
    before: int


def lately(user: Reader, at: datetime | None = None) -> dict[str, Any]:
    """Return ``changes`` and ``rising`` for this reader now; nothing for who may not read themes and ideas."""
    if not (user.has_perm("ideas.view_theme") and user.has_perm("ideas.view_idea")):
        return {"changes": [], "rising": []}
    at = at or timezone.now()
    rows = [Row(*row) for row in standing(user, at)]
    today = timezone.localdate(at)
    return {"changes": changes(rows, at), "rising": rising(rows, today), "rising_days": RISING_DAYS}


def standing(user: Reader, at: datetime) -> Iterable[tuple[Any, ...]]:
    """Return the codings that the page can need; one query."""
    stories = visible(user, Purpose.IDEAS, at).filter(Granted("member_id", Purpose.READ, at)).order_by()
    since = at - timedelta(days=CHANGED_DAYS)
    wanted = (
        Q(idea__state=IdeaState.SHIPPED, idea__moved_at__gte=since)
        | Q(theme__answered_at__gte=since)
        | Q(theme__merged_into__answered_at__gte=since)
        | Q(theme__isnull=False, day__gt=timezone.localdate(at) - timedelta(days=2 * RISING_DAYS))
    )
    rows = Coding.objects.annotate(day=DAY).filter(
        wanted,
        highlight__state__in=STANDING,
        highlight__revision=F("highlight__story__live_revision_id"),
        highlight__story__in=stories.values("pk"),
    )
    return rows.order_by().values_list(*COLUMNS)


def changes(rows: Iterable[Row], at: datetime) -> list[Change]:
    """Return what was shipped or answered, the newest first."""
    since = at - timedelta(days=CHANGED_DAYS)
    people: dict[tuple[bool, str, str, datetime], set[int]] = defaultdict(set)
    for row in rows:
        if row.idea is not None:
            if row.state == IdeaState.SHIPPED and row.moved_at and row.moved_at >= since:
                people[True, reverse("ideas:idea", args=[row.idea]), row.title or "", row.moved_at].add(
                    row.member
                )
            continue
        slug, label, answered_at = row.theme
        if answered_at and answered_at >= since:
            people[False, reverse("ideas:theme", args=[slug]), label, answered_at].add(row.member)
    newest = sorted(people.items(), key=lambda each: (each[0][3], each[0][1]), reverse=True)[:CHANGES]
    return [
        Change(label, url, timezone.localtime(moment).date(), made, len(members))
        for (made, url, label, moment), members in newest
    ]


def rising(rows: Iterable[Row], today: date) -> list[Rise]:
    """Return the themes that more people told of than before; under five people nothing is said of a rise."""
    now: dict[tuple[str, str], set[int]] = defaultdict(set)
    before: dict[tuple[str, str], set[int]] = defaultdict(set)
    edge, first = today - timedelta(days=RISING_DAYS), today - timedelta(days=2 * RISING_DAYS)
    for row in rows:
        if row.idea is None and row.day and first < row.day <= today:
            slug, label, _answered = row.theme
            (now if row.day > edge else before)[slug, label].add(row.member)
    found = [
        Rise(label, reverse("ideas:theme", args=[slug]), len(members), len(before[slug, label]))
        for (slug, label), members in now.items()
        if len(members) >= FEW and len(members) > len(before[slug, label])
    ]
    return sorted(found, key=lambda each: (each.before - each.now, each.label))[:RISING]
