"""The line of loyalty of a story, drawn on the server as inline SVG.

The curve passes through the running totals of the changes and never invents a peak: it is the monotone
cubic of Fritsch and Carlson (1980), "Monotone Piecewise Cubic Interpolation", SIAM J. Numer. Anal. 17(2),
with every Bézier control point between the values it joins, and so by the convex hull property the curve
too. Colours, fonts and line widths come from CSS classes. Captions are given by the caller; nothing here is
translated.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from itertools import accumulate, pairwise
from typing import Final

SCALE_END: Final = 5  # the axis runs at least from -5 to +5, the range of one change
TEXT: Final = 14.0  # units; CSS sets the same size
CHARACTER: Final = 7.7  # mean advance of Onest at 14 units, measured on Russian captions
RING: Final = 13.0
TRIANGLE: Final = 7.0


@dataclass(frozen=True, slots=True)
class ArcPoint:
    """One episode on the line: its name, when it was, the signed change it made, whether the story turned."""

    label: str
    when: str
    change: int
    turning: bool = False
    words: str = ""


@dataclass(frozen=True, slots=True)
class Layout:
    """One drawing of the line for a range of screen widths; lengths in units of its viewBox."""

    name: str
    width: float
    left: float
    right: float
    unit: float  # height of one step of loyalty
    captions: bool  # names under the axis and words at the turns, or numbers only


WIDE: Final = Layout("wide", width=1120, left=56, right=64, unit=24.2, captions=True)
MIDDLE: Final = Layout("middle", width=720, left=44, right=56, unit=24.2, captions=True)
NARROW: Final = Layout("narrow", width=350, left=34, right=18, unit=25.6, captions=False)
LAYOUTS: Final = (WIDE, MIDDLE, NARROW)


def totals(changes: Iterable[int]) -> list[int]:
    """Return the running totals of the changes, from the 0 every story starts at."""
    return list(accumulate(changes, initial=0))


def signed(value: int) -> str:
    """Return a number with its sign as readers see it: ``+2``, ``−3`` with a real minus, ``0``."""
    return f"+{value}" if value > 0 else f"−{-value}" if value < 0 else "0"


# The curve


def tangents(values: Sequence[float], step: float = 1.0) -> list[float]:
    """Return a slope per knot of evenly spaced ``values`` that keeps the cubic monotone between neighbours.

    Flat at every peak and valley, else the mean of both sides, at most three times the flatter one: the
    square of de Boor and Swartz inside Fritsch and Carlson's region of monotonicity.
    """
    if len(values) < 2:
        return [0.0] * len(values)
    slopes = [(b - a) / step for a, b in pairwise(values)]
    inner = []
    for before, after in pairwise(slopes):
        way = 1.0 if before > 0 < after else -1.0 if before < 0 > after else 0.0
        inner.append(way * min(abs(before + after) / 2, 3 * abs(before), 3 * abs(after)))
    return [slopes[0], *inner, slopes[-1]]


def curve(xs: Sequence[float], ys: Sequence[float]) -> str:
    """Return SVG path data of the monotone curve through evenly spaced points, one Bézier per interval."""
    if not xs:
        return ""
    third = (xs[1] - xs[0]) / 3 if len(xs) > 1 else 0.0
    slopes = tangents(ys, third * 3)
    parts = [f"M{xs[0]:.1f} {ys[0]:.1f}"]
    for (x0, x1), (y0, y1), (m0, m1) in zip(pairwise(xs), pairwise(ys), pairwise(slopes), strict=True):
        first, second = f"{x0 + third:.1f} {y0 + m0 * third:.1f}", f"{x1 - third:.1f} {y1 - m1 * third:.1f}"
        parts.append(f"C{first} {second} {x1:.1f} {y1:.1f}")
    return "".join(parts)


# Marks


def _triangle(x: float, y: float, change: int, size: float = TRIANGLE) -> str:
    """Return ▲ for a rise, ▼ for a fall and a dot where nothing changed."""
    if change == 0:
        return f'<circle class="p-flat" cx="{x:.1f}" cy="{y:.1f}" r="{size / 2:g}"/>'
    kind, way = ("rise", 1) if change > 0 else ("fall", -1)
    sides = f"l{size:g} {way * size * 1.72:.1f}h{-2 * size:g}z"
    return f'<path class="p-{kind}" d="M{x:.1f} {y - way * size:.1f}{sides}"/>'


@dataclass(frozen=True, slots=True)
class Caption:
    """Lines of text at a place; ``anchor`` is SVG's, ``y`` the baseline of the first line."""

    lines: tuple[str, ...]
    x: float
    y: float
    anchor: str = "middle"
    style: str = ""

    @property
    def bottom(self) -> float:
        return self.y + (len(self.lines) - 1) * TEXT * 1.2

    def svg(self) -> str:
        look = f' class="{self.style}"' if self.style else ""
        start = f'<text{look} x="{self.x:.1f}" y="{self.y:.1f}" text-anchor="{self.anchor}">'
        if len(self.lines) == 1:
            return f"{start}{escape(self.lines[0])}</text>"
        rows = "".join(
            f'<tspan x="{self.x:.1f}" dy="{TEXT * 1.2 if row else 0:g}">{escape(line)}</tspan>'
            for row, line in enumerate(self.lines)
        )
        return f"{start}{rows}</text>"


def _wrap(text: str, width: float, lines: int) -> tuple[str, ...]:
    """Break a caption into at most ``lines`` lines of ``width`` units; the last one may end in …."""
    room = max(4, int(width / CHARACTER))
    if len(text) <= room:
        return (text,) if text else ()
    longest = max(map(len, text.split()), default=0)
    if room < longest <= room * 1.25:  # rather a little wide than a word broken in two
        room = longest
    return tuple(textwrap.wrap(text, room, max_lines=lines, placeholder="…", break_on_hyphens=False))


class _Drawing:
    """The line of loyalty in one layout: knots in units, the marks and captions at them."""

    def __init__(self, points: Sequence[ArcPoint], layout: Layout) -> None:
        self.points = points
        self.layout = layout
        self.captions: list[Caption] = []
        self.path = totals(point.change for point in points)
        self.step = (layout.width - layout.left - layout.right) / max(1, len(points))
        self.named = layout.captions and self.step >= 12 * CHARACTER

    @property
    def top(self) -> int:
        return max(SCALE_END, *self.path)

    @property
    def bottom(self) -> int:
        return min(-SCALE_END, *self.path)

    def x(self, knot: int) -> float:
        return self.layout.left + knot * self.step

    def y(self, total: float) -> float:
        return -total * self.layout.unit

    def _way(self, knot: int) -> tuple[bool, bool]:
        """Return (above, on a slope): a peak is named above, a valley below, a slope at its outer side."""
        here, before = self.path[knot], self.path[knot - 1]
        after = self.path[knot + 1] if knot + 1 < len(self.path) else here
        rising = here > before or (here == before and here >= 0)
        return rising, (after - here) * (here - before) > 0

    def annotate(self) -> None:
        """Collect the captions: signed changes, words at the turns, names under the axis."""
        for knot, point in enumerate(self.points, start=1):
            above, slope = self._way(knot)
            x, y = self.x(knot), self.y(self.path[knot])
            style = "rise" if point.change > 0 else "fall" if point.change < 0 else "flat"
            if self.step >= 22 or point.turning:
                away = 20.0 if point.turning or not above else 16.0
                baseline = y - away if above else y + away + 11
                self.captions.append(Caption((signed(point.change),), x, baseline, style=f"halo t-{style}"))
            if point.turning and point.words and self.named:
                self.captions.append(self._words(point.words, x, y, above, slope))

    def _words(self, words: str, x: float, y: float, above: bool, slope: bool) -> Caption:
        """Place the few words of a turn where the curve is not, inside the drawing."""
        lines = _wrap(words, max(self.step * 1.15, 16 * CHARACTER), 2)
        tall, half = (len(lines) - 1) * TEXT * 1.2, max(map(len, lines), default=0) * CHARACTER / 2
        if slope and x - 22 - 2 * half > self.layout.left:
            return Caption(lines, x - 22, y - 8 - tall if above else y + 16, "end", "halo t-strong")
        edge = self.layout.width - 4
        x = min(x, edge - half) if x + half > edge else max(x, self.layout.left + 4 + half)
        return Caption(lines, x, y - 39 - tall if above else y + 49, "middle", "halo t-strong")

    def floor(self) -> float:
        """Return the baseline of the numbers under the drawing, clear of every caption above it."""
        return max(self.y(self.bottom) + 30, *(caption.bottom + 28 for caption in self.captions))

    def ceiling(self) -> float:
        """Return the upper edge of the drawing, clear of every caption."""
        return min(self.y(self.top) - 14, *(caption.y - TEXT - 4 for caption in self.captions))

    def names(self, baseline: float) -> list[Caption]:
        """Return what stands under the axis: numbers, and names and dates where there is room."""
        under = []
        for knot, point in enumerate(self.points, start=1):
            x = self.x(knot)
            if self.step >= 20 or knot % 2:  # every second number where they would touch
                under.append(Caption((str(knot),), x, baseline, style="t-strong"))
            if self.named:
                lines = (*_wrap(point.label, self.step - 10, 2), *_wrap(point.when, self.step - 10, 1))
                if lines:
                    under.append(Caption(lines, x, baseline + 19))
        return under


def _hatching(drawing: _Drawing, outline: str, key: str) -> str:
    """Return the areas between curve and zero: / above it, \\ below it, each clipped at the zero line."""
    width, top, bottom = drawing.layout.width, drawing.y(drawing.top), drawing.y(drawing.bottom)
    area = f"{outline}V0H{drawing.x(0):.1f}z"
    definitions, areas = [], []
    for kind, turn, edge in (("rise", 45, top), ("fall", -45, bottom)):
        definitions.append(
            f'<pattern id="{key}-{kind}" width="5" height="5" patternUnits="userSpaceOnUse"'
            f' patternTransform="rotate({turn})"><path class="h-{kind}" d="M0 0V5"/></pattern>'
            f'<clipPath id="{key}-{kind}-half"><path d="M0 0H{width:g}V{edge:.1f}H0z"/></clipPath>'
        )
        areas.append(f'<path d="{area}" fill="url(#{key}-{kind})" clip-path="url(#{key}-{kind}-half)"/>')
    return f"<defs>{''.join(definitions)}</defs>{''.join(areas)}"


def _axes(drawing: _Drawing) -> str:
    """Return the grid at both ends of the scale, the darker zero line and their numbers."""
    left, right = drawing.layout.left, drawing.layout.width - 4
    parts = []
    for total in (drawing.top, 0, drawing.bottom):
        y = drawing.y(total)
        parts.append(f'<path class="{"grid" if total else "zero"}" d="M{left:g} {y:.1f}H{right:g}"/>')
        parts.append(Caption((signed(total),), left - 10, y + 5, "end").svg())
    return "".join(parts)


def _marks(drawing: _Drawing) -> str:
    """Return the start, a ring at each turn and the triangle of every change."""
    parts = [f'<circle class="turn" cx="{drawing.x(0):.1f}" cy="0" r="4"/>']
    size = TRIANGLE if drawing.step >= 22 else TRIANGLE * 0.7
    for knot, point in enumerate(drawing.points, start=1):
        x, y = drawing.x(knot), drawing.y(drawing.path[knot])
        if point.turning:
            parts.append(f'<circle class="turn" cx="{x:.1f}" cy="{y:.1f}" r="{RING * size / TRIANGLE:g}"/>')
        parts.append(_triangle(x, y, point.change, size))
    return "".join(parts)


def loyalty_arc(points: Sequence[ArcPoint], *, key: str, title: str, layout: Layout = WIDE) -> str:
    """Return one drawing of the line of loyalty as inline SVG, or an empty string without points.

    ``key`` makes the ids of the drawing unique on its page (letters, digits, hyphens); ``title`` is what a
    screen reader hears, the finding and not the kind of chart.
    """
    if not points:
        return ""
    drawing = _Drawing(points, layout)
    drawing.annotate()
    xs = [drawing.x(knot) for knot in range(len(drawing.path))]
    outline = curve(xs, [drawing.y(total) for total in drawing.path])
    under = drawing.names(drawing.floor())
    top, bottom = drawing.ceiling(), max(caption.bottom for caption in under) + 6
    key = f"{key}-{layout.name}"
    captions = "".join(caption.svg() for caption in (*drawing.captions, *under))
    return (
        f'<svg class="chart arc only-{layout.name}" role="img"'
        f' viewBox="0 {top:.0f} {layout.width:g} {bottom - top:.0f}"'
        f' aria-labelledby="{key}-title"><title id="{key}-title">{escape(title)}</title>'
        f"{_hatching(drawing, outline, key)}{_axes(drawing)}"
        f'<path class="curve" d="{outline}"/>{_marks(drawing)}{captions}</svg>'
    )


def sparkline(changes: Sequence[int], *, label: str, width: float = 88, height: float = 22) -> str:
    """Return the line of loyalty at the size of a word, its end marked ▲ or ▼; empty without changes.

    The scale is the story's own, never finer than ±3, so that a small change does not look like a great one.
    """
    if not changes:
        return ""
    path = totals(changes)
    reach = max(3, *(abs(total) for total in path))
    middle, step = height / 2, (width - 12) / len(changes)
    xs = [2 + step * knot for knot in range(len(path))]
    ys = [middle - total / reach * (middle - 4) for total in path]
    last = path[-1]
    end = _triangle(xs[-1], ys[-1] + (1 if last > 0 else -1 if last < 0 else 0), last, 4.4)
    return (
        f'<svg class="spark" viewBox="0 0 {width:g} {height:g}" role="img" aria-label="{escape(label)}">'
        f'<path class="zero" d="M2 {middle:g}H{width - 2:g}"/>'
        f'<path class="curve" d="{curve(xs, ys)}"/>{end}</svg>'
    )
