"""What the pages of themes show: people, strata, months, touchpoints, themes that come along, the silent thousand."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import QueryDict
from django.utils import timezone
from django.utils.dates import MONTHS_3
from django.utils.translation import gettext as _

from club.models import Stratum
from ideas import charts, theme_charts
from ideas.enums import ThemeState
from ideas.estimating import Estimate, rounded, thousand
from ideas.models import Idea, Theme
from ideas.passages import PAGE, ranked, shown, unique
from ideas.querysets import Ground, Mark, Tree, ground, pairs, theme_marks
from search.enums import FEW
from stories.models import Touchpoint
from stories.querysets import Reader

VALENCES = range(-3, 4)
QUOTES = 6
BESIDE = 8
MONTHS_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Silent:
    """The silent thousand as the page tells it."""

    estimate: Estimate
    point: int
    low: int
    high: int
    drawing: str
    only: Stratum | None
    unheard: int
    ask: list[Stratum]
    per_mark: float


def number(people: int) -> int | None:
    """Return a number of people that may be shown; None for few."""
    return people if people >= FEW else None


def valence_words() -> list[tuple[int, str]]:
    """Return the columns of the heat map with their words."""
    words = (_("humiliated"), _("hurt"), _("uneasy"), _("even"), _("calm"), _("relieved"), _("heard"))
    return list(zip(VALENCES, words, strict=True))


def silent(here: Ground, stories: set[int]) -> Silent | None:
    """Return how many customers it may concern, drawn and in numbers; None where nothing can be said."""
    found = here.estimate(stories)
    if found is None or not found.said:
        return None
    marks = thousand(found)
    title = _(
        "A thousand marks, one for every %(each)s customers: %(surely)s surely, up to %(likely)s likely, up to "
        "%(possibly)s possibly say the same; %(others)s do not; %(unheard)s belong to customers whom we have not heard."
    ) % {
        "each": f"{found.per_mark:g}",
        "surely": marks.surely,
        "likely": marks.surely + marks.likely,
        "possibly": marks.surely + marks.likely + marks.possibly,
        "others": marks.others,
        "unheard": marks.unheard,
    }
    return Silent(
        estimate=found,
        point=rounded(found.point),
        low=rounded(found.low),
        high=rounded(found.high),
        drawing=charts.thousand_marks(marks, title),
        only=here.strata.get(found.only) if found.only else None,
        unheard=found.base - found.covered,
        ask=to_ask(here, found),
        per_mark=found.per_mark,
    )


def to_ask(here: Ground, found: Estimate) -> list[Stratum]:
    """Return the strata to ask next: those the estimate does not cover, the largest first."""
    heard = here.heard()
    away = [
        stratum
        for pk, stratum in here.strata.items()
        if stratum.base_size and (pk != found.only if found.only else not heard.get(pk))
    ]
    return away[:3]


def heat(here: Ground, marks: Sequence[Mark]) -> list[dict[str, Any]]:
    """Return rows of the heat map: touchpoint by valence, each person once a cell, in the company's order."""
    cells: dict[tuple[int | None, int], set[int]] = defaultdict(set)
    for mark in marks:
        cells[mark.touchpoint, mark.valence].add(here.stories[mark.story].member)
    used = {touchpoint for touchpoint, _valence in cells}
    names = {word.pk: word for word in Touchpoint.objects.filter(pk__in=[pk for pk in used if pk])}
    largest = max([FEW, *(len(people) for people in cells.values())])
    order = sorted((pk for pk in used if pk in names), key=lambda pk: (names[pk].order, names[pk].slug))
    rows: list[tuple[str, str, int | None]] = [(names[pk].label, names[pk].slug, pk) for pk in order]
    if None in used:
        rows.append((_("Elsewhere"), "none", None))
    return [
        {
            "label": label,
            "slug": slug,
            "cells": [cell(len(cells[pk, each]), each, largest) for each in VALENCES],
        }
        for label, slug, pk in rows
    ]


def cell(people: int, valence: int, largest: int) -> dict[str, Any]:
    """Return one cell: the number, or few, and how dark it is in three steps."""
    if not people:
        return {"tone": "h0", "people": 0, "few": False, "valence": valence}
    if people < FEW:
        return {"tone": "hf", "people": people, "few": True, "valence": valence}
    step = charts.step_of(people, largest)
    sign = "n" if valence < 0 else "p" if valence > 0 else "z"
    return {"tone": f"h{sign}{step}", "people": people, "few": False, "valence": valence}


def months(here: Ground, stories: set[int], today: date | None = None) -> list[charts.Month]:
    """Return the people of the last twelve months, by the month their story belongs to."""
    today = today or timezone.localdate()
    last = today.year * 12 + today.month - 1
    people: dict[int, set[int]] = defaultdict(set)
    for pk in stories:
        told = here.stories[pk]
        if told.day:
            people[told.day.year * 12 + told.day.month - 1].add(told.member)
    return [
        charts.Month(str(MONTHS_3[each % 12 + 1]), number(len(people[each])), len(people[each]))
        for each in range(last - MONTHS_SHOWN + 1, last + 1)
    ]


def span_of(here: Ground, stories: set[int]) -> tuple[date | None, date | None]:
    """Return the days of the first and the last story."""
    days = sorted(day for pk in stories if (day := here.stories[pk].day))
    return (days[0], days[-1]) if days else (None, None)


def strata_rows(here: Ground, stories: set[int]) -> list[dict[str, Any]]:
    """Return who said it by stratum, of how many heard, for how many customers."""
    return [
        {
            "name": here.strata[cell.stratum].name,
            "said": cell.said,
            "heard": cell.heard,
            "base": cell.base,
            "share": cell.said / cell.heard if cell.heard and cell.said >= FEW else 0.0,
        }
        for cell in here.cells(stories)
    ]


def beside(
    here: Ground, tree: Tree, theme: Theme, stories: set[int], all_pairs: dict[int, set[int]]
) -> list[dict[str, Any]]:
    """Return the themes most often told by the same people, with how many of them; parents and children left out."""
    family = {each.pk for each in tree.closure(theme)} | {each.pk for each in tree.path(theme)}
    mine = here.people(stories)
    common: Counter[int] = Counter()
    told: dict[int, set[int]] = defaultdict(set)
    for pk, their in all_pairs.items():
        standing = tree.standing(tree.by_id[pk]).pk
        if standing not in family:
            told[standing] |= here.people(their)
    for pk, people in told.items():
        if both := len(mine & people):
            common[pk] = both
    return [
        {"theme": tree.by_id[pk], "people": both, "of": len(told[pk])}
        for pk, both in common.most_common(BESIDE)
    ]


def context(user: Reader, theme: Theme, tree: Tree) -> dict[str, Any]:
    """Return the context of a theme's page; the same number of queries for 20 and for 2,000 passages."""
    here = ground(user)
    closure = tree.closure(theme)
    marks = unique(theme_marks([each.pk for each in closure], here))
    stories = {mark.story for mark in marks}
    people = len(here.people(stories))
    first, last = span_of(here, stories)
    by_month = months(here, stories)
    all_pairs = pairs(here)
    along = beside(here, tree, theme, stories, all_pairs)
    by_stratum = strata_rows(here, stories)
    return {
        **theme_charts.context(user, here, tree, theme, along, by_stratum, all_pairs, stories),
        "theme": theme,
        "path": tree.path(theme),
        "below": [child for child in tree.children(theme.pk)],
        "merged": tree.merged[theme.pk],
        "people": people,
        "heard": len({told.member for told in here.stories.values()}),
        "passage_count": len(marks),
        "first": first,
        "last": last,
        "silent": silent(here, stories),
        "strata": by_stratum,
        "heat": heat(here, marks),
        "valences": valence_words(),
        "months": by_month,
        "trend": charts.trend(by_month, _("People who told of it, by month")),
        "quotes": shown(user, ranked(marks, here)[:QUOTES]),
        "beside": along,
        "ideas": ideas_of(closure),
        "is_answered": theme.state == ThemeState.ANSWERED and bool(theme.answer),
    }


def ideas_of(closure: Sequence[Theme]) -> list[Idea]:
    """Return the ideas that name one of these themes."""
    rows = Idea.objects.filter(themes__in=[each.pk for each in closure], merged_into=None)
    return list(rows.distinct().order_by("-pk")[:8])


def index(user: Reader) -> dict[str, Any]:
    """Return the tree of themes with the people behind each, everything under it counted, each person once."""
    tree, here = Tree.load(), ground(user)
    all_pairs = pairs(here)
    heard = here.heard()
    rows = []
    for theme, depth in tree.walk():
        stories: set[int] = set().union(*(all_pairs.get(each.pk, set()) for each in tree.closure(theme)))
        people = len(here.people(stories))
        found = here.estimate(stories, heard) if people >= FEW else None
        rows.append(
            {
                "theme": theme,
                "depth": min(depth, 3),
                "people": people,
                "silent": rounded(found.point) if found else None,
                "single": bool(found and found.only),
            }
        )
    return {"rows": rows, "heard": len({told.member for told in here.stories.values()}), "total": len(rows)}


def drilled(query: QueryDict, marks: Sequence[Mark], here: Ground) -> dict[str, Any]:
    """Return the marks of one cell of the heat map, or all, and which cell it is."""
    valence, slug = query.get("valence", ""), query.get("touchpoint", "")
    place = Touchpoint.objects.filter(slug=slug).first() if slug and slug != "none" else None
    chosen = list(marks)
    if slug:
        chosen = [mark for mark in chosen if mark.touchpoint == (place.pk if place else None)]
    feeling = dict(valence_words()).get(int(valence)) if valence in {str(each) for each in VALENCES} else None
    if feeling is not None:
        chosen = [mark for mark in chosen if mark.valence == int(valence)]
    pages = max(1, -(-len(chosen) // PAGE))
    asked = query.get("page", "1")
    page = min(pages, max(1, int(asked))) if asked.isascii() and asked.isdecimal() and len(asked) < 6 else 1
    kept = query.copy()
    kept.pop("page", None)
    return {
        "marks": chosen,
        "people": len(here.people({mark.story for mark in chosen})),
        "passage_count": len(chosen),
        "place": place.label if place else _("Elsewhere") if slug else "",
        "feeling": feeling,
        "page": page,
        "pages": [{"number": each, "current": each == page} for each in range(1, pages + 1)],
        "query": kept.urlencode(),
    }
