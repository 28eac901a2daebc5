"""Two versions of a text side by side, element by element, word by word."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

from consent.models import ConsentText
from consent.texts.requirements import Text, elements_of

WORD = re.compile(r"\s+|\w+|[^\w\s]")


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of characters of one side, and whether the other side lacks it."""

    text: str
    differs: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One element in both versions."""

    label: Text
    old: list[Piece]
    new: list[Piece]

    @property
    def differs(self) -> bool:
        """Whether anything changed."""
        return any(piece.differs for piece in (*self.old, *self.new))


def pieces(old: str, new: str) -> tuple[list[Piece], list[Piece]]:
    """Split two texts into what they share and what they do not."""
    before, after = WORD.findall(old), WORD.findall(new)
    left: list[Piece] = []
    right: list[Piece] = []
    for kind, i1, i2, j1, j2 in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if i2 > i1:
            left.append(Piece("".join(before[i1:i2]), kind != "equal"))
        if j2 > j1:
            right.append(Piece("".join(after[j1:j2]), kind != "equal"))
    return left, right


def compare(old: ConsentText, new: ConsentText) -> Iterator[Row]:
    """Yield title and elements of two versions; of a text without elements its whole body."""
    yield row(ConsentText._meta.get_field("title").verbose_name, old.title, new.title)
    if not (old.elements and new.elements):
        yield row(ConsentText._meta.get_field("body").verbose_name, old.body, new.body)
        return
    for element in elements_of(new.law, new.scope):
        yield row(element.label, old.elements.get(element.key, ""), new.elements.get(element.key, ""))


def row(label: Text, old: str, new: str) -> Row:
    """Return one row."""
    left, right = pieces(old, new)
    return Row(label, left, right)
