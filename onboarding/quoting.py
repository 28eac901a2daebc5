"""Finding texts that repeat another: runs of five words in common, case, ё and punctuation aside."""

import re
from collections.abc import Iterable

RUN_OF_WORDS = 5
WORD = re.compile(r"\w+")


def runs(text: str) -> set[tuple[str, ...]]:
    """Return all runs of five words of a text."""
    words = WORD.findall(text.casefold().replace("ё", "е"))
    return {tuple(words[n : n + RUN_OF_WORDS]) for n in range(len(words) - RUN_OF_WORDS + 1)}


def quoting(rows: Iterable[tuple[int, str]], texts: Iterable[str]) -> list[int]:
    """Return the ids of the rows whose text has a run in common with one of the texts."""
    theirs = set().union(*map(runs, texts))
    return [pk for pk, text in rows if theirs & runs(text)] if theirs else []
