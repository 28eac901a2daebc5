"""The engine on a server inside the product: outbox, rebuilds, a server that goes away and comes back."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone
from elastic_transport import ConnectionTimeout
from elasticsearch import Elasticsearch

from search import checks, services
from search.engines import get_engine
from search.engines.base import EngineAway
from search.engines.elastic import address
from search.engines.elastic.breaker import FIRST_PAUSE, LONGEST_PAUSE, Breaker
from search.models import Outbox
from tests.search.conftest import Notes, counts, ids

Find = Callable[..., services.SearchResult]


@pytest.fixture
def server(settings: Any, elasticsearch_url: str) -> str:
    settings.SEARCH_URL = elasticsearch_url
    return elasticsearch_url


@contextmanager
def away(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The server hangs: every question ends with a timeout."""

    def hang(self: Any, *args: Any, **kwargs: Any) -> Any:
        raise ConnectionTimeout("hangs")

    with monkeypatch.context() as patched:
        patched.setattr("elastic_transport.Transport.perform_request", hang)
        yield


@pytest.mark.elasticsearch
def test_a_company_turns_it_on_and_notices_no_difference(
    server: str, notes: Notes, index: Callable[..., None], find: Find, searcher: Any
) -> None:
    for number in range(1, 8):
        notes.add(number, f"Вода {number}", "горячая вода и соседи", facets={"tag": ("tap",)}, date=number)
    notes.add(8, "Канарейка", "поёт", facets={"tag": ("bird",)})
    index()
    result = find("горчая вода", filters={"tag": ("tap",)})
    assert (result.total, result.corrected, counts(result, "tag")) == (7, "горячая вода", {"tap": 7})
    assert "<mark>" in result.hits[0].excerpt_html
    assert [each.label for each in services.suggest(searcher, "rfyf")] == ["Канарейка"]
    assert len(services.similar(searcher, "note", 1)) == 4
    services.enqueue("note", [7, 8])
    assert (find("вода").total, find("канорейка").corrected) == (6, None)
    assert services.suggest(searcher, "кана") == []
    del notes.store[8]
    services.drain()
    assert (find("канарейка").total, find("вода").total) == (0, 7)
    assert services.compact()
    assert "канарейка" not in b"".join(get_engine().contents()).decode()
    assert not services.compact()


@pytest.mark.elasticsearch
def test_one_document_the_server_refuses_does_not_stop_the_others(
    server: str, notes: Notes, find: Find
) -> None:
    for number in range(1, 6):
        notes.add(number, "Вода", person="x" * 40_000 if number == 3 else "KD")
    services.enqueue("note", notes.ids())
    report = services.drain()
    assert (report.done, report.failed, sorted(ids(find("вода")))) == (4, 1, [1, 2, 4, 5])
    assert Outbox.objects.get().error.startswith("ValueError in ")


@pytest.mark.elasticsearch
def test_what_changes_during_a_rebuild_is_in_the_new_index(
    server: str, notes: Notes, index: Any, find: Find
) -> None:
    notes.add(1, "Вода")
    notes.add(2, "Вода")
    index()
    before = dict(notes.store)

    def withdraw() -> None:
        del notes.store[1]
        services.enqueue("note", [1])
        services.drain()
        notes.store = dict(before)  # what the rebuild is just reading is still the old state

    notes.on_documents = withdraw
    original = notes.fingerprints

    def now(ids: Any = None) -> Any:
        notes.store.pop(1, None)
        return original(ids)

    notes.fingerprints = now  # type: ignore[method-assign]
    services.rebuild()
    assert (ids(find("вода")), Outbox.objects.count()) == ([2], 0)


@pytest.mark.elasticsearch
def test_an_index_that_vanished_is_rebuilt_by_the_reconciler(
    server: str, elasticsearch_address: str, notes: Notes, index: Any, find: Find
) -> None:
    notes.add(1, "Вода")
    index()
    with Elasticsearch(elasticsearch_address) as client:
        client.indices.delete(index=list(client.indices.get(index=f"{server.rpartition('/')[2]}-*").body))
    assert find("вода").notice
    notes.add(2, "Вода")
    assert services.reconcile().rebuilt
    assert find("вода").total == 2


@pytest.mark.elasticsearch
def test_a_server_that_hangs_costs_one_timeout_and_nothing_is_lost(
    server: str, notes: Notes, index: Any, find: Find, searcher: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    notes.add(1, "Вода")
    index()
    notes.fallback = lambda user, purpose, text, limit: notes.hits(
        user, purpose, list(notes.store), timezone.now()
    )
    notes.add(2, "Вода")
    services.enqueue("note", [2])
    moment = timezone.now()
    with away(monkeypatch):
        assert (find("вода").total, bool(find("вода").notice)) == (2, True)
        assert services.suggest(searcher, "вода") == []
        assert services.drain(now=moment).unavailable
        assert services.reconcile().unavailable
        with pytest.raises(EngineAway):
            get_engine().reader().fingerprints()
    row = Outbox.objects.get()
    assert (row.attempts, row.parked_at) == (0, None)
    assert find("вода").notice  # nobody asks the server again before the pause is over
    get_engine().connection.breaker.close()
    assert services.drain(now=moment + timedelta(minutes=1)).done == 1
    result = find("вода")
    assert (result.total, result.notice) == (2, None)


@pytest.mark.django_db
def test_a_server_that_is_not_there_is_no_error(settings: Any, notes: Notes, find: Find, unused: int) -> None:
    settings.SEARCH_URL = f"elasticsearch+http://127.0.0.1:{unused}/kb"
    notes.add(1, "Вода")
    services.enqueue("note", [1])
    assert find("вода").notice
    assert services.drain().unavailable
    assert services.reconcile() == services.ReconcileReport(unavailable=True)
    assert Outbox.objects.count() == 1


@pytest.fixture
def unused() -> int:
    from tests.ports import free_port

    return free_port()


def test_pauses_grow_are_shared_and_end_with_an_answer(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [1000.0]
    monkeypatch.setattr("search.engines.elastic.breaker.time.time", lambda: clock[0])
    one, other = Breaker(tmp_path / "a" / "b"), Breaker(tmp_path / "a" / "b")
    assert not one.admit()
    pauses = []
    for _failure in range(6):
        one.trip()
        with pytest.raises(EngineAway):
            other.admit()
        began = clock[0]
        while True:
            clock[0] += 0.25
            try:
                assert other.admit()
                break
            except EngineAway:
                continue
        with pytest.raises(EngineAway):
            one.admit()  # the other is just trying
        pauses.append(clock[0] - began)
    assert pauses == [FIRST_PAUSE, 2, 4, 8, LONGEST_PAUSE, LONGEST_PAUSE]
    one.close()
    assert not other.admit()


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("elasticsearch+http://", "names no host"),
        ("elasticsearch+http://es:9200", "needs a prefix"),
        ("elasticsearch+http://es:9200/Kb", "needs a prefix"),
        ("elasticsearch+http://es:9200/a-b", "needs a prefix"),
        ("elasticsearch+http://es:x/kb", "host or port"),
        ("elasticsearch+http://es/kb?timeout=1", "may follow"),
        ("elasticsearch://es/kb", "has to begin"),
    ],
)
def test_an_address_that_cannot_be_used_says_why(settings: Any, url: str, words: str) -> None:
    settings.SEARCH_URL = url
    [found] = checks.usable_search_server(None)
    assert found.id == "search.E003"
    assert words in found.msg
    with pytest.raises(ImproperlyConfigured, match="SEARCH_URL"):
        get_engine()


def test_an_address_is_read_with_user_and_port(settings: Any, tmp_path: Any) -> None:
    read = address.read("elasticsearch+https://kb:p%40ss@[::1]:9201/kb_2")
    assert (read.url, read.user, read.password, read.prefix) == ("https://[::1]:9201", "kb", "p@ss", "kb_2")
    assert address.read("elasticsearch+http://es/kb").url == "http://es:9200"
    settings.SEARCH_URL = "elasticsearch+http://es/kb"
    settings.SEARCH_CA_FILE = str(tmp_path / "nothing.pem")
    assert [each.id for each in checks.usable_search_server(None)] == ["search.E004", "search.W001"]
    settings.SEARCH_CA_FILE, settings.SEARCH_URL = "", "elasticsearch+http://localhost/kb"
    assert checks.usable_search_server(None) == []
    settings.SEARCH_URL = "embedded"
    assert checks.usable_search_server(None) == []
