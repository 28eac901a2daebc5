"""Typography at render time, so that nobody has to type it: quotation marks, dashes, non-breaking spaces.

Russian: «ёлочки» with „лапки“ inside, a non-breaking space after words of one or two letters, before a
dash, before particles, between a number and its noun. English: curly quotes, a non-breaking space after
one-letter words, after numbers and before a dash. Rules follow Milchin and Cheltsova, "Справочник издателя
и автора" (2009), and Hart's Rules.

Applying the rules twice changes nothing. Words and digits are never changed, only marks and spaces between
them.
"""

from __future__ import annotations

import re
from typing import Final

NBSP: Final = "\u00a0"
TAG: Final = "\ue000"  # stands for an inline tag of markup while the text around it is set
BREAK: Final = "\ue001"  # stands for a tag that begins or ends a line

_MARKUP = re.compile(r"<(code|pre|script|style)\b.*?</\1\s*>|<[^>]*>", re.DOTALL | re.IGNORECASE)
_BLOCK = re.compile(
    r"</?(?:p|div|li|ul|ol|br|hr|h[1-6]|blockquote|section|dl|dt|dd|table|tr|td|th)\b", re.IGNORECASE
)
_STANDIN = re.compile(f"[{TAG}{BREAK}]")
_QUOTE_ENTITY = {
    "&quot;": '"',
    "&#34;": '"',
    "&#x22;": '"',
    "&#39;": "'",
    "&#x27;": "'",
    "&apos;": "'",
    "&nbsp;": NBSP,
}
_ENTITY = re.compile("|".join(_QUOTE_ENTITY))

_DOTS = re.compile(r"\.{3,}")
_SPACED_DASH = re.compile(rf"[ {NBSP}](--?|[–—])(?=[ {NBSP}\n]|$)")
_SPEECH_DASH = re.compile(rf"(^|(?<={BREAK}))(?:--?|[–—])[ {NBSP}]+(?=\S)", re.MULTILINE)
_QUOTE = re.compile(r"[\"«»„“”]")
_OPENS_AFTER = frozenset(f" {NBSP}{BREAK}\n\t([{{—–-«„“/")
_BESIDE = frozenset(f"{TAG}\"'")

_RU_SHORT = r"(?<=(?<![\w-])[а-яёА-ЯЁ] )|(?<=(?<![\w-])[а-яёА-ЯЁ]{2} )"
_RU_SPACE = re.compile(
    r" (?:"
    rf"(?:{_RU_SHORT})(?<!\b[бж] )(?<!\b(?:бы|ли|же) )(?=[\w«„(—{TAG}])"  # в доме, не вода
    r"|(?=(?:бы|ли|же|б|ж)(?!\w))(?<=\w )"  # знала бы
    rf"|(?<=\d )(?=[^\W\d_]|{TAG}?\d{{3}}(?!\d))"  # 12 минут, 12 000
    r"|(?<=[№§] )(?=\d)"  # № 5
    r"|(?<=\b[А-ЯЁ]\. )(?=[А-ЯЁ])"  # Л. Орлова
    r"|(?<=\bт\. )(?=[дпек]\.)"  # т. е.
    r")"
)
_EN_SPACE = re.compile(
    r" (?:(?<=(?<![\w'’-])[aAI] )(?=\w)"  # a house
    r"|(?<=\d )(?=[^\W\d_]|\d{3}(?!\d))"  # 12 minutes
    r"|(?<=\b[NnP]o\. )(?=\d)|(?<=\bp\. )(?=\d))"  # No. 5, p. 7
)
_APOSTROPHE = re.compile(r"(?<=\w)'|'(?=\d\ds?\b)")
_SINGLE = re.compile(r"'")


def _opens(text: str, at: int) -> bool:
    """Tell whether the straight mark at a position opens a quotation, whatever tags are beside it."""
    before, after = at - 1, at + 1
    while before >= 0 and text[before] in _BESIDE:
        before -= 1
    begins = before < 0 or text[before] in _OPENS_AFTER
    return begins and after < len(text) and not text[after].isspace()


def _russian_quotes(text: str) -> str:
    """Turn straight double quotes into «…», and into „…“ inside another quotation."""
    if '"' not in text:
        return text
    depth, parts, end = 0, [], 0
    for match in _QUOTE.finditer(text):
        mark, at = match.group(), match.start()
        if mark == '"':
            opens = _opens(text, at)
            inside = depth > (0 if opens else 1)
            mark = ("„" if inside else "«") if opens else ("“" if inside else "»")
        parts += [text[end:at], mark]
        end = match.end()
        depth = depth + 1 if mark in "«„" else max(0, depth - 1)
    return "".join([*parts, text[end:]])


def _english_quotes(text: str) -> str:
    """Turn straight quotes and apostrophes into curly ones."""
    if '"' in text:
        text = _QUOTE.sub(lambda m: m[0] if m[0] != '"' else "“" if _opens(text, m.start()) else "”", text)
    if "'" in text:
        text = _APOSTROPHE.sub("’", text)
        text = _SINGLE.sub(lambda m: "‘" if _opens(text, m.start()) else "’", text)
    return text


def _russian_dashes(text: str) -> str:
    """Make a spaced hyphen a dash bound to the word before it, in direct speech to the word after it."""
    if "-" not in text and "–" not in text and "—" not in text:
        return text
    text = _SPACED_DASH.sub(f"{NBSP}—", text)
    return _SPEECH_DASH.sub(rf"\1—{NBSP}", text)


def _english_dashes(text: str) -> str:
    """Make a spaced hyphen an en dash; a spaced dash, of whichever length, stays with the word before it."""
    return _SPACED_DASH.sub(lambda m: NBSP + (m[1] if m[1] in "–—" else "–"), text)


def typeset(text: str, language: str = "ru") -> str:
    """Return plain text set by the rules of Russian or English; text in other languages stays as it is."""
    if language[:2] == "ru":
        text = _russian_quotes(_russian_dashes(_DOTS.sub("…", text)))
        return _RU_SPACE.sub(NBSP, text)
    if language[:2] == "en":
        text = _english_quotes(_english_dashes(_DOTS.sub("…", text)))
        return _EN_SPACE.sub(NBSP, text)
    return text


def _stand_in(match: re.Match[str]) -> str:
    return BREAK if _BLOCK.match(match.group()) else TAG


def typeset_html(html: str, language: str = "ru") -> str:
    """Return safe HTML with its text typeset; tags, comments and the content of code stay untouched.

    The rules see the text with one private character for each tag, so a quotation may begin inside a tag.
    """
    if _STANDIN.search(html):
        return html
    tags = [match.group() for match in _MARKUP.finditer(html)]
    text = _ENTITY.sub(lambda match: _QUOTE_ENTITY[match.group()], _MARKUP.sub(_stand_in, html))
    pieces = _STANDIN.split(typeset(text, language))
    return "".join(piece + tag for piece, tag in zip(pieces, [*tags, ""], strict=True))
