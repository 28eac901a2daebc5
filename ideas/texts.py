"""The texts of a story's blocks in which passages are marked, and how they come onto the page piece by piece.

One text a block: what happened (episode), the narrative without its markup, the quotation. Offsets count characters
of that text, which is normalised as the narrator's approval is.
"""

import html
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from stories.enums import BlockKind
from stories.sanitising import clean
from stories.wording import normal

Raw = Mapping[str, Any]
TOKEN = re.compile(r"<[^>]*>|[^<]+")
BREAK = re.compile(r"</(?:p|li|h[2-6]|blockquote|tr|pre)>|<br\s*/?>", re.IGNORECASE)
# A sentence ends at its mark (with closing quotation marks and brackets), or where a paragraph does.
SENTENCE = re.compile(r"[^\n]*?(?:[.!?…]+[»”\"’)\]]*(?=\s|$)|(?=\n)|$)")
WORDLIKE = re.compile(r"\w")


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text that begins at character ``at`` of the block's text, or markup (``at`` is None)."""

    text: str
    at: int | None = None


def pieces_of(block: Raw) -> list[Piece]:
    """Return the block's text as it is drawn; empty for blocks in which nothing is marked."""
    kind, value = block["type"], block["value"]
    if kind == BlockKind.EPISODE:
        return paragraphs(normal(value.get("happened") or ""))
    if kind == BlockKind.QUOTE:
        return paragraphs(normal(value.get("text") or ""))
    if kind == BlockKind.NARRATIVE:
        return markup(clean(value or ""))
    return []


def text_of(block: Raw) -> str:
    """Return the text in which passages of the block are marked; empty where there is none."""
    return joined(pieces_of(block))


def joined(pieces: Iterable[Piece]) -> str:
    """Return the text of pieces: what has a place counts, a gap between two places is a line end."""
    parts, end = [], 0
    for piece in pieces:
        if piece.at is not None:
            parts.append("\n" * (piece.at - end) + piece.text)
            end = piece.at + len(piece.text)
    return "".join(parts)


def texts(blocks: Iterable[Raw]) -> dict[str, str]:
    """Return ``{block id: text}`` of every block with an id in which passages can be marked."""
    found = {str(block["id"]): text_of(block) for block in blocks if block.get("id")}
    return {block: text for block, text in found.items() if text}


def paragraphs(text: str) -> list[Piece]:
    """Return plain text in paragraphs: an empty line parts them, a single line end breaks the line."""
    pieces: list[Piece] = []
    for match in re.finditer(r"[^\n]+", text):
        gap = (
            text[pieces[-1].at + len(pieces[-1].text) : match.start()]
            if pieces and pieces[-1].at is not None
            else ""
        )
        if pieces:
            pieces.append(Piece("</p><p>" if gap.count("\n") > 1 else "<br>"))
        else:
            pieces.append(Piece("<p>"))
        pieces.append(Piece(match.group(), match.start()))
    return [*pieces, Piece("</p>")] if pieces else []


def markup(source: str) -> list[Piece]:
    """Return clean HTML as its tags and the text between them; runs of white space count as one space."""
    pieces: list[Piece] = []
    at, ended, spaced = 0, False, True
    for token in TOKEN.findall(source):
        if token.startswith("<"):
            ended = ended or bool(BREAK.match(token))
            pieces.append(Piece(token))
            continue
        text = re.sub(r"\s+", " ", html.unescape(token))
        text = text.lstrip() if spaced or ended else text
        if not text:
            continue
        if ended and at:
            at += 1  # a line end in the text, drawn by the markup
        pieces.append(Piece(text, at))
        at, ended, spaced = at + len(text), False, text.endswith(" ")
    return pieces


@dataclass(frozen=True, slots=True)
class Span:
    """Characters from ``start`` up to, not including, ``end``."""

    start: int
    end: int


def sentences(text: str) -> list[Span]:
    """Return the sentences of a text, without the white space around them."""
    found = []
    for match in SENTENCE.finditer(text):
        words = match.group()
        start = match.start() + len(words) - len(words.lstrip())
        end = match.start() + len(words.rstrip())
        if start < end and WORDLIKE.search(text, start, end):
            found.append(Span(start, end))
    return found


def trimmed(text: str, start: int, end: int) -> Span:
    """Return a chosen span without white space at its ends, within the text."""
    start, end = max(0, min(start, len(text))), max(0, min(end, len(text)))
    words = text[start:end]
    start += len(words) - len(words.lstrip())
    return Span(start, start + len(words.strip()))


@dataclass(frozen=True, slots=True)
class Part:
    """A run of text under the same marks; ``marks`` are keys of what covers it, ``ends`` of what ends with it."""

    text: str
    at: int
    marks: tuple[int, ...] = ()
    ends: tuple[int, ...] = ()


def cut(piece: Piece, spans: Mapping[int, Span], stops: Sequence[int]) -> list[Part]:
    """Cut a piece of text where a span begins or ends, and at other stops (the sentences)."""
    begin = piece.at or 0
    end = begin + len(piece.text)
    edges = {begin, end, *stops, *(edge for span in spans.values() for edge in (span.start, span.end))}
    places = sorted(edge for edge in edges if begin <= edge <= end)
    parts = []
    for start, stop in pairwise(places):
        over = tuple(key for key, span in spans.items() if span.start < stop and span.end > start)
        parts.append(
            Part(
                piece.text[start - begin : stop - begin],
                start,
                over,
                tuple(k for k in over if spans[k].end == stop),
            )
        )
    return parts
