"""The small language of the search field, in Russian and English, which forgives everything.

``words``, ``"a phrase"`` (also «ёлочки», „лапки“ and “curly”), ``-word``, ``field:value``, ``field:"two words"``,
``field:one,two``, ``-field:value``. What is not of this language are words. A quote that is never closed, a colon after
a word that is no field, a lonely hyphen: words. Nothing here knows what values exist; nothing here raises.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from search import analysis

QUOTES = {'"': '"', "«": "»", "„": '“”"', "“": '”"'}


class Field(StrEnum):
    """What may stand before a colon."""

    TAG = "tag"
    THEME = "theme"
    PRODUCT = "product"
    TOUCHPOINT = "touchpoint"
    MEMBER = "member"
    BEFORE = "before"
    AFTER = "after"
    LOYALTY = "loyalty"


NAMES = {each.value: each for each in Field} | {
    "метка": Field.TAG,
    "тег": Field.TAG,
    "тема": Field.THEME,
    "продукт": Field.PRODUCT,
    "точка": Field.TOUCHPOINT,
    "клиент": Field.MEMBER,
    "до": Field.BEFORE,
    "после": Field.AFTER,
    "лояльность": Field.LOYALTY,
}
# The facet whose values a field chooses from; dates choose from none.
FACETS = {
    Field.TAG: "tag",
    Field.THEME: "theme",
    Field.PRODUCT: "product",
    Field.TOUCHPOINT: "touchpoint",
    Field.MEMBER: "member",
    Field.LOYALTY: "outcome",
}
LOYALTY = {
    "rising": ("rising", "up", "растет", "растёт", "рост", "выросла", "поднялась"),
    "falling": ("falling", "down", "падает", "падение", "упала", "снизилась"),
    "flat": ("flat", "same", "ровная", "неизменна", "прежняя"),
}
_NAMED = re.compile(rf"({'|'.join(NAMES)}):[ \t]*(?=\S)", re.IGNORECASE)
_BARE = re.compile(r"\S+")


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a query: ``source`` is what was typed, ``text`` what is meant without signs.

    ``quoted`` makes a phrase of it, ``negated`` leaves it out, ``field`` says what the text names.
    """

    source: str
    text: str
    field: Field | None = None
    quoted: bool = False
    negated: bool = False

    @property
    def values(self) -> tuple[str, ...]:
        """Values of a field; a quoted one is whole, others are parted by commas."""
        if self.quoted:
            return (self.text,)
        return tuple(each.strip() for each in self.text.split(",") if each.strip())


def parse(text: str) -> tuple[Part, ...]:
    """The parts of a query in the order they were typed."""
    return tuple(_parts(analysis.clean(text)))


def without(parts: tuple[Part, ...], left_out: Part) -> str:
    """The query typed without one of its parts."""
    return " ".join(each.source for each in parts if each is not left_out)


def loyalty(text: str) -> str | None:
    """The direction a word names, nothing if it names none."""
    folded = analysis.fold(text).strip()
    return next((way for way, names in LOYALTY.items() if folded in map(analysis.fold, names)), None)


def _parts(text: str) -> Iterator[Part]:
    position = 0
    while position < len(text):
        if text[position].isspace():
            position += 1
            continue
        part, position = _part(text, position)
        yield part


def _part(text: str, start: int) -> tuple[Part, int]:
    """The part that begins at ``start``, and where it ends."""
    position = start
    negated = _negates(text, start)
    position += negated
    named = _NAMED.match(text, position)
    field = NAMES[named[1].lower()] if named else None
    position = named.end() if named else position
    quoted = _quotation(text, position)
    if quoted is not None:
        inside, end = quoted
        return Part(text[start:end], inside, field, quoted=True, negated=negated), end
    bare = _BARE.match(text, position)
    end = bare.end() if bare else len(text)
    return Part(text[start:end], text[position:end], field, negated=negated), end


def _negates(text: str, start: int) -> bool:
    """Whether a hyphen here leaves out what follows: not a lonely one, nor the sign of a number."""
    following = text[start + 1 : start + 2]
    return text[start] == "-" and (following.isalpha() or following in QUOTES)


def _quotation(text: str, start: int) -> tuple[str, int] | None:
    """What stands between quotation marks that open here, and where they end; nothing if they never close."""
    closing = QUOTES.get(text[start : start + 1])
    if closing is None:
        return None
    ends = [end for mark in closing if (end := text.find(mark, start + 1)) > 0]
    if not ends or not analysis.words(text[start + 1 : min(ends)]):
        return None
    return text[start + 1 : min(ends)].strip(), min(ends) + 1
