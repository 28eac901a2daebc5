"""Charts of themes and ideas, drawn on the server as SVG; each stands beside its table. Colours come from classes."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from django.utils.safestring import SafeString, mark_safe

from ideas.estimating import Marks
from search.enums import FEW

WIDE, NARROW = (20, 15), (40, 13)  # rows of marks in a column, units of one mark


def step_of(people: int, largest: int) -> int:
    """Return how dark a cell of so many people is, 1 to 3; few people have no step."""
    return 1 + min(2, 3 * (people - FEW) // max(1, largest - FEW + 1))


def svg(classes: str, width: float, height: float, title: str, body: str) -> SafeString:
    """Return a drawing that says its finding to who cannot see it."""
    label = escape(title, quote=True)
    return mark_safe(  # noqa: S308 - numbers and escaped text
        f'<svg class="chart {classes}" viewBox="0 0 {width:g} {height:g}" role="img" aria-label="{label}">{body}</svg>'
    )


def thousand_marks(marks: Marks, title: str) -> SafeString:
    """Return the thousand marks, column by column, for wide and for narrow screens."""
    kinds = (marks.surely, marks.likely, marks.possibly, marks.others, marks.unheard)
    drawn = []
    for name, (rows, unit) in (("only-wide", WIDE), ("only-narrow", NARROW)):
        columns = 1000 // rows
        drawn.append(
            svg(f"dots {name}", columns * unit, rows * unit, title, "".join(_areas(kinds, rows, unit, name)))
        )
    return mark_safe("".join(drawn))  # noqa: S308 - drawn above


def _areas(kinds: Sequence[int], rows: int, unit: int, name: str) -> list[str]:
    """Return pattern definitions and one area for each kind of mark."""
    half = unit / 2
    r, thin, dot, arm = unit * 0.36, unit * 0.32, unit * 0.14, unit * 0.13
    shapes = (
        f'<circle class="d-1" cx="{half:g}" cy="{half:g}" r="{r:.1f}"/>',
        f'<circle class="d-2" cx="{half:g}" cy="{half:g}" r="{r:.1f}"/>'
        f'<path class="d-2l" d="M{half - r:.1f} {half:g}h{2 * r:.1f}"/>',
        f'<circle class="d-3" cx="{half:g}" cy="{half:g}" r="{thin:.1f}"/>',
        f'<circle class="d-4" cx="{half:g}" cy="{half:g}" r="{dot:.1f}"/>',
        f'<path class="d-5" d="M{half - arm:.1f} {half - arm:.1f}l{2 * arm:.1f} {2 * arm:.1f}'
        f'm0 {-2 * arm:.1f}l{-2 * arm:.1f} {2 * arm:.1f}"/>',
    )
    parts, at = ["<defs>"], 0
    for number, shape in enumerate(shapes):
        parts.append(
            f'<pattern id="{name}-{number}" width="{unit}" height="{unit}" patternUnits="userSpaceOnUse">'
            f"{shape}</pattern>"
        )
    parts.append("</defs>")
    for number, count in enumerate(kinds):
        if count:
            parts.append(f'<path d="{_area(at, at + count, rows, unit)}" fill="url(#{name}-{number})"/>')
        at += count
    return parts


def _area(start: int, end: int, rows: int, unit: int) -> str:
    """Return the outline of marks ``start`` to ``end``, which fill columns from the top."""
    (c0, r0), (c1, r1) = divmod(start, rows), divmod(end, rows)
    if c0 == c1:
        return f"M{c0 * unit} {r0 * unit}h{unit}v{(r1 - r0) * unit}h{-unit}z"
    parts = [f"M{c0 * unit} {r0 * unit}h{unit}v{(rows - r0) * unit}h{-unit}z"]
    if c1 - c0 > 1:
        parts.append(f"M{(c0 + 1) * unit} 0h{(c1 - c0 - 1) * unit}v{rows * unit}H{(c0 + 1) * unit}z")
    if r1:
        parts.append(f"M{c1 * unit} 0h{unit}v{r1 * unit}h{-unit}z")
    return "".join(parts)


@dataclass(frozen=True, slots=True)
class Month:
    """People who told of something in a month; ``shown`` is None where the number is too small to show."""

    label: str
    shown: int | None
    people: int


def trend(months: Sequence[Month], title: str, *, width: float = 720, height: float = 150) -> SafeString:
    """Return people by month as bars; a month with few people has a mark and no height."""
    top, bottom, left = 22.0, height - 26, 6.0
    step = (width - 2 * left) / max(1, len(months))
    largest = max([1, *(month.shown or 0 for month in months)])
    parts = [f'<path class="zero" d="M0 {bottom:g}H{width:g}"/>']
    for number, month in enumerate(months):
        x = left + number * step
        bar = min(step * 0.62, 34)
        middle = x + step / 2
        if month.shown:
            size = (bottom - top) * month.shown / largest
            parts.append(
                f'<rect class="b-house" x="{middle - bar / 2:.1f}" y="{bottom - size:.1f}" '
                f'width="{bar:.1f}" height="{size:.1f}"/>'
                f'<text class="t-strong" x="{middle:.1f}" y="{bottom - size - 5:.1f}" '
                f'text-anchor="middle">{month.shown}</text>'
            )
        elif month.people:
            parts.append(f'<circle class="d-3" cx="{middle:.1f}" cy="{bottom - 7:.1f}" r="3.5"/>')
        if len(months) <= 12 or number % 3 == 0:
            parts.append(
                f'<text x="{middle:.1f}" y="{height - 6:g}" text-anchor="middle">{escape(month.label)}</text>'
            )
    return svg("trend", width, height, title, "".join(parts))


def bars(rows: Sequence[tuple[str, int | None, float]], title: str) -> SafeString:
    """Return one horizontal bar a row: (label, number shown or None, share of the full width 0…1)."""
    height = 30 * len(rows) + 6
    parts = []
    for number, (label, _shown, share) in enumerate(rows):
        y = 4 + 30 * number
        parts.append(
            f'<text x="0" y="{y + 15}">{escape(label)}</text><path class="grid" d="M210 {y + 22}H520"/>'
        )
        if share > 0:
            parts.append(
                f'<rect class="b-house" x="210" y="{y + 3}" width="{310 * min(1.0, share):.1f}" height="16"/>'
            )
    return svg("bars", 520, height, title, "".join(parts))


def funnel(rows: Sequence[tuple[str, int]], title: str) -> SafeString:
    """Return how many ideas got as far as each state: one centred bar a state."""
    width, step = 520.0, 34
    largest = max([1, *(count for _label, count in rows)])
    parts = []
    for number, (label, count) in enumerate(rows):
        size = max(2.0, 300 * count / largest) if count else 0.0
        y = step * number
        parts.append(f'<text x="0" y="{y + 20}">{escape(label)}</text>')
        if size:
            parts.append(
                f'<rect class="b-house" x="{350 - size / 2:.1f}" y="{y + 5}" width="{size:.1f}" height="22"/>'
            )
        parts.append(f'<text class="t-strong" x="{width:g}" y="{y + 20}" text-anchor="end">{count}</text>')
    return svg("funnel", width, step * len(rows) + 2, title, "".join(parts))
