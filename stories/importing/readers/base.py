"""What all readers share: a row, and the form of a reader."""

import json
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

LONGEST_ROW = 2 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a source: its data, or what keeps it out. A consent cites ``raw`` as evidence."""

    number: int
    data: Mapping[str, Any] = field(default_factory=dict)
    raw: bytes = b""
    problem: str = ""


class Source(ABC):
    """A file or folder to import from. ``notes`` collects what the person should know about the whole."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.notes: list[str] = []

    @property
    def label(self) -> str:
        """Name of the source in evidence."""
        return self.path.name

    @abstractmethod
    def count(self) -> int | None:
        """Return how many rows there are, roughly, for the progress bar; None where counting would cost."""

    @abstractmethod
    def rows(self) -> Iterator[Row]:
        """Yield rows numbered from 1; raises ``ImportRefused`` where the whole cannot be read."""


def canonical(data: Mapping[str, Any]) -> bytes:
    """Return the bytes that stand for a row which has none of its own."""
    return json.dumps(data, ensure_ascii=False, sort_keys=True, default=str).encode("utf-8", "replace")


def undecodable(problem: UnicodeDecodeError, offset: int = 0) -> str:
    """Name the byte that is not UTF-8."""
    byte = problem.object[problem.start]
    return f"not UTF-8: byte 0x{byte:02X} at position {offset + problem.start + 1}"
