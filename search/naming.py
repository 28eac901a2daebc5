"""Looks up values of facets by what people call them: name or slug, either language, a slip of the finger.

Names come from the registered sources and are kept for as long as the index stays the same. They are names only:
what a reader may be told of is asked anew every time.
"""

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import takewhile

from rapidfuzz.distance import OSA

from search import analysis, layout, registry

LIMIT = 5
SHORTEST = 4
LONG = 8


@dataclass(frozen=True, slots=True)
class Name:
    """One name of a value, with its words folded, and their stems."""

    value: str
    label: str
    folded: str
    words: tuple[str, ...]
    stems: frozenset[str]


@dataclass(frozen=True, slots=True)
class Book:
    """Names, and their different words in order, each with the places of the names that hold it."""

    names: tuple[Name, ...] = ()
    words: tuple[str, ...] = ()
    holders: tuple[frozenset[int], ...] = ()

    def begun_by(self, word: str) -> frozenset[int]:
        """Places of names in which some word begins with ``word``."""
        return self._among(takewhile(lambda place: self.words[place].startswith(word), self._from(word)))

    def nearly_begun_by(self, word: str) -> frozenset[int]:
        """The same but for one slip after the first letter, in words of four letters and more."""
        if len(word) < SHORTEST:
            return self.begun_by(word)
        same_letter = takewhile(lambda place: self.words[place][0] == word[0], self._from(word[0]))
        return self._among(place for place in same_letter if _nearly_begins(word, self.words[place]))

    def _from(self, word: str) -> range:
        return range(bisect_left(self.words, word), len(self.words))

    def _among(self, places: Iterable[int]) -> frozenset[int]:
        return frozenset().union(*(self.holders[place] for place in places))


@lru_cache(maxsize=64)
def names(generation: str, facet: str, kinds: tuple[str, ...] = ()) -> Book:
    """All names of the values of a facet; ``generation`` is the state of the index they are kept for."""
    found = tuple(
        _name(value, label)
        for source in registry.sources(kinds)
        if isinstance(source, registry.NamingSource)
        for value, labels in source.names(facet)
        for label in dict.fromkeys((*labels, value))
        if label
    )
    holders: dict[str, set[int]] = {}
    for place, name in enumerate(found):
        for word in name.words:
            holders.setdefault(word, set()).add(place)
    words = tuple(sorted(holders))
    return Book(found, words, tuple(frozenset(holders[word]) for word in words))


def named(text: str, book: Book) -> list[Name]:
    """The values a text names: exactly, else by the same words, else by some of them, else but for a slip."""
    for words in (analysis.words(text), analysis.words(layout.swap(text))):
        folded, stems = " ".join(words), frozenset(map(analysis.stem, words))
        for found in (
            [name for name in book.names if name.folded == folded],
            [name for name in book.names if name.stems == stems],
            [name for name in book.names if stems and stems <= name.stems],
            [name for name in book.names if _resembles(folded, name.folded)],
        ):
            if folded and found:
                return _each_value(found)[:LIMIT]
    return []


def begun(text: str, book: Book, limit: int) -> list[Name]:
    """Values with a name in which every word of a text begins some word; if there is none, but for a slip."""
    for words in filter(None, (analysis.words(text), analysis.words(layout.swap(text)))):
        for look in (book.begun_by, book.nearly_begun_by):
            places = frozenset.intersection(*map(look, words))
            if places:
                found = _each_value(book.names[place] for place in sorted(places))
                return sorted(found, key=lambda name: (name.words[0] != words[0], len(name.folded)))[:limit]
    return []


def _name(value: str, label: str) -> Name:
    words = tuple(analysis.words(label))
    return Name(value, label, " ".join(words), words, frozenset(map(analysis.stem, words)))


def _each_value(found: Iterable[Name]) -> list[Name]:
    best: dict[str, Name] = {}
    for name in found:
        best.setdefault(name.value, name)
    return list(best.values())


def _resembles(text: str, folded: str) -> bool:
    if len(text) < SHORTEST or any(sign.isdigit() for sign in text):
        return False
    allowed = 2 if len(text) >= LONG else 1
    return OSA.distance(text, folded, score_cutoff=allowed) <= allowed


def _nearly_begins(word: str, other: str) -> bool:
    near = (other[: len(word) + more] for more in (-1, 0, 1))
    return any(OSA.distance(word, each, score_cutoff=1) <= 1 for each in near)
