"""What the small language, synonyms and names do to a search."""

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from search import dating, naming, registry, services
from search.documents import Document
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
        "-tag:лифт": {2},
        "вода -метка:горячая,zzz": {1},
        "-tag:kbans -tag:hot-water": set(),
        "лифт -member:KD-3": {1},
        "tag:lift -клиент:третья -после": {1, 4},
        "-tag:неттакой": {1, 2, 3, 4},
        "-before:1972 вода": {1, 2, 3},
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
    assert counts(asked("-tag:лифт"), "tag") == {"hot-water": 1}
    assert counts(asked("-tag:hot-water"), "tag") == {"lift": 2}
    assert counts(asked("-tag:hot-water", filters={"year": ("2026",)}), "year") == {"2024": 1, "2026": 1}
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


# Exact, whatever is asked

BODIES = (
    "вода лифт",
    "лифт вода",
    "вода горячая лифт",
    "крыша",
    "крыша лифт двор",
    "двор",
    "вода двор крыша",
)
TAGS = ("a", "b", "c")
asking = st.fixed_dictionaries(
    {
        "words": st.sampled_from(["", "вода", "лифт", "крыша двор"]),
        "phrase": st.sampled_from(["", "вода лифт", "крыша лифт"]),
        "without": st.sampled_from(["", "двор", "лифт"]),
        "after": st.sampled_from([None, 1971, 1973]),
        "before": st.sampled_from([None, 1972, 1975]),
        "tags": st.sets(st.sampled_from(TAGS)),
        "years": st.sets(st.sampled_from(["1971", "1973"])),
        "member": st.sampled_from(["", "KD-1", "KD-7"]),
    }
)


@pytest.fixture
def many(monkeypatch: pytest.MonkeyPatch, db: None) -> Notes:
    monkeypatch.setattr(registry, "_sources", {})
    source = Notes()
    for key in range(60):
        year = 1970 + key % 6
        tags = tuple(tag for place, tag in enumerate(TAGS) if (key >> place) & 1)
        source.add(
            key + 1, f"Н{key}", BODIES[key % len(BODIES)], person=f"KD-{key % 9}", facets={"tag": tags, "year": (str(year),)},
            date=dating.Moment(date(year, 6, 1), "day").epoch if key % 7 else None,
        )  # fmt: skip
    registry.register(source)
    services.enqueue("note", list(source.store))
    assert services.drain().failed == 0
    return source


def typed(asked: dict[str, Any]) -> str:
    forms = {"words": "{}", "phrase": '"{}"', "without": "-{}", "after": "after:{}", "before": "before:{}"}
    return " ".join(form.format(asked[name]) for name, form in forms.items() if asked[name])


def holds(document: Document, asked: dict[str, Any], without: str = "") -> bool:
    """Whether a note is a hit, told by plain comparison; ``without`` names a facet whose choice does not count."""
    words = document.body.split()
    day = document.date
    return (
        (not asked["words"] or bool(set(asked["words"].split()) & set(words)))
        and (not asked["phrase"] or asked["phrase"] in " ".join(words))
        and (not asked["without"] or asked["without"] not in words)
        and (
            not asked["after"]
            or (day is not None and day >= dating.Moment(date(asked["after"], 1, 1), "year").epoch)
        )
        and (
            not asked["before"]
            or (day is not None and day < dating.Moment(date(asked["before"], 1, 1), "year").epoch)
        )
        and (without == "tag" or not asked["tags"] or bool(asked["tags"] & set(document.facets["tag"])))
        and (without == "year" or not asked["years"] or bool(asked["years"] & set(document.facets["year"])))
        and (not asked["member"] or document.person == asked["member"])
    )


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(asked=asking)
def test_totals_and_facets_are_what_counting_by_hand_gives(
    many: Notes, find: Any, asked: dict[str, Any]
) -> None:
    filters = {
        "tag": tuple(asked["tags"]),
        "year": tuple(asked["years"]),
        "member": (asked["member"],) if asked["member"] else (),
    }
    result = find(typed(asked), filters=filters, size=100)
    if result.puzzles:  # a phrase that nothing holds became words
        assert not any(holds(each, asked) for each in many.store.values())
        return
    assert set(ids(result)) == {key for key, each in many.store.items() if holds(each, asked)}
    assert result.total == len(result.hits)
    for facet in ("tag", "year"):
        counted = Counter(
            value
            for each in many.store.values()
            if holds(each, asked, without=facet)
            for value in each.facets[facet]
        )
        shown = {value: count for value, count in counts(result, facet).items() if count}
        assert shown == dict(counted)
