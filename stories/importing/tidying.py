"""Values of foreign files as clean Python values; each function raises ``RowRefused`` with a reason."""

import math
import re
import unicodedata
from collections.abc import Collection
from datetime import date, datetime
from typing import Any

from stories.importing.errors import RowRefused

# Control characters but tab and line feed, and halves of surrogate pairs: no database stores them as text.
UNSTORABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ufdd0-\ufdef\ufffe\uffff\ud800-\udfff]")
SPACES = re.compile(r"\s+")
WHOLE = re.compile(r"[+-]?\d{1,9}")
TRUE = frozenset({"true", "yes", "1", "да"})
FALSE = frozenset({"false", "no", "0", "нет", ""})
EARLIEST = date(1900, 1, 1)


def text(value: Any, name: str = "text", *, longest: int | None = None) -> str:
    """Return a value as text in NFC with single line ends, without what no database stores."""
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise RowRefused(f"{name} must be text, not {kind_of(value)}")
    if isinstance(value, int) and abs(value) >= 10**30:
        raise RowRefused(f"{name} is a number of more than 30 digits")
    joined = str(value).replace("\r\n", "\n").replace("\r", "\n")
    # Trimmed after the cleaning, which may uncover spaces at the ends: cleaning twice gives the same.
    result = unicodedata.normalize("NFC", UNSTORABLE.sub("", joined)).strip()
    if longest is not None and len(result) > longest:
        raise RowRefused(f"{name} is {len(result):,} characters long, {longest:,} is the most")
    return result


def line(value: Any, name: str, *, longest: int | None = None) -> str:
    """Return a value as one line of text."""
    result = SPACES.sub(" ", text(value, name))
    return text(result, name, longest=longest)


def words(value: Any, name: str) -> list[str]:
    """Return a list of short texts, each once, from a list or from text with commas or semicolons."""
    if value is None:
        return []
    parts = value if isinstance(value, list | tuple) else re.split(r"[;,]", text(value, name))
    return list(dict.fromkeys(part for part in (line(part, name, longest=200) for part in parts) if part))


def integer(value: Any, name: str, *, least: int | None, most: int | None) -> int:
    """Return a whole number within its bounds."""
    if isinstance(value, float) and math.isfinite(value) and value == int(value):
        value = int(value)
    if isinstance(value, str) and WHOLE.fullmatch(value.strip()):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise RowRefused(f"{name} must be a whole number")
    if (least is not None and value < least) or (most is not None and value > most):
        raise RowRefused(f"{name} must lie between {least} and {most}")
    return value


def truth(value: Any, name: str) -> bool:
    """Return yes or no."""
    if isinstance(value, bool):
        return value
    word = text(value, name).lower()
    if word in TRUE or word in FALSE:
        return word in TRUE
    raise RowRefused(f"{name} must be true or false")


def choice(value: Any, name: str, allowed: Collection[str]) -> str:
    """Return one of the allowed words."""
    word = line(value, name).lower()
    if word not in allowed:
        raise RowRefused(f"{name} must be one of {', '.join(sorted(allowed))}")
    return word


def day(value: Any, name: str, *, latest: date | None = None) -> date | None:
    """Return a calendar day from ISO text (a time of day is dropped) or ``12.03.2026``; None for nothing."""
    if value is None or value == "":
        return None
    result = (
        value.date()
        if isinstance(value, datetime)
        else value
        if isinstance(value, date)
        else _parsed(value, name)
    )
    if result < EARLIEST:
        raise RowRefused(f"{name} {result.isoformat()} lies before {EARLIEST.year}")
    if latest is not None and result > latest:
        raise RowRefused(f"{name} {result.isoformat()} has not come yet")
    return result


def _parsed(value: Any, name: str) -> date:
    written = line(value, name)
    dotted = re.fullmatch(r"(\d{1,2})\.(\d{1,2})\.(\d{4})", written)
    try:
        if dotted:
            return date(int(dotted[3]), int(dotted[2]), int(dotted[1]))
        # A day, or a day with a time behind it: the time is checked too, so that rubbish is not half read.
        return datetime.fromisoformat(written).date()
    except ValueError:
        raise RowRefused(f"{name} “{written[:40]}” is not a date: write it as 2026-03-12") from None


def kind_of(value: Any) -> str:
    """Name the kind of a value in the words of JSON."""
    names = {dict: "an object", list: "a list", bool: "true or false", str: "text", type(None): "nothing"}
    return names.get(type(value), "a number" if isinstance(value, int | float) else type(value).__name__)
