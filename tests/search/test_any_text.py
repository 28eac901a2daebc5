"""No text, whatever it holds, makes search fail."""

import os
from collections.abc import Callable

import pytest
from django.test import Client
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from search import services
from tests.search.conftest import Notes

ANYTHING = st.text(alphabet=st.characters(exclude_categories=()), max_size=300)
SIGNS = st.text(alphabet="«»„“tagметкчпослe20\"'()[]{}<>+-~*?:^\\/|&! \x00абвjklйцrkbtyn", max_size=60)
NASTY = [
    '"',
    " ",
    "\x00",
    "a" * 10_000,
    "ё" * 10_000,
    "Summary - Sales",
    "title:x",
    "* AND (",
    "\ud800",
    "клиен*",
    "%",
    "'; --",
    "и не то",
    "😀 💧 лиfт клиenт",
    r"^(a+)+$ [\\w]{9}",
    'tag: -"" member:« after:9999-99 до:1 “',
]


@pytest.fixture
def few(notes: Notes, index: Callable[..., None]) -> Notes:
    notes.add(1, "Вода", "горячая вода клиента", facets={"tag": ("tap",)})
    notes.add(2, "Loan", "a client's loan")
    index()
    return notes


# 10,000 of them: HYPOTHESIS_MAX=10000 python -m pytest tests/search/test_any_text.py -k gets_an_answer
@settings(
    max_examples=int(os.environ.get("HYPOTHESIS_MAX", "150")),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(text=ANYTHING | SIGNS, value=ANYTHING)
@example(text="".join(NASTY), value="\x00")
def test_any_text_gets_an_answer(
    few: Notes, find: Callable[..., services.SearchResult], text: str, value: str
) -> None:
    assert find(text).notice is None
    assert find(text, filters={"tag": (value,)}, literal=True).notice is None
    assert find(f"{value} {text}"[:200], filters={"member": (value,)}).notice is None


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=ANYTHING | SIGNS)
def test_any_text_can_be_completed(few: Notes, searcher: object, text: str) -> None:
    services.suggest(searcher, text)


@pytest.mark.parametrize("path", ["/search/", "/api/search/", "/api/suggest/"])
def test_no_address_is_a_server_error(few: Notes, client: Client, boss: object, path: str) -> None:
    client.force_login(boss)  # type: ignore[arg-type]
    for text in NASTY:
        sent = text.encode("utf-8", "surrogatepass").decode("latin-1")
        response = client.get(path, {"q": sent, "page": sent, "limit": sent, "tag": sent, "sort": sent})
        assert response.status_code in ({200} if path == "/search/" else {200, 400}), text
        assert client.get(path, {"q": sent[:200]}).status_code == 200, text
