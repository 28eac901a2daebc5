"""Readers of files: one module a format, each yielding numbered rows lazily."""

from pathlib import Path

from stories.importing.errors import ImportRefused
from stories.importing.readers.base import Source
from stories.importing.readers.folder import FileSource, FolderSource
from stories.importing.readers.jsonl import JsonLines
from stories.importing.readers.spreadsheet import Spreadsheet
from stories.importing.readers.table import Table

READERS: dict[str, type[Source]] = {
    ".jsonl": JsonLines,
    ".ndjson": JsonLines,
    ".json": JsonLines,
    ".csv": Table,
    ".tsv": Table,
    ".xlsx": Spreadsheet,
    ".md": FileSource,
    ".markdown": FileSource,
    ".docx": FileSource,
}


def open_source(path: Path) -> Source:
    """Return the reader of a path; raises ``ImportRefused`` with a sentence about what is wrong with it."""
    try:
        if path.is_dir():
            return FolderSource(path)
        if not path.exists():
            raise ImportRefused(f"{path} does not exist.")
        if path.suffix.lower() not in READERS:
            raise ImportRefused(
                f"{path.name}: the format is told by the ending; known are {', '.join(READERS)}, or a folder."
            )
        if not path.is_file():
            raise ImportRefused(f"{path} is not a file.")
        if path.stat().st_size == 0:
            raise ImportRefused(f"{path.name} is empty.")
        with path.open("rb"):
            return READERS[path.suffix.lower()](path)
    except (OSError, ValueError) as problem:  # ValueError: a NUL in the path
        raise ImportRefused(f"{path} cannot be read: {problem}") from problem
