"""Engraved medallion of a member: a cameo in ruled lines, bound to the code and never to a face or a name.

The bust is a union of ellipses and planes (signed distances joined by a smooth minimum) in a field of 100 x
100 units, looking left. Horizontal lines cross the field; at each point the width of a line is the tone and
its height bends with the relief, as on banknotes. Every choice comes from ``sha256("medal/1/" + code)``;
the number is the version of the scheme. Hosts may overrule hair and dress when the figure's name demands
it.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from itertools import pairwise
from typing import Final, Literal, NamedTuple

Size = Literal["l", "s"]
Distance = Callable[[float, float], float]  # signed distance to a shape in units, negative inside
Grain = Callable[[float, float], float]  # -1..1, darkness of a strand of hair

VERSION: Final = 1
HAIR: Final = ("crop", "bun", "bob", "cap", "scarf", "waves", "bald", "tail")
DRESS: Final = ("round", "collar", "shawl", "high")
BEARDED: Final = frozenset({"crop", "bald", "cap"})
EARS_COVERED: Final = frozenset({"scarf", "bob", "waves"})
FAR: Final = 9.0  # a distance beyond which a shape no longer matters
HEAD_X: Final = 49.0
HEAD_Y: Final = 42.0


@dataclass(frozen=True, slots=True)
class Traits:
    """What the hash of a code chooses; fractions are 0..1, angles in radians."""

    hair: str
    dress: str
    flipped: bool
    nose: float
    chin: float
    brow: float
    slimness: float
    tilt: float
    glasses: bool
    beard: bool
    beads: int
    petals: int
    phase: float
    amplitude: float
    ground: float


@dataclass(frozen=True, slots=True)
class Format:
    """One size of the drawing: radius of the engraved field, number of lines, crop and precision in units."""

    radius: float
    lines: int
    zoom: float
    lift: float
    step: float
    tolerance: float


FORMATS: Final[dict[str, Format]] = {
    "l": Format(radius=39.2, lines=41, zoom=1.02, lift=1.5, step=0.4, tolerance=0.10),
    "s": Format(radius=46.5, lines=23, zoom=0.70, lift=-5.5, step=0.8, tolerance=0.15),
}


class Sample(NamedTuple):
    """A point of one engraved line: place and width, in units."""

    x: float
    y: float
    width: float


def traits(code: str, hair: str = "", dress: str = "") -> Traits:
    """Return the traits of a member's code; a known ``hair`` or ``dress`` overrules the hash."""
    digest = hashlib.sha256(f"medal/{VERSION}/{code}".encode()).digest()
    unit = [byte / 255 for byte in digest]
    chosen = hair if hair in HAIR else HAIR[digest[0] % len(HAIR)]
    return Traits(
        hair=chosen,
        dress=dress if dress in DRESS else DRESS[digest[1] % len(DRESS)],
        flipped=digest[2] % 2 == 1,
        nose=unit[3],
        chin=unit[4],
        brow=unit[5],
        slimness=unit[6],
        tilt=(unit[7] - 0.5) * 0.2,
        glasses=digest[8] % 4 == 0,
        beard=digest[9] % 3 == 0 and chosen in BEARDED,
        beads=40 + 4 * (digest[10] % 8),
        petals=6 + digest[11] % 7,
        phase=unit[12] * math.tau,
        amplitude=1.0 + unit[13] * 0.8,
        ground=(0.66, 0.60, 0.54)[digest[14] % 3],
    )


# Shapes


def _ellipse(cx: float, cy: float, rx: float, ry: float, turn: float = 0.0) -> Distance:
    """Return the distance to an ellipse turned by ``turn`` radians; ``FAR`` where it is out of reach."""
    cos, sin, least = math.cos(turn), math.sin(turn), min(rx, ry)
    reach = max(rx, ry) * (1 + FAR / least)

    def distance(x: float, y: float) -> float:
        dx, dy = x - cx, y - cy
        if dx > reach or dx < -reach or dy > reach or dy < -reach:
            return FAR
        return (math.hypot((dx * cos + dy * sin) / rx, (dy * cos - dx * sin) / ry) - 1) * least

    return distance


def _join(a: float, b: float, soft: float) -> float:
    """Return the smooth minimum of two distances (Quilez, polynomial form), blending over ``soft`` units."""
    overlap = soft - abs(a - b)
    low = a if a < b else b
    return low if overlap <= 0 else low - overlap * overlap / soft * 0.25


def _scalp(face: Distance, crown: Distance, nape: float, slope: float = 0.0) -> Distance:
    """Return hair that leaves the face free and ends ``nape`` units under the middle of the head."""

    def distance(x: float, y: float) -> float:
        return max(crown(x, y), -face(x, y), y - (HEAD_Y + nape + (x - HEAD_X) * slope))

    return distance


def _either(first: Distance, second: Distance) -> Distance:
    """Return the union of two shapes."""
    return lambda x, y: min(first(x, y), second(x, y))


def _without(shape: Distance, *holes: Distance) -> Distance:
    """Return a shape with holes cut out of it."""
    return lambda x, y: max(shape(x, y), *[-hole(x, y) for hole in holes])


def _under(shape: Distance, y_from: float) -> Distance:
    """Return the part of a shape below a height."""
    return lambda x, y: max(shape(x, y), y_from - y)


def _over(shape: Distance, y_to: float) -> Distance:
    """Return the part of a shape above a height."""
    return lambda x, y: max(shape(x, y), y - y_to)


def _swaying(shape: Distance, phase: float) -> Distance:
    """Return a shape whose outline waves from side to side."""
    return lambda x, y: shape(x + math.sin(y * 0.55 + phase) * 1.5, y)


def _hair(t: Traits, rx: float) -> Distance:
    """Return the outline of the hair, cap or scarf of a head ``rx`` units wide at its half."""
    x, y = HEAD_X, HEAD_Y
    face = _ellipse(x - 7.4, y + 8.2, 13.5, 15.8)
    if t.hair == "crop":
        return _scalp(face, _ellipse(x + 4, y - 5.6, rx + 2.6, 14.6), 6, slope=0.3)
    if t.hair == "bun":
        crown = _scalp(face, _ellipse(x + 4, y - 5.2, rx + 2.6, 15), 8)
        return _either(crown, _ellipse(x + 18.5, y - 11, 7.4, 7))
    if t.hair == "tail":
        crown = _scalp(face, _ellipse(x + 4, y - 5.4, rx + 2.6, 14.8), 7)
        return _either(crown, _ellipse(x + 21, y + 4, 4.2, 15.5, -0.3))
    if t.hair == "bald":
        ear = _ellipse(x + 3.8, y + 2.8, 3.6, 5)
        return _without(_ellipse(x + 10, y + 2, 10, 8.8), _ellipse(x - 1, y + 1, 9.4, 16), ear)
    if t.hair == "bob":
        fall = _without(_ellipse(x + 5, y + 1, rx + 3.6, 22), _ellipse(x - 8.4, y + 9, 13.2, 19))
        return _over(fall, y + 19)
    if t.hair == "waves":
        fall = _swaying(_ellipse(x + 6, y + 3, rx + 4.4, 25), t.phase)
        return _without(fall, _ellipse(x - 8, y + 9.5, 13.4, 18.6), _ellipse(x - 6, y + 22, 12, 10))
    if t.hair == "cap":
        peak = _ellipse(x - 14.5, y - 6.6, 8.4, 1.5, -0.08)
        return _either(_over(_ellipse(x + 2.4, y - 7.6, rx + 3.6, 12.6), y - 6), peak)
    cloth = _without(_ellipse(x + 4, y + 1, rx + 4.2, 22.5), _ellipse(x - 8.2, y + 4, 12.0, 15))
    return _either(cloth, _under(_ellipse(x - 1, y + 22.5, 10, 5.6), y + 16.5))


def _checks(x: float, y: float) -> float:
    """Return the chequered weave of a scarf."""
    return 1.0 if (round((x + y) / 5) + round((x - y) / 5)) % 2 else -1.0


def _rings(cx: float, cy: float, squeeze: float = 1.0) -> Grain:
    """Return strands that run in rings around a point."""
    return lambda x, y: math.sin(math.hypot(x - cx, (y - cy) * squeeze) * 1.5)


GRAIN: Final[dict[str, Grain]] = {
    "crop": lambda x, y: math.sin((x * 0.9 + y) * 1.25),
    "bun": _rings(HEAD_X + 18, HEAD_Y - 11),
    "tail": _rings(HEAD_X + 18, HEAD_Y - 6),
    "bob": _rings(HEAD_X + 4, HEAD_Y - 20, 0.55),
    "waves": lambda x, y: math.sin((x + math.sin(y * 0.5) * 2) * 1.3),
    "bald": lambda x, y: math.sin((x + y) * 1.3),
    "scarf": _checks,
    "cap": lambda x, y: 0.0,
}
SHADE: Final = {"scarf": (0.30, 0.16), "cap": (0.46, 0.0), "bald": (0.42, 0.16)}
CLOTH: Final = {"round": 0.36, "collar": 0.44, "shawl": 0.40, "high": 0.38}


class Figure:
    """The bust as a tone at every point of the field."""

    def __init__(self, t: Traits) -> None:
        self.t = t
        self.rx = rx = 14.4 - t.slimness * 1.4
        ry = 17.2 + t.slimness * 1.2
        x, y = HEAD_X, HEAD_Y
        self.cos, self.sin = math.cos(t.tilt), math.sin(t.tilt)
        self.front = x - rx
        self.skull = _ellipse(x - 1, y + 1, rx, ry)
        self.crown = _ellipse(x + 4, y - 4, rx + 1.2, 13.5)
        self.profile = (
            (_ellipse(self.front - 0.2 - t.nose * 1.2, y + 3.8, 2.5 + t.nose, 4.4, -0.5), 2.6),
            (_ellipse(self.front + 1.0, y + 9.3, 2.1, 1.5), 1.3),
            (_ellipse(self.front + 1.6, y + 12.2, 2.1, 1.4), 1.3),
            (_ellipse(x - rx * 0.55 - t.chin * 1.4, y + 16.2, 5.0, 3.9), 2.6),
        )
        self.features = (  # eye, brow, lips, wing of the nose, each with its weight
            (_ellipse(self.front + 4.6, y - 0.4, 2.3, 0.95, -0.08), 0.95),
            (_ellipse(self.front + 4.3, y - 4.0 + t.brow, 3.7, 0.75, 0.1), 0.80),
            (_ellipse(self.front + 2.2, y + 10.8, 2.9, 0.5, 0.06), 0.72),
            (_ellipse(self.front + 1.8, y + 6.2, 1.5, 0.8, -0.3), 0.5),
        )
        self.ear = None if t.hair in EARS_COVERED else _ellipse(x + 3.8, y + 2.8, 2.7, 4.3, 0.15)
        self.hair = _hair(t, rx)
        self.grain = GRAIN[t.hair]
        self.shade = SHADE.get(t.hair, (0.50, 0.26))
        self.shoulders = (_ellipse(53, 100, 36, 25), _ellipse(53, 92, 25, 15))
        self.neckline = _ellipse(51, 72, 12.5, 10)
        self.hem = _ellipse(51, 72, 14.6, 12)
        cheek, mouth = _ellipse(x - rx * 0.36, y + 15.4, 10.6, 7.6), _ellipse(self.front - 1, y + 8, 7.2, 3.6)
        self.beard = _under(_without(cheek, mouth), y + 7.4) if t.beard else None
        self.lens = _ellipse(self.front + 4.8, y - 0.2, 4.2, 3.8) if t.glasses else None

    def tone(self, x: float, y: float) -> tuple[float, float]:
        """Return the weight of a line (.05 to .92) and its relief (0 to 1) at a point of the field."""
        dx, dy = x - 52, y - 62  # the head turns about the nape, the shoulders stay
        hx, hy = 52 + dx * self.cos - dy * self.sin, 62 + dx * self.sin + dy * self.cos
        head, hair = self._head(hx, hy), self.hair(hx, hy)
        neck = max(abs(hx - (HEAD_X + 5.2 + (hy - 60) * 0.12)) - 7.6, 50 - hy, hy - 82)
        skin = _join(head, neck, 2)
        body = self._body(x, y, hy, neck)
        weight, relief = self.t.ground, 0.0
        if skin < 0:
            weight, relief = self._skin(hx, hy, head, skin)
        if body < 0 and self._opening(x, y + 5.5) > 0:
            weight, relief = self._cloth(x, y + 5.5, hy), 0.5
        if head < 0:
            weight = self._feature(hx, hy) or weight
        if hair < 0:
            weight, relief = self._strand(hx, hy), max(relief, 0.75 + 0.25 * min(1.0, -hair / 6))
        if self.beard is not None and head < 1.4 and self.beard(hx, hy) < 0:
            weight = 0.48 + 0.22 * math.sin(hx * 1.5 + hy * 0.3)
        if self.lens is not None:
            weight = self._rim(hx, hy, skin, hair) or weight
        if 0 <= min(skin, body, hair) < 0.95:  # a light seam where the figure meets the ground
            return 0.06, relief
        if -0.75 < hair < 0 and skin < 0.5:
            weight = min(weight, 0.16)
        return max(0.05, min(0.92, weight)), relief

    def _head(self, x: float, y: float) -> float:
        """Return the distance to the head: skull, crown, nose, lips and chin in one soft outline."""
        distance = _join(self.skull(x, y), self.crown(x, y), 6)
        if distance < FAR:
            for shape, soft in self.profile:
                distance = _join(distance, shape(x, y), soft)
        return distance

    def _body(self, x: float, y: float, head_y: float, neck: float) -> float:
        """Return the distance to the dressed shoulders; a high collar climbs the neck."""
        if y < 60:
            return FAR
        wide, narrow = self.shoulders
        body = _join(wide(x, y + 5.5), narrow(x, y + 5.5), 8)
        return _join(body, max(neck, 66 - head_y), 3) if self.t.dress == "high" else body

    def _skin(self, x: float, y: float, head: float, skin: float) -> tuple[float, float]:
        """Return tone and relief of bare skin: lit from the front, shaded at the nape and under the jaw."""
        light = (x - self.front) / (2 * self.rx)
        weight = 0.13 + 0.10 * max(0.0, light - 0.35)
        if y > HEAD_Y + 14 and head > -1.5:
            weight += 0.34 * max(0.0, 1 - (y - HEAD_Y - 14) / 14) + 0.06
        return weight, math.sqrt(max(0.0, 1 - (1 - min(1.0, -skin / 12)) ** 2))

    def _opening(self, x: float, y: float) -> float:
        """Return the distance to the opening at the neck, where no cloth lies."""
        if self.t.dress == "round":
            return self.neckline(x, y)
        if self.t.dress == "collar":
            return max(abs(x - 50) * 1.5 - (86 - y), y - 86)
        if self.t.dress == "shawl":
            return max(abs(x - 49) * 1.1 - (88 - y), y - 88)
        return FAR

    def _cloth(self, x: float, y: float, head_y: float) -> float:
        """Return the weight of the garment with its edge: hem, white collar, knitted shawl or roll neck."""
        weight = CLOTH[self.t.dress] + (0.12 if x > 58 else 0.0)
        if self.t.dress == "shawl" and math.sin((x - 52) * 0.55 + abs(y - 86) * 0.8) > 0:
            return weight + 0.22
        if self.t.dress == "round" and self.hem(x, y) < 0:
            return 0.74
        if self.t.dress == "collar" and max(abs(x - 50) * 1.5 - (95 - y), y - 95) < 0:
            return 0.12
        return 0.62 if self.t.dress == "high" and head_y < 71 else weight

    def _feature(self, x: float, y: float) -> float:
        """Return the weight of the first feature of the face at a point, 0 where there is none."""
        for shape, weight in self.features:
            if shape(x, y) < 0:
                return weight
        return 0.62 if self.ear is not None and abs(self.ear(x, y)) < 0.65 else 0.0

    def _strand(self, x: float, y: float) -> float:
        """Return the weight of the hair along its own waves; a cap has a dark band."""
        if self.t.hair == "cap" and y > HEAD_Y - 9.4:
            return 0.84
        base, depth = self.shade
        return base + depth * self.grain(x, y)

    def _rim(self, x: float, y: float, skin: float, hair: float) -> float:
        """Return the weight of the rim or temple of glasses, 0 where there is none."""
        if self.lens is not None and abs(self.lens(x, y)) < 0.55 and skin < 0.6:
            return 0.95
        on_temple = abs(y - HEAD_Y + 0.8) < 0.6 and self.front + 8.8 < x < HEAD_X + 3
        return 0.8 if on_temple and hair > 0 else 0.0


# Engraving


def _line(figure: Figure, form: Format, y: float) -> Iterator[Sample]:
    """Yield the samples of one engraved line at height ``y``, inside the round field."""
    gap = 2 * form.radius / form.lines
    field_y = 50 + (y - 50) * form.zoom + form.lift
    half = math.sqrt(form.radius**2 - (y - 50) ** 2)
    for index in range(int(2 * half / form.step) + 1):
        x = 50 - half + index * form.step
        field_x = 50 + (x - 50) * form.zoom
        weight, relief = figure.tone(100 - field_x if figure.t.flipped else field_x, field_y)
        yield Sample(x, y - relief * gap * 0.42, weight * gap * 0.98)


def simplify(samples: Sequence[Sample], tolerance: float) -> list[Sample]:
    """Drop samples that lie within ``tolerance`` of the chords kept, in height and (less strictly) in width.

    One pass with swinging doors (Bristol 1990): a chord may reach on while its slope stays inside the
    interval that every sample since the anchor allows. ``x`` must rise strictly.
    """
    if len(samples) < 3:
        return list(samples)
    loose = tolerance / 0.7
    kept, last = [samples[0]], samples[0]
    y_low = w_low = -math.inf
    y_high = w_high = math.inf
    for sample in samples[1:]:
        run = sample.x - kept[-1].x
        y_slope, w_slope = (sample.y - kept[-1].y) / run, (sample.width - kept[-1].width) / run
        if not (y_low <= y_slope <= y_high and w_low <= w_slope <= w_high):
            kept.append(last)
            y_low = w_low = -math.inf
            y_high = w_high = math.inf
            run = sample.x - last.x
            y_slope, w_slope = (sample.y - last.y) / run, (sample.width - last.width) / run
        y_low, y_high = max(y_low, y_slope - tolerance / run), min(y_high, y_slope + tolerance / run)
        w_low, w_high = max(w_low, w_slope - loose / run), min(w_high, w_slope + loose / run)
        last = sample
    return [*kept, last]


def _number(tenths: int) -> str:
    """Return a number given in tenths in its shortest form for path data: ``-.5``, ``12``, ``3.4``."""
    sign, (whole, part) = "-" if tenths < 0 else "", divmod(abs(tenths), 10)
    return f"{sign}{whole or ''}.{part}" if part else f"{sign if whole else ''}{whole}"


def _closed_path(points: Sequence[tuple[float, float]]) -> str:
    """Return path data of a closed polygon in relative steps of a tenth of a unit."""
    grid = [(round(x * 10), round(y * 10)) for x, y in points]
    steps = [f"M{_number(grid[0][0])} {_number(grid[0][1])}l"]
    separator = ""
    for (x0, y0), (x1, y1) in pairwise(grid):
        for value in (_number(x1 - x0), _number(y1 - y0)):
            steps.append(value if value[0] == "-" else separator + value)
            separator = " "
    return "".join(steps) + "z"


def _engraving(figure: Figure, form: Format) -> str:
    """Return path data of all lines, each one filled outline of varying width."""
    gap = 2 * form.radius / form.lines
    paths = []
    for row in range(form.lines):
        line = simplify(list(_line(figure, form, 50 - form.radius + (row + 0.5) * gap)), form.tolerance)
        if len(line) > 1:
            upper = [(s.x, s.y - s.width / 2) for s in line]
            paths.append(_closed_path(upper + [(s.x, s.y + s.width / 2) for s in reversed(line)]))
    return "".join(paths)


def _guilloche(t: Traits, points: int = 150) -> str:
    """Return path data of three phase-shifted sine rings around the portrait."""
    band = []
    for ring in range(3):
        outline = []
        for step in range(points):
            angle = math.tau * step / points
            wave = math.sin(t.petals * 2 * angle + t.phase + ring * math.tau / 3)
            radius = 43 + t.amplitude * wave
            outline.append((50 + radius * math.cos(angle), 50 + radius * math.sin(angle)))
        band.append(_closed_path(outline))
    return "".join(band)


def _circle(radius: float, attributes: str = "") -> str:
    return f'<circle{attributes} cx="50" cy="50" r="{radius:g}"/>'


def _frame(t: Traits, size: str) -> str:
    """Return the field and the rim: guilloche and beads on the large medal, a plain rim on the small one."""
    if size == "s":
        return _circle(49, ' class="m-field"') + _circle(48.6, ' class="m-rim"')
    rings = "".join(_circle(radius) for radius in (40.4, 45.6, 49.2))
    beads = _circle(47.4, f' class="m-bead" pathLength="{t.beads * 2}"')
    field = _circle(49.3, ' class="m-field"')
    return f'{field}<g class="m-line">{rings}<path d="{_guilloche(t)}"/>{beads}</g>'


def _svg(size: str, content: str, label: str) -> str:
    """Wrap a drawing; without a label it is decoration beside a name and hidden from assistive technology."""
    voice = f'role="img" aria-label="{escape(label)}"' if label else 'aria-hidden="true"'
    return f'<svg class="medal medal-{size}" viewBox="0 0 100 100" {voice} focusable="false">{content}</svg>'


@lru_cache(maxsize=2048)
def _drawing(code: str, size: str, hair: str, dress: str) -> str:
    """Return the content of a medal; cached, since it depends on its arguments only."""
    t = traits(code, hair, dress)
    return f'{_frame(t, size)}<path class="m-ink" d="{_engraving(Figure(t), FORMATS[size])}"/>'


def medallion(code: str, size: Size = "s", *, hair: str = "", dress: str = "", label: str = "") -> str:
    """Return the inline SVG of a member's medallion.

    ``size`` is ``l`` (11 rem, 10 to 13 KB) or ``s`` (up to 64 px, 4 to 6 KB); an unknown one raises
    ``KeyError``. Colours come from CSS through ``medal``, ``m-field``, ``m-line``, ``m-rim``,
    ``m-bead`` and ``m-ink``.
    """
    return _svg(size, _drawing(code, size, hair or "", dress or ""), label)


@lru_cache(maxsize=2)
def blank_medallion(size: Size = "s") -> str:
    """Return a coin with ruled lines and no bust: what stands in the place of a medallion that is not drawn yet."""
    form = FORMATS[size]
    gap = 2 * form.radius / form.lines
    lines = []
    for row in range(form.lines):
        y = 50 - form.radius + (row + 0.5) * gap
        half = math.sqrt(form.radius**2 - (y - 50) ** 2)
        lines.append(f"M{50 - half:.1f} {y:.1f}h{2 * half:.1f}v.5h{-2 * half:.1f}z")
    frame = _circle(49, ' class="m-field"') + _circle(48.6, ' class="m-rim"')
    return _svg(size, f'{frame}<path class="m-ink" d="{"".join(lines)}"/>', "")


def empty_medallion(size: Size = "s", *, label: str = "") -> str:
    """Return the empty dashed ring that stays when a member has taken the story back."""
    return _svg(size, _circle(48, ' class="m-gone" pathLength="96"'), label)
