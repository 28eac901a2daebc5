"""The narrator's words of a story as one text to search, and the way back: into the fields and between the tags."""

import html
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from stories.enums import BlockKind
from stories.wording import EPISODE_TEXT, Raw

TOKEN = re.compile(r"<[^>]*>|&(?:#\d+|#x[0-9a-fA-F]+|\w+);|[^<&]+|[<&]")
BLOCK = re.compile(r"</?(?:p|li|ul|ol|h[1-6]|blockquote|tr|td|th|table|pre|hr|br)\b", re.I)
HREF = re.compile(r"""(<a\b[^>]*?)\s+href=(["'])(.*?)\2""", re.I | re.S)
BETWEEN = "\n\n"
EPISODE = ("title", "when", *(name for name in EPISODE_TEXT if name != "title"))
Change = tuple[int, int, str]
Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Piece:
    """One field of a story: its place, its text as people read it, its markup where it has any."""

    path: Path
    text: str
    markup: str = ""

    def changed(self, changes: Sequence[Change]) -> str:
        """Return the field with places of its text replaced; tags stay where and as they are."""
        return replaced_in_markup(self.markup, changes) if self.markup else replaced(self.text, changes)


def replaced(text: str, changes: Iterable[Change]) -> str:
    """Return a text with places replaced; ``changes`` are ``(start, end, words)`` that do not overlap."""
    result, last = [], 0
    for start, end, words in sorted(changes):
        result += [text[last:start], words]
        last = end
    return "".join([*result, text[last:]])


def _segments(markup: str) -> Iterator[tuple[str, str, bool]]:
    """Yield ``(source, text, is tag)``: tags read as nothing, or as a line's end where they part lines."""
    for match in TOKEN.finditer(markup):
        source = match.group()
        if source.startswith("<") and len(source) > 1:
            yield source, "\n" if BLOCK.match(source) else "", True
        elif source.startswith("&") and source.endswith(";"):
            yield source, html.unescape(source), False
        else:
            yield source, source, False


def text_of(markup: str) -> str:
    """Return what people read of a piece of HTML."""
    return "".join(text for _source, text, _tag in _segments(markup))


def replaced_in_markup(markup: str, changes: Iterable[Change]) -> str:
    """Return HTML with places of its text replaced: words go into the first piece of text, tags between stay."""
    left, result, place = sorted(changes), [], 0
    done: set[int] = set()
    for source, text, tag in _segments(markup):
        end = place + len(text)
        hit = (
            []
            if tag
            else [number for number, change in enumerate(left) if change[0] < end and place < change[1]]
        )
        if not hit:
            result.append(source)
        else:
            result.append(_within(text, place, [(number, left[number]) for number in hit], done))
        place = end
    return "".join(result)


def _within(text: str, place: int, hits: Sequence[tuple[int, Change]], done: set[int]) -> str:
    """Return one piece of text with the parts of changes that fall into it."""
    result, last = [], 0
    for number, (start, end, words) in hits:
        result.append(html.escape(text[last : max(0, start - place)], quote=False))
        if number not in done:
            result.append(html.escape(words, quote=False))
            done.add(number)
        last = min(len(text), end - place)
    return "".join([*result, html.escape(text[last:], quote=False)])


def pieces_of(title: str, summary: str, blocks: Sequence[Raw]) -> list[Piece]:
    """Return the fields of the narrator's words that hold any."""
    found = [Piece(("title",), title), Piece(("summary",), summary)]
    for number, block in enumerate(blocks):
        found += _of_block(("body", number, "value"), block["type"], block["value"])
    return [piece for piece in found if piece.text.strip()]


def _of_block(path: Path, kind: str, value: Any) -> Iterator[Piece]:
    if kind == BlockKind.NARRATIVE:
        yield Piece(path, text_of(value or ""), value or "")
        for number, match in enumerate(HREF.finditer(value or "")):
            # An address hides behind the words of a link too.
            if match.group(3).lower().startswith(("mailto:", "tel:")):
                yield Piece((*path, "href", number), html.unescape(match.group(3)).partition(":")[2])
        return
    names = {BlockKind.EPISODE: EPISODE, BlockKind.QUOTE: ("text",), BlockKind.PHOTO: ("caption", "alt")}
    for name in names.get(BlockKind(kind), ()):
        yield Piece((*path, name), value.get(name) or "")


class Document:
    """The pieces of a story as one text, so that one person is one person from the title to the last quote."""

    def __init__(self, pieces: Sequence[Piece]) -> None:
        self.pieces = list(pieces)
        self.text = BETWEEN.join(piece.text for piece in self.pieces)
        self.starts: list[int] = []
        place = 0
        for piece in self.pieces:
            self.starts.append(place)
            place += len(piece.text) + len(BETWEEN)

    def piece_at(self, place: int) -> int:
        """Return the number of the piece in which a place of the text lies."""
        return bisect_right(self.starts, place) - 1

    def changed(self, changes: Iterable[Change]) -> dict[Path, str]:
        """Return the fields that changes of the text alter, by path."""
        by_piece: dict[int, list[Change]] = {}
        for start, end, words in changes:
            number = self.piece_at(start)
            begin = self.starts[number]
            by_piece.setdefault(number, []).append((start - begin, end - begin, words))
        return {
            self.pieces[number].path: self.pieces[number].changed(found) for number, found in by_piece.items()
        }


def with_changes(
    title: str, summary: str, blocks: Sequence[Raw], changed: Mapping[Path, str]
) -> tuple[str, str, list[dict[str, Any]]]:
    """Return title, summary and blocks with the changed fields in their places."""
    new: list[dict[str, Any]] = deepcopy([dict(block) for block in blocks])
    links: dict[int, set[int]] = {}
    for path, text in changed.items():
        if path[0] != "body":
            continue
        number = int(path[1])
        if len(path) == 3:
            new[number]["value"] = text
        elif path[3] == "href":
            links.setdefault(number, set()).add(int(path[4]))
        else:
            new[number]["value"][str(path[3])] = text
    for number, gone in links.items():
        new[number]["value"] = _without_links(new[number]["value"], gone)
    return changed.get(("title",), title), changed.get(("summary",), summary), new


def _without_links(markup: str, gone: set[int]) -> str:
    """Return HTML in which some links, counted from 0, lead nowhere any more."""
    count = iter(range(len(markup)))
    return HREF.sub(lambda match: match.group(1) if next(count) in gone else match.group(), markup)
