"""The measurement of search: made-up stories, figures of an engine, nonsense, a road that closes."""

import random
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.core.management.base import CommandError

from kb_site import relevance_measuring
from kb_site.search_measuring import asking, surviving, timing, visiting
from kb_site.search_measuring.road import Road
from kb_site.search_measuring.stories import VARIANTS, Recombined, paragraphs, questions
from search import registry
from search.models import Outbox


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("EACH", 2), ("WARM", 1), ("COMPLETIONS", 5), ("EDITS", 2)):
        monkeypatch.setattr(timing, name, value)


@pytest.mark.django_db
def test_it_measures_an_engine_beside_what_is_in_use(small: None, boss: Any, settings: Any) -> None:
    before, url = list(registry.sources()), settings.SEARCH_URL
    found = {each.name: each for each in timing.timed("embedded", 300, boss)}
    assert found["embedded, 300: rebuild"].notes["stories_per_s"] > 0
    assert {f"embedded, 300: search, {variant}" for variant in VARIANTS} <= found.keys()
    assert found["embedded, 300: edit to findable"].median_ms > 0
    assert (list(registry.sources()), settings.SEARCH_URL, Outbox.objects.count()) == (before, url, 0)


@pytest.mark.django_db
def test_a_made_up_story_is_the_same_whenever_it_is_asked_for() -> None:
    pool = paragraphs()
    one, other = Recombined(50, pool), Recombined(50, pool)
    assert [one.document(7), *one.documents([7, 51])] == [other.document(7)] * 2
    one.edited[7] = "новизна"
    assert one.document(7).title.endswith("новизна")
    assert dict(one.fingerprints([7, 8])) == {7: "новизна", 8: "1"}
    asked = questions(50, tuple(pool), 3)
    assert [variant for variant, _text in asked] == list(VARIANTS) * 3


@pytest.mark.django_db
def test_nonsense_is_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(surviving, "STORIES", 60)
    assert surviving.fuzz(60, "embedded") == {"strings": 60, "errors": 0}
    chance = random.Random(1)
    assert max(len(surviving.nonsense(chance)) for _ in range(300)) >= 10_000


def test_a_road_passes_hangs_and_refuses() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with Road(f"elasticsearch+http://127.0.0.1:{port}/kb") as road:
            place = ("127.0.0.1", int(road.url.rpartition(":")[2].partition("/")[0]))
            with socket.create_connection(place, timeout=5) as near:
                far, _address = server.accept()
                near.sendall(b"question")
                with far:
                    assert far.recv(8) == b"question"
                assert near.recv(1) == b""
            road.hang()
            with socket.create_connection(place, timeout=0.1) as near:
                near.sendall(b"question")
                with pytest.raises(TimeoutError):
                    near.recv(1)
            road.close()
            with pytest.raises(OSError):
                socket.create_connection(place, timeout=1)


def test_only_what_was_asked_for_is_measured() -> None:
    nothing = dict.fromkeys(
        ("elasticsearch", "database", "http", "kill", "outage", "fuzz", "server_down", "server_up")
    ) | {"stories": []}
    assert asking.asked(nothing) == []
    some = nothing | {"stories": [10], "elasticsearch": "elasticsearch+http://x/kb", "kill": 3, "outage": 1.0}
    names = ["10 stories, embedded", "10 stories, elasticsearch", "killed indexer", "server away"]
    assert [part.name for part in asking.asked(some)] == names
    killed = nothing | {
        "elasticsearch": "elasticsearch+http://x/kb",
        "outage": 60.0,
        "server_down": "kill it",
        "server_up": "start",
    }
    assert [part.name for part in asking.asked(killed)] == ["server killed"]
    with pytest.raises(CommandError, match="belong together"):
        asking.asked(killed | {"server_up": None})
    row = {"name": "x", "median_ms": 1.0, "p95_ms": 2.0, "notes": {"a": 1}}
    assert "a 1" in asking.as_text({"x": [row], "kill": {"broken": 0}})


def test_a_page_is_as_late_as_its_reader_sees_it(monkeypatch: pytest.MonkeyPatch) -> None:
    class Door(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(503 if "broken" in self.path else 200)
            self.end_headers()
            seen.append((self.path, self.headers["Cookie"]))

        def log_message(self, *_: object) -> None:
            return

    seen: list[tuple[str, str]] = []
    monkeypatch.setattr(visiting, "RATE", 500.0)
    with ThreadingHTTPServer(("127.0.0.1", 0), Door) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        told = visiting.steady(server.server_port, "key=1", ["горячая вода", "broken", "door"])
        server.shutdown()
    assert sorted(seen)[-1] == ("/search/?q=door", "key=1")
    assert (told["answered 200"], told["answered 503"]) == (2, 1)
    assert told["longest ms"] >= told["p95 ms"] >= told["median ms"] > 0


def test_relevance_is_told_of_each_engine_with_the_totals_that_differ() -> None:
    def asks(*ids: str, total: int) -> relevance_measuring.Search:
        return lambda text: relevance_measuring.Found(ids, total)

    asked = [relevance_measuring.Question("q", "judged", "ru", "вода", frozenset({"b"}))]
    plain, ours = asks("a", total=0), asks("b", "a", total=2)
    (cell,) = relevance_measuring.figures(asked, plain, ours, asks("a", "b", total=3))
    assert (cell.product, cell.plain, cell.elastic, cell.unequal) == (1.0, 0.0, 0.5, 1)
    (cell,) = relevance_measuring.figures(asked, plain, ours)
    assert (cell.product, cell.elastic, cell.unequal) == (1.0, None, 0)
    report = {
        "documents": 1,
        "judged": 1,
        "judged_without_their_stories": 0,
        "half": "held out",
        "cells": [cell],
    }
    assert "totals differ" not in relevance_measuring.as_table(report)
