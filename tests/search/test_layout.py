"""Words typed in the wrong keyboard layout."""

import pytest

from search import analysis, layout

WORDS = ("клиент", "объект", "хотеть", "вода", "loan", "vip", "story", "елка")
KNOWN = {analysis.stem(word) for word in WORDS}


def known(stem: str) -> bool:
    return stem in KNOWN


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("rkbtyn", "клиент"),
        ("vip rkbtyn", "vip клиент"),
        ("j,]trn", "объект"),
        ("RKBTYNS", "КЛИЕНТЫ"),
        ("djlf,", "вода"),
        ("`krf", "ёлка"),
        ("дщфт", "loan"),
        ("ыещкн", "story"),
        ("rkbtyn b djlf", "клиент и вода"),
        ("клиент", "клиент"),
        ("loan", "loan"),
        ("qqqqq", "qqqqq"),
        ("!!!", "!!!"),
        ("", ""),
    ],
)
def test_it_repairs_word_by_word(typed: str, expected: str) -> None:
    assert " ".join(layout.repair(typed.split(), known)) == expected


def test_a_word_known_as_typed_is_never_swapped() -> None:
    assert layout.repair(["vip"], lambda stem: True) == ["vip"]


def test_swapping_twice_gives_the_same_text() -> None:
    assert layout.swap(layout.swap("Объём [story]")) == "Объём [story]"


def test_a_short_word_follows_the_long_ones() -> None:
    assert layout.repair(["d", "djlf"], known) == ["в", "вода"]
    assert layout.repair(["d", "loan"], known) == ["d", "loan"]
