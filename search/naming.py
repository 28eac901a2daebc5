"""Looks up values of facets by what people call them: name or slug, either language, a slip of the finger.

Names come from the registered sources and are kept for as long as the index stays the same. They are names only:
what a reader may be told of is asked anew every time.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz.distance import OSA

from search import analysis, layout, registry

LIMIT = 5
SHORTEST = 4
LONG = 8


@dataclass(frozen=True, slots=True)
class Name:
    """One name of a value, folded, with its words and their stems."""

    value: str
    label: str
    folded: str
    words: tuple[str, ...]
    stems: frozenset[str]


@lru_cache(maxsize=64)
def names(generation: str, facet: str, kinds: tuple[str, ...] = ()) -> tuple[Name, ...]:
    """All names of the values of a facet; ``generation`` is the state of the index they are kept for."""
    return tuple(
        _name(value, label)
        for found in registry.sources(kinds)
        if isinstance(found, registry.NamingSource)
        for value, labels in found.names(facet)
        for label in dict.fromkeys((*labels, value))
        if label
    )


def named(text: str, known: Sequence[Name]) -> list[Name]:
    """The values a text names: exactly, else by the same words, else by some of them, else but for a slip."""
    folded = " ".join(analysis.words(text))
    if not folded:
        return []
    for readings in ((folded,), (" ".join(analysis.words(layout.swap(text))),)):
        for fits in (_is, _says, _holds, _resembles):
            found = _each_value(
                name for reading in readings if reading for name in known if fits(reading, name)
            )
            if found:
                return found[:LIMIT]
    return []


def begun(text: str, known: Sequence[Name], limit: int) -> list[Name]:
    """Values with a name in which every word of a text begins some word; if there is none, but for a slip."""
    for reading in (analysis.words(text), analysis.words(layout.swap(text))):
        for fits in (_begins, _nearly_begins):
            found = _each_value(name for name in known if reading and _all_begin(reading, name, fits))
            if found:
                return sorted(found, key=lambda name: (name.words[0] != reading[0], len(name.folded)))[:limit]
    return []


def _name(value: str, label: str) -> Name:
    words = tuple(analysis.words(label))
    return Name(value, label, " ".join(words), words, frozenset(map(analysis.stem, words)))


def _each_value(found: Iterable[Name]) -> list[Name]:
    best: dict[str, Name] = {}
    for name in found:
        best.setdefault(name.value, name)
    return list(best.values())


def _is(text: str, name: Name) -> bool:
    return text == name.folded


def _says(text: str, name: Name) -> bool:
    return frozenset(map(analysis.stem, text.split())) == name.stems


def _holds(text: str, name: Name) -> bool:
    return frozenset(map(analysis.stem, text.split())) <= name.stems


def _resembles(text: str, name: Name) -> bool:
    if len(text) < SHORTEST or any(sign.isdigit() for sign in text):
        return False
    allowed = 2 if len(text) >= LONG else 1
    return OSA.distance(text, name.folded, score_cutoff=allowed) <= allowed


def _all_begin(words: Sequence[str], name: Name, fits: Callable[[str, str], bool]) -> bool:
    return all(any(fits(word, other) for other in name.words) for word in words)


def _begins(word: str, other: str) -> bool:
    return other.startswith(word)


def _nearly_begins(word: str, other: str) -> bool:
    if len(word) < SHORTEST or word[0] != other[:1]:
        return other.startswith(word)
    near = (other[: len(word) + more] for more in (-1, 0, 1))
    return any(OSA.distance(word, each, score_cutoff=1) <= 1 for each in near)
