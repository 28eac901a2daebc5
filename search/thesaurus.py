"""Synonyms as the search uses them: which words stand for which, by their stems."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from search import analysis

_APART = re.compile(r"[,;\n]+")
_CYRILLIC = re.compile("[а-яё]")

Stems = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Match:
    """A synonym of the words at ``places`` of a query: its own stems, and how it is written."""

    places: tuple[int, ...]
    stems: Stems
    label: str


@dataclass(frozen=True, slots=True)
class Thesaurus:
    """Synonyms by the stems of the words they stand for; ``""`` is for queries of any language.

    ``longest`` is the number of words of the longest such key, ``stems`` are those of all keys: words that are known
    here although perhaps no document holds them.
    """

    entries: dict[tuple[str, Stems], tuple[tuple[Stems, str], ...]] = field(default_factory=dict)
    longest: int = 0
    stems: frozenset[str] = frozenset()

    def matches(self, stems: Sequence[str]) -> Iterator[Match]:
        """The synonyms of every run of words of a query, given by its stems in order."""
        language = language_of(stems)
        for size in range(1, min(self.longest, len(stems)) + 1):
            for start in range(len(stems) - size + 1):
                places = tuple(range(start, start + size))
                key = tuple(stems[start : start + size])
                for each in ("", language):
                    for other, label in self.entries.get((each, key), ()):
                        yield Match(places, other, label)


NO_SYNONYMS = Thesaurus()


def compiled(rows: Iterable[tuple[str, str, str, bool]]) -> Thesaurus:
    """A thesaurus from rows of language (``""``: any), word, its synonyms in a text, and whether it goes both ways."""
    entries: dict[tuple[str, Stems], list[tuple[Stems, str]]] = {}
    for language, word, text, both_ways in rows:
        for synonym in parted(text):
            _add(entries, language, word, synonym)
            if both_ways:
                _add(entries, language, synonym, word)
    longest = max((len(stems) for _language, stems in entries), default=0)
    stems = frozenset(stem for _language, key in entries for stem in key)
    return Thesaurus({key: tuple(dict.fromkeys(found)) for key, found in entries.items()}, longest, stems)


def parted(text: str) -> list[str]:
    """The synonyms in a text that separates them by commas or lines."""
    return [each.strip() for each in _APART.split(text) if each.strip()]


def stems_of(text: str) -> Stems:
    """The stems of the words of a text that are searched for."""
    return tuple(analysis.stem(word) for word in analysis.words(text) if not analysis.is_stop(word))


def language_of(stems: Iterable[str]) -> str:
    """``ru`` if anything is in Cyrillic letters, else ``en``."""
    return "ru" if _CYRILLIC.search("".join(stems)) else "en"


def _add(
    entries: dict[tuple[str, Stems], list[tuple[Stems, str]]], language: str, word: str, synonym: str
) -> None:
    key, other = stems_of(word), stems_of(synonym)
    if key and other and key != other:
        entries.setdefault((language, key), []).append((other, synonym.strip()))
