"""Typo expansion over a vocabulary."""

import pytest

from search import analysis, spelling


class Words:
    """A vocabulary in memory: words with their frequencies."""

    def __init__(self, **frequencies: int) -> None:
        self.words = {word: analysis.stem(word) for word in frequencies}
        self.stems = {analysis.stem(word): count for word, count in frequencies.items()}
        self.asked: list[int] = []

    def frequency(self, stem: str) -> int:
        return self.stems.get(stem, 0)

    def near(self, word: str, stem: str, *, word_distance: int, stem_distance: int) -> list[tuple[str, str]]:
        self.asked.append(max(word_distance, stem_distance))
        return [(each, stem) for each, stem in self.words.items()]

    def has_code(self, code: str) -> bool:
        return False


def meant(typed: str, **frequencies: int) -> list[str]:
    return [each.word for each in spelling.candidates(typed, Words(**frequencies))]


@pytest.mark.parametrize(
    ("typed", "word"),
    [
        ("emploeyr", "employer"),
        ("calld", "called"),
        ("менеджре", "менеджер"),
        ("гарячая", "горячая"),
        ("сантехнк", "сантехник"),
        ("диспечерская", "диспетчерская"),
    ],
)
def test_it_finds_the_word_that_was_meant(typed: str, word: str) -> None:
    assert meant(typed, **{word: 3, "другое": 50})[0] == word


def test_a_swap_of_neighbours_costs_one() -> None:
    assert spelling.candidates("emploeyr", Words(employer=3))[0].distance == 1


def test_distance_two_is_not_asked_for_when_distance_one_was_found() -> None:
    words = Words(сантехник=3)
    spelling.candidates("сантехнк", words)
    assert words.asked == [1]


def test_distance_two_weighs_less() -> None:
    assert spelling.candidates("сантхнк", Words(сантехник=3))[0].weight == 0.45


def test_swapped_letters_come_before_a_more_frequent_word() -> None:
    assert meant("employre", employee=90, employer=70)[0] == "employer"


@pytest.mark.parametrize("typed", ["", "я", "ok", "2026", "x1234"])
def test_it_leaves_very_short_words_and_numbers_alone(typed: str) -> None:
    assert meant(typed, яд=3, okay=3, x1235=3, year=3) == []


def test_a_word_of_three_letters_keeps_its_first_letter() -> None:
    assert meant("дмо", дом=3, кот=9) == ["дом"]
    assert meant("tot", cot=3) == []


def test_a_word_that_nobody_may_see_is_no_candidate() -> None:
    assert meant("emploeyr", employer=0) == []


def test_at_most_eight_candidates_are_kept() -> None:
    assert len(meant("кора", **{f"кор{letter}": 2 for letter in "абвгдежзиклмн"})) <= spelling.CANDIDATES


def test_a_rare_slip_stands_for_the_common_word_too() -> None:
    words = Words(recieved=2, received=500)
    assert [each.word for each in spelling.commoner("recieved", 2, words)] == ["received"]
    assert spelling.commoner("recieved", 100, words) == []
    assert spelling.commoner("mouse", 1, Words(mouse=1, house=500)) == []
