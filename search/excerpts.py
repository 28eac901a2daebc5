"""Marks found words in titles and cuts excerpts, by characters (never bytes) and with everything escaped."""

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from operator import attrgetter

from search import analysis

LENGTH = 240
FRAGMENTS = 3
TEXT_LIMIT = 60_000
SPOTS_LIMIT = 400
_PIECE = re.compile(r"(?:[^\W_]|[\u0300-\u036f\u00ad'’ʼ])+")
ELLIPSIS, DOT = "…", "·"
_start = attrgetter("start")


@dataclass(frozen=True, slots=True)
class Spot:
    """A found word: offsets in characters, end excluded."""

    start: int
    end: int
    stem: str


def highlight(text: str, stems: Collection[str]) -> str:
    """``text`` as HTML with every word of ``stems`` marked."""
    return _marked(text, 0, len(text), spots(text, stems))


def excerpt(text: str, stems: Collection[str], length: int = LENGTH) -> str:
    """About ``length`` characters around the most telling words, as HTML; the beginning if none is there."""
    plain = _in_one_line(text[:TEXT_LIMIT])
    if len(plain) <= length:
        return highlight(plain, stems)
    found = spots(plain, stems)[:SPOTS_LIMIT]
    windows = _windows(found, len(plain), length) or [(0, length)]
    cut = [_at_words(plain, start, end) for start, end in windows]
    body = f" {ELLIPSIS} ".join(_marked(plain, start, end, found) for start, end in cut)
    before = f"{ELLIPSIS} " if cut[0][0] > 0 else ""
    return before + body + (f" {ELLIPSIS}" if cut[-1][1] < len(plain) else "")


def _in_one_line(text: str) -> str:
    """The lines of a text after one another; a dot in the middle parts a heading from what follows."""
    lines = [" ".join(analysis.clean(line).split()) for line in text.split("\n")]
    lines = [line for line in lines if line]
    return "".join(line + (f" {DOT} " if line[-1].isalnum() else " ") for line in lines[:-1]) + "".join(
        lines[-1:]
    )


def spots(text: str, stems: Collection[str]) -> list[Spot]:
    """Words of ``text`` whose stem is among ``stems``, in order."""
    if not stems:
        return []
    told = {piece: stem for piece in set(_PIECE.findall(text)) if (stem := _stem(piece)) in stems}
    return sorted((spot for piece, stem in told.items() for spot in _places(text, piece, stem)), key=_start)


def _places(text: str, piece: str, stem: str) -> Iterator[Spot]:
    """Where a piece stands by itself and not inside a longer one."""
    end = 0
    while (start := text.find(piece, end)) >= 0:
        end = start + len(piece)
        if not _PIECE.match(text[start - 1 : start]) and not _PIECE.match(text, end):
            yield Spot(start, end, stem)


@lru_cache(maxsize=1 << 15)
def _stem(piece: str) -> str:
    return next((analysis.stem(word) for word in analysis.words(piece)), "")


def _windows(found: list[Spot], size: int, length: int) -> list[tuple[int, int]]:
    """Up to three spans, in order, that together hold as many different stems as they can."""
    total = len({spot.stem for spot in found})
    covered: set[str] = set()
    starts: list[tuple[int, int]] = []
    share = length if total <= 1 else length // min(total, FRAGMENTS)
    whole = _best(found, set(), length)
    if whole and len(whole[1]) == total:
        return [_around(whole[0], size, length)]
    while len(starts) < FRAGMENTS and (best := _best(found, covered, share)):
        starts.append(_around(best[0], size, share))
        covered |= best[1]
    return _joined(sorted(starts))


def _best(found: list[Spot], covered: Collection[str], span: int) -> tuple[tuple[int, int], set[str]] | None:
    """The tightest run of spots within ``span`` that adds the most stems not yet covered."""
    best: tuple[tuple[int, int], set[str]] | None = None
    best_rank = (0, 0)
    for first, spot in enumerate(found):
        added: set[str] = set()
        end = spot.end
        for other in found[first:]:
            if other.end - spot.start > span:
                break
            if other.stem not in covered and other.stem not in added:
                added.add(other.stem)
                end = other.end
        rank = (len(added), spot.start - end)
        if added and (best is None or rank > best_rank):
            best, best_rank = ((spot.start, end), added), rank
    return best


def _around(run: tuple[int, int], size: int, span: int) -> tuple[int, int]:
    """A span of the given length with ``run`` a little before its middle."""
    spare = max(span - (run[1] - run[0]), 0)
    start = max(min(run[0] - spare * 2 // 5, size - span), 0)
    return start, max(min(start + span, size), run[1])


def _joined(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for start, end in spans:
        if joined and start <= joined[-1][1] + 2:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def _at_words(text: str, start: int, end: int) -> tuple[int, int]:
    """Move both ends to spaces, so that no word is cut, if one is near enough."""
    if start > 0:
        space = text.find(" ", start, start + 25)
        start = space + 1 if space >= 0 else start
        start += 2 * text.startswith(f"{DOT} ", start)
    if end < len(text):
        space = text.rfind(" ", max(end - 25, start + 1), end + 1)
        end = space if space > start else end
    return start, end


def _marked(text: str, start: int, end: int, found: Iterable[Spot]) -> str:
    parts: list[str] = []
    position = start
    for spot in found:
        if spot.start >= start and spot.end <= end:
            parts.append(escape(text[position : spot.start]))
            parts.append(f"<mark>{escape(text[spot.start : spot.end])}</mark>")
            position = spot.end
    parts.append(escape(text[position:end]))
    return "".join(parts)
