"""Evidence, always through the gate: passages count only while their narrators let them serve as evidence.

``ground`` asks ``visible(user, "ideas", at)`` once a request for all coded stories; rows of codings count only if their
story is on that ground, and only in the wording that is published. Nothing here is cached.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db.models import Exists, F, OuterRef, QuerySet
from django.db.models.functions import Coalesce, TruncDate
from django.utils import timezone

from club.models import Stratum
from consent.enums import Purpose
from consent.expressions import Granted
from ideas.enums import STANDING
from ideas.estimating import Cell, Estimate, estimate
from ideas.models import Coding, Highlight, Theme
from stories.models import StoryPage
from stories.prepared import VisibleRows
from stories.querysets import Reader, cleared_q, for_index

Stories = QuerySet[StoryPage, tuple[Any, ...]]


class Told(NamedTuple):
    """What evidence needs to know of a coded story."""

    pk: int
    revision: int
    member: int
    stratum: int | None
    day: date | None


class Mark(NamedTuple):
    """One coding of a passage, as counting needs it."""

    pk: int
    highlight: int
    story: int
    revision: int
    target: int
    valence: int
    importance: int
    touchpoint: int | None


COLUMNS = ("pk", "live_revision_id", "member_id", "member__stratum_id")
# The day a story belongs to. Moments of publishing are turned into days only where there is no period.
DAY = Coalesce("period_end", "period_start", TruncDate("first_published_at"))
MARK = (
    "pk", "highlight_id", "highlight__story_id", "highlight__revision", "valence", "importance",
    "highlight__block__touchpoint_id",
)  # fmt: skip


def _coded(stories: QuerySet[StoryPage], at: datetime) -> Stories:
    coded = Highlight.objects.filter(story_id=OuterRef("pk"), state__in=STANDING).order_by()
    # Evidence is quoted to readers, so her words must be readable too.
    readable = stories.filter(Granted("member_id", Purpose.READ, at))
    return readable.filter(Exists(coded)).order_by().values_list(*COLUMNS, DAY)


CODED = VisibleRows(_coded)


@dataclass(frozen=True, slots=True)
class Ground:
    """The coded stories that may serve this reader as evidence now, and the people who told them."""

    stories: dict[int, Told]
    strata: dict[int, Stratum] = field(default_factory=dict)

    def stands(self, mark: Mark) -> bool:
        """Whether a coding counts: its story is here, and it lies in the wording that is published."""
        told = self.stories.get(mark.story)
        return told is not None and told.revision == mark.revision

    def people(self, stories: Iterable[int]) -> set[int]:
        """Return the members who told these stories, each once."""
        return {self.stories[pk].member for pk in stories if pk in self.stories}

    def heard(self) -> dict[int | None, set[int]]:
        """Return the members heard at all, by stratum: those of whose stories somebody has coded a passage."""
        found: dict[int | None, set[int]] = defaultdict(set)
        for told in self.stories.values():
            found[told.stratum].add(told.member)
        return found

    def estimate(
        self, stories: Collection[int], heard: dict[int | None, set[int]] | None = None
    ) -> Estimate | None:
        """Return how many customers it may concern, given the stories that say it."""
        return estimate(self.cells(stories, heard))

    def cells(self, stories: Collection[int], heard: dict[int | None, set[int]] | None = None) -> list[Cell]:
        """Return the strata with members heard and members who said it."""
        heard = self.heard() if heard is None else heard
        said: dict[int | None, set[int]] = defaultdict(set)
        for pk in stories:
            if pk in self.stories:
                said[self.stories[pk].stratum].add(self.stories[pk].member)
        return [
            Cell(pk, stratum.base_size, len(heard.get(pk, ())), len(said.get(pk, ())))
            for pk, stratum in self.strata.items()
        ]


def ground(user: Reader, at: datetime | None = None) -> Ground:
    """Return the ground of evidence for a reader; two queries, whatever the number of stories."""
    rows = CODED(user, Purpose.IDEAS, at or timezone.now())
    strata = {stratum.pk: stratum for stratum in Stratum.objects.order_by("-base_size", "code")}
    return Ground({row[0]: Told(*row) for row in rows}, strata)


def theme_marks(ids: Collection[int], here: Ground) -> list[Mark]:
    """Return the standing codings of themes."""
    return _marks("theme_id", ids, here)


def idea_marks(ids: Collection[int] | None, here: Ground) -> list[Mark]:
    """Return the standing codings of ideas, of all when ``ids`` is None."""
    return _marks("idea_id", ids, here)


def _marks(target: str, ids: Collection[int] | None, here: Ground) -> list[Mark]:
    rows = Coding.objects.filter(highlight__state__in=STANDING).order_by()
    rows = (
        rows.filter(**{f"{target}__isnull": False})
        if ids is None
        else rows.filter(**{f"{target}__in": list(ids)})
    )
    columns = (*MARK[:4], target, *MARK[4:])
    found = (Mark(*row) for row in rows.values_list(*columns))
    return [mark for mark in found if here.stands(mark)]


def pairs(here: Ground) -> dict[int, set[int]]:
    """Return the stories of every theme: ``{theme id: {story id}}``; one query."""
    rows = Coding.objects.filter(theme__isnull=False, highlight__state__in=STANDING).order_by()
    columns = ("theme_id", "highlight__story_id", "highlight__revision")
    found: dict[int, set[int]] = defaultdict(set)
    for theme, story, revision in rows.values_list(*columns).distinct():
        told = here.stories.get(story)
        if told is not None and told.revision == revision:
            found[theme].add(story)
    return found


def lost(idea_ids: Collection[int]) -> set[int]:
    """Return those ideas of which some evidence is withdrawn: its story is no longer cleared, for whomever."""
    rows = Coding.objects.filter(~_cleared(), idea_id__in=list(idea_ids))
    return set(rows.order_by().values_list("idea_id", flat=True))


def idea_evidence(ids: Collection[int], here: Ground) -> tuple[list[Mark], bool]:
    """Return the standing codings of ideas, and whether some evidence of theirs is withdrawn; one query."""
    rows = Coding.objects.filter(idea_id__in=list(ids)).order_by()
    columns = ("highlight__state", _cleared(), *MARK[:4], "idea_id", *MARK[4:])
    found, is_lost = [], False
    for state, cleared, *row in rows.values_list(*columns):
        mark = Mark(*row)
        is_lost = is_lost or not cleared
        if state in STANDING and here.stands(mark):
            found.append(mark)
    return found, is_lost


def _cleared() -> Exists:
    """Whether the story of a coding is cleared for evidence now."""
    cleared = for_index().filter(cleared_q(Purpose.IDEAS, timezone.now()), pk=OuterRef("highlight__story_id"))
    return Exists(cleared.order_by())


def unmapped() -> QuerySet[Highlight]:
    """Return highlights that lie in an earlier wording than the published one."""
    behind = Highlight.objects.exclude(revision=F("story__live_revision_id"))
    return behind.filter(story__live=True).exclude(block__text="").order_by()


class Tree:
    """All themes by id, with what lies under them and what was merged into them; one query."""

    def __init__(self, themes: Sequence[Theme]) -> None:
        self.by_id = {theme.pk: theme for theme in themes}
        self.below: dict[int | None, list[Theme]] = defaultdict(list)
        self.merged: dict[int, list[Theme]] = defaultdict(list)
        for theme in sorted(themes, key=lambda each: each.label.casefold()):
            if theme.merged_into_id:
                self.merged[theme.merged_into_id].append(theme)
            else:
                self.below[theme.parent_id].append(theme)

    @classmethod
    def load(cls) -> "Tree":
        """Read the themes."""
        return cls(list(Theme.objects.select_related("owner").order_by()))

    def standing(self, theme: Theme) -> Theme:
        """Return the theme that a merged one went into at last."""
        while theme.merged_into_id:
            theme = self.by_id[theme.merged_into_id]
        return theme

    def closure(self, theme: Theme) -> list[Theme]:
        """Return a theme with all that was merged into it and all that lies under it."""
        found, waiting, seen = [], [theme], set()
        while waiting:
            each = waiting.pop()
            if each.pk not in seen:
                seen.add(each.pk)
                found.append(each)
                waiting += [*self.merged[each.pk], *self.below[each.pk]]
        return found

    def path(self, theme: Theme) -> list[Theme]:
        """Return the themes above, from the root; a parent that was merged stands for where it went."""
        above, seen = [], {theme.pk}
        parent = theme.parent_id
        while parent is not None and parent not in seen:
            seen.add(parent)
            each = self.standing(self.by_id[parent])
            above.append(each)
            parent = each.parent_id
        return above[::-1]

    def walk(self, parent: int | None = None, depth: int = 0) -> Iterable[tuple[Theme, int]]:
        """Yield themes in the order of the tree with their depth; what lay under a merged theme lies where it went."""
        for theme in self.children(parent):
            yield theme, depth
            yield from self.walk(theme.pk, depth + 1)

    def children(self, parent: int | None) -> list[Theme]:
        """Return what lies directly under a theme, merged themes' children included."""
        found = list(self.below[parent])
        if parent is not None:
            for merged in self.merged[parent]:
                found += self.children(merged.pk)
        return found
