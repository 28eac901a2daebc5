"""Carrying highlights over: what stays, what waits for a person, what is gone."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ideas import edit_benchmark
from ideas.enums import STANDING, AnchorState
from ideas.mapping import Changes, select
from ideas.texts import Span

OLD = "Я ждала мастера. Он не пришёл. Потом позвонил начальник и извинился."
ASKED = OLD.index("Он не пришёл.")
PASSAGE = Span(ASKED, ASKED + len("Он не пришёл."))


def carried(new: str) -> tuple[AnchorState, str]:
    mapped = Changes(OLD, new).carry(PASSAGE)
    return mapped.state, new[mapped.span.start : mapped.span.end]


@pytest.mark.parametrize(
    ("new", "state", "words"),
    [
        (OLD, AnchorState.ANCHORED, "Он не пришёл."),
        ("Был вечер. " + OLD, AnchorState.ANCHORED, "Он не пришёл."),
        ("Он не пришёл. Так бывает. " + OLD, AnchorState.ANCHORED, "Он не пришёл."),
        (OLD.replace("не пришёл", "так и не пришёл"), AnchorState.SHIFTED, "Он так и не пришёл."),
        (OLD.replace("пришёл", "пришел"), AnchorState.SHIFTED, "Он не пришел."),
        (OLD.replace("Он не пришёл. ", ""), AnchorState.ORPHANED, ""),
        (OLD.replace("Он не пришёл. ", "") + " А сосед сказал: «Он не пришёл.»", AnchorState.ORPHANED, ""),
        ("Совсем другая история.", AnchorState.ORPHANED, ""),
    ],
)
def test_a_passage_goes_where_its_own_words_went(new: str, state: AnchorState, words: str) -> None:
    assert carried(new) == (state, words)


def test_a_passage_that_changed_too_much_waits_for_a_person() -> None:
    old = "Я отпросилась с работы на весь день и сидела у окна до ночи."
    mapped = Changes(old, "Я отпросилась с работы и ждала.").carry(Span(0, len(old)))
    assert mapped.state == AnchorState.NEEDS_REVIEW


def test_selectors_are_a_position_and_a_quotation_with_its_context() -> None:
    found = select(OLD, PASSAGE)
    assert (found.exact, found.prefix, found.suffix) == ("Он не пришёл.", OLD[:ASKED], " Потом позвонил начальник и изви")


@given(st.text(alphabet="ab .\n", max_size=80), st.text(alphabet="ab .\n", max_size=80), st.data())
@settings(max_examples=40)
def test_whatever_changes_a_standing_passage_lies_in_the_text_and_has_words(old: str, new: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(old)))
    span = Span(start, data.draw(st.integers(start, len(old))))
    mapped = Changes(old, new).carry(span)
    assert 0 <= mapped.span.start <= mapped.span.end <= len(new)
    if mapped.state in STANDING and old[span.start : span.end].strip():
        assert new[mapped.span.start : mapped.span.end].strip()
    if old == new and old[span.start : span.end] == old[span.start : span.end].strip() != "":
        assert (mapped.span, mapped.state) == (span, AnchorState.ANCHORED)


def test_the_edit_benchmark_holds() -> None:
    tally = edit_benchmark.run(1000)
    assert tally.right >= 0.98 * tally.total
    assert tally.silently_wrong == 0
    assert tally.deleted > 20
    assert tally.reanchored == 0


def test_fifty_passages_are_carried_within_a_tenth_of_a_second() -> None:
    import random

    chance = random.Random(3)
    old = edit_benchmark.invented(edit_benchmark.RU, chance, 4000)
    sheet = edit_benchmark.Sheet.of(old)
    for _ in range(8):
        chance.choice(edit_benchmark.edits(edit_benchmark.RU))(sheet, chance)
    passages = [edit_benchmark.passage(old, chance) for _ in range(50)]
    new, took = sheet.text, []
    for _ in range(3):
        began = time.process_time()
        changes = Changes(old, new)
        for span in passages:
            changes.carry(span)
        took.append(time.process_time() - began)
    assert min(took) < 0.1
