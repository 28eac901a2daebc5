"""The commands ``find`` and ``rebuild_search``, and the system checks."""

import json
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from search import checks
from tests.search.conftest import Notes


def run(*arguments: str, **options: Any) -> str:
    out = StringIO()
    call_command(*arguments, stdout=out, stderr=StringIO(), **options)
    return out.getvalue()


@pytest.fixture
def water(notes: Notes, index: Callable[..., None]) -> Notes:
    notes.add(1, "Вода", "горячая <вода>", facets={"tag": ("tap",)})
    notes.add(2, "Вода зимой", facets={"tag": ("cold",)})
    index()
    return notes


def test_find_prints_ranked_hits(water: Notes, boss: Any) -> None:
    printed = run("find", "горячая вода")
    assert printed.startswith("2 found, stage half")
    assert "  1. Вода  [n-1" in printed
    assert "горячая <вода>" in printed


def test_find_prints_json(water: Notes, boss: Any) -> None:
    answer = json.loads(run("find", "djlf", "--json", "--limit", "1"))
    assert (answer["total"], answer["suggestion"], len(answer["results"])) == (2, "вода", 1)
    assert answer["results"][0]["external_id"] in {"n-1", "n-2"}


def test_find_takes_filters(water: Notes, boss: Any) -> None:
    answer = json.loads(run("find", "вода", "--json", "--filter", "tag=tap", "--filter", "tag=none"))
    assert [each["external_id"] for each in answer["results"]] == ["n-1"]


def test_find_searches_a_batch(water: Notes, boss: Any, tmp_path: Path) -> None:
    file = tmp_path / "batch.jsonl"
    file.write_text('{"qid": 1, "text": "вода"}\n\n{"qid": "b", "text": "зима"}\n', encoding="utf-8")
    lines = [json.loads(line) for line in run("find", "--batch", str(file), "--json").splitlines()]
    assert [(line["qid"], line["total"]) for line in lines] == [("1", 2), ("b", 1)]
    assert "# b" in run("find", "--batch", str(file))


def test_find_acts_as_the_named_user(water: Notes, boss: Any, searcher: Any) -> None:
    water.change(1, audience=("77",))
    from search import services

    services.enqueue("note", [1])
    services.drain()
    assert json.loads(run("find", "вода", "--json", "--user", "searcher"))["total"] == 1
    assert json.loads(run("find", "вода", "--json"))["total"] == 2


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["вода", "--batch", "x"],
        ["вода", "--limit", "0"],
        ["вода", "--filter", "tag"],
        ["вода", "--filter", "nothing=x"],
        ["вода", "--user", "nobody"],
        ["--batch", "/does/not/exist"],
    ],
)
def test_find_says_what_is_wrong(water: Notes, boss: Any, arguments: list[str]) -> None:
    with pytest.raises(CommandError):
        run("find", *arguments)


def test_find_names_the_line_that_cannot_be_read(water: Notes, boss: Any, tmp_path: Path) -> None:
    (tmp_path / "b").write_text('{"qid": 1, "text": "вода"}\n[]\n', encoding="utf-8")
    with pytest.raises(CommandError, match="Line 2"):
        run("find", "--batch", str(tmp_path / "b"), "--json")


def test_find_needs_somebody_to_search_as(water: Notes) -> None:
    with pytest.raises(CommandError, match="--user"):
        run("find", "вода")


def test_rebuild_search_says_how_much_it_indexed(water: Notes) -> None:
    assert run("rebuild_search", "--engine", "embedded").startswith("2 documents indexed in ")


def test_rebuild_search_refuses_another_engine_than_the_configured(
    water: Notes, settings: Any, monkeypatch: Any
) -> None:
    monkeypatch.setitem(checks.ENGINES, "other", None)
    settings.SEARCH_URL = "other+http://example.invalid"
    with pytest.raises(CommandError, match="SEARCH_URL"):
        run("rebuild_search", "--engine", "embedded")


def test_an_unknown_engine_is_reported(settings: Any) -> None:
    assert checks.known_search_url(None) == []
    settings.SEARCH_URL = "sphinx://x"
    assert [each.id for each in checks.known_search_url(None)] == ["search.E001"]


def test_a_directory_that_cannot_be_written_is_reported(settings: Any, tmp_path: Path) -> None:
    assert checks.writable_index_directory(None) == []
    (tmp_path / "file").write_text("")
    settings.SEARCH_INDEX_DIR = tmp_path / "file" / "index"
    assert [each.id for each in checks.writable_index_directory(None)] == ["search.E002"]
