"""Carrying highlights from one text to its next wording by diff, and saying honestly when that cannot be done.

Every wording is kept, so nothing is guessed: the diff of Myers (1986), "An O(ND) Difference Algorithm and Its
Variations", Algorithmica 1, says which characters stayed. A passage goes where its own characters went; it is never
looked for elsewhere, so a copy of the same words cannot take its place. Selectors are those of the W3C Web Annotation
Data Model (2017), 4.2.4 and 4.2.5: position, quotation with prefix and suffix.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from time import monotonic

from diff_match_patch import diff_match_patch

from ideas.enums import AnchorState
from ideas.texts import Span, trimmed

CONTEXT = 32  # characters of prefix and suffix
SECONDS = 0.5  # after this a diff may be coarser: passages in its coarse part are looked at by a person
KEPT = 0.6  # less of a passage left: a person looks
GONE = 0.3  # less than this: the passage is gone
GROWN = (
    1 / KEPT
)  # grown beyond this, less than KEPT of what reads there now was chosen by a person: a person looks
REWORDED = 1.5  # words put for lost ones at an edge belong to the passage up to this many times their length
STRAY = 0.15  # a run shorter than this share of the passage, torn off it, is a stray
CLOSE = 8  # characters put between two runs that do not tear them apart
KEEP, INSERT, DELETE = 0, 1, -1
SHORT = 60  # characters of rewritten words that are still compared letter by letter
FIRST_CODE = 0x10000  # beyond every character that people write
WORD = re.compile(r"\w+\W*|\W+")


@dataclass(frozen=True, slots=True)
class Selector:
    """A passage of a text: position and quotation with its context."""

    start: int
    end: int
    exact: str
    prefix: str
    suffix: str


@dataclass(frozen=True, slots=True)
class Mapped:
    """Where a passage went and how sure we are of it."""

    span: Span
    state: AnchorState


def select(text: str, span: Span) -> Selector:
    """Return the selectors of a span of a text."""
    return Selector(
        span.start,
        span.end,
        text[span.start : span.end],
        text[max(0, span.start - CONTEXT) : span.start],
        text[span.end : span.end + CONTEXT],
    )


class Changes:
    """The difference between two wordings of one text, ready to carry spans over."""

    def __init__(self, old: str, new: str) -> None:
        self.old, self.new = old, new
        began = monotonic()
        # Runs of characters that stayed: (place in old, place in new, length).
        self.stayed = list(stayed(difference(old, new)))
        self.is_coarse = monotonic() - began >= SECONDS
        self.starts = [start for start, _new, _length in self.stayed]

    def carry(self, span: Span) -> Mapped:
        """Return where a span of the old text lies in the new one."""
        runs = self.kept(span)
        length = span.end - span.start
        total = sum(end - start for _old, start, end in runs)
        if not runs or total < GONE * length:
            # A coarse diff may have lost what is still there.
            return Mapped(Span(0, 0), AnchorState.NEEDS_REVIEW if self.is_coarse else AnchorState.ORPHANED)
        kept = without_strays(runs, length)
        place = trimmed(self.new, *self.edges(span, kept))
        words = self.new[place.start : place.end]
        if total < KEPT * length or len(words) > GROWN * length or scattered(kept, length) or kept != runs:
            return Mapped(place, AnchorState.NEEDS_REVIEW)
        same = words == self.old[span.start : span.end]
        return Mapped(place, AnchorState.ANCHORED if same else AnchorState.SHIFTED)

    def kept(self, span: Span) -> list[tuple[int, int, int]]:
        """Return the runs of the span that stayed: (place in old, start and end in new)."""
        found = []
        first = max(0, bisect_right(self.starts, span.start) - 1)
        for old, new, length in self.stayed[first:]:
            if old >= span.end:
                break
            start, end = max(old, span.start), min(old + length, span.end)
            if start < end:
                found.append((start, new + start - old, new + end - old))
        return found

    def edges(self, span: Span, kept: list[tuple[int, int, int]]) -> tuple[int, int]:
        """Return start and end in the new text; words rewritten at an edge of the passage stay in it.

        What was put beside the passage while all of its edge stayed is the neighbours', and so is what is longer than
        the lost words it would stand for.
        """
        start, end = kept[0][1], kept[-1][2]
        lost = kept[0][0] - span.start
        if lost and start - (reworded := self.after(span.start, start)) <= REWORDED * lost:
            start = reworded
        lost = span.end - kept[-1][0] - (kept[-1][2] - kept[-1][1])
        if lost and (reworded := self.before(span.end, end)) - end <= REWORDED * lost:
            end = reworded
        return start, end

    def after(self, place: int, otherwise: int) -> int:
        """Return where in the new text the run before an old place ends, if that run touches the place."""
        index = bisect_right(self.starts, place) - 1
        if index < 0:
            return 0 if place == 0 else otherwise
        old, new, length = self.stayed[index]
        return new + length if old + length >= place else otherwise

    def before(self, place: int, otherwise: int) -> int:
        """Return where in the new text the run that begins at an old place begins."""
        index = bisect_right(self.starts, place - 1)
        if index >= len(self.stayed):
            return len(self.new) if place >= len(self.old) else otherwise
        old, new, _length = self.stayed[index]
        return new if old <= place else otherwise


def difference(old: str, new: str) -> list[tuple[int, str]]:
    """Return the diff of two texts word by word, and letter by letter where few words stand for few others.

    Word by word first: letters that two different sentences share by chance would otherwise count as having stayed.
    """
    words: dict[str, str] = {}
    lines = [coded(text, words) for text in (old, new)]
    spelt = {code: word for word, code in words.items()}
    differ = diff_match_patch()
    differ.Diff_Timeout = SECONDS
    rough = differ.diff_main(lines[0], lines[1], False)
    differ.diff_cleanupSemanticLossless(rough)
    found: list[tuple[int, str]] = []
    lost = fresh = ""
    for kind, codes in [*rough, (KEEP, "")]:
        text = "".join(spelt[code] for code in codes)
        if kind == DELETE:
            lost += text
        elif kind == INSERT:
            fresh += text
        else:
            found += reworded(differ, lost, fresh)
            found.append((KEEP, text))
            lost = fresh = ""
    return found


def coded(text: str, words: dict[str, str]) -> str:
    """Return a text with one private character for each word and what follows it."""
    return "".join(words.setdefault(word, chr(FIRST_CODE + len(words))) for word in WORD.findall(text))


def reworded(differ: diff_match_patch, lost: str, fresh: str) -> list[tuple[int, str]]:
    """Return the diff of words that stand for others; letter by letter only where both are short."""
    if lost and fresh and max(len(lost), len(fresh)) <= SHORT:
        found = differ.diff_main(lost, fresh, False)
        differ.diff_cleanupSemantic(found)
        return found
    return [(DELETE, lost), (INSERT, fresh)]


def stayed(diff: Iterable[tuple[int, str]]) -> Iterable[tuple[int, int, int]]:
    """Yield the runs that stayed, of a diff as ``diff_match_patch`` gives it."""
    old = new = 0
    for kind, text in diff:
        if kind == KEEP and text:
            yield old, new, len(text)
        old += len(text) if kind != INSERT else 0
        new += len(text) if kind != DELETE else 0


def without_strays(kept: list[tuple[int, int, int]], length: int) -> list[tuple[int, int, int]]:
    """Leave out short runs at the edges that lie beyond newly written text: they may be letters that meet by chance."""
    short = STRAY * length
    while len(kept) > 1 and kept[-1][2] - kept[-1][1] <= short and is_torn(kept[-2], kept[-1]):
        kept = kept[:-1]
    while len(kept) > 1 and kept[0][2] - kept[0][1] <= short and is_torn(kept[0], kept[1]):
        kept = kept[1:]
    return kept


def is_torn(one: tuple[int, int, int], other: tuple[int, int, int]) -> bool:
    """Whether far more text lies between two runs than lay there before."""
    before = other[0] - one[0] - (one[2] - one[1])
    return other[1] - one[2] > REWORDED * before + CLOSE


def scattered(kept: list[tuple[int, int, int]], length: int) -> bool:
    """Whether what stayed is crumbs: letters that two different sentences share by chance."""
    runs = [end - start for _old, start, end in kept]
    return len(runs) > 2 and sum(run for run in runs if run > 3) < KEPT * length
