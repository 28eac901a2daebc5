"""The silent thousand: formulas against published examples, and whether the intervals hold."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ideas import simulating
from ideas.estimating import Cell, estimate, kish, kish_of, rounded, thousand, wilson


@pytest.mark.parametrize(
    ("said", "n", "low", "high"),
    [
        # Newcombe (1998), "Two-sided confidence intervals for the single proportion", Statistics in Medicine 17, table I.
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_the_interval_is_wilsons(said: int, n: int, low: float, high: float) -> None:
    assert list(wilson(said / n, n)) == pytest.approx([low, high], abs=5e-5)


def test_the_effective_size_is_kishs() -> None:
    assert kish([1.0] * 10) == pytest.approx(10)
    assert kish([1, 1, 1, 1, 6]) == pytest.approx(100 / 40)
    assert kish_of([(4, 1.0), (1, 6.0)]) == pytest.approx(kish([1, 1, 1, 1, 6]))
    assert kish([]) == 0


def test_an_estimate_weighs_strata_by_the_base() -> None:
    found = estimate([Cell(1, 6000, 30, 3), Cell(2, 4000, 10, 5)])
    assert found is not None
    assert found.point == pytest.approx(6000 * 0.1 + 4000 * 0.5)
    assert found.n_eff == pytest.approx((30 * 200 + 10 * 400) ** 2 / (30 * 200**2 + 10 * 400**2))
    assert (found.said, found.heard, found.covered, found.base, found.only) == (8, 40, 10000, 10000, None)


def test_one_voice_of_forty_may_speak_for_a_thousand() -> None:
    found = estimate([Cell(1, 10000, 40, 1)])
    assert found is not None
    assert (round(found.point), round(found.low), round(found.high)) == (250, 44, 1288)


def test_an_estimate_from_one_stratum_stops_at_its_border() -> None:
    found = estimate([Cell(1, 6000, 20, 5), Cell(2, 3000, 10, 0), Cell(3, 1000, 0, 0)])
    assert found is not None
    assert (found.only, found.covered, found.said, found.heard) == (1, 6000, 5, 20)
    assert found.high < 6000


def test_nobody_heard_gives_no_estimate() -> None:
    assert estimate([Cell(1, 6000, 0, 0)]) is None
    assert estimate([]) is None


@given(st.lists(st.tuples(st.integers(0, 9000), st.integers(0, 30), st.integers(0, 30)), max_size=5))
@settings(max_examples=60)
def test_marks_always_make_a_thousand(rows: list[tuple[int, int, int]]) -> None:
    cells = [Cell(number, base, heard, min(said, heard)) for number, (base, heard, said) in enumerate(rows)]
    found = estimate(cells)
    if found is None:
        return
    assert -1e-9 <= found.low <= found.point + 1e-6 <= found.high + 2e-6 <= found.covered + 3e-6
    marks = thousand(found)
    parts = (marks.surely, marks.likely, marks.possibly, marks.others, marks.unheard)
    assert sum(parts) == 1000 and min(parts) >= 0


@pytest.mark.parametrize(("customers", "shown"), [(3.2, 3), (44, 40), (385, 380), (1288, 1300), (2547, 2550), (0, 0)])
def test_numbers_are_no_more_exact_than_they_are(customers: float, shown: int) -> None:
    assert rounded(customers) == shown


def test_the_interval_covers_the_truth_in_two_thousand_clubs() -> None:
    found = simulating.run(2000)
    assert 0.93 <= found["all"] <= 0.97
    assert all(0.93 <= share <= 0.97 for share in found.values())
