"""Where a file's passages lie in our stories: on known stories by id, in the very same words, or nowhere."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _

from club.models import User
from consent.enums import Purpose
from ideas.exchange.gathering import Text, story_text
from ideas.exchange.qdpx import source_guid
from ideas.exchange.records import Judgement, Selection, SourceText
from ideas.mapping import Changes
from ideas.services.coding import LONGEST
from ideas.texts import Span, texts, trimmed
from stories.importing.records import BY_SLUG
from stories.querysets import visible

# A story's id at the end of a source's name: other programs give sources new guids and keep the names.
IN_NAME = re.compile(r"\[([^\[\]]+)\](?:\.txt)?$")


@dataclass(frozen=True, slots=True)
class Placed:
    """A passage of a file in a story of ours; ``seal`` is a hash of its words, to know them again."""

    story: int
    block: str
    start: int
    end: int
    seal: str
    code: str
    judgement: Judgement


@dataclass(frozen=True, slots=True)
class Left:
    """Passages of one source that found no place, and why."""

    source: str
    reason: str
    count: int


class Shelf:
    """The stories that may serve a person as evidence, by the ids under which files name them."""

    def __init__(self, user: User) -> None:
        self.user = user
        rows = visible(user, Purpose.IDEAS).order_by().values_list("pk", "external_id", "slug")
        self.by_id = {external or f"{BY_SLUG}{slug}": pk for pk, external, slug in rows}
        self.by_guid = {source_guid(external): pk for external, pk in self.by_id.items()}

    def find(self, guid: str, name: str) -> int | None:
        """Return the story that a source is."""
        if guid in self.by_guid:
            return self.by_guid[guid]
        match = IN_NAME.search(name)
        return self.by_id.get(match[1]) if match else None

    def knows(self, guid: str, name: str) -> bool:
        """Whether a source is one of these stories."""
        return self.find(guid, name) is not None

    def text(self, pk: int) -> Text | None:
        """Return a story's text, through the gate once more."""
        story = visible(self.user, Purpose.IDEAS).filter(pk=pk).first()
        return story_text(story) if story else None


def seal(words: str) -> str:
    """Return a short hash of words."""
    return hashlib.blake2b(words.encode(), digest_size=9).hexdigest()


def place(shelf: Shelf, sources: Iterable[SourceText]) -> tuple[list[Placed], list[Left]]:
    """Return the passages that lie in our stories, and those that do not."""
    found: list[Placed] = []
    left: list[Left] = []
    for source in sources:
        if not source.selections:
            continue
        pk = shelf.find(source.guid, source.name)
        text = shelf.text(pk) if pk is not None else None
        if text is None:
            left.append(Left(source.name, _("no story that you may code"), len(source.selections)))
        elif source.text is None:
            left.append(Left(source.name, _("its text is not in the file"), len(source.selections)))
        else:
            reasons: Counter[str] = Counter()
            both = Both(source.text, text)
            for selection in source.selections:
                here = located(selection, both)
                if isinstance(here, Placed):
                    found.append(here)
                else:
                    reasons[here] += 1
            left += [Left(source.name, reason, count) for reason, count in reasons.items()]
    return found, left


@dataclass
class Both:
    """A source's text and our story's, and what differs between them, compared once and only if it has to be."""

    theirs: str
    ours: Text

    @cached_property
    def changes(self) -> Changes:
        """The difference."""
        return Changes(self.theirs, self.ours.text)


def located(selection: Selection, both: Both) -> Placed | str:
    """Return where a passage lies now, or why it lies nowhere; only the very same words count."""
    theirs, ours = both.theirs, both.ours
    words = unified(theirs[max(0, selection.start) : max(0, selection.end)])
    if not words.strip():
        return _("an empty passage")
    span = Span(selection.start, selection.end)
    if ours.text[span.start : span.end] != words:
        span = both.changes.carry(span).span
    span = trimmed(ours.text, span.start, span.end)
    now = ours.text[span.start : span.end]
    if now != words.strip():
        return _("its words have changed")
    if len(now) > LONGEST:
        return _("longer than a passage may be")
    block = ours.block_at(span.start, span.end)
    if block is None:
        return _("it lies over two parts of the story")
    name, begins = block
    return Placed(
        ours.story.pk,
        name,
        span.start - begins,
        span.end - begins,
        seal(now),
        selection.code,
        selection.judgement,
    )


def unified(text: str) -> str:
    """Return a text with our line ends."""
    return text.replace("\r\n", "\n")


def still_there(shelf: Shelf, placed: Iterable[Placed]) -> list[Placed]:
    """Return those whose words still stand where they stood, in stories that may still be coded."""
    kept: list[Placed] = []
    blocks: dict[int, dict[str, str] | None] = {}
    for each in placed:
        if each.story not in blocks:
            story = visible(shelf.user, Purpose.IDEAS).filter(pk=each.story).first()
            blocks[each.story] = texts(story.raw_body()) if story else None
        text = (blocks[each.story] or {}).get(each.block, "")
        if seal(text[each.start : each.end]) == each.seal:
            kept.append(each)
    return kept


def packed(each: Placed) -> list[Any]:
    """Return a passage as plain values."""
    judgement = [each.judgement.valence, each.judgement.importance, each.judgement.memo]
    return [each.story, each.block, each.start, each.end, each.seal, each.code, *judgement]


def opened(values: list[Any]) -> Placed:
    """Return the passage of plain values."""
    story, block, start, end, mark, code = values[:6]
    return Placed(story, block, start, end, mark, code, Judgement(*values[6:]))
