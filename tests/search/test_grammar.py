"""The language of the search field: a table of cases, and that it forgives everything."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search import analysis, dating, grammar, understanding
from search.grammar import Field

SIGNS = '"«»„“”-:, \t\x00tag:тема:клиент:before:ёЖ😀9.'
texts = st.one_of(st.text(max_size=80), st.text(alphabet=SIGNS, max_size=60))


def parsed(text: str) -> list[tuple[str, str | None, bool, bool]]:
    return [(part.text, part.field, part.quoted, part.negated) for part in grammar.parse(text)]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", []),
        ("горячая вода", [("горячая", None, False, False), ("вода", None, False, False)]),
        ('"горячая вода"', [("горячая вода", None, True, False)]),
        ("«горячая вода» „лапки“ “hot water”", [("горячая вода", None, True, False), ("лапки", None, True, False), ("hot water", None, True, False)]),
        ('"never closed', [('"never', None, False, False), ("closed", None, False, False)]),
        ('""', [('""', None, False, False)]),
        ("-лифт", [("лифт", None, False, True)]),
        ('-"two words"', [("two words", None, True, True)]),
        ("- -5 из-за --", [("-", None, False, False), ("-5", None, False, False), ("из-за", None, False, False), ("--", None, False, False)]),
        ("tag:lift", [("lift", Field.TAG, False, False)]),
        ("Метка:лифт", [("лифт", Field.TAG, False, False)]),
        ("тема: «холодный дом»", [("холодный дом", Field.THEME, True, False)]),
        ("продукт:тепло точка:визит", [("тепло", Field.PRODUCT, False, False), ("визит", Field.TOUCHPOINT, False, False)]),
        ("клиент:KD-022254-1 -member:x", [("KD-022254-1", Field.MEMBER, False, False), ("x", Field.MEMBER, False, True)]),
        ("до:2026 после:01.2025 лояльность:падает", [("2026", Field.BEFORE, False, False), ("01.2025", Field.AFTER, False, False), ("падает", Field.LOYALTY, False, False)]),
        ("http://x.ru foo:bar", [("http://x.ru", None, False, False), ("foo:bar", None, False, False)]),
        ("-Метка:лифт,счёт -тема:«холодный дом» -до:2026", [("лифт,счёт", Field.TAG, False, True), ("холодный дом", Field.THEME, True, True), ("2026", Field.BEFORE, False, True)]),
        ("tag: tag:", [("tag:", Field.TAG, False, False)]),
    ],
)  # fmt: skip
def test_it_reads(text: str, parts: list[tuple[str, str | None, bool, bool]]) -> None:
    assert parsed(text) == parts


@settings(max_examples=150, deadline=None)
@given(texts)
def test_it_never_raises_and_loses_nothing_but_spaces_and_control_signs(text: str) -> None:
    parts = grammar.parse(text)
    assert "".join("".join(part.source.split()) for part in parts) == "".join(analysis.clean(text).split())
    said = understanding.understand(text, ("tag", "member", "outcome"), lambda facet, value: [(value, value)])
    for chip in said.chips:
        assert len(grammar.parse(chip.remaining)) <= len(parts)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026", "2026-01-01"), ("2026-03", "2026-03-01"), ("03.2026", "2026-03-01"), ("2026-03-17", "2026-03-17"),
        ("17.03.2026", "2026-03-17"), ("1.3.2026", "2026-03-01"), ("2026-13", None), ("31.02.2026", None), ("soon", None),
        ("٢٠٢٦", None), ("0000", None), ("", None),
    ],
)  # fmt: skip
def test_dates_are_read_as_people_write_them(text: str, day: str | None) -> None:
    found = dating.read(text)
    assert (found and found.day.isoformat()) == day


def test_what_is_understood_can_be_taken_away_part_by_part() -> None:
    said = understanding.understand('вода -лифт "два слова" after:2025-05-02')
    assert [(chip.label, chip.remaining) for chip in said.chips] == [
        ("without “лифт”", 'вода "два слова" after:2025-05-02'),
        ("exactly “два слова”", "вода -лифт after:2025-05-02"),
        ("from 2 May 2025 on", 'вода -лифт "два слова"'),
    ]


@pytest.mark.parametrize(
    ("text", "puzzle"),
    [
        ("tag:zzz", "“tag:zzz” names nothing we know, so its words were looked for."),
        ("тема:вода", "Nothing here is sorted by “тема:вода” yet, so its words were looked for."),
        ("before:soon", "“before:soon” is no date: write 2026, 2026-03 or 17.03.2026."),
        ("-tag:лифт", "“-tag:лифт” names nothing we know, so nothing was left out."),
        ("-тема:вода", "“-тема:вода” names nothing we know, so nothing was left out."),
        ("-before:2026", "A date cannot be left out, so “-before:2026” was taken for words."),
        ('-"два слова"', 'Single words can be left out, not a phrase: -"два слова" was not used.'),
    ],
)
def test_what_is_not_understood_is_said(text: str, puzzle: str) -> None:
    assert understanding.understand(text, ("tag", "member", "outcome")).puzzles == (puzzle,)


def test_dates_that_are_said_twice_narrow() -> None:
    said = understanding.understand("after:2024 after:2025 before:2027 before:2026")
    moments = [dating.read("2025"), dating.read("2026")]
    assert [said.after, said.before] == [each and each.epoch for each in moments]


@pytest.mark.parametrize(("text", "way"), [("растёт", "rising"), ("РАСТЕТ", "rising"), ("down", "falling"), ("ровная", "flat"), ("x", None)])  # fmt: skip
def test_loyalty_has_words_in_both_languages(text: str, way: str | None) -> None:
    assert grammar.loyalty(text) == way
