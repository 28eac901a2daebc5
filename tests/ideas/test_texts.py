"""Texts in which passages are marked: offsets, sentences, what is drawn piece by piece."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ideas.texts import Piece, Span, cut, joined, markup, paragraphs, pieces_of, sentences, text_of, trimmed


def test_an_episode_a_narrative_and_a_quotation_have_one_text_each() -> None:
    assert text_of({"type": "episode", "value": {"happened": " One.\r\n\r\nTwo. "}}) == "One.\n\nTwo."
    assert text_of({"type": "quote", "value": {"text": "So it was."}}) == "So it was."
    assert text_of({"type": "narrative", "value": "<p>One <b>two</b></p><p>three</p>"}) == "One two\nthree"
    assert text_of({"type": "case", "value": {"why": "No"}}) == ""


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Он пришёл. А я ждала!", ["Он пришёл.", "А я ждала!"]),
        ("«Завтра». Никто", ["«Завтра».", "Никто"]),
        ("One\n\nTwo three?", ["One", "Two three?"]),
        ("It cost 3.50 and I paid.", ["It cost 3.50 and I paid."]),
        ("  … ", []),
        ("", []),
    ],
)
def test_it_parts_sentences(text: str, found: list[str]) -> None:
    assert [text[span.start : span.end] for span in sentences(text)] == found


@given(st.text(alphabet="аб .\n<>&!", max_size=60))
@settings(max_examples=25)
def test_pieces_hold_the_whole_text_in_its_places(text: str) -> None:
    pieces = paragraphs(text)
    assert all(text[piece.at : piece.at + len(piece.text)] == piece.text for piece in pieces if piece.at is not None)
    assert joined(pieces) == text.strip("\n") or joined(pieces).strip("\n") == text.strip("\n")
    assert all(0 <= span.start < span.end <= len(text) for span in sentences(text))


def test_markup_keeps_its_tags_and_counts_only_text() -> None:
    pieces = markup("<p>A &amp; <i>b</i>  c</p><ul><li>d</li></ul>")
    assert joined(pieces) == "A & b c\nd"
    assert next(piece.text for piece in pieces if piece.at is None) == "<p>"


def test_it_cuts_where_passages_begin_and_end() -> None:
    parts = cut(Piece("abcdef", 10), {1: Span(11, 14), 2: Span(13, 16)}, [15])
    assert [(part.text, part.marks, part.ends) for part in parts] == [
        ("a", (), ()), ("bc", (1,), ()), ("d", (1, 2), (1,)), ("e", (2,), ()), ("f", (2,), (2,)),
    ]  # fmt: skip


def test_a_chosen_span_is_trimmed_into_the_text() -> None:
    assert trimmed(" ab ", -5, 99) == Span(1, 3)
    assert pieces_of({"type": "photo", "value": {}}) == []
