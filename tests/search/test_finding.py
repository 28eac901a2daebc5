"""What the small language, synonyms and names do to a search."""

from collections.abc import Callable, Iterable
from typing import Any

import pytest

from search import naming, registry, services
from search.models import Synonym
from tests.search.conftest import Notes, counts, ids

DAY = 86_400
TEXTS = {
    1: ("Лифт", "Лифт стоял, горячая вода была. Клиент ждал.", {"tag": ("lift",), "year": ("2024",)}),
    2: ("Вода", "Вода горячая, дали.", {"tag": ("hot-water",), "year": ("2025",)}),
    3: ("Вечер", "Вода холодная, лифт горячий вечером.", {"tag": ("lift", "hot-water"), "year": ("2025",)}),
    4: ("Подъёмник", "Подъёмник застрял между этажами.", {"tag": ("lift",), "year": ("2026",)}),
}


class NamedNotes(Notes):
    """Notes whose tags and tellers have names."""

    facets = ("tag", "year")

    def names(self, facet: str) -> Iterable[tuple[str, tuple[str, ...]]]:
        if facet == "tag":
            return [("lift", ("Лифты", "Lifts")), ("hot-water", ("Горячая вода", "Hot water"))]
        if facet == "member":
            return [
                (each.person, (f"Соседка {['Первая', 'Вторая', 'Третья', 'Четвёртая'][key - 1]}",))
                for key, each in self.store.items()
            ]
        return []

    def facet_labels(self, facet: str, values: Any) -> dict[str, str]:
        return {value: names[0] for value, names in self.names(facet) if value in values}


@pytest.fixture
def notes(monkeypatch: pytest.MonkeyPatch) -> Notes:
    monkeypatch.setattr(registry, "_sources", {})
    naming.names.cache_clear()
    source = NamedNotes()
    for key, (title, body, facets) in TEXTS.items():
        source.add(key, title, body, facets=facets, date=key * 366 * DAY if key < 4 else None)
    registry.register(source)
    return source


@pytest.fixture
def asked(notes: Notes, index: Callable[..., None], find: Any) -> Callable[..., Any]:
    index()
    return lambda text, **fields: find(text, **fields)


def found(result: services.SearchResult) -> set[int]:
    return set(ids(result))


def test_the_small_language_narrows(asked: Any) -> None:
    expected = {
        '"горячая вода"': {1},
        "«вода горячая»": {2},
        '"ujhzxfz djlf"': {1},
        "вода -лифт": {2},
        "-лифт": {2, 4},
        "вода -kban": {2},
        "tag:лифт": {1, 3, 4},
        "tag:Lifts вода": {1, 3},
        "метка:kbans": {1, 3, 4},
        "tag:лифтв": {1, 3, 4},
        "метка:lift,hot-water": {1, 2, 3, 4},
        "клиент:вторая": {2},
        "member:KD-3": {3},
        "after:1972": {2, 3},
        "before:1972": {1},
        "вода after:03.01.1972 до:1973": {2},
    }
    assert {text: found(asked(text)) for text in expected} == expected


def test_facets_stay_exact_and_ignore_their_own_choice(asked: Any) -> None:
    result = asked("вода tag:лифт")
    assert counts(result, "tag") == {"lift": 2, "hot-water": 2}
    assert counts(result, "year") == {"2024": 1, "2025": 1}
    assert counts(asked('"горячая вода"'), "tag") == {"lift": 1}
    assert counts(asked("-лифт"), "tag") == {"hot-water": 1, "lift": 1}


def test_a_phrase_that_nothing_holds_becomes_words_and_it_is_said(asked: Any) -> None:
    result = asked('"вода горячий вечер"')
    assert found(result)
    assert "вода горячий вечер" in result.puzzles[0]


def test_the_page_says_what_it_took_a_query_for(asked: Any) -> None:
    assert asked('"djlf" rkbtyn').corrected == '"вода" клиент'
    assert asked("ujhzxfz djlf tag:лифт").corrected == "горячая вода tag:лифт"
    literal = asked("rkbtyn", literal=True)
    assert (literal.total, literal.corrected, literal.meant) == (0, None, "клиент")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("djда", "вода"),
        ("вjlf", "вода"),
        ("вoда", "вода"),
        ("kban-вода", "лифт-вода"),
        ("лифт-djlf", "лифт-вода"),
    ],
)
def test_a_layout_may_be_wrong_for_a_part_of_a_word(asked: Any, typed: str, meant: str) -> None:
    assert asked(typed).corrected == meant


def test_people_nobody_may_know_of_are_not_known(notes: Notes, asked: Any) -> None:
    notes.denied.add(2)
    result = asked("клиент:вторая")
    assert [chip.label for chip in result.chips] == []
    assert "“клиент:вторая”" in result.puzzles[0]
    assert asked("", filters={"member": ("KD-2",)}).chosen == {"member": {"KD-2": "KD-2"}}


def test_synonyms_are_looked_for_with_less_weight(asked: Any) -> None:
    before = found(asked("лифт"))
    kept = Synonym.objects.create(word="лифты", synonyms="подъёмник, лестничный марш")
    result = asked("лифт")
    assert (before, found(result), result.also) == ({1, 3}, {1, 3, 4}, ("подъёмник",))
    assert found(asked("подъемник")) == {1, 3, 4}
    Synonym.objects.filter(pk=kept.pk).delete()
    assert found(asked("лифт")) == {1, 3}


def test_a_synonym_may_go_one_way_belong_to_a_language_and_have_several_words(asked: Any) -> None:
    Synonym.objects.create(word="машина этажей", synonyms="лифт", both_ways=False)
    Synonym.objects.create(word="elevator", synonyms="лифт", language="en")
    Synonym.objects.create(word="мотор", synonyms="лифт", language="en")
    assert found(asked("машина этажей")) >= {1, 3}
    assert asked("лифт").also == ()
    assert found(asked("elevator")) == {1, 3}
    assert found(asked("мотор")) == set()
    assert asked("elevator", literal=True).total == 0


def test_suggestions_are_of_titles_tags_and_people(asked: Any, searcher: Any, notes: Notes) -> None:
    from tests.search.conftest import AT

    def rows(text: str) -> list[tuple[str, str, str]]:
        return [(each.kind, each.label, each.url) for each in services.suggest(searcher, text, at=AT)]

    assert rows("ли") == [("note", "Лифт", "/notes/1/"), ("tag", "Лифты", "/search/?tag=lift")]
    assert rows("kb") == rows("ли")
    assert rows("лмфты")[-1] == ("tag", "Лифты", "/search/?tag=lift")
    assert rows("втор") == [("member", "Соседка Вторая", "/search/?member=KD-2")]
    notes.denied.add(2)
    assert rows("втор") == []


def test_names_are_asked_for_once_while_the_index_stays(
    asked: Any, searcher: Any, django_assert_max_num_queries: Any
) -> None:
    services.suggest(searcher, "вод")
    with django_assert_max_num_queries(3):
        assert services.suggest(searcher, "вод")
