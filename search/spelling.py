"""Typo expansion: a word nobody used becomes the words near it, over the vocabulary of the index.

Stems within edit distance 1 (2 from 7 letters) of the stem and words within 1 (2 from 8) of the word, by
optimal string alignment (a swap of neighbours costs one); distance 2 is looked for only when distance 1 gave
nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from rapidfuzz.distance import OSA

from search import analysis

WEIGHTS = {0: 1.0, 1: 0.8, 2: 0.45}
CANDIDATES = 8
SHORTEST = 3
SHORTEST_SWAP = 6
RARE = 20
LONG_STEM = 7
LONG_WORD = 8


class Vocabulary(Protocol):
    """The words of the index as far as one reader may know of them."""

    def frequency(self, stem: str) -> int:
        """Number of visible documents with this stem."""
        ...

    def near(
        self, word: str, stem: str, *, word_distance: int, stem_distance: int
    ) -> Iterable[tuple[str, str]]:
        """Pairs of word and stem within one of the two distances; 0 asks for none of that sort."""
        ...

    def has_code(self, code: str) -> bool:
        """Whether a visible document carries exactly this code."""
        ...


@dataclass(frozen=True, slots=True)
class Candidate:
    """A word that may have been meant."""

    word: str
    stem: str
    distance: int
    frequency: int

    @property
    def weight(self) -> float:
        """How much a match of this candidate counts against an exact one."""
        return WEIGHTS[self.distance]


def candidates(word: str, vocabulary: Vocabulary) -> list[Candidate]:
    """At most eight candidates for an unknown folded word, one for each stem, best first."""
    if len(word) < SHORTEST or any(sign.isdigit() for sign in word):
        return []
    stem = analysis.stem(word)
    return _within(word, stem, 1, 1, vocabulary) or _within(
        word, stem, 2 if len(word) >= LONG_WORD else 0, 2 if len(stem) >= LONG_STEM else 0, vocabulary
    )


def commoner(word: str, frequency: int, vocabulary: Vocabulary) -> list[Candidate]:
    """What a rare known word may stand for: the same letters in another order, ten times as frequent.

    People's own words hold slips ("recieved"), and a slip that was indexed is known.
    """
    if len(word) < SHORTEST_SWAP or frequency > RARE:
        return []
    found = _within(word, analysis.stem(word), 1, 0, vocabulary)
    return [each for each in found if is_swap(word, each.word) and each.frequency >= 10 * frequency]


def is_swap(one: str, other: str) -> bool:
    """Whether two different words consist of the same letters."""
    return one != other and sorted(one) == sorted(other)


def _within(word: str, stem: str, far_word: int, far_stem: int, vocabulary: Vocabulary) -> list[Candidate]:
    if not (far_word or far_stem):
        return []
    best: dict[str, Candidate] = {}
    for near_word, near_stem in vocabulary.near(word, stem, word_distance=far_word, stem_distance=far_stem):
        found = _measure(word, stem, near_word, near_stem, vocabulary)
        if found and (near_stem not in best or _rank(found, word) < _rank(best[near_stem], word)):
            best[near_stem] = found
    return sorted(best.values(), key=lambda each: _rank(each, word))[:CANDIDATES]


def _measure(
    word: str, stem: str, near_word: str, near_stem: str, vocabulary: Vocabulary
) -> Candidate | None:
    frequency = vocabulary.frequency(near_stem)
    distance = min(OSA.distance(word, near_word), OSA.distance(stem, near_stem))
    if not frequency or distance not in WEIGHTS or (len(word) == SHORTEST and word[0] != near_word[0]):
        return None
    return Candidate(near_word, near_stem, distance, frequency)


def _rank(candidate: Candidate, word: str) -> tuple[int, bool, int, int, str]:
    """Nearest first, then swapped letters, then the most frequent, then the form nearest to the typed."""
    form = OSA.distance(word, candidate.word)
    return candidate.distance, not is_swap(word, candidate.word), -candidate.frequency, form, candidate.word
