"""Links of a listing, the page, the JSON."""

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client, RequestFactory

from search.pages import ListingPage, listing, read_query
from tests.search.conftest import Notes, ids


@pytest.fixture
def page(notes: Notes, index: Callable[..., None], searcher: Any) -> Callable[..., ListingPage]:
    """Draw a listing of thirty notes from an address, two on a page unless said otherwise."""
    for number in range(1, 31):
        notes.add(
            number,
            f"Вода {number}",
            facets={"tag": ("tap", "odd" if number % 2 else "even"), "year": ("2024",)},
        )
    index()

    def draw(query_string: str = "", size: int = 2) -> ListingPage:
        request = RequestFactory().get(f"/search/?{query_string}")
        request.user = searcher
        return listing(request, base_url="/search/", size=size)

    return draw


def params(url: str) -> dict[str, list[str]]:
    return parse_qs(urlsplit(url).query)


def test_a_value_is_added_and_taken_back_by_its_link(page: Any) -> None:
    odd = next(value for value in page("q=вода&page=3&tag=tap").facets[0].values if value.value == "odd")
    assert params(odd.toggle_url) == {"q": ["вода"], "tag": ["tap", "odd"]}
    back = next(value for value in page("q=вода&tag=tap&tag=odd").facets[0].values if value.value == "odd")
    assert (back.selected, params(back.toggle_url)) == (True, {"q": ["вода"], "tag": ["tap"]})


def test_chosen_values_can_be_removed_one_by_one_or_all(page: Any) -> None:
    drawn = page("q=вода&tag=tap&year=2024")
    assert [(each.label, params(each.remove_url)) for each in drawn.chosen] == [
        ("TAP", {"q": ["вода"], "year": ["2024"]}),
        ("2024", {"q": ["вода"], "tag": ["tap"]}),
    ]
    assert params(drawn.reset_url) == {"q": ["вода"]}


def test_pages_name_the_first_the_last_and_the_neighbours(page: Any) -> None:
    drawn = page("page=7")
    assert [(link.number, link.current, link.gap) for link in drawn.pages] == [
        (1, False, False), (5, False, True), (6, False, False), (7, True, False), (8, False, False),
        (9, False, False), (15, False, True),
    ]  # fmt: skip
    assert (params(drawn.previous_url)["page"], params(drawn.next_url)["page"]) == (["6"], ["8"])


def test_the_ends_have_no_further_page(page: Any) -> None:
    assert page().previous_url is None
    assert page("page=15").next_url is None
    assert page(size=50).pages == []


def test_sorts_are_offered_for_a_text_only(page: Any) -> None:
    assert page().sorts == []
    assert [(params(link.url)["sort"], link.current) for link in page("q=вода&sort=newest").sorts] == [
        (["relevance"], False),
        (["newest"], True),
    ]


def test_the_text_as_typed_has_its_own_link(page: Any) -> None:
    drawn = page("q=djlf")
    assert drawn.result.corrected == "вода"
    assert params(drawn.as_typed_url) == {"q": ["djlf"], "literal": ["1"]}


def test_parameters_nobody_knows_are_not_carried_on(page: Any) -> None:
    assert params(page("q=вода&utm=1&next=//evil&sort=bad").as_typed_url) == {"q": ["вода"], "literal": ["1"]}


@pytest.mark.parametrize(
    ("text", "number"),
    [("", 1), ("2", 2), ("-1", 1), ("0", 1), ("x", 1), ("٣", 1), ("9" * 30, 1), ("999999999", 500)],
)
def test_a_page_number_that_makes_no_sense_is_put_right(rf: RequestFactory, text: str, number: int) -> None:
    assert read_query(rf.get("/", {"page": text}).GET).page == number


def test_a_long_text_is_cut(rf: RequestFactory) -> None:
    assert len(read_query(rf.get("/", {"q": "ж" * 10_000}).GET).text) == 200


def test_nobody_searches_without_signing_in(page: Any, client: Client) -> None:
    for path in ("/search/?q=вода", "/api/search/?q=вода", "/api/suggest/?q=вода"):
        assert client.get(path).status_code in (302, 401, 403, 404)


def test_the_page_is_drawn_and_never_cached(page: Any, client: Client, boss: Any) -> None:
    client.force_login(boss)
    response = client.get("/search/", {"q": "вода 7"})
    assert response.status_code == 200
    assert response.context["listing"].query_text == "вода 7"
    assert "no-store" in response["Cache-Control"]


def test_only_reading_methods_are_allowed(client: Client, boss: Any) -> None:
    client.force_login(boss)
    assert client.post("/api/search/").status_code == 405


def test_the_api_answers_with_hits_facets_and_stage(page: Any, client: Client, boss: Any) -> None:
    client.force_login(boss)
    answer = client.get("/api/search/", {"q": "djlf", "limit": "3", "tag": "odd"}).json()
    assert (answer["total"], answer["suggestion"], answer["stage"], len(answer["results"])) == (
        15,
        "вода",
        "half",
        3,
    )
    assert set(answer["results"][0]) == {"external_id", "id", "kind", "title", "excerpt", "url"}
    values = {each["value"]: each["count"] for each in answer["facets"][0]["values"]}
    assert values == {"tap": 30, "odd": 15, "even": 15}


def test_the_api_keeps_the_number_of_few_to_itself(
    notes: Notes, index: Any, client: Client, boss: Any
) -> None:
    notes.add(1, "Вода", facets={"tag": ("tap",)})
    index()
    client.force_login(boss)
    value = client.get("/api/search/").json()["facets"][0]["values"][0]
    assert (value["count"], value["few"]) == (None, True)


@pytest.mark.parametrize(
    ("address", "parameter"),
    [
        ("search/?limit=0", "limit"), ("search/?limit=51", "limit"), ("search/?limit=x", "limit"), ("search/?limit=", "limit"),
        ("search/?page=0", "page"), ("search/?limit=50&page=201", "page"), ("search/?sort=best", "sort"),
        ("search/?literal=yes", "literal"), ("search/?kind=dog", "kind"), ("search/?colour=red", "colour"),
        ("search/?q=" + "x" * 201, "q"), ("suggest/?limit=0", "limit"), ("suggest/?tag=odd", "tag"),
    ],
)  # fmt: skip
def test_the_api_refuses_what_makes_no_sense_and_says_why(
    page: Any, client: Client, boss: Any, address: str, parameter: str
) -> None:
    client.force_login(boss)
    response = client.get(f"/api/{address}")
    error = response.json()["error"]
    assert (response.status_code, error["parameter"], error["message"][-1:]) == (400, parameter, ".")


def test_the_api_has_the_power_of_the_page(page: Any, client: Client, boss: Any) -> None:
    client.force_login(boss)
    answer = client.get(
        "/api/search/", {"q": "вода -7 after:1970", "limit": "7", "page": "2", "kind": "note"}
    ).json()
    assert (answer["total"], answer["page"], answer["limit"]) == (0, 2, 7)
    answer = client.get("/api/search/", {"q": "tag:odd -вода22", "limit": "7"}).json()
    assert answer["understood"] == [
        {"label": "ODD", "without": "-вода22"},
        {"label": "without “вода22”", "without": "tag:odd"},
    ]
    assert answer["total"] == 15


def test_the_api_suggests_titles(page: Any, client: Client, boss: Any) -> None:
    client.force_login(boss)
    suggestions = client.get("/api/suggest/", {"q": "вод", "limit": "2"}).json()["suggestions"]
    assert [set(each) for each in suggestions] == [{"kind", "group", "label", "url"}] * 2


def test_the_listing_passes_its_sort_when_the_address_names_none(page: Any, searcher: Any) -> None:
    request = RequestFactory().get("/stories/?q=вода")
    request.user = searcher
    drawn = listing(request, base_url="/stories/", sort="newest", size=3)
    assert ids(drawn.result) == [30, 29, 28]
