"""How far the loop is closed: of those whose words were used, who was told, how soon, and what they said.

Counted anew from the ledger with every page: a member counts only while her words serve as evidence for the thing.
Days go from the day her story belongs to (its first one, where several are cited) to the day she was told.
"""

import statistics
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from django.db.models import Q
from django.utils import timezone

from ideas.enums import IdeaState
from ideas.models import Idea, LoopClosure, Theme
from ideas.querysets import Ground, Tree, ground, idea_marks, pairs
from search.enums import FEW
from stories.querysets import Reader


@dataclass(frozen=True, slots=True)
class Closing:
    """Members cited for something, those told of it, days until each was told, and verdicts by member."""

    cited: frozenset[int]
    days: Mapping[int, int | None] = field(default_factory=dict)
    verdicts: Mapping[int, str] = field(default_factory=dict)

    @property
    def told(self) -> int:
        """How many were told."""
        return len(self.days)

    @property
    def share(self) -> int | None:
        """Per cent told; None where people could be guessed from it."""
        shown = len(self.cited) >= FEW and (self.told == 0 or self.told >= FEW)
        return round(100 * self.told / len(self.cited)) if shown else None

    @property
    def median(self) -> int | None:
        """Median days from story to answer; None for few."""
        known = [days for days in self.days.values() if days is not None]
        return round(statistics.median(known)) if len(known) >= FEW else None

    def said(self, verdict: str) -> int | None:
        """How many said so; None for few, be it nobody: with the others known, a zero would tell on somebody."""
        count = Counter(self.verdicts.values())[verdict]
        return count if count >= FEW else None


@dataclass(frozen=True, slots=True)
class Closed:
    """A theme or an idea with how far its loop is closed."""

    subject: Theme | Idea
    closing: Closing


def closing(here: Ground, stories: Iterable[int], rows: Iterable[LoopClosure]) -> Closing:
    """Return how far the loop is closed for who told these stories."""
    firsts: dict[int, list[int]] = defaultdict(list)
    for pk in stories:
        firsts[here.stories[pk].member].append(pk)
    days: dict[int, int | None] = {}
    verdicts = {}
    for row in rows:
        if row.member_id not in firsts or row.told_at is None:
            continue
        known = [day for pk in firsts[row.member_id] if (day := here.stories[pk].day)]
        told_on = timezone.localtime(row.told_at).date()
        days[row.member_id] = max(0, (told_on - min(known)).days) if known else None
        if row.verdict:
            verdicts[row.member_id] = row.verdict
    return Closing(frozenset(firsts), days, verdicts)


def everything(user: Reader) -> list[Closed]:
    """Return the answered themes and shipped ideas, and what else somebody was told of, by name."""
    here, tree = ground(user), Tree.load()
    by_theme: dict[int, list[LoopClosure]] = defaultdict(list)
    by_idea: dict[int, list[LoopClosure]] = defaultdict(list)
    for row in LoopClosure.objects.order_by("pk"):
        (by_theme[row.theme_id] if row.theme_id else by_idea[row.idea_id or 0]).append(row)
    found = [*themes(here, tree, by_theme), *ideas(here, by_idea)]
    return sorted(found, key=lambda each: str(each.subject).casefold())


def themes(here: Ground, tree: Tree, rows: Mapping[int, Sequence[LoopClosure]]) -> Iterable[Closed]:
    """Yield the themes that were answered."""
    all_pairs = pairs(here)
    for theme, _depth in tree.walk():
        family = [theme, *tree.merged[theme.pk]]
        notes = [row for each in family for row in rows.get(each.pk, ())]
        if theme.answer or notes:
            stories = set().union(*(all_pairs.get(each.pk, set()) for each in tree.closure(theme)))
            yield Closed(theme, closing(here, stories, notes))


def ideas(here: Ground, rows: Mapping[int, Sequence[LoopClosure]]) -> Iterable[Closed]:
    """Yield the ideas that shipped."""
    standing = Idea.objects.filter(
        Q(state=IdeaState.SHIPPED) | Q(pk__in=list(rows)) | Q(merged__isnull=False)
    )
    known = {idea.pk: idea for idea in standing.filter(merged_into=None).distinct()}
    into = dict(Idea.objects.filter(merged_into__isnull=False).order_by().values_list("pk", "merged_into_id"))
    stories: dict[int, set[int]] = defaultdict(set)
    for mark in idea_marks(None, here):
        stories[root(mark.target, into)].add(mark.story)
    notes: dict[int, list[LoopClosure]] = defaultdict(list)
    for pk, found in rows.items():
        notes[root(pk, into)] += found
    for pk, idea in known.items():
        if idea.state == IdeaState.SHIPPED or notes[pk]:
            yield Closed(idea, closing(here, stories[pk], notes[pk]))


def root(pk: int, into: Mapping[int, int | None]) -> int:
    """Return the idea that one went into at last."""
    seen = set()
    while (further := into.get(pk)) is not None and pk not in seen:
        seen.add(pk)
        pk = further
    return pk


def together(found: Sequence[Closed]) -> Closing:
    """Return all of it, each member once: told of anything, waited the longest, her last verdict."""
    days: dict[int, int | None] = {}
    verdicts: dict[int, str] = {}
    for each in found:
        for member, count in each.closing.days.items():
            days[member] = max(count or 0, days.get(member) or 0)
        verdicts |= each.closing.verdicts
    cited = frozenset().union(*(each.closing.cited for each in found))
    return Closing(cited, days, verdicts)
