"""Typography: what it sets, and that it never changes words or markup."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb_site.typography import NBSP, typeset, typeset_html

RUSSIAN = [
    ('Он сказал: "Мы подвели вас дважды".', "Он~сказал: «Мы~подвели вас дважды»."),
    ('"В течение "дня""', "«В~течение „дня“»"),
    ('(«уже "было" так»)', "(«уже „было“ так»)"),
    ("Мне нужна была не вода - мне нужно было знать", "Мне нужна была не~вода~— мне нужно было знать"),
    ("дом -- это люди", "дом~— это люди"),
    ("- Да, слышу", "—~Да, слышу"),
    ("кто-то из-за угла", "кто-то из-за угла"),
    ("прошло 12 минут и 5 секунд", "прошло 12~минут и~5~секунд"),
    ("12 000 человек", "12~000~человек"),
    ("Участки № 1", "Участки №~1"),
    ("знала бы я", "знала~бы я"),
    ("Л. Орлова", "Л.~Орлова"),
    ("и т. д.", "и~т.~д."),
    ("Я ждала...", "Я~ждала…"),
]
ENGLISH = [
    ('"I waited," she said.', "“I~waited,” she said."),
    ("It's the '90s, isn't it?", "It’s the ’90s, isn’t it?"),
    ("a wait of 12 minutes", "a~wait of 12~minutes"),
    ("nobody called -- not once", "nobody called~– not once"),
    ("February – October", "February~– October"),
    ("no one — not one", "no one~— not one"),
    ("the 'usual' story", "the ‘usual’ story"),
    ("see No. 5", "see No.~5"),
]
TAGS = st.sampled_from(["<p>", "</p>", "<em>", "</em>", '<a href="/a-b/?x=1 - 2">', "<br>"])
PROSE = st.text(alphabet="абвАБВ яbIa's\"«»„“”‘’—–-.…,( )12\n\u00a0№<>&;", max_size=60)


@pytest.mark.parametrize(("typed", "expected"), RUSSIAN)
def test_it_sets_russian(typed: str, expected: str) -> None:
    assert typeset(typed, "ru") == expected.replace("~", NBSP)


@pytest.mark.parametrize(("typed", "expected"), ENGLISH)
def test_it_sets_english(typed: str, expected: str) -> None:
    assert typeset(typed, "en-gb") == expected.replace("~", NBSP)


def test_it_leaves_other_languages_alone() -> None:
    assert typeset('"so - la la"', "de") == '"so - la la"'


@given(PROSE, st.sampled_from(["ru", "en"]))
def test_setting_twice_changes_nothing(text: str, language: str) -> None:
    once = typeset(text, language)
    assert typeset(once, language) == once


@given(PROSE, st.sampled_from(["ru", "en"]))
def test_it_never_changes_words_or_numbers(text: str, language: str) -> None:
    assert re.findall(r"\w", typeset(text, language)) == re.findall(r"\w", text)


@given(st.lists(st.tuples(TAGS, PROSE)))
def test_it_never_touches_tags(pieces: list[tuple[str, str]]) -> None:
    html = "".join(tag + text.replace("<", "").replace(">", "") for tag, text in pieces)
    once = typeset_html(html)
    assert re.findall("<[^>]*>", once) == [tag for tag, _ in pieces]
    assert typeset_html(once) == once


def test_a_quotation_may_begin_and_end_inside_tags() -> None:
    html = "<p>&quot;<em>Слово</em>&quot; и <b>дом</b></p>"
    assert typeset_html(html) == f"<p>«<em>Слово</em>» и{NBSP}<b>дом</b></p>"


def test_direct_speech_begins_with_a_dash_in_each_paragraph() -> None:
    assert typeset_html("<p>- Да</p><p>- Нет</p>") == f"<p>—{NBSP}Да</p><p>—{NBSP}Нет</p>"


def test_it_keeps_escaped_markup_escaped() -> None:
    assert typeset_html("&lt;b&gt; &amp; &#x27;") == "&lt;b&gt; &amp; '"


def test_it_leaves_code_alone() -> None:
    assert typeset_html('<code>"a - b"</code> - да') == f'<code>"a - b"</code>{NBSP}— да'


def test_it_gives_up_on_text_that_uses_its_private_character() -> None:
    assert typeset_html('<p>\ue000 "а"</p>') == '<p>\ue000 "а"</p>'
