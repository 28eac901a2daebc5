"""What a file of codes says, whatever its form."""

import re
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from ideas.enums import Colour, Importance
from stories.languages import language_of
from stories.models.vocabulary import label_of

# Names things of this house in files; the same thing has the same name in every file.
HOUSE = uuid.UUID("6f1c1d0c-6c0e-5c0b-9a53-4d3c8f5d2e11")
LONGEST_NAME, LONGEST_DESCRIPTION, LONGEST_SYNONYMS, LONGEST_MEMO = 120, 4000, 600, 1000
LONGEST_TITLE, LONGEST_STATEMENT = 140, 2000  # of an idea
MOST_CODES, MOST_PASSAGES, DEEPEST = 5000, 20_000, 40
# Characters that XML 1.0 cannot hold (section 2.2), and so no exchange file either.
UNSPEAKABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
BLANKS = re.compile(r"\s+")
RGB = re.compile(r"#[0-9a-fA-F]{3}(?:[0-9a-fA-F]{3})?")


class FileRefused(Exception):
    """A file cannot be read; says why, in the language of the one who brought it."""


@dataclass(frozen=True, slots=True)
class Code:
    """A code of a file. ``parent`` is the place of its parent among the codes, which comes before it.

    ``idea`` says that it is an idea and of which kind; ``themes`` are the guids of the codes that it is linked to.
    """

    guid: str
    name_ru: str
    name_en: str
    parent: int | None = None
    description: str = ""
    colour: str = ""
    kind: str = ""
    synonyms: str = ""
    slug: str = ""
    idea: str = ""
    themes: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """A name to speak of it."""
        return self.name_ru or self.name_en

    @property
    def label(self) -> str:
        """Name in the active language, or the one there is."""
        return label_of(self.name_ru, self.name_en)

    @property
    def names(self) -> tuple[str, ...]:
        """Its names, folded for comparing."""
        return tuple(name.casefold() for name in (self.name_ru, self.name_en) if name)


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a coder thought of a passage."""

    valence: int = 0
    importance: int = Importance.USEFUL.value
    memo: str = ""


@dataclass(frozen=True, slots=True)
class Selection:
    """A passage of a source: characters from ``start`` up to ``end``, coded to ``code`` (a guid)."""

    start: int
    end: int
    code: str
    judgement: Judgement = Judgement()


@dataclass(frozen=True, slots=True)
class SourceText:
    """A document of a file. ``text`` is None where the file does not hold it or nobody asked for it."""

    guid: str
    name: str
    text: str | None
    selections: tuple[Selection, ...]


@dataclass(frozen=True, slots=True)
class Book:
    """Codes and sources of a file, and how many passages lie in pictures, recordings or PDF pages."""

    codes: tuple[Code, ...]
    sources: tuple[SourceText, ...] = ()
    elsewhere: int = 0
    notes: tuple[str, ...] = field(default_factory=tuple)


def named(kind: str, key: object) -> str:
    """Return the guid of a thing of this house."""
    return str(uuid.uuid5(HOUSE, f"{kind}:{key}"))


def guid_of(text: str | None) -> str:
    """Return a guid in plain small letters; empty for what is none."""
    try:
        return str(uuid.UUID((text or "").strip().strip("{}")))
    except ValueError:
        return ""


def line(text: str | None) -> str:
    """Return a text as one line."""
    return BLANKS.sub(" ", UNSPEAKABLE.sub("", text or "")).strip()


def prose(text: str | None) -> str:
    """Return a text with its lines, their ends all alike."""
    return UNSPEAKABLE.sub("", (text or "").replace("\r\n", "\n").replace("\r", "\n")).strip()


def code(name: str | None, **fields: object) -> Code:
    """Return the code of a name in whichever language it is; raises ``FileRefused`` for what no theme can hold."""
    label = line(name)
    if not label:
        raise FileRefused(_("A code in this file has no name."))
    names = (
        {"name_ru": label, "name_en": ""} if language_of(label) == "ru" else {"name_ru": "", "name_en": label}
    )
    return checked(Code(**{"guid": "", **names, **fields}))  # type: ignore[arg-type]


def checked(made: Code) -> Code:
    """Return a code that a theme can hold; raises ``FileRefused`` naming what is too long."""
    name, description = (LONGEST_TITLE, LONGEST_STATEMENT) if made.idea else (LONGEST_NAME, LONGEST_DESCRIPTION)
    limits = (
        (made.name_ru, name), (made.name_en, name), (made.description, description),
        (made.synonyms, LONGEST_SYNONYMS),
    )  # fmt: skip
    for text, most in limits:
        if len(text) > most:
            said = _(
                "The code “%(name)s” holds a text of %(n)s letters; %(most)s is the most. Shorten it there."
            )
            raise FileRefused(said % {"name": made.name[:60], "n": len(text), "most": most})
    return made


def counted(codes: Iterable[Code]) -> tuple[Code, ...]:
    """Return the codes; raises ``FileRefused`` for none or too many."""
    found = tuple(codes)
    if not found:
        raise FileRefused(_("There are no codes in this file."))
    if len(found) > MOST_CODES:
        said = _("There are %(n)s codes in this file; %(most)s is the most.")
        raise FileRefused(said % {"n": len(found), "most": MOST_CODES})
    return found


def nearest(colour: str) -> str:
    """Return the colour of ours that comes closest to one of a file; empty for what is no colour."""
    if not RGB.fullmatch(colour or ""):
        return ""
    wanted = channels(colour)
    return min(
        Colour.values, key=lambda ours: sum((a - b) ** 2 for a, b in zip(channels(ours), wanted, strict=True))
    )


def channels(colour: str) -> tuple[int, ...]:
    """Return red, green and blue of ``#rgb`` or ``#rrggbb``."""
    digits = colour[1:]
    pairs = [each * 2 for each in digits] if len(digits) == 3 else [digits[n : n + 2] for n in (0, 2, 4)]
    return tuple(int(pair, 16) for pair in pairs)
