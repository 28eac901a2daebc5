"""A search index of each test, and short ways to write files and to import them."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from stories.importing import mapping
from stories.importing.readers import open_source
from stories.importing.running import Import, Options, Report


@dataclass
class Outcome:
    """The report of an import and the lines it told."""

    report: Report
    lines: list[str] = field(default_factory=list)

    @property
    def reason(self) -> str:
        """The only line."""
        (line,) = self.lines
        return line


@pytest.fixture(autouse=True)
def index_directory(settings: Any, tmp_path: Path) -> Path:
    """A search index of this test."""
    settings.SEARCH_URL = "embedded"
    settings.SEARCH_INDEX_DIR = tmp_path / "index"
    return tmp_path / "index"


@pytest.fixture
def lines(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that writes objects as JSON Lines."""

    def write(*rows: Any, name: str = "rows.jsonl") -> Path:
        path = tmp_path / name
        path.write_text("\n".join(map(json.dumps, rows)) + "\n", encoding="utf-8")
        return path

    return write


@pytest.fixture
def run(db: None, lines: Callable[..., Path]) -> Callable[..., Outcome]:
    """Return a function that imports a path, or rows, with options; ``map`` is plain data of a mapping."""

    def import_(what: Path | Iterable[Any], *, map: Any = None, **options: Any) -> Outcome:
        path = what if isinstance(what, Path) else lines(*what)
        told: list[str] = []
        chosen = Options(mapping=mapping.from_data(map or {}), **options)
        return Outcome(Import(open_source(path), chosen, told.append).run(), told)

    return import_


def row(number: int = 1, **fields: Any) -> dict[str, Any]:
    """A row as another system gives it, with consent."""
    return {
        "id": f"r-{number}",
        "title": f"Row {number}",
        "text": "The lift stood still.\n\nNobody came.",
        "date": "2026-03-12",
        "lang": "en",
        "consent": "yes",
        **fields,
    }


def without(data: dict[str, Any], *names: str) -> dict[str, Any]:
    """The row without some fields."""
    return {name: value for name, value in data.items() if name not in names}


YES = {"consent_field": "consent", "publish": True}
