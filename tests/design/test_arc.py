"""The line of loyalty: a curve that never invents a peak, and drawings that say what they show."""

import re
from itertools import pairwise
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stories.arc import (
    LAYOUTS,
    MIDDLE,
    NARROW,
    WIDE,
    ArcPoint,
    Layout,
    curve,
    loyalty_arc,
    signed,
    sparkline,
    tangents,
    totals,
)

CHANGES = st.lists(st.integers(-5, 5), min_size=1, max_size=24)
VALUES = st.lists(st.floats(-1000, 1000), min_size=2, max_size=30)
STORY = (
    ArcPoint("Звонок в диспетчерскую", "3 февраля, 8:15", 1),
    ArcPoint("Ожидание", "3–4 февраля", -3, True, "никто не позвонил"),
    ArcPoint("Визит мастера", "5 февраля", 2),
    ArcPoint("Квитанция", "1 марта", -3, True, "«не стоили ничего»"),
    ArcPoint("Звонок начальника участка", "4 марта", 4, True, "«мы подвели вас дважды»"),
    ArcPoint("Новая заявка", "28 октября", 2),
)


def points(changes: list[int]) -> list[ArcPoint]:
    return [ArcPoint(f"Шаг {n}", "", change, n % 3 == 0, "слова") for n, change in enumerate(changes)]


def elements(svg: str) -> list[ElementTree.Element]:
    return list(ElementTree.fromstring(svg).iter())  # noqa: S314 - our own drawing


def texts(svg: str) -> list[str]:
    return [part.text or "" for part in elements(svg) if part.tag in {"text", "tspan"}]


@given(VALUES)
def test_the_curve_never_leaves_the_bounds_of_its_neighbours(values: list[float]) -> None:
    slopes = tangents(values)
    for (a, b), (m0, m1) in zip(pairwise(values), pairwise(slopes), strict=True):
        low, high = min(a, b) - 1e-6, max(a, b) + 1e-6
        for step in range(21):
            t = step / 20
            c, d = a + m0 / 3, b - m1 / 3
            y = a * (1 - t) ** 3 + 3 * c * t * (1 - t) ** 2 + 3 * d * t * t * (1 - t) + b * t**3
            assert low <= y <= high


@given(VALUES)
def test_every_control_point_lies_between_the_values_it_joins(values: list[float]) -> None:
    line = curve([10.0 * n for n in range(len(values))], values)
    numbers = [float(n) for n in re.findall(r"-?\d+\.\d", line)]
    ys = numbers[1::2]
    for index, (a, b) in enumerate(pairwise(values)):
        for y in ys[1 + 3 * index : 4 + 3 * index]:
            assert min(a, b) - 0.1 <= y <= max(a, b) + 0.1


@given(VALUES)
def test_the_line_is_flat_at_every_peak_and_valley(values: list[float]) -> None:
    slopes = tangents(values)
    for index in range(1, len(values) - 1):
        before, here, after = values[index - 1 : index + 2]
        if not (before < here < after or before > here > after):
            assert slopes[index] == 0


@given(CHANGES)
def test_the_totals_start_at_zero_and_end_at_the_sum(changes: list[int]) -> None:
    path = totals(changes)
    assert (path[0], path[-1], len(path)) == (0, sum(changes), len(changes) + 1)


@settings(deadline=None)
@given(CHANGES, st.sampled_from(LAYOUTS))
def test_every_drawing_is_well_formed_and_inside_its_frame(changes: list[int], layout: Layout) -> None:
    svg = loyalty_arc(points(changes), key="a", title="Линия & <лояльность>", layout=layout)
    root, *parts = elements(svg)
    _, top, width, height = map(float, root.get("viewBox", "").split())
    for part in parts:
        if part.tag == "text":
            assert top <= float(part.get("y", "nan")) <= top + height
            assert -1 <= float(part.get("x", "nan")) <= width
    assert "style" not in svg


def test_ids_are_unique_between_the_drawings_of_a_page() -> None:
    both = [loyalty_arc(STORY, key=key, title="", layout=layout) for key in ("a", "b") for layout in LAYOUTS]
    page = "".join(both)
    ids = re.findall(r' id="([^"]+)"', page)
    assert len(ids) == len(set(ids)) > 0
    assert set(re.findall(r"url\(#([^)]+)\)", page)) <= set(ids)


def test_every_change_is_written_with_its_sign() -> None:
    shown = texts(loyalty_arc(STORY, key="a", title=""))
    assert [text for text in shown if text and text[0] in "+−"] == [
        "+5",
        "−5",
        "+1",
        "−3",
        "+2",
        "−3",
        "+4",
        "+2",
    ]


def test_a_turn_has_a_ring_and_a_few_words() -> None:
    svg = loyalty_arc(STORY, key="a", title="")
    assert svg.count('class="turn"') == 1 + 3  # the start, then the turns
    assert "никто не позвонил" in svg


def test_the_narrow_drawing_has_numbers_only() -> None:
    shown = texts(loyalty_arc(STORY, key="a", title="", layout=NARROW))
    assert not any(re.search("[а-я]", text) for text in shown)


@pytest.mark.parametrize("layout", [WIDE, MIDDLE])
def test_a_long_story_keeps_its_numbers_and_drops_the_names(layout: Layout) -> None:
    svg = loyalty_arc(points([1, -1] * 12), key="a", title="", layout=layout)
    assert ">24<" in svg
    assert "Шаг" not in svg


def test_a_title_is_heard_and_escaped() -> None:
    svg = loyalty_arc(STORY, key="a", title='<b>"упала"</b>')
    (title,) = [part for part in elements(svg) if part.tag == "title"]
    assert title.text == '<b>"упала"</b>'


def test_no_points_no_drawing() -> None:
    assert loyalty_arc([], key="a", title="") == ""
    assert sparkline([], label="") == ""


@pytest.mark.parametrize(("change", "shown"), [(2, "+2"), (-3, "−3"), (0, "0")])
def test_a_number_is_signed_with_a_real_minus(change: int, shown: str) -> None:
    assert signed(change) == shown


@given(CHANGES)
def test_a_sparkline_stays_inside_its_word(changes: list[int]) -> None:
    root, _, line, _ = elements(sparkline(changes, label='"x"'))
    numbers = [float(n) for n in re.findall(r"-?\d+\.\d", line.get("d", ""))]
    assert all(0 <= x <= 88 for x in numbers[::2])
    assert all(0 <= y <= 22 for y in numbers[1::2])
    assert root.get("aria-label") == '"x"'


@pytest.mark.parametrize(("changes", "mark"), [([1, 2], "p-rise"), ([1, -2], "p-fall"), ([1, -1], "p-flat")])
def test_a_sparkline_marks_where_the_story_ended(changes: list[int], mark: str) -> None:
    assert f'class="{mark}"' in sparkline(changes, label="")
