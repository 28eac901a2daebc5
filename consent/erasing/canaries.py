"""Pieces of a member's texts that are looked for byte by byte when she is forgotten. Held in memory only.

A piece is a name, or some words of at least 40 bytes as they stand in her text. What other people's texts hold too is
left out, so that finding nothing means something and finding something is no false alarm.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

LEAST_BYTES = 40
LEAST_NAME = 6  # characters; a shorter name is found in half the texts of the world
MOST_BYTES = 160
PIECES = 8  # of each text, spread over its length
# Characters that some encoding writes in another way (JSON, HTML, addresses): a piece never reaches over one.
BREAKS = re.compile(r"[^\w ,.!?;:()\-–—№%…]+|_| {2,}")


@dataclass(frozen=True, slots=True)
class Canary:
    """One piece: what kind of text it is of, and its bytes in UTF-8 (or as they lie in a file)."""

    kind: str
    data: bytes


def from_words(words: Iterable[tuple[str, str | bytes]]) -> list[Canary]:
    """Return the pieces of texts, each once; raw bytes go as they are. One word alone is a piece only of a name."""
    found: dict[bytes, Canary] = {}
    for kind, text in words:
        if isinstance(text, bytes):
            found.setdefault(text, Canary(kind, text))
            continue
        for piece in pieces(text):
            if kind != "words" or " " in piece:
                found.setdefault(piece.encode(), Canary(kind, piece.encode()))
    return list(found.values())


def pieces(text: str) -> list[str]:
    """Return the pieces of one text: the text itself if it is short, else some spread over it."""
    whole = text.strip()
    if len(whole.encode()) <= MOST_BYTES and not BREAKS.search(whole.replace("_", "-")):
        return [whole] if len(whole) >= LEAST_NAME else []
    segments = [segment.strip() for segment in BREAKS.split(text)]
    found = [piece for segment in segments for piece in tiles(segment)]
    if not found:
        longest = max(segments, key=len)
        found = [longest] if len(longest) >= LEAST_NAME else []
    if len(found) <= PIECES:
        return found
    return [found[index * (len(found) - 1) // (PIECES - 1)] for index in range(PIECES)]


def tiles(segment: str) -> Iterator[str]:
    """Cut a segment between words into pieces that are long enough; a short end is dropped."""
    taken: list[str] = []
    for word in segment.split(" "):
        taken.append(word)
        piece = " ".join(taken)
        size = len(piece.encode())
        if size >= LEAST_BYTES:
            if size <= MOST_BYTES:
                yield piece
            taken = []


def samples(content: bytes, size: int = 64) -> Iterator[bytes]:
    """Return pieces of a file by which a copy of it is known: from its middle, where no common header lies.

    A piece that says nearly the same byte all along (a plain sky) is in half the files of the world and is left out.
    """
    if len(content) >= 4 * size:
        for part in (2, 3, 5, 6):
            start = len(content) * part // 8
            piece = content[start : start + size]
            if len(set(piece)) >= size // 2:
                yield piece
