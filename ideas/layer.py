"""Coded passages on a story, for those who code: marks in the text, letters at their ends, notes beside it."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import get_language

from club.permissions import employee
from consent.enums import Purpose
from ideas.enums import STANDING
from ideas.models import Coding
from ideas.proposing import proposals
from ideas.texts import Part, Piece, Span, cut, joined, pieces_of, sentences
from stories.models import StoryPage
from stories.querysets import visible

LETTERS = {"ru": "АБВГДЕЖИКЛМНПРСТУФ", "en": "ABCDEFGHIJKLMNOPQR"}


@dataclass(frozen=True, slots=True)
class Note:
    """A marked passage with its codings; ``style`` is 1 (solid line) or 2 (dashed)."""

    highlight: int
    letter: str
    style: int
    span: Span
    words: str
    codings: list[Coding]

    @property
    def label(self) -> str:
        """What the passage speaks for."""
        return ", ".join(str(coding.theme or coding.idea) for coding in self.codings)


@dataclass(frozen=True, slots=True)
class Drawn:
    """Markup, or a run of text with the notes that cover it, begin in it and end with it."""

    markup: str = ""
    text: str = ""
    at: int = 0
    style: str = ""
    begins: tuple[Note, ...] = ()
    ends: tuple[Note, ...] = ()
    more: int = 0
    anchors: tuple[int, ...] = ()


class CodingLayer:
    """Passages and what they speak for, drawn over a story whose narrator lets it serve as evidence."""

    permission = "ideas.code_story"

    def add(self, request: HttpRequest, story: StoryPage, context: dict[str, Any]) -> None:
        """Draw the blocks anew with their marks and give each its notes."""
        if not visible(request.user, Purpose.IDEAS).filter(pk=story.pk).exists():
            context["coding_refused"] = True
            return
        notes = notes_of(story)
        address = reverse("ideas:code", args=[story.slug])
        raw = {str(block["id"]): block for block in story.raw_body() if block.get("id")}
        for block in context["blocks"]:
            pieces = pieces_of(raw.get(str(block["id"]), {"type": "", "value": ""}))
            if pieces:
                mine = notes.get(str(block["id"]), [])
                drawn = draw(pieces, mine)
                said = {
                    "pieces": drawn,
                    "language": story.language,
                    "notes": mine,
                    "block": block["id"],
                    "address": address,
                }
                block["coded"] = render_to_string("ideas/coded.html", said, request)
                block["aside"] = render_to_string("ideas/notes.html", said, request)
        context |= {"coding": address, "coding_notes": [note for mine in notes.values() for note in mine]}
        context["proposals"] = proposals(employee(request), story)


def notes_of(story: StoryPage) -> Mapping[str, list[Note]]:
    """Return the notes of a published story by block, in the order of the text; one query."""
    rows = Coding.objects.filter(
        highlight__story_id=story.pk,
        highlight__revision=story.live_revision_id,
        highlight__state__in=STANDING,
    ).select_related("highlight__block", "theme", "idea", "coder")
    grouped: dict[int, list[Coding]] = defaultdict(list)
    for row in rows.order_by("pk"):
        grouped[row.highlight_id].append(row)
    blocks: dict[str, list[list[Coding]]] = defaultdict(list)
    for codings in sorted(
        grouped.values(), key=lambda each: (each[0].highlight.start, each[0].highlight.end)
    ):
        blocks[codings[0].highlight.block.block_id].append(codings)
    letters = LETTERS["en" if (get_language() or "").startswith("en") else "ru"]
    return {
        block: [note(codings, n, letters) for n, codings in enumerate(each)] for block, each in blocks.items()
    }


def note(codings: list[Coding], number: int, letters: str) -> Note:
    """Return the note of one passage."""
    highlight = codings[0].highlight
    letter = letters[number % len(letters)] + (
        str(number // len(letters) + 1) if number >= len(letters) else ""
    )
    return Note(
        highlight.pk, letter, number % 2 + 1, Span(highlight.start, highlight.end), highlight.exact, codings
    )


def draw(pieces: list[Piece], notes: list[Note]) -> list[Drawn]:
    """Return pieces ready to be drawn: text is cut at sentences and at the edges of passages."""
    by_number = dict(enumerate(notes))
    spans = {number: each.span for number, each in by_number.items()}
    stops = [edge for span in sentences(joined(pieces)) for edge in (span.start, span.end)]
    drawn: list[Drawn] = []
    for piece in pieces:
        if piece.at is None:
            drawn.append(Drawn(markup=piece.text))
        else:
            drawn += [drawn_part(part, by_number) for part in cut(piece, spans, stops)]
    return drawn


def drawn_part(part: Part, notes: Mapping[int, Note]) -> Drawn:
    """Return one run of text; of more than two notes at once the rest is told by number."""
    over = [notes[number] for number in part.marks]
    style = (
        "" if not over else "coded-12" if len({each.style for each in over}) > 1 else f"coded-{over[0].style}"
    )
    begins = tuple(each for each in over if each.span.start == part.at)
    return Drawn(
        text=part.text,
        at=part.at,
        style=style,
        begins=begins,
        ends=tuple(notes[number] for number in part.ends),
        more=max(0, len(over) - 2),
        anchors=tuple(each.highlight for each in begins),
    )
