"""Charts of learning, drawn on the server as inline SVG; a table with the same figures stands beside each."""

from collections.abc import Sequence
from html import escape
from typing import Final

from stories.arc import curve, signed

REACH: Final = 5


def _text(x: float, y: float, text: str, style: str = "", anchor: str = "middle") -> str:
    look = f' class="{style}"' if style else ""
    return f'<text{look} x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'


def comparison(
    hers: Sequence[int],
    yours: Sequence[int],
    *,
    title: str,
    words: tuple[str, str, str],
    narrow: bool = False,
) -> str:
    """Return both lines of loyalty, hers whole and yours dotted, the widest gap marked.

    ``words`` name her line, your line and the gap.
    """
    width, height, left = (350.0, 220.0, 34.0) if narrow else (520.0, 236.0, 40.0)
    room = 72.0
    step = (width - left - room) / max(1, len(hers))
    middle, unit = (height - 40) / 2 + 4, (height - 64) / (2 * REACH)
    xs = [left + step * knot for knot in range(len(hers) + 1)]
    lines = [[middle - value * unit for value in (0, *values)] for values in (hers, yours)]
    key = "narrow" if narrow else "wide"
    parts = [
        f'<svg class="chart only-{key}" viewBox="0 0 {width:g} {height:g}" role="img" aria-labelledby="cmp-{key}">'
        f'<title id="cmp-{key}">{escape(title)}</title>',
        f'<path class="zero" d="M{left:g} {middle:.1f}H{width - room:g}"/>',
        *(
            _text(left - 8, middle - value * unit + 5, signed(value), anchor="end")
            for value in (REACH, 0, -REACH)
        ),
        f'<path class="ghost" d="{curve(xs, lines[1])}"/><path class="curve" d="{curve(xs, lines[0])}"/>',
        _gap(hers, xs, lines, words[2]),
        *(_knot(xs[n + 1], lines[0][n + 1], value, hers[n - 1] if n else 0) for n, value in enumerate(hers)),
        *(_text(x, height - 6, str(n)) for n, x in enumerate(xs[1:], start=1)),
    ]
    ends = sorted(((lines[0][-1], words[0], "t-strong"), (lines[1][-1], words[1], "")))
    gap = max(0.0, 18 - (ends[1][0] - ends[0][0]))
    places = (ends[0][0] + 5 - gap / 2, ends[1][0] + 5 + gap / 2)
    parts += [
        _text(xs[-1] + 12, y, word, style, "start")
        for y, (_at, word, style) in zip(places, ends, strict=True)
    ]
    return "".join(parts) + "</svg>"


def _knot(x: float, y: float, value: int, before: int) -> str:
    if value == before:
        return f'<circle class="p-flat" cx="{x:.1f}" cy="{y:.1f}" r="4"/>'
    kind, way = ("rise", 1) if value > before else ("fall", -1)
    return f'<path class="p-{kind}" d="M{x:.1f} {y - way * 6:.1f}l6 {way * 10:g}h-12z"/>'


def _gap(hers: Sequence[int], xs: Sequence[float], lines: Sequence[Sequence[float]], word: str) -> str:
    gaps = [abs(a - b) for a, b in zip(lines[0], lines[1], strict=True)]
    widest = max(range(len(gaps)), key=gaps.__getitem__)
    if widest == 0 or gaps[widest] < 30:
        return ""
    top, bottom = sorted((lines[0][widest], lines[1][widest]))
    return f'<path class="gap" d="M{xs[widest]:.1f} {top + 10:.1f}V{bottom - 10:.1f}"/>' + _text(
        xs[widest], bottom + 24, word, "halo t-strong"
    )


def bar(share: float) -> str:
    """Return a thin bar for a share from 0 to 1; the figure stands beside it."""
    width = max(0.0, min(1.0, share)) * 100
    return (
        '<svg class="chart bar" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">'
        f'<rect class="b-track" width="100" height="6"/><rect class="b-acc" width="{width:.1f}" height="6"/></svg>'
    )


def survival(
    points: Sequence[tuple[float, float, float, float]],
    *,
    title: str,
    axis: str,
    half: str,
    narrow: bool = False,
    name: str = "km",
) -> str:
    """Return the share finished by day as steps with its interval: points of (day, share, low, high), shares 0 to 1."""
    width, height, left, top = (350.0, 230.0, 44.0, 14.0) if narrow else (560.0, 270.0, 48.0, 14.0)
    floor, right = height - 44, width - 12
    last = max([30.0, *(day for day, *_rest in points)])
    step = 10 if last <= 60 else 20 if last <= 120 else 30

    def x(day: float) -> float:
        return left + (right - left) * day / last

    def y(share: float) -> float:
        return floor - (floor - top) * share

    key = "narrow" if narrow else "wide"
    parts = [
        f'<svg class="chart only-{key}" viewBox="0 0 {width:g} {height:g}" role="img" aria-labelledby="{name}-{key}">'
        f'<title id="{name}-{key}">{escape(title)}</title>'
    ]
    for share in (0, 0.25, 0.5, 0.75, 1):
        parts.append(f'<path class="grid" d="M{left:g} {y(share):.1f}H{right:g}"/>')
        parts.append(_text(left - 8, y(share) + 5, f"{share:.0%}", anchor="end"))
    parts += [_text(x(day), floor + 20, str(day)) for day in range(0, int(last) + 1, step)]
    parts.append(_text((left + right) / 2, height - 4, axis))
    rows = [(0.0, 0.0, 0.0, 0.0), *points]
    upper = "".join(f"H{x(day):.1f}V{y(high):.1f}" for day, _share, _low, high in rows)
    lower = "".join(f"V{y(low):.1f}H{x(day):.1f}" for day, _share, low, _high in reversed(rows))
    parts.append(f'<path class="band" d="M{left:g} {floor:g}{upper}H{right:g}{lower}V{floor:g}z"/>')
    stairs = "".join(f"H{x(day):.1f}V{y(share):.1f}" for day, share, _low, _high in rows)
    parts.append(f'<path class="s-acc" d="M{left:g} {floor:g}{stairs}H{right:g}"/>')
    middle = next((day for day, share, *_rest in points if share >= 0.5), None)
    if middle is not None:
        parts.append(f'<path class="med" d="M{x(middle):.1f} {y(0.5):.1f}V{floor:g}"/>')
        parts.append(f'<circle class="turn" cx="{x(middle):.1f}" cy="{y(0.5):.1f}" r="4.5"/>')
        parts.append(_text(x(middle) - 10, y(0.5) - 8, half, "halo t-strong", "end"))
    return "".join(parts) + "</svg>"
