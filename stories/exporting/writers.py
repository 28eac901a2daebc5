"""Records as files: JSON Lines, a folder of Markdown, CSV, XLSX. Files are readable by their owner only."""

import csv
import hashlib
import json
import os
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml
from openpyxl import Workbook

from stories.importing.readers.cells import guarded, joined
from stories.slugs import latin

Record = dict[str, Any]
Dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
NESTED = ("period", "member", "consent")
BODY = "body"
# Excel takes 32,767 UTF-16 units in a cell; half as many characters always fit.
CELL = 16_000
PLAIN_BLOCKS = ("narrative", "warning")
COLONS = re.compile(r"^(:{3,})$", re.MULTILINE)


class Occupied(Exception):
    """The place to write to holds something already."""


@contextmanager
def _private(path: Path) -> Iterator[Path]:
    """Give a temporary file beside ``path`` that takes its place when all is written."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def write_jsonl(path: Path, records: Iterable[Record]) -> int:
    """Write one object a line; returns how many."""
    count = 0
    with _private(path) as temporary, temporary.open("w", encoding="utf-8", newline="\n") as file:
        for record in records:
            file.write(json.dumps(record, ensure_ascii=False) + "\n")
            count += 1
    return count


def write_csv(path: Path, records: Iterable[Record]) -> int:
    """Write a table in UTF-8 with a byte order mark, which Excel needs; returns how many rows."""
    rows = [flat(record) for record in records]
    with _private(path) as temporary, temporary.open("w", encoding="utf-8-sig", newline="") as file:
        _write_rows(csv.writer(file).writerow, rows, limit=None)
    return len(rows)


def write_xlsx(path: Path, records: Iterable[Record]) -> int:
    """Write a workbook of text cells; a long body goes on in the columns ``body#2``, ``body#3``, …"""
    rows = [flat(record) for record in records]
    book = Workbook(write_only=True)
    sheet = book.create_sheet("stories")
    _write_rows(sheet.append, rows, limit=CELL)
    with _private(path) as temporary:
        book.save(temporary)
    return len(rows)


def _write_rows(write: Callable[[list[str]], object], rows: list[dict[str, str]], limit: int | None) -> None:
    """Write the header and the rows, long bodies cut to ``limit`` characters a cell."""
    longest = max((len(row[BODY]) for row in rows), default=1)
    parts = max(-(-longest // limit), 1) if limit else 1
    names = list(rows[0]) if rows else list(flat(EMPTY))
    write([*names, *(f"{BODY}#{part}" for part in range(2, parts + 1))])
    for row in rows:
        body, size = row[BODY], limit or len(row[BODY]) or 1
        pieces = [body[start : start + size] for start in range(0, len(body), size)] or [""]
        cells = [*(row[name] for name in names if name != BODY), *pieces, *[""] * (parts - len(pieces))]
        write([guarded(cell) for cell in cells])


EMPTY: Record = {
    "external_id": "", "title": "", "summary": "", "language": "", "provenance": "",
    "period": {"start": None, "end": None}, "member": {"code": "", "persona": ""},
    "tags": [], "touchpoints": [], "product_lines": [], "audience": [], "sensitivity": "",
    "consent": {"given": "", "purposes": [], "until": None},
    BODY: [],
}  # fmt: skip


def flat(record: Record) -> dict[str, str]:
    """Return a record as cells by the names of columns, the body last, as JSON."""
    cells: dict[str, str] = {}
    for name, value in record.items():
        if name == BODY:
            continue
        inner = {f"{name}.{key}": item for key, item in value.items()} if name in NESTED else {name: value}
        cells |= {
            key: joined(item) if isinstance(item, list) else "" if item is None else str(item)
            for key, item in inner.items()
        }
    return {**cells, BODY: json.dumps(record[BODY], ensure_ascii=False)}


def write_markdown(path: Path, records: Iterable[Record]) -> int:
    """Write a file a story into a new or empty folder; raises ``Occupied``."""
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise Occupied(f"{path} is not an empty folder.")
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    count = 0
    for record in records:
        count += 1
        with _private(path / file_name(record["external_id"])) as temporary:
            temporary.write_text(markdown(record), encoding="utf-8", newline="\n")
    return count


def file_name(external_id: str) -> str:
    """Return a safe name, different for different ids."""
    name = latin(external_id)
    if name != external_id:
        name = f"{name}-{hashlib.sha256(external_id.encode()).hexdigest()[:8]}".lstrip("-")
    return f"{name}.md"


def markdown(record: Record) -> str:
    """Return a record as front matter and fenced blocks."""
    front = {name: value for name, value in record.items() if name != BODY or not value}
    blocks = [_fenced(kind, value) for block in record[BODY] for kind, value in block.items()]
    return "\n".join([f"---\n{_yaml(front)}---\n", *blocks])


def _fenced(kind: str, value: Any) -> str:
    """Return one block between colons, one more than any line of colons inside has."""
    inside = value if kind in PLAIN_BLOCKS else _yaml(value).rstrip("\n")
    fence = ":" * max([3, *(len(run) + 1 for run in COLONS.findall(inside))])
    return f"{fence} {kind}\n{inside}\n{fence}\n"


def _yaml(value: Any) -> str:
    return str(yaml.dump(value, Dumper=Dumper, allow_unicode=True, sort_keys=False, width=10**6))


WRITERS: dict[str, Callable[[Path, Iterable[Record]], int]] = {
    "jsonl": write_jsonl,
    "md": write_markdown,
    "csv": write_csv,
    "xlsx": write_xlsx,
}
