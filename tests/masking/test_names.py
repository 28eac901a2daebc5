"""Names in sentences: cases, shapes, words that are names too, places named after people."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stories.masking.finding import find
from stories.masking.findings import Kind


def names(text: str, language: str = "ru") -> list[str]:
    return [finding.text for finding in find(text, language) if finding.kind == Kind.NAME]


@pytest.mark.parametrize(
    "form", ["Наташа", "Наташи", "Наташе", "Наташу", "Наташей", "Натальи", "Натальей", "НАТАША", "Наташенька"]
)
def test_a_name_is_found_in_every_form(form: str) -> None:
    assert names(f"Вчера про {form} никто не вспомнил.") == [form]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("наташа сказала", ["наташа"]), ("я отдала саше ключи", ["саше"]), ("опять петрович виноват", ["петрович"]),
        ("вера в людей", []), ("Вера в людей проходит", []), ("Вера Павловна ушла", ["Вера Павловна"]), ("соседка вера ушла", ["вера"]),
        ("читала роман", []), ("слесарь Роман", ["Роман"]), ("В марте холодно", []), ("Марта позвонила", ["Марта"]),
        ("И. И. Петров расписался", ["И. И. Петров"]), ("Петров И.И. расписался", ["Петров И.И."]), ("у А.С. Громова", ["А.С. Громова"]),
        ("Петровы уехали", ["Петровы"]), ("у Сидоровых потоп", ["Сидоровых"]), ("улица Гагарина", []), ("на Кирова, 8", []),
        ("проспект Маршала Жукова", []), ("кафе «Надежда»", []), ("магазин «Наташа» закрыт", []), ("Дед Мороз пришёл", []),
        ("тёща, Зинаида, плакала", ["Зинаида"]), ("ИНН не указан", []), ("в Москве", []), ("", []), ("123", []), ("Ъ", []),
    ],
)  # fmt: skip
def test_the_neighbours_say_what_a_word_is(text: str, found: list[str]) -> None:
    assert names(text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("I told Mark about it.", ["Mark"]), ("Mark the date.", []), ("Will you come?", []), ("My neighbour Will came.", ["Will"]),
        ("May I ask?", []), ("May told us to wait.", ["May"]), ("It was May 5.", []), ("Sarah's brother", ["Sarah"]), ("Mr. Smith left", ["Smith"]),
        ("Chase Bank wrote", []), ("on Grant Street", []), ("in Austin, Texas", []), ("J. R. Miller", ["J. R. Miller"]), ("15 U.S. Code", []),
        ("O'Brien", []), ("Ms. O'Brien", ["O'Brien"]), ("spoke with Xander today", ["Xander"]), ("my wife Xochitl said", ["Xochitl"]),
        ("JOHN SMITH NEVER CALLED ME BACK", ["JOHN SMITH"]), ("Johnson & Johnson", []), ("south Carolina", []),
    ],
)  # fmt: skip
def test_english_names_are_told_from_words(text: str, found: list[str]) -> None:
    assert names(text, "en") == found


def test_one_person_has_one_key_in_every_form() -> None:
    found = find(
        "Наталья Петровна Куликова пришла. Наташу ждали. С Куликовой говорили. Наталье Петровне спасибо."
    )
    assert len({finding.key for finding in found}) == 1


def test_two_people_of_one_name_are_two() -> None:
    found = find("Мария Петрова и Мария Сидорова пришли. Сидорова ушла.")
    first, second, third = (finding.key for finding in found)
    assert first != second == third


def test_man_and_wife_are_two_and_their_family_is_a_third() -> None:
    found = find("Иван Петров ушёл. Анна Петрова осталась. Петровы живут дружно.")
    assert len({finding.key for finding in found}) == 3


@given(st.text(max_size=200))
def test_any_text_can_be_searched(text: str) -> None:
    last = 0
    for finding in find(text):
        assert text[finding.start : finding.end] == finding.text
        assert last <= finding.start < finding.end
        last = finding.end
