"""Search as one reader sees it: scope, gate, facets, pages."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser, Group

from search import services
from search.documents import Window
from search.enums import StageName
from search.models import Outbox
from tests.search.conftest import AT, MOMENT, Notes, counts, ids

Find = Callable[..., services.SearchResult]
Index = Callable[..., None]


@pytest.fixture
def filled(notes: Notes, index: Index) -> Notes:
    """Six notes about water, of six people and two tags."""
    for number in range(1, 7):
        tags = ("tap",) if number < 6 else ("tap", "boiler")
        notes.add(
            number,
            f"Вода {number}",
            "Горячая вода и соседи",
            facets={"tag": tags, "year": (str(2020 + number % 2),)},
            date=number * 1000,
        )
    index()
    return notes


def test_it_finds_by_any_form_of_a_word(filled: Notes, find: Find) -> None:
    assert find("горячей воде").total == 6


def test_it_goes_through_the_gate_with_user_purpose_and_moment(
    filled: Notes, find: Find, searcher: Any
) -> None:
    find("вода", size=2)
    user, purpose, asked, at = filled.asked[-1]
    assert (user, purpose, len(asked), at) == (searcher, "read", 2, AT)


def test_a_hit_the_gate_refuses_is_dropped_and_not_counted(
    filled: Notes, find: Find, caplog: pytest.LogCaptureFixture
) -> None:
    filled.denied = {3}
    result = find("вода")
    assert 3 not in ids(result)
    assert result.total == 5
    assert "reconciliation" in caplog.text


def test_a_pending_change_hides_a_thing_from_hits_counts_and_facets_at_once(
    filled: Notes, find: Find
) -> None:
    services.enqueue("note", [6])
    result = find("вода")
    assert (result.total, counts(result, "tag")) == (5, {"tap": 5})
    assert 6 not in ids(result)


def test_a_pending_change_hides_a_thing_from_suggestions_and_corrections(
    filled: Notes, index: Index, find: Find, searcher: Any
) -> None:
    filled.add(7, "Канарейка", "поёт")
    index(7)
    assert find("канорейка").corrected == "канарейка"
    services.enqueue("note", [7])
    assert services.suggest(searcher, "кана") == []
    assert find("канорейка").corrected is None
    assert services.similar(searcher, "note", 7) == []


def test_a_window_opens_and_closes_by_the_clock_alone(notes: Notes, index: Index, find: Find) -> None:
    notes.add(1, "Вода", visible={"read": Window(MOMENT, MOMENT + 60)})
    index()
    totals = [find("вода", at=AT + timedelta(seconds=second)).total for second in (-1, 0, 59, 60)]
    assert totals == [0, 1, 1, 0]


def test_a_purpose_that_is_not_granted_finds_nothing(notes: Notes, index: Index, find: Find) -> None:
    notes.add(1, "Вода", visible={"train": Window(0)})
    index()
    assert find("вода").total == 0
    assert find("вода", purpose="train").total == 1


def test_an_audience_closes_a_thing_to_everyone_outside(
    notes: Notes, index: Index, find: Find, searcher: Any, boss: Any
) -> None:
    group = Group.objects.create(name="Club hosts of the test")
    notes.add(1, "Вода", audience=(str(group.pk),), facets={"tag": ("secret",)})
    index()
    assert (find("вода").total, find("").facets) == (0, [])
    assert find("вода", user=boss).total == 1
    searcher.groups.add(group)
    assert find("вода").total == 1


def test_an_anonymous_or_retired_person_finds_nothing(filled: Notes, find: Find, searcher: Any) -> None:
    searcher.is_active = False
    for user in (AnonymousUser(), searcher):
        assert find("вода", user=user).total == 0
        assert services.suggest(user, "вода") == []
        assert services.similar(user, "note", 1) == []


def test_a_search_makes_four_queries_of_its_own(
    filled: Notes, searcher: Any, django_assert_num_queries: Any
) -> None:
    # groups, what is left out, synonyms; and at the end whether anything was taken back meanwhile
    with django_assert_num_queries(4):
        services.search(searcher, services.Query("горячая вода", filters={"tag": ("tap",)}))


def test_a_chosen_value_does_not_narrow_its_own_facet(filled: Notes, find: Find) -> None:
    result = find("вода", filters={"tag": ("boiler",)})
    assert result.total == 1
    assert counts(result, "tag") == {"tap": 6, "boiler": 1}
    assert counts(result, "year") == {"2020": 1}


def test_values_of_one_facet_add_up_and_facets_narrow_each_other(filled: Notes, find: Find) -> None:
    assert find("", filters={"tag": ("boiler", "tap")}).total == 6
    assert find("", filters={"tag": ("tap",), "year": ("2020",)}).total == 3


def test_choosing_a_value_gives_as_many_hits_as_its_count_promised(
    notes: Notes, index: Index, find: Find
) -> None:
    for number in range(1, 16):
        body = "горячая вода" if number < 13 else "горячая вода в субботу утром"
        notes.add(number, f"Записка {number}", body, facets={"tag": ("rare" if number > 12 else "common",)})
    for number in range(16, 26):
        notes.add(number, f"Записка {number}", "только вода", facets={"tag": ("rare",)})
    index()
    promised = counts(find("горячая вода субботу утром"), "tag")["rare"]
    assert find("горячая вода субботу утром", filters={"tag": ("rare",)}).total == promised == 3


def test_a_chosen_value_without_hits_stays_visible(filled: Notes, find: Find) -> None:
    result = find("вода", filters={"tag": ("gone",)})
    assert counts(result, "tag") == {"tap": 6, "boiler": 1, "gone": 0}
    assert [value.value for value in result.facets[0].values if value.selected] == ["gone"]


def test_an_unknown_facet_is_ignored(filled: Notes, find: Find) -> None:
    assert find("вода", filters={"audience": ("1",), "key": ("note:1",)}).total == 6


def test_a_source_is_never_asked_for_labels_with_signs_a_database_refuses(filled: Notes, find: Find) -> None:
    values = [value.value for value in find("", filters={"tag": ("\x00\ud800x",)}).facets[0].values]
    assert values[-1] == "  x"


def test_few_people_are_called_few_however_many_stories_they_told(
    notes: Notes, index: Index, find: Find
) -> None:
    for number in range(1, 13):
        who = "one" if number <= 6 else f"person-{number}"
        notes.add(number, "Вода", person=who, facets={"tag": ("chatty" if number <= 6 else "broad",)})
    index()
    few = {value.value: (value.count, value.few) for value in find("").facets[0].values}
    assert few == {"chatty": (6, True), "broad": (6, False)}


def test_a_facet_shows_the_twelve_most_frequent_values(notes: Notes, index: Index, find: Find) -> None:
    for number in range(1, 21):
        notes.add(number, "Вода", facets={"tag": tuple(f"t{each:02}" for each in range(number))})
    index()
    values = find("", filters={"tag": ("t19",)}).facets[0].values
    assert [value.value for value in values] == [f"t{each:02}" for each in range(12)] + ["t19"]


def test_labels_come_from_the_source(filled: Notes, find: Find) -> None:
    facet = find("").facets[0]
    assert (facet.title, facet.values[0].label) == ("Tag", "TAP")


def test_browsing_lists_everything_newest_first(filled: Notes, find: Find) -> None:
    filled.add(9, "Без даты")
    services.enqueue("note", [9])
    services.drain()
    result = find("")
    assert (ids(result), result.stage) == ([6, 5, 4, 3, 2, 1, 9], StageName.ALL)


def test_a_text_may_be_sorted_newest_first(filled: Notes, find: Find) -> None:
    assert ids(find("вода", sort="newest")) == [6, 5, 4, 3, 2, 1]


def test_pages_do_not_overlap_and_cover_everything(filled: Notes, find: Find) -> None:
    seen = [each for page in (1, 2, 3) for each in ids(find("вода", page=page, size=2))]
    assert sorted(seen) == [1, 2, 3, 4, 5, 6]
    assert (ids(find("вода", page=50)), find("вода", page=50).total) == ([], 6)


def test_a_code_finds_exactly_its_person(filled: Notes, find: Find) -> None:
    filled.change(2, person="KD-482913-7")
    services.enqueue("note", [2])
    services.drain()
    assert ids(find("KD-482913-7")) == [2]
    assert ids(find("n-4")) == [4]


def test_hits_carry_marked_titles_and_excerpts(filled: Notes, find: Find) -> None:
    hit = find("воду").hits[0]
    assert "<mark>Вода</mark>" in hit.title_html
    assert "<mark>вода</mark>" in hit.excerpt_html
    assert (hit.kind, hit.url, hit.template) == ("note", f"/notes/{hit.object_id}/", "search/hit.html")


def test_suggestions_complete_the_last_word_of_a_title(filled: Notes, index: Index, searcher: Any) -> None:
    filled.add(8, "Три вечера у окна")
    index(8)
    assert [each.label for each in services.suggest(searcher, "три веч")] == ["Три вечера у окна"]
    assert [each.url for each in services.suggest(searcher, "Вечера окн")] == ["/notes/8/"]


def test_suggestions_understand_the_wrong_layout(filled: Notes, index: Index, searcher: Any) -> None:
    filled.add(8, "Три вечера у окна")
    index(8)
    assert [each.label for each in services.suggest(searcher, "dtxth")] == ["Три вечера у окна"]


def test_suggestions_are_limited_and_empty_for_no_text(filled: Notes, searcher: Any) -> None:
    assert len(services.suggest(searcher, "вод", 3)) == 3
    assert services.suggest(searcher, "  ") == []


def test_similar_things_share_words_and_leave_out_the_thing_itself(
    notes: Notes, index: Index, searcher: Any
) -> None:
    notes.add(1, "Котёл", "Сантехник чинил котёл вечером, соседка принесла чайник")
    notes.add(2, "Чайник", "Соседка с чайником ждала сантехника у котла")
    notes.add(3, "Кредит", "Банк начислил проценты по кредиту")
    notes.add(4, "Проценты", "Проценты по кредиту банк простил")
    index()
    assert [each.external_id for each in services.similar(searcher, "note", 1)] == ["n-2"]
    assert services.similar(searcher, "note", 99) == []


def test_similar_things_change_with_the_index_and_with_what_is_left_out(
    notes: Notes, index: Index, searcher: Any
) -> None:
    notes.add(1, "Котёл", "Сантехник чинил котёл вечером, соседка принесла чайник")
    notes.add(2, "Чайник", "Соседка с чайником ждала сантехника у котла")
    notes.add(3, "Кредит", "Банк начислил проценты по кредиту")
    notes.add(4, "Проценты", "Проценты по кредиту банк простил")
    index()

    def found() -> list[str]:
        return [each.external_id for each in services.similar(searcher, "note", 1)]

    assert found() == found() == ["n-2"]
    notes.denied.add(2)
    assert found() == []
    notes.denied.clear()
    services.enqueue("note", [2])
    assert found() == []
    index()
    assert found() == ["n-2"]
    notes.add(5, "Сантехник", "Сантехник и соседка чинили котёл и пили из чайника вечером")
    index(5)
    assert set(found()) == {"n-2", "n-5"}


def test_a_missing_index_answers_with_a_notice(notes: Notes, find: Find, searcher: Any) -> None:
    result = find("вода")
    assert (result.total, result.hits) == (0, [])
    assert result.notice
    assert services.suggest(searcher, "вода") == []


def test_a_missing_index_falls_back_to_what_the_source_can_list(notes: Notes, find: Find) -> None:
    notes.add(1, "Вода")
    notes.fallback = lambda user, purpose, text, limit: notes.hits(user, purpose, [1], AT)
    result = find("вода")
    assert (ids(result), result.total, bool(result.notice)) == ([1], 1, True)


def test_a_damaged_index_answers_with_a_notice(
    filled: Notes, find: Find, index_directory: Any, caplog: pytest.LogCaptureFixture
) -> None:
    for path in index_directory.rglob("*"):
        if path.is_file() and "current" not in path.name:
            path.write_bytes(b"garbage")
    assert find("вода").notice
    assert "unavailable" in caplog.text


def test_things_of_a_kind_nobody_registered_stay_hidden(filled: Notes, find: Find, monkeypatch: Any) -> None:
    monkeypatch.setattr("search.registry._sources", {"other": Notes(kind="other")})
    assert find("вода").total == 0


def test_a_pending_row_of_another_kind_changes_nothing(filled: Notes, find: Find) -> None:
    Outbox.objects.create(kind="other", object_id=1)
    assert find("вода").total == 6
