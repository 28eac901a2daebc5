"""The medallion: bound to the code, the same for ever, well-formed and light."""

from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from club.medallion import DRESS, HAIR, Sample, empty_medallion, medallion, simplify, traits

CODES = [f"KD-{number:06d}-{number % 10}" for number in range(417, 442)]
SVG = "{http://www.w3.org/2000/svg}"


def parsed(svg: str) -> ElementTree.Element:
    return ElementTree.fromstring(svg.replace("<svg", f'<svg xmlns="{SVG[1:-1]}"', 1))  # noqa: S314 - our own


def test_the_scheme_is_frozen_by_its_version() -> None:
    t = traits("KD-022254-1")
    assert (t.hair, t.dress, t.beads, t.petals) == ("bun", "collar", 52, 10)
    assert (t.flipped, t.glasses, t.beard) == (True, True, False)


def test_a_code_always_gives_the_same_medal() -> None:
    first = medallion(CODES[0], "l")
    from club.medallion import _drawing

    _drawing.cache_clear()
    assert medallion(CODES[0], "l") == first


def test_different_codes_give_different_medals() -> None:
    assert len({medallion(code, "s") for code in CODES}) == len(CODES)


@given(st.text(max_size=20))
def test_every_text_gives_known_traits(code: str) -> None:
    t = traits(code)
    assert t.hair in HAIR
    assert t.dress in DRESS
    assert 40 <= t.beads <= 68


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 999_999), st.sampled_from(HAIR), st.sampled_from(DRESS), st.sampled_from(["s", "l"]))
def test_every_medal_is_well_formed_and_light(number: int, hair: str, dress: str, size: str) -> None:
    svg = medallion(f"KD-{number:06d}-0", size, hair=hair, dress=dress)  # type: ignore[arg-type]
    assert parsed(svg).get("class") == f"medal medal-{size}"
    assert len(svg) < (16_000 if size == "l" else 8_000)
    assert "style" not in svg


def test_a_host_overrules_hair_and_dress() -> None:
    t = traits(CODES[0], "scarf", "high")
    assert (t.hair, t.dress) == ("scarf", "high")
    assert t.nose == traits(CODES[0]).nose


def test_an_unknown_overrule_is_ignored() -> None:
    assert traits(CODES[0], "mohawk", "armour") == traits(CODES[0])


def test_nobody_in_a_scarf_wears_a_beard() -> None:
    assert not any(traits(code, "scarf").beard for code in CODES)


def test_beside_a_name_it_is_decoration() -> None:
    assert parsed(medallion(CODES[0])).get("aria-hidden") == "true"


def test_alone_it_has_a_name_and_the_name_is_escaped() -> None:
    medal = parsed(medallion(CODES[0], label='Садовница "с пятого" <этажа>'))
    assert medal.get("role") == "img"
    assert medal.get("aria-label") == 'Садовница "с пятого" <этажа>'


def test_a_story_taken_back_leaves_an_empty_ring() -> None:
    (ring,) = parsed(empty_medallion("l"))
    assert ring.get("class") == "m-gone"


def test_an_unknown_size_is_refused() -> None:
    with pytest.raises(KeyError):
        medallion(CODES[0], "xl")  # type: ignore[arg-type]


@given(
    st.lists(st.tuples(st.floats(0.1, 2), st.floats(-5, 5), st.floats(0, 3)), max_size=60),
    st.sampled_from([0.05, 0.1, 0.5]),
)
def test_a_simplified_line_stays_within_tolerance(
    steps: list[tuple[float, float, float]], tolerance: float
) -> None:
    x, line = 0.0, []
    for run, y, width in steps:
        x += run
        line.append(Sample(x, y, width))
    kept = simplify(line, tolerance)
    assert kept[:1] == line[:1]
    assert kept[-1:] == line[-1:]
    for sample in line:
        left = max((k for k in kept if k.x <= sample.x), key=lambda k: k.x)
        right = min((k for k in kept if k.x >= sample.x), key=lambda k: k.x)
        share = (sample.x - left.x) / ((right.x - left.x) or 1)
        assert abs(left.y + (right.y - left.y) * share - sample.y) <= tolerance + 1e-6
