"""Lists of names, read once when they are first needed."""

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).parent


class Family(NamedTuple):
    """A given name with what people make of it; ``canon`` in lower case."""

    canon: str
    gender: str
    forms: tuple[str, ...]


def lines(name: str) -> Iterator[str]:
    """Yield the lines of a list without comments."""
    for line in (HERE / name).read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            yield line


@cache
def in_order(name: str, kind: str) -> tuple[str, ...]:
    """Return the words of one kind in a list of lines ``kind: words``, in their order."""
    found = (line.partition(": ") for line in lines(name))
    return tuple(word for head, _colon, rest in found if head == kind for word in rest.split())


def words(name: str, kind: str) -> frozenset[str]:
    """Return the words of one kind in a list of lines ``kind: words``."""
    return frozenset(in_order(name, kind))


@cache
def families() -> tuple[Family, ...]:
    """Return the Russian given names with their short and tender forms, in lower case."""
    result = []
    for line in lines("names_ru.txt"):
        head, _colon, forms = line.partition(":")
        canon, gender = head.split()
        result.append(Family(canon.lower(), gender, tuple(forms.lower().split())))
    return tuple(result)


@cache
def canons() -> Mapping[str, frozenset[tuple[str, str]]]:
    """Return for every Russian form, ё written as е, the full names it may stand for: ``{(name, gender)}``."""
    found: dict[str, set[tuple[str, str]]] = {}
    for family in families():
        for form in (family.canon, *family.forms):
            found.setdefault(form.replace("ё", "е"), set()).add(
                (family.canon.replace("ё", "е"), family.gender)
            )
    return {form: frozenset(names) for form, names in found.items()}


@cache
def english_given() -> Mapping[str, str]:
    """Return English given names that are no other word, in lower case, with their gender: ``m``, ``f`` or ""."""
    found: dict[str, str] = {}
    for line in lines("names_en.txt"):
        kind, _colon, names = line.partition(":")
        for name in names.lower().split():
            found[name] = "" if kind == "b" or found.get(name, kind) != kind else kind
    return found


@cache
def english_words() -> Mapping[str, tuple[str, str]]:
    """Return given names that are also ordinary words: ``{name: (word|month|place|firm, gender)}``."""
    found: dict[str, tuple[str, str]] = {}
    for line in lines("words_en.txt"):
        kind, _colon, names = line.partition(":")
        what, gender = kind.split("-")
        for name in names.lower().split():
            found[name] = (what, "" if name in found and found[name][1] != gender else gender)
    return found


@cache
def english_surnames() -> frozenset[str]:
    """Return common surnames in lower case."""
    return frozenset(name for line in lines("surnames_en.txt") for name in line.lower().split())
