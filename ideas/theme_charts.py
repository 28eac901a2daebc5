"""Charts of a theme beside their tables: themes told by the same people, parts of the customers, the loop back.

No drawing shows a number of people under five, nor a length from which one could be read.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from ideas.charts import step_of, svg
from ideas.closing import Closing, closing
from ideas.enums import Verdict
from ideas.models import LoopClosure, Theme
from ideas.querysets import Ground, Tree
from search.enums import FEW
from stories.querysets import Reader

MOST = 8  # themes of a matrix
LETTERS = 27  # of a label in a drawing


@dataclass(frozen=True, slots=True)
class Line:
    """One theme of the matrix: people who told both, by the themes of the columns; None where it meets itself."""

    number: int
    theme: Theme
    people: int
    cells: tuple[int | None, ...]


def context(
    user: Reader,
    here: Ground,
    tree: Tree,
    theme: Theme,
    beside: Sequence[Mapping[str, Any]],
    strata: Sequence[Mapping[str, Any]],
    all_pairs: Mapping[int, set[int]],
    stories: set[int],
) -> dict[str, Any]:
    """Return the charts of a theme's page; one query, for the notes to narrators."""
    lines = matrix(here, tree, [theme, *(row["theme"] for row in beside)][:MOST], all_pairs)
    ids = [theme.pk, *(each.pk for each in tree.merged[theme.pk])]
    notes = list(LoopClosure.objects.filter(theme_id__in=ids).select_related("member").order_by("pk"))
    found = closing(here, stories, notes)
    shown = [row for row in notes if row.member_id in found.cited]
    return {
        "matrix": lines if len(lines) > 2 else [],
        "matrix_drawing": matrix_drawing(lines),
        "strata_drawing": strata_drawing(strata),
        "closing": told_words(found) if notes and shown else None,
        "closures": shown if user.has_perm("club.view_member") else [],
    }


def matrix(
    here: Ground, tree: Tree, themes: Sequence[Theme], all_pairs: Mapping[int, set[int]]
) -> list[Line]:
    """Return who told one and the other, each person once; what lies under a theme counts for it."""
    people = []
    for theme in themes:
        stories: set[int] = set().union(*(all_pairs.get(each.pk, set()) for each in tree.closure(theme)))
        people.append(here.people(stories))
    return [
        Line(
            row + 1, theme, len(people[row]),
            tuple(None if row == column else len(people[row] & people[column]) for column in range(len(themes))),
        )
        for row, theme in enumerate(themes)
    ]  # fmt: skip


def matrix_drawing(lines: Sequence[Line]) -> SafeString | str:
    """Return the matrix: squares in three steps with their numbers, a ring for few."""
    if len(lines) < 3:
        return ""
    left, side, top = 236, 40, 30
    largest = max([FEW, *(cell for line in lines for cell in line.cells if cell)])
    parts = [
        f'<text x="{left + side * n + side / 2:g}" y="20" text-anchor="middle">{n + 1}</text>'
        for n in range(len(lines))
    ]
    for row, line in enumerate(lines):
        y = top + side * row
        strong = ' class="t-strong"' if row == 0 else ""
        parts.append(
            f'<path class="grid" d="M0 {y}H{left + side * len(lines)}"/>'
            f'<text{strong} x="0" y="{y + 25}">{line.number}. {escape(cut(line.theme.label))}</text>'
        )
        for column, cell in enumerate(line.cells):
            parts.append(square(left + side * column, y, cell, largest))
    title = _("How many people told of two themes: %(found)s") % {"found": told_most(lines)}
    return svg("matrix", left + side * MOST, top + side * len(lines) + 2, title, "".join(parts))


def square(x: int, y: int, people: int | None, largest: int) -> str:
    """Return one cell of the matrix."""
    if people is None:
        return f'<path class="m-self" d="M{x + 8} {y + 32}L{x + 32} {y + 8}"/>'
    if not people:
        return ""
    if people < FEW:
        return f'<circle class="d-3" cx="{x + 20}" cy="{y + 20}" r="4"/>'
    step = step_of(people, largest)
    return (
        f'<rect class="m-{step}" x="{x + 2}" y="{y + 2}" width="36" height="36"/>'
        f'<text class="m-n m-n{step}" x="{x + 20}" y="{y + 25}" text-anchor="middle">{people}</text>'
    )


def told_most(lines: Sequence[Line]) -> str:
    """Return the strongest companions in words."""
    first = lines[0]
    pairs = [
        f"{first.theme.label} + {line.theme.label}: {cell}"
        for line, cell in zip(lines[1:], first.cells[1:], strict=True)
        if cell and cell >= FEW
    ]
    return ", ".join(pairs[:3]) or _("only few people each")


def cut(label: str) -> str:
    """Return a label short enough for a drawing; the table has it whole."""
    return label if len(label) <= LETTERS else f"{label[: LETTERS - 1].rstrip()}…"


def strata_drawing(rows: Sequence[Mapping[str, Any]]) -> SafeString | str:
    """Return a bar for each part of the customers: the share of those heard who said it; a ring for few."""
    heard = [row for row in rows if row["heard"]]
    if not heard:
        return ""
    left, wide, step = 226, 300, 34
    parts, said = [], []
    for number, row in enumerate(heard):
        y = step * number
        parts.append(
            f'<text x="0" y="{y + 22}">{escape(cut(row["name"]))}</text>'
            f'<path class="grid" d="M{left} {y + 30}H{left + wide}"/>'
        )
        if row["said"] >= FEW:
            size = max(2.0, wide * row["share"])
            label = _("%(said)s of %(heard)s") % {"said": row["said"], "heard": row["heard"]}
            said.append(f"{row['name']}: {label}")
            parts.append(
                f'<rect class="b-house" x="{left}" y="{y + 9}" width="{size:.1f}" height="16"/>'
                f'<text class="t-strong" x="{left + size + 8:.1f}" y="{y + 22}">{escape(label)}</text>'
            )
        elif row["said"]:
            parts.append(
                f'<circle class="d-3" cx="{left + 6}" cy="{y + 17}" r="4"/>'
                f'<text x="{left + 18}" y="{y + 22}">{escape(_("few"))}</text>'
            )
        else:
            parts.append(f'<text x="{left}" y="{y + 22}">—</text>')
    title = _("Share of those heard who said it: %(found)s") % {
        "found": ", ".join(said) or _("only few people")
    }
    return svg("strata", left + wide + 86, step * len(heard) + 2, title, "".join(parts))


def told_words(found: Closing) -> dict[str, Any]:
    """Return the loop in numbers that give nobody away."""
    return {
        "of": len(found.cited),
        "told": found.told,
        "all_told": found.told == len(found.cited),
        "is_few": len(found.cited) < FEW,
        "median": found.median,
        "verdicts": [(Verdict(value).label, found.said(value)) for value in Verdict.values]
        if found.told >= FEW
        else [],
    }
