"""What stands in the place of a name: case, number, shape, the same person throughout."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stories.masking.finding import find
from stories.masking.masking import mask, proposed
from stories.masking.morphology import CASES, declined_by_rule, reading, stems
from stories.masking.wordings import replaced_in_markup, text_of

FRAMES = {
    "nomn": "Вчера пришла {}.",
    "gent": "Я была у {}.",
    "datv": "Мы шли к {}.",
    "accs": "Говорили про {}.",
    "ablt": "Шли вместе с {}.",
    "loct": "Речь шла о {}.",
}


def put(text: str, words: str) -> str:
    """Replace everybody by the same words."""
    return mask(text, dict.fromkeys((finding.key for finding in find(text)), words))


@pytest.mark.parametrize(
    ("case", "written"),
    [
        ("nomn", "Мария"),
        ("gent", "Марии"),
        ("datv", "Марии"),
        ("accs", "Марию"),
        ("ablt", "Марией"),
        ("loct", "Марии"),
    ],
)
def test_a_name_stands_in_the_case_of_the_old_one(case: str, written: str) -> None:
    old = declined_by_rule("наталья", case, "f").capitalize()
    assert put(FRAMES[case].format(old), "Мария") == FRAMES[case].format(written)


@pytest.mark.parametrize(
    ("text", "words", "result"),
    [
        ("Отдала Сергею.", "Павел", "Отдала Павлу."), ("с Иваном Петровичем", "Олег Борисович", "с Олегом Борисовичем"),
        ("У Сидоровых потоп.", "Соколовы", "У Соколовых потоп."), ("С Куликовой говорили.", "Соколова", "С Соколовой говорили."),
        ("Я был у И. И. Петрова.", "Олег Соколов", "Я был у О. Соколова."), ("НАТАШЕ ПОЗВОНИЛИ", "Мария", "МАШЕ ПОЗВОНИЛИ"),
        ("пришла наташа", "Мария", "пришла маша"), ("О Наталье молчали", "Ольга", "Об Ольге молчали"), ("со мной Наташа", "сестра", "со мной сестра"),
        ("Я позвонила Наталье.", "соседка", "Я позвонила соседке."), ("Это у мастера Рустама.", "старший мастер", "Это у мастера старшего мастера."),
        ("с Натальей", "Садовница с пятого этажа", "с Садовницей с пятого этажа"), ("с Натальей", "я", "со мной"), ("о Наталье", "я", "обо мне"),
    ],
)  # fmt: skip
def test_whatever_is_put_is_declined(text: str, words: str, result: str) -> None:
    assert put(text, words) == result


@pytest.mark.parametrize(
    ("text", "words", "result"),
    [
        ("I told Sarah Johnson.", "Claire Reed", "I told Claire Reed."), ("Sarah's bag", "Claire", "Claire's bag"), ("SARAH LEFT EARLY TODAY", "Claire", "CLAIRE LEFT EARLY TODAY"),
        ("i told sarah", "Claire", "i told claire"), ("J. R. Miller signed", "Claire Reed", "C. Reed signed"), ("Chris' answer", "Tom", "Tom's answer"),
        ("I met Sarah.", "a neighbour", "I met a neighbour."), ("I told Sarah.", "I", "I told me."),
    ],
)  # fmt: skip
def test_english_keeps_its_shape(text: str, words: str, result: str) -> None:
    assert mask(text, dict.fromkeys((finding.key for finding in find(text, "en")), words), "en") == result


def test_a_decision_to_keep_keeps() -> None:
    text = "Наташа и Олег пришли."
    keys = [finding.key for finding in find(text)]
    assert mask(text, {keys[0]: None, keys[1]: "Павел"}) == "Наташа и Павел пришли."


def test_a_person_is_one_person_throughout() -> None:
    text = "Пришла Наталья Петровна. Наташу ждали. С Наташей хорошо. НАТАЛЬЕ ПЕТРОВНЕ спасибо."
    result = mask(text, proposed(text))
    invented = {
        stem
        for word in re.findall(r"[А-Я]\w+", result)
        for form in reading(word.lower()).forms
        if form.role == "given"
        for stem in stems(form.lemma)
    }
    assert len(invented) == 1


def test_numbers_become_words() -> None:
    text = "Звоните +7 912 345-67-89 или пишите на a@b.ru."
    assert mask(text, proposed(text)) == "Звоните [номер телефона] или пишите на [адрес почты]."


PEOPLE = ["наталья", "ирина", "сергей", "антон", "ольга", "николай", "тимур", "галина", "андрей", "вероника"]
GENDER = {"наталья": "f", "ирина": "f", "ольга": "f", "галина": "f", "вероника": "f"}
SHAPES = [str.capitalize, str.upper, str.lower]


@st.composite
def told(draw: st.DrawFn) -> tuple[str, list[str]]:
    """A text that names some people in some cases and shapes."""
    sentences, used = [], []
    for _number in range(draw(st.integers(1, 5))):
        name, case = draw(st.sampled_from(PEOPLE)), draw(st.sampled_from(CASES))
        shape = draw(st.sampled_from(SHAPES))
        sentences.append(FRAMES[case].format(shape(declined_by_rule(name, case, GENDER.get(name, "m")))))
        used.append(name)
    return " ".join(sentences), used


@given(told())
def test_no_form_of_a_replaced_name_is_left(example: tuple[str, list[str]]) -> None:
    text, used = example
    result = mask(text, proposed(text)).lower()
    left = {
        stem
        for word in re.findall(r"\w+", result)
        for form in reading(word).forms
        if form.role == "given"
        for stem in stems(form.lemma)
    }
    assert not left & {stem for name in used for stem in stems(name)}


@given(told())
def test_masking_twice_is_masking_once(example: tuple[str, list[str]]) -> None:
    text, _used = example
    decisions = proposed(text)
    once = mask(text, decisions)
    assert mask(once, decisions) == once


PIECES = st.sampled_from(
    [
        "<p>",
        "</p>",
        "<b>",
        "</b>",
        "<i>",
        "</i>",
        "<br/>",
        '<a href="https://a.ru">',
        "</a>",
        "Наташа",
        "Петрова ",
        "&amp;",
        "&nbsp;",
        " ",
        "x < y",
        "дом",
        "&",
    ]
)


@given(st.lists(PIECES, max_size=25), st.data())
def test_tags_stay_where_and_as_they_are(pieces: list[str], data: st.DataObject) -> None:
    markup = "".join(pieces)
    text = text_of(markup)
    places = sorted(data.draw(st.lists(st.integers(0, len(text)), min_size=2, max_size=2)))
    if places[0] == places[1] or "\n" in text[places[0] : places[1]]:
        return
    result = replaced_in_markup(markup, [(places[0], places[1], "<Мария> & К")])
    assert re.findall(r"<[a-z/][^>]*>", result) == re.findall(r"<[a-z/][^>]*>", markup)
    assert text_of(result) == text[: places[0]] + "<Мария> & К" + text[places[1] :]


@pytest.mark.parametrize(
    ("markup", "result"),
    [
        ("<p>Пришла <b>Наташа</b>.</p>", "<p>Пришла <b>Маша</b>.</p>"), ("<p><b>Наташа</b> Петрова ушла</p>", "<p><b>Маша</b> ушла</p>"),
        ("<p>a &amp; b, Наташа</p>", "<p>a &amp; b, Маша</p>"), ("<ul><li>Наташа</li><li>Наташу</li></ul>", "<ul><li>Маша</li><li>Машу</li></ul>"),
    ],
)  # fmt: skip
def test_names_in_markup_are_replaced_between_the_tags(markup: str, result: str) -> None:
    text = text_of(markup)
    places = [
        (finding.start, finding.end, {"Наташа": "Маша", "Наташу": "Машу"}.get(finding.text, "Маша"))
        for finding in find(text)
    ]
    assert replaced_in_markup(markup, places) == result
