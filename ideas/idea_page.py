"""What the page of one idea shows: its passages, the people behind it, voices, scores, decisions, promises."""

import statistics
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from club.models import User
from ideas.enums import DECIDED, MOVES, RICE, SCORECARD, Criterion, IdeaState
from ideas.estimating import Estimate
from ideas.models import Idea, LoopClosure, Premortem, Score, Support
from ideas.passages import PAGE, by_highlight, ranked, shown, unique
from ideas.querysets import Ground, ground, idea_evidence
from ideas.services.loops import family as closure
from ideas.services.merging import open_merges
from ideas.services.thinking import empathy_card
from ideas.theme_page import silent, strata_rows
from search import analysis
from stories.querysets import Reader

# RICE (Intercom 2016): reach × impact × confidence ÷ effort. Marks 1…5 stand for these numbers.
IMPACT = (0.25, 0.5, 1.0, 2.0, 3.0)
CONFIDENCE = (0.2, 0.4, 0.6, 0.8, 1.0)
EFFORT = (0.5, 1.0, 2.0, 4.0, 8.0)  # person-months
ALIKE = 0.5


@dataclass(frozen=True, slots=True)
class Marked:
    """One criterion: mean of the marks, the least and the greatest, how many people marked, one's own mark."""

    criterion: str
    label: str
    mean: float | None
    low: int | None
    high: int | None
    people: int
    own: int | None


def standing(idea: Idea) -> Idea:
    """Return the idea that a merged one went into at last."""
    while idea.merged_into is not None:
        idea = idea.merged_into
    return idea


def with_merged(pk: int) -> tuple[Idea | None, list[int]]:
    """Return an idea and the ids of those merged right into it; one query."""
    rows = Idea.objects.filter(Q(pk=pk) | Q(merged_into=pk)).select_related("owner", "merged_into")
    found = {row.pk: row for row in rows}
    return found.pop(pk, None), list(found)


def context(user: User, idea: Idea, merged: Sequence[int] | None = None) -> dict[str, Any]:
    """Return the context of an idea's page; ``merged`` are the ids of what was merged right into it, where known."""
    ids, here = closure(idea, merged), ground(user)
    evidence, is_lost = idea_evidence(ids, here)
    marks = unique(evidence)
    stories = {mark.story for mark in marks}
    asked = list(idea.premortems.order_by("pk"))
    scores = marked(ids, user)
    found = silent(here, stories)
    return {
        "idea": idea,
        "people": len(here.people(stories)),
        "passages": shown(user, ranked(marks, here)[:PAGE]),
        "passage_count": len(marks),
        "silent": found,
        "strata": strata_rows(here, stories),
        "voices": voices(ids, here.people(stories), user),
        "rice_rows": [row for row in scores if row.criterion in RICE],
        "card_rows": [row for row in scores if row.criterion in SCORECARD],
        "rice": rice(found.estimate if found else None, scores),
        "is_lost": idea.evidence_lost_at is not None or is_lost,
        "decisions": decisions(user, idea, here, asked),
        "waiting_premortems": [each for each in asked if each.decision_id is None],
        "follow_ups": list(idea.follow_ups.select_related("owner")),
        "merges": open_merges(idea=idea) if len(ids) > 1 else [],
        "moves": [(state, state.label) for state in MOVES[idea.state] if state not in DECIDED],
        "choices": [(state, state.label) for state in MOVES[idea.state] if state in DECIDED],
        "needs_card": IdeaState.PLANNED in MOVES[idea.state] and empathy_card(user, idea) is None,
        "closures": closures(user, idea, here.people(stories)),
    }


def closures(user: User, idea: Idea, cited: set[int]) -> list[LoopClosure]:
    """Return the notes to members whose words still stand behind an idea, for those who speak with them."""
    if not user.has_perm("club.view_member"):
        return []
    return [row for row in idea.closures.select_related("member") if row.member_id in cited]


def voices(ids: Sequence[int], evidence: set[int], user: Reader) -> dict[str, Any]:
    """Return who supports an idea: employees and members, each counted once over everything merged into it.

    A member whose passage is cited counts among the voices too, once, however often somebody spoke for her.
    """
    rows = list(Support.objects.filter(idea_id__in=ids).order_by().values_list("by_id", "member_id"))
    return {
        "employees": len({by for by, member in rows if member is None and by}),
        "members": len(evidence | {member for _by, member in rows if member}),
        "own": any(by == user.pk and member is None for by, member in rows),
    }


def marked(ids: Sequence[int], user: Reader) -> list[Marked]:
    """Return every criterion with its marks; of one person only the newest over merged ideas."""
    values: dict[str, dict[int | None, int]] = defaultdict(dict)
    rows = (
        Score.objects.filter(idea_id__in=ids).order_by("at", "pk").values_list("criterion", "by_id", "value")
    )
    for criterion, by, value in rows:
        values[criterion][by] = value
    return [one(criterion, values[criterion], user.pk) for criterion in Criterion]


def one(criterion: Criterion, marks: dict[int | None, int], user: int | None) -> Marked:
    """Return the summary of one criterion."""
    given = list(marks.values())
    return Marked(
        criterion.value,
        str(criterion.label),
        round(statistics.mean(given), 1) if given else None,
        min(given, default=None),
        max(given, default=None),
        len(given),
        marks.get(user),
    )


def rice(found: Estimate | None, rows: Iterable[Marked]) -> dict[str, Any] | None:
    """Return the RICE score: customers reached × impact × confidence ÷ effort; None until all parts are there."""
    means = {row.criterion: row.mean for row in rows if row.mean is not None}
    if found is None or not set(RICE) <= set(means):
        return None
    impact = between(means[Criterion.IMPACT], IMPACT)
    confidence = between(means[Criterion.CONFIDENCE], CONFIDENCE)
    effort = between(means[Criterion.EFFORT], EFFORT)
    return {
        "score": round(found.point * impact * confidence / effort),
        "low": round(found.low * impact * confidence / effort),
        "high": round(found.high * impact * confidence / effort),
    }


def between(mark: float, numbers: Sequence[float]) -> float:
    """Return the number that a mean mark 1…5 stands for, straight between its neighbours."""
    below = min(int(mark), len(numbers) - 1)
    above = min(below, len(numbers) - 1)
    share = mark - below
    return numbers[below - 1] + (numbers[above] - numbers[below - 1]) * share


def decisions(user: Reader, idea: Idea, here: Ground, asked: Sequence[Premortem]) -> list[dict[str, Any]]:
    """Return what was decided, newest first, with what the archive said and the passages that were overruled."""
    rows = list(idea.decisions.select_related("by").prefetch_related("overrules"))
    ids = {highlight.pk for row in rows for highlight in row.overrules.all()}
    passages = {each.highlight: each for each in by_highlight(user, sorted(ids), here)} if ids else {}
    return [
        {
            "decision": row,
            "premortems": [each for each in asked if each.decision_id == row.pk],
            "overruled": [passages[each.pk] for each in row.overrules.all() if each.pk in passages],
            "gone": any(each.pk not in passages for each in row.overrules.all()),
        }
        for row in rows
    ]


def alike(text: str, *, without: int | None = None, limit: int = 5) -> list[Idea]:
    """Return standing ideas whose titles share most stems with a text: what one may be about to note again."""
    wanted = stems(text)
    if not wanted:
        return []
    rows = (
        Idea.objects.filter(merged_into=None)
        .exclude(pk=without or 0)
        .order_by("-pk")
        .values_list("pk", "title")
    )
    scored = []
    for pk, title in rows[:2000]:
        own = stems(title)
        common = len(wanted & own)
        share = common / min(len(wanted), len(own)) if own else 0
        if share >= ALIKE and (common > 1 or min(len(wanted), len(own)) == 1):
            scored.append((share, common, pk))
    best = [pk for _share, _common, pk in sorted(scored, reverse=True)[:limit]]
    found = Idea.objects.in_bulk(best)
    return [found[pk] for pk in best]


def stems(text: str) -> set[str]:
    """Return the stems of the words that say something."""
    found = (analysis.word(each) for each in analysis.words(text))
    return {each.stem for each in found if not each.is_stop}
