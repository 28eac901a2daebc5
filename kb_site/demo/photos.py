"""Draws the four pictures of the demonstration stories, with Pillow only.

Every picture is invented, so nobody's home is shown. Coordinates are in points of a 1600 by 1066 sheet;
the drawing is made at twice that size and reduced, which smooths the edges. The same key always gives
the same pixels: the little chance there is (leaves, flakes, grain) is seeded.
"""

import math
from collections.abc import Callable, Iterable
from random import Random

from PIL import Image, ImageChops, ImageColor, ImageDraw, ImageFilter

SIZE = (1600, 1066)
SCALE = 2

Point = tuple[float, float]
Box = tuple[float, float, float, float]


class Scene:
    """A sheet to paint on, back to front. Colours are hex, opacities 0 to 1, lengths in points."""

    def __init__(self, top: str, bottom: str) -> None:
        self.image = Image.new("RGB", (SIZE[0] * SCALE, SIZE[1] * SCALE), top)
        self.fade((0, 0, *SIZE), top, bottom)

    def fade(self, box: Box, top: str, bottom: str) -> None:
        """Fill a box with a vertical passage from one colour to the other."""
        left, upper, right, lower = (round(v * SCALE) for v in box)
        size = (right - left, lower - upper)
        mask = Image.linear_gradient("L").resize(size, Image.Resampling.BICUBIC)
        self.image.paste(Image.composite(_plain(size, bottom), _plain(size, top), mask), (left, upper))

    def shape(self, points: Iterable[Point], fill: str) -> None:
        """Fill a polygon."""
        ImageDraw.Draw(self.image).polygon(_scaled(points), fill=fill)

    def rect(self, box: Box, fill: str, radius: float = 0) -> None:
        """Fill a rectangle given as left, top, right, bottom."""
        box = tuple(v * SCALE for v in box)  # type: ignore[assignment]  # four in, four out
        ImageDraw.Draw(self.image).rounded_rectangle(box, radius=radius * SCALE, fill=fill)

    def disc(self, centre: Point, rx: float, fill: str, ry: float | None = None) -> None:
        """Fill an ellipse; without `ry` it is a circle."""
        (x, y), ry = centre, rx if ry is None else ry
        box = [v * SCALE for v in (x - rx, y - ry, x + rx, y + ry)]
        ImageDraw.Draw(self.image).ellipse(box, fill=fill)

    def line(self, points: Iterable[Point], fill: str, width: float) -> None:
        """Draw a stroke with round joints and round ends."""
        path, pen = _scaled(points), ImageDraw.Draw(self.image)
        pen.line(path, fill=fill, width=max(1, round(width * SCALE)), joint="curve")
        radius = width * SCALE / 2
        for x, y in (path[0], path[-1]):
            pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=fill)

    def veil(self, points: Iterable[Point], colour: str, opacity: float, blur: float = 0) -> None:
        """Lay a translucent polygon, soft at its edge by `blur` points: a shadow or a patch of light."""
        mask = Image.new("L", self.image.size)
        ImageDraw.Draw(mask).polygon(_scaled(points), fill=round(255 * opacity))
        if blur:
            small = mask.resize((mask.width // 4, mask.height // 4))
            small = small.filter(ImageFilter.GaussianBlur(blur * SCALE / 4))
            mask = small.resize(mask.size, Image.Resampling.BICUBIC)
        self.image.paste(_plain(self.image.size, colour), (0, 0), mask)

    def glow(self, centre: Point, rx: float, colour: str, opacity: float, ry: float | None = None) -> None:
        """Add light that fades to nothing at the radius."""
        ry = rx if ry is None else ry
        size = (round(rx * 2 * SCALE), round(ry * 2 * SCALE))
        ring = Image.radial_gradient("L").point(lambda v: max(0, 255 - round(v * 1.4)))
        mask = ring.point(lambda v: round(v * v / 255 * opacity)).resize(size, Image.Resampling.BICUBIC)
        corner = (round((centre[0] - rx) * SCALE), round((centre[1] - ry) * SCALE))
        light = Image.new("RGB", self.image.size)
        light.paste(_plain(size, colour), corner, mask)
        self.image = ImageChops.screen(self.image, light)

    def finish(self) -> Image.Image:
        """Reduce to 1600 by 1066 and lay a very fine grain over it, as paper has."""
        picture = self.image.resize(SIZE, Image.Resampling.LANCZOS)
        return Image.blend(picture, ImageChops.overlay(picture, _grain()), 0.06)


def _plain(size: tuple[int, int], colour: str) -> Image.Image:
    return Image.new("RGB", size, colour)


def _scaled(points: Iterable[Point]) -> list[Point]:
    return [(x * SCALE, y * SCALE) for x, y in points]


def _grain() -> Image.Image:
    count = SIZE[0] * SIZE[1]
    speckle = Image.frombytes("L", SIZE, Random(7).randbytes(count))
    return speckle.filter(ImageFilter.GaussianBlur(0.7)).convert("RGB")


def _mixed(first: str, second: str, share: float) -> str:
    """Give the colour that lies `share` of the way from the first to the second."""
    pairs = zip(ImageColor.getrgb(first), ImageColor.getrgb(second), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def _branch(
    scene: Scene, start: Point, angle: float, length: float, width: float, colour: str, chance: Random
) -> None:
    """Grow a bare tree: a slightly bent stroke that forks until its twigs are thin."""
    bend = angle + chance.uniform(-0.12, 0.12)
    middle = (start[0] + math.cos(angle) * length / 2, start[1] - math.sin(angle) * length / 2)
    end = (middle[0] + math.cos(bend) * length / 2, middle[1] - math.sin(bend) * length / 2)
    scene.line([start, middle, end], colour, width)
    if width < 1.4:
        return
    for turn in (chance.uniform(0.22, 0.5), chance.uniform(-0.5, -0.22)):
        _branch(scene, end, bend + turn, length * chance.uniform(0.68, 0.86), width * 0.64, colour, chance)


# --- a radiator under a window --------------------------------------------------------------------


def _radiator_window() -> Image.Image:
    scene = Scene("#8f9a8c", "#a7ac99")
    _dusk_window(scene)
    _curtain(scene)
    _radiator(scene)
    _brass_thermometer(scene, (318, 372))
    _geranium(scene, (652, 656))
    scene.veil([(0, 0), (210, 0), (120, 1066), (0, 1066)], "#26302b", 0.34, 120)
    scene.veil([(1600, 0), (1440, 0), (1500, 1066), (1600, 1066)], "#26302b", 0.30, 110)
    return scene.finish()


def _dusk_window(scene: Scene) -> None:
    scene.veil([(490, 90), (1250, 90), (1250, 660), (490, 660)], "#39443d", 0.5, 26)
    scene.rect((500, 76, 1230, 650), "#eceadf")
    scene.fade((530, 106, 1200, 624), "#2f4763", "#e2a27a")
    chance = Random(3)
    for left, top, width, colour in (
        (530, 470, 150, "#40506a"),
        (655, 430, 120, "#384862"),
        (770, 492, 190, "#465368"),
        (930, 446, 110, "#3b4a62"),
        (1030, 480, 170, "#414f66"),
    ):
        scene.rect((left, top, left + width, 624), colour)
        _far_windows(scene, (left, top, left + width, 624), chance)
    scene.line([(1094, 480), (1094, 452)], "#414f66", 9)
    for post in ((853, 106, 877, 624), (530, 262, 1200, 280)):
        scene.rect(post, "#eceadf")
    for edge in ((877, 106, 882, 624), (530, 280, 853, 285), (882, 280, 1200, 285), (530, 106, 535, 624)):
        scene.rect(edge, "#b9bdb0")
    scene.rect((462, 640, 1268, 668), "#f4f1e6", 4)
    scene.rect((470, 668, 1260, 680), "#c4c5b6")


def _far_windows(scene: Scene, house: Box, chance: Random) -> None:
    left, top, right, bottom = house
    for row in range(int(top) + 18, int(bottom) - 16, 34):
        for column in range(int(left) + 14, int(right) - 16, 27):
            if chance.random() < 0.34:
                scene.rect(
                    (column, row, column + 10, row + 14), chance.choice(("#f3cf86", "#e9b86b", "#f0dba6"))
                )


def _curtain(scene: Scene) -> None:
    scene.line([(430, 58), (1330, 58)], "#6b5a44", 9)
    scene.disc((424, 58), 11, "#5d4d3a")
    scene.disc((1336, 58), 11, "#5d4d3a")
    for number in range(7):
        left = 1146 + number * 26
        colour = ("#d9cdb4", "#cbbea3")[number % 2]
        sway = number * 4 - 12
        scene.shape([(left, 62), (left + 27, 62), (left + 30 + sway, 698), (left + sway, 698)], colour)
    scene.veil([(1122, 70), (1146, 70), (1132, 690), (1104, 690)], "#1d2a38", 0.30, 12)


def _radiator(scene: Scene) -> None:
    scene.fade((0, 968, 1600, 1066), "#7a5d42", "#5c4430")
    scene.rect((0, 936, 1600, 968), "#dcd9c9")
    scene.rect((0, 964, 1600, 969), "#a9a795")
    scene.veil([(520, 730), (1150, 730), (1170, 950), (520, 950)], "#3d463c", 0.45, 22)
    scene.line([(1140, 752), (1420, 752), (1420, 0)], "#d3d0c1", 15)
    scene.line([(1140, 747), (1415, 747), (1415, 0)], "#efece0", 5)
    scene.line([(1140, 892), (1470, 892), (1470, 984)], "#cfccbd", 15)
    scene.disc((1470, 986), 22, "#b5b2a2", 7)
    for number in range(12):
        left = 520 + number * 52
        scene.rect((left, 716, left + 46, 926), "#e9e6d9", 20)
        scene.rect((left + 31, 722, left + 46, 920), "#bfbfae", 14)
        scene.rect((left + 8, 726, left + 20, 916), "#f9f7ee", 6)
        for hole in (744, 882):
            scene.rect((left - 6, hole, left + 6, hole + 16), "#d4d2c3")
    scene.rect((1136, 736, 1164, 768), "#8f6b3c", 5)
    scene.rect((1150, 742, 1192, 762), "#a63f27", 6)


def _brass_thermometer(scene: Scene, centre: Point) -> None:
    x, y = centre
    scene.disc((x + 10, y + 14), 84, "#77836f")
    scene.line([(x, y - 130), (x - 16, y - 78)], "#6d5526", 3)
    scene.line([(x, y - 130), (x + 16, y - 78)], "#6d5526", 3)
    scene.disc((x, y - 130), 6, "#4d4a42")
    for radius, colour in ((84, "#8a6a2c"), (80, "#c39a49"), (70, "#7e6128"), (66, "#f3ecd6")):
        scene.disc(centre, radius, colour)
    for step in range(25):
        angle = math.radians(220 - step * 260 / 24)
        inner = 46 if step % 4 == 0 else 52
        ends = [(x + math.cos(angle) * r, y - math.sin(angle) * r) for r in (inner, 58)]
        scene.line(ends, "#3f3a2e", 3 if step % 4 == 0 else 1.5)
    angle = math.radians(118)
    tip = (x + math.cos(angle) * 50, y - math.sin(angle) * 50)
    tail = (x - math.cos(angle) * 18, y + math.sin(angle) * 18)
    scene.line([tail, tip], "#8e2f1d", 4)
    scene.disc(centre, 7, "#6d5526")
    scene.veil([(x - 58, y - 20), (x - 20, y - 58), (x - 8, y - 50), (x - 48, y - 8)], "#ffffff", 0.35, 6)


def _geranium(scene: Scene, foot: Point) -> None:
    x, y = foot
    chance = Random(21)
    scene.veil([(x - 40, y - 6), (x + 110, y - 6), (x + 120, y + 4), (x - 40, y + 4)], "#5d6254", 0.55, 5)
    stems = [(x - 66, y - 226), (x - 18, y - 292), (x + 44, y - 252), (x + 82, y - 196)]
    for tip in stems:
        scene.line([(x, y - 92), ((x + tip[0]) / 2, y - 150), tip], "#4d6238", 5)
    for _ in range(46):
        angle, reach = chance.uniform(0.1, math.pi - 0.1), chance.uniform(10, 104)
        leaf = (x + math.cos(angle) * reach, y - 112 - math.sin(angle) * reach * 0.92)
        _leaf(
            scene, leaf, chance.uniform(19, 31), chance.choice(("#3d5a37", "#4c6d40", "#5b7d49", "#34502f"))
        )
    for tip in stems[:3]:
        for _ in range(13):
            petal = (tip[0] + chance.uniform(-27, 27), tip[1] + chance.uniform(-21, 21))
            scene.disc(
                petal, chance.uniform(8, 13), chance.choice(("#b5402c", "#c9533a", "#a13424", "#d46a4c"))
            )
    scene.disc(stems[3], 7, "#8d3a28")
    scene.shape([(x - 62, y - 102), (x + 62, y - 102), (x + 46, y), (x - 46, y)], "#a9603d")
    scene.shape([(x + 20, y - 102), (x + 62, y - 102), (x + 46, y), (x + 14, y)], "#8e4d30")
    scene.rect((x - 70, y - 122, x + 70, y - 94), "#b96d47", 4)
    scene.rect((x + 22, y - 122, x + 70, y - 94), "#9a5737", 4)


def _leaf(scene: Scene, centre: Point, radius: float, colour: str) -> None:
    """A round scalloped leaf with a paler ring, as geraniums have."""
    for lobe in range(7):
        angle = lobe * math.tau / 7
        at = (centre[0] + math.cos(angle) * radius * 0.55, centre[1] + math.sin(angle) * radius * 0.42)
        scene.disc(at, radius * 0.5, colour)
    scene.disc(centre, radius * 0.55, _mixed(colour, "#a9bd80", 0.24))
    scene.disc(centre, radius * 0.36, colour)


# --- a landing with a clock -----------------------------------------------------------------------


def _stairwell_clock() -> Image.Image:
    scene = Scene("#dcdccd", "#cfd0bf")
    scene.rect((0, 470, 1600, 830), "#6f8c79")
    scene.rect((0, 462, 1600, 471), "#3f5a4b")
    _landing_floor(scene)
    _tall_window(scene)
    _flight(scene)
    _wall_clock(scene, (806, 236))
    _light_from_window(scene)
    _bentwood_chair(scene, (640, 905))
    _handrail(scene)
    scene.veil([(1600, 0), (1250, 0), (1600, 700)], "#2c3a33", 0.22, 120)
    return scene.finish()


def _landing_floor(scene: Scene) -> None:
    scene.fade((0, 830, 1600, 1066), "#a89a86", "#8c7e6b")
    scene.rect((0, 812, 1600, 832), "#4c3d31")
    for row, height in enumerate((38, 54, 72, 80)):
        top = 832 + sum((38, 54, 72, 80)[:row])
        for column in range(-1, 17):
            spread = 1 + (top - 832) / 420
            left, right = (800 + (column * 100 + shift - 800) * spread for shift in (0, 100))
            lower = 1 + (top + height - 832) / 420
            left_low, right_low = (800 + (column * 100 + shift - 800) * lower for shift in (0, 100))
            if (row + column) % 2:
                tile = [(left, top), (right, top), (right_low, top + height), (left_low, top + height)]
                scene.shape(tile, _mixed("#94866f", "#7c6f5b", row / 4))


def _tall_window(scene: Scene) -> None:
    scene.rect((138, 88, 482, 690), "#8f9484")
    scene.rect((146, 96, 474, 682), "#f1efe4")
    scene.fade((166, 116, 454, 662), "#cfe0e6", "#f6ecd2")
    for left, top, right, colour in (
        (166, 560, 232, "#c3cec8"),
        (226, 530, 300, "#b6c4bf"),
        (350, 548, 420, "#bfcbc5"),
        (404, 572, 454, "#b6c4bf"),
        (166, 604, 290, "#a2b4ab"),
        (284, 588, 366, "#93a89d"),
        (360, 612, 454, "#a2b4ab"),
    ):
        scene.rect((left, top, right, 662), colour)
    scene.shape([(280, 588), (325, 564), (370, 588)], "#a98c78")
    scene.line([(262, 530), (262, 506)], "#b6c4bf", 7)
    for bar in ((302, 116, 318, 662), (166, 286, 454, 300), (166, 474, 454, 488)):
        scene.rect(bar, "#f1efe4")
    for bar in ((318, 116, 323, 662), (166, 300, 454, 304), (166, 488, 454, 492)):
        scene.rect(bar, "#c9c9ba")
    scene.rect((112, 684, 508, 712), "#e9e6d8", 3)
    scene.rect((120, 712, 500, 724), "#536e5e")


def _flight(scene: Scene) -> None:
    """Ten steps that go up to the right, seen from the side, and the shadow they cast on the landing."""
    for step in range(10):
        left, top = 1010 + step * 60, 832 - step * 51
        scene.shape(
            [(left, top - 51), (left + 600, top - 51), (left + 600, top + 40), (left, top + 40)], "#b3a48e"
        )
        scene.rect((left, top - 51, left + 600, top - 39), "#d0c3ad")
        scene.rect((left, top - 39, left + 8, top), "#8f826d")
        scene.rect((left + 8, top - 39, left + 600, top - 33), "#978a75")
    scene.rect((1010, 831, 1600, 872), "#b3a48e")
    scene.veil([(1010, 640), (1600, 240), (1600, 872), (1010, 872)], "#5e5242", 0.16, 60)
    scene.rect((1010, 850, 1600, 872), "#7b6d5a")
    scene.veil([(990, 872), (1600, 872), (1600, 900), (970, 892)], "#40372b", 0.40, 9)


def _wall_clock(scene: Scene, centre: Point) -> None:
    x, y = centre
    scene.disc((x + 12, y + 16), 96, "#bcbdac")
    for radius, colour in ((96, "#2d3f36"), (86, "#f7f4e9")):
        scene.disc(centre, radius, colour)
    for hour in range(12):
        angle = math.radians(90 - hour * 30)
        ends = [(x + math.cos(angle) * r, y - math.sin(angle) * r) for r in (64 if hour % 3 else 58, 76)]
        scene.line(ends, "#2d3f36", 4 if hour % 3 else 8)
    for turns, length, width in (((10 + 19 / 60) / 12, 44, 9), (19 / 60, 66, 6)):
        angle = math.radians(90 - turns * 360)
        scene.line([centre, (x + math.cos(angle) * length, y - math.sin(angle) * length)], "#1c2823", width)
    scene.disc(centre, 8, "#1c2823")


def _light_from_window(scene: Scene) -> None:
    """The window's light: on the wall beside it, and in slanting panes on the floor."""
    scene.glow((310, 390), 620, "#f6e3b4", 0.24, 560)
    for column in range(2):
        for row in range(3):
            left, top = 330 + column * 168 + row * 64, 846 + row * 66
            pane = [(left, top), (left + 146, top), (left + 196, top + 56), (left + 50, top + 56)]
            scene.veil(pane, "#fff1c9", 0.42, 5)


def _bentwood_chair(scene: Scene, foot: Point) -> None:
    """A Viennese chair, three quarters to us, with a sheet of paper on its seat."""
    x, y = foot
    wood, dark = "#6b4027", "#4f2d1a"
    scene.veil([(x - 84, y - 8), (x + 150, y - 26), (x + 240, y + 30), (x - 30, y + 34)], "#40372b", 0.42, 14)
    scene.line([(x - 46, y - 150), (x - 62, y - 26)], dark, 11)
    scene.line([(x + 62, y - 150), (x + 76, y - 28)], dark, 11)
    for inset, top, colour, width in ((0, 340, wood, 13), (30, 296, dark, 8)):
        arch = [
            (x - (58 - inset) * math.cos(t), y - 168 - (top - 168) * math.sin(t) ** 0.8)
            for t in (math.pi * n / 40 for n in range(41))
        ]
        scene.line([(px + 6, py) for px, py in arch], colour, width)
    scene.disc((x, y - 150), 92, dark, 30)
    scene.disc((x, y - 158), 92, wood, 29)
    scene.disc((x, y - 160), 72, "#b58b56", 21)
    scene.line([(x - 70, y - 140), (x - 82, y + 8)], wood, 13)
    scene.line([(x + 70, y - 140), (x + 88, y + 6)], wood, 13)
    scene.line([(x - 76, y - 62), (x, y - 50), (x + 80, y - 64)], dark, 6)
    scene.shape([(x - 30, y - 170), (x + 28, y - 176), (x + 36, y - 152), (x - 26, y - 146)], "#f6f1e0")
    for row in (0, 8):
        scene.line([(x - 16, y - 163 + row), (x + 20, y - 167 + row)], "#7d7a70", 2)


def _handrail(scene: Scene) -> None:
    for step in range(10):
        left, top = 1040 + step * 60, 781 - step * 51
        scene.line([(left, top + 6), (left, top - 170)], "#26352e", 6)
    scene.line([(1012, 640), (1600, 141)], "#26352e", 9)
    scene.line([(1006, 622), (1600, 117)], "#7a4a2b", 20)
    scene.line([(1006, 617), (1600, 112)], "#a06a43", 6)
    scene.rect((984, 604, 1014, 886), "#26352e", 6)
    scene.disc((999, 596), 24, "#7a4a2b")
    scene.disc((993, 589), 9, "#a87550")


# --- a path through snow --------------------------------------------------------------------------


def _snow_path() -> Image.Image:
    scene = Scene("#16263c", "#5d7796")
    _far_roofs(scene)
    _fence_and_gate(scene)
    _snow_ground(scene)
    _lilac(scene)
    _lamplight(scene)
    _yard_lamp(scene)
    _flakes(scene)
    return scene.finish()


def _far_roofs(scene: Scene) -> None:
    scene.glow((1120, 560), 620, "#d99a78", 0.42, 190)
    chance = Random(11)
    for left, top, width in (
        (0, 250, 330),
        (330, 372, 200),
        (560, 404, 250),
        (850, 386, 180),
        (1240, 330, 380),
    ):
        right = left + width
        scene.rect((left, top, right, 640), "#22344b")
        scene.shape(
            [(left - 8, top), (left + 6, top - 14), (right - 6, top - 14), (right + 8, top)], "#c6d3df"
        )
        for row in range(top + 34, 600, 62):
            for column in range(left + 30, right - 40, 62):
                lit = chance.random() < 0.13
                scene.rect((column, row, column + 24, row + 34), "#eebf72" if lit else "#1b2a3e")


def _fence_and_gate(scene: Scene) -> None:
    iron = "#101a28"
    for x in range(0, 1600, 26):
        if not 1010 < x < 1190:
            scene.line([(x, 652), (x, 548)], iron, 4)
    for y in (566, 636):
        scene.line([(0, y), (1010, y)], iron, 5)
        scene.line([(1190, y), (1600, y)], iron, 5)
        scene.line([(0, y - 5), (1010, y - 5)], "#cdd9e4", 3)
        scene.line([(1190, y - 5), (1600, y - 5)], "#cdd9e4", 3)
    for x in (1010, 1190):
        scene.rect((x - 13, 516, x + 13, 668), "#182536")
        scene.disc((x, 514), 19, "#dfe8ef", 10)
    leaf = [(1186, 540), (1262, 572), (1262, 700), (1186, 656)]
    scene.line([*leaf, leaf[0]], iron, 6)
    for n in range(1, 5):
        bar = 1186 + n * 15.2
        scene.line([(bar, 540 + n * 6.4), (bar, 656 + n * 8.8)], iron, 4)


def _wave(y: float, height: float, phase: float) -> list[Point]:
    """An uneven horizon of snow, from edge to edge."""
    points = range(-20, 1641, 20)
    return [
        (x, y + height * (math.sin(x / 190 + phase) + 0.4 * math.sin(x / 67 + phase * 2))) for x in points
    ]


def _snow_ground(scene: Scene) -> None:
    scene.shape([*_wave(652, 6, 0.3), (1620, 1080), (-20, 1080)], "#8fa5bf")
    scene.veil([*_wave(720, 10, 1.7), (1620, 1080), (-20, 1080)], "#a9bbd0", 0.9, 18)
    scene.veil([*_wave(850, 16, 2.9), (1620, 1080), (-20, 1080)], "#bccbdc", 0.9, 30)
    left, right = _path_edge(-1), _path_edge(1)
    scene.shape([*left, *reversed(right)], "#6d86a4")
    scene.veil([*left, *[(x + 10 + (y - 640) * 0.16, y) for x, y in reversed(left)]], "#42597a", 0.8, 7)
    for side, edge in ((-1, left), (1, right)):
        crest = [(x + side * (7 + (y - 640) * 0.11), y - 5 - (y - 640) * 0.05) for x, y in edge]
        scene.shape([*edge, *reversed(crest)], "#d5e0ea" if side > 0 else "#9fb3c9")
        outer = [(x + side * (10 + (y - 640) * 0.2), y + 4) for x, y in edge]
        scene.veil([*crest, *reversed(outer)], "#e4ecf2", 0.75, 5)
    _shovel_marks(scene)


def _path_edge(side: int) -> list[Point]:
    """One edge of the path: it leaves us on the left, bends by the lilac and narrows to the gate."""
    edge = []
    for n in range(41):
        t = n / 40
        y = 1150 - 500 * t**0.72
        near = (y - 640) / 450
        x = 430 + 670 * t**1.15 + 80 * math.sin(t * math.pi)
        edge.append((x + side * (42 + 215 * near), y))
    return edge


def _shovel_marks(scene: Scene) -> None:
    left, right = _path_edge(-1), _path_edge(1)
    for n in range(3, 40, 2):
        (ax, ay), (bx, by) = left[n], right[n]
        sag = (ay - 640) * 0.05
        arc = [
            (ax + (bx - ax) * t, ay + (by - ay) * t - sag * math.sin(t * math.pi))
            for t in (0.12, 0.3, 0.5, 0.7, 0.88)
        ]
        scene.line(arc, _mixed("#6d86a4", "#8ba1bb", 0.6), 1 + (ay - 640) * 0.008)


def _lilac(scene: Scene) -> None:
    chance = Random(5)
    for angle in (1.1, 1.35, 1.57, 1.8, 2.1):
        _branch(scene, (330 + angle * 12, 792), angle, 92, 8, "#1a2434", chance)
    scene.veil([(270, 796), (330, 778), (420, 780), (470, 800), (380, 816)], "#d3dee8", 0.95, 7)
    scene.veil([(300, 806), (560, 850), (640, 900), (380, 850)], "#5f7999", 0.28, 16)


def _yard_lamp(scene: Scene) -> None:
    scene.line([(820, 726), (820, 300)], "#0f1825", 11)
    scene.line([(820, 306), (836, 270), (880, 262)], "#0f1825", 8)
    scene.disc((820, 730), 44, "#c9d6e2", 11)
    scene.shape([(860, 262), (912, 262), (926, 292), (846, 292)], "#0f1825")
    scene.disc((886, 258), 30, "#dfe8ef", 7)
    scene.disc((886, 296), 32, "#fff0c4", 12)
    scene.glow((886, 298), 120, "#ffd88c", 0.7)


def _lamplight(scene: Scene) -> None:
    scene.glow((886, 300), 300, "#ffd88c", 0.62)
    scene.glow((886, 420), 470, "#f5b866", 0.30, 400)
    scene.glow((930, 764), 620, "#ffc879", 0.80, 170)
    scene.veil([(0, 0), (1600, 0), (1600, 120), (0, 120)], "#0b1626", 0.4, 90)


def _flakes(scene: Scene) -> None:
    chance = Random(14)
    for _ in range(210):
        at = (chance.uniform(0, 1600), chance.uniform(0, 660))
        near_lamp = math.hypot(at[0] - 886, at[1] - 380) < 300
        scene.disc(at, chance.choice((1.3, 1.7, 2.2, 2.8, 4.0)), "#fff4d8" if near_lamp else "#a9bbcf")


# --- a yard in the evening ------------------------------------------------------------------------


def _evening_yard() -> Image.Image:
    scene = Scene("#233449", "#8d7f86")
    scene.glow((1180, 620), 900, "#e39a6b", 0.5, 330)
    _side_house(scene)
    _block(scene)
    _yard_ground(scene)
    _doorway(scene)
    chance = Random(8)
    scene.veil([(1240, 882), (1370, 882), (1400, 904), (1230, 904)], "#0d1116", 0.6, 9)
    scene.shape([(1268, 894), (1282, 876), (1287, 830), (1312, 830), (1317, 876), (1334, 894)], "#131a22")
    _branch(scene, (1300, 880), 1.6, 186, 25, "#131a22", chance)
    _bench(scene)
    scene.veil([(0, 0), (1600, 0), (1600, 90), (0, 90)], "#101a28", 0.35, 80)
    return scene.finish()


def _side_house(scene: Scene) -> None:
    scene.rect((1330, 300, 1600, 820), "#323b4a")
    scene.rect((1318, 288, 1600, 304), "#28303d")
    chance = Random(2)
    for row in range(346, 760, 84):
        for column in range(1362, 1580, 78):
            lit = chance.random() < 0.3
            scene.rect((column, row, column + 36, row + 50), "#e3b36c" if lit else "#242c39")


# The lit windows: floor from the top, then column, then the colour of the light.
LIT = {
    0: {1: "#f2c477", 6: "#f6dca0"},
    1: {0: "#e9ad5c", 3: "#f7d68d", 4: "#f2c477", 8: "#dba463"},
    2: {2: "#f6dca0", 5: "#e9ad5c", 7: "#bcd0d8"},
    3: {0: "#f2c477", 1: "#f2c477", 6: "#f7d68d", 8: "#f6dca0"},
    4: {1: "#e9ad5c", 7: "#f7d68d"},
}


def _block(scene: Scene) -> None:
    scene.fade((110, 128, 1130, 850), "#4a4f5a", "#3c3f49")
    scene.rect((92, 108, 1148, 134), "#2c323d")
    for chimney in (220, 640, 960):
        scene.rect((chimney, 70, chimney + 46, 110), "#2c323d")
    for floor in range(5):
        scene.rect((110, 256 + floor * 124, 1130, 260 + floor * 124), "#41454f")
        for column in range(9):
            if (floor, column) not in ((4, 4), (4, 3), (4, 5)):
                _flat_window(scene, (152 + column * 109, 164 + floor * 124), LIT[floor].get(column))


def _flat_window(scene: Scene, corner: Point, light: str | None) -> None:
    x, y = corner
    scene.rect((x - 6, y - 6, x + 68, y + 78), "#565b64")
    if light is None:
        scene.fade((x, y, x + 62, y + 72), "#1f2936", "#2c3643")
    else:
        scene.fade((x, y, x + 62, y + 72), light, _mixed(light, "#a86a36", 0.35))
        scene.shape([(x, y), (x + 17, y), (x + 8, y + 72), (x, y + 72)], _mixed(light, "#8c5a34", 0.45))
        scene.shape(
            [(x + 45, y), (x + 62, y), (x + 62, y + 72), (x + 54, y + 72)], _mixed(light, "#8c5a34", 0.45)
        )
    scene.rect((x + 29, y, x + 33, y + 72), "#565b64")
    scene.rect((x, y + 22, x + 62, y + 25), "#565b64")
    scene.rect((x - 10, y + 76, x + 72, y + 83), "#6a6e75")
    if light is not None:
        scene.glow((x + 31, y + 36), 92, light, 0.20)


def _yard_ground(scene: Scene) -> None:
    scene.fade((0, 820, 1600, 1066), "#3a4046", "#23282e")
    scene.rect((0, 816, 1600, 824), "#2a3037")
    scene.shape([(520, 824), (724, 824), (1010, 1066), (300, 1066)], "#4b4f53")
    scene.veil([(520, 824), (724, 824), (1010, 1066), (300, 1066)], "#5b5a58", 0.5, 12)
    chance = Random(30)
    for _ in range(170):
        at = (chance.uniform(0, 1600), chance.uniform(850, 1060))
        scene.disc(
            at,
            chance.uniform(2, 5.5),
            chance.choice(("#6f5838", "#7d6440", "#574a36")),
            chance.uniform(1, 2.4),
        )


def _doorway(scene: Scene) -> None:
    scene.rect((548, 668, 700, 824), "#2b3038")
    scene.rect((564, 684, 684, 824), "#513a2c")
    scene.rect((622, 684, 626, 824), "#3a2a20")
    for left in (578, 636):
        scene.rect((left, 700, left + 34, 758), "#d9a457")
    scene.rect((662, 770, 674, 776), "#c5a05a")
    scene.rect((536, 822, 712, 834), "#6a6c6b")
    scene.rect((520, 834, 728, 848), "#585b5c")
    scene.glow((624, 660), 210, "#ffcf7d", 0.85)
    scene.glow((624, 740), 300, "#f6b65f", 0.42, 260)
    scene.glow((640, 900), 400, "#f9bf6c", 0.55, 115)
    scene.rect((617, 628, 631, 644), "#12161c", 2)
    scene.shape([(610, 642), (638, 642), (650, 656), (598, 656)], "#12161c")
    scene.disc((624, 659), 17, "#fff3cf", 9)
    scene.glow((624, 660), 70, "#fff0c8", 0.8)


def _bench(scene: Scene) -> None:
    scene.veil([(890, 962), (1190, 962), (1220, 984), (910, 988)], "#0d1116", 0.6, 10)
    for x in (922, 1148):
        scene.line([(x, 970), (x, 894), (x + 10, 850)], "#10151b", 9)
    for y, left in ((856, 906), (876, 902), (912, 894), (926, 888)):
        scene.line([(left, y), (left + 282, y)], "#4a3a2c", 10)
        scene.line([(left, y - 4), (left + 282, y - 4)], "#6d543c", 3)


SCENES: dict[str, Callable[[], Image.Image]] = {
    "radiator-window": _radiator_window,
    "stairwell-clock": _stairwell_clock,
    "snow-path": _snow_path,
    "evening-yard": _evening_yard,
}


def draw(key: str) -> Image.Image:
    """Return one picture, RGB, 1600 by 1066 points. An unknown key raises KeyError."""
    return SCENES[key]()
