"""Cells of tables: the guard against formulas, lists in a cell, long text over several cells."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from stories.importing.errors import ImportRefused, RowRefused

# A spreadsheet takes a cell that begins so for a formula (CSV injection, ASVS 5.0 1.2.10), unless an
# apostrophe stands before it.
FORMULA = re.compile(r"'*[=+\-@\t\r]")
GUARDED = re.compile(r"'+[=+\-@\t\r]")
CONTINUED = re.compile(r"(?P<name>.+)#(?P<part>\d{1,3})")
LISTS = ("tags", "touchpoints", "product_lines", "audience", "consent.purposes")
BODY = "body"
MOST_COLUMNS = 200


def guarded(text: str) -> str:
    """Return a cell that no spreadsheet takes for a formula."""
    return f"'{text}" if FORMULA.match(text) else text


def unguarded(text: str) -> str:
    """Return what ``guarded`` was given."""
    return text[1:] if GUARDED.match(text) else text


def joined(items: Sequence[str]) -> str:
    """Return a list as one cell: with semicolons, or as JSON where an item holds a separator."""
    if any(re.search(r"[;,]|^\[|^\s|\s$", item) for item in items):
        return json.dumps(list(items), ensure_ascii=False)
    return "; ".join(items)


def header(cells: Iterable[Any]) -> list[str]:
    """Return the names of the columns; raises ``ImportRefused`` for none or for a name given twice."""
    names = ["" if cell is None else unguarded(str(cell)).strip() for cell in cells]
    while names and not names[-1]:
        names.pop()
    twice = {name for name in names if name and names.count(name) > 1}
    if not any(names):
        raise ImportRefused("The first row must name the columns.")
    if len(names) > MOST_COLUMNS:
        raise ImportRefused(f"There are {len(names)} columns, {MOST_COLUMNS} is the most.")
    if twice:
        raise ImportRefused(f"The column “{min(twice)[:60]}” is there twice.")
    return names


def record(names: Sequence[str], cells: Sequence[Any]) -> dict[str, Any]:
    """Return a row of cells by the names of its columns; raises ``RowRefused``."""
    filled = len(cells)
    while filled and cells[filled - 1] in (None, ""):
        filled -= 1
    if filled > len(names):
        raise RowRefused(f"has {filled} cells, the header names {len(names)} columns")
    flat = {
        name: unguarded(cell) if isinstance(cell, str) else cell
        for name, cell in zip(names, cells, strict=False)
        if name
    }
    return {name: _read(name, value) for name, value in _continued(flat).items()}


def _continued(flat: Mapping[str, Any]) -> dict[str, Any]:
    """Put text that went over several cells, ``body``, ``body#2``, …, together again."""
    whole = {name: value for name, value in flat.items() if not CONTINUED.fullmatch(name)}
    parts = [
        (int(match["part"]), match["name"], value)
        for name, value in flat.items()
        if (match := CONTINUED.fullmatch(name))
    ]
    for _part, name, value in sorted(parts, key=lambda part: part[0]):
        whole[name] = f"{whole.get(name) or ''}{value or ''}"
    return whole


def _read(name: str, value: Any) -> Any:
    if isinstance(value, str) and (name in LISTS or name == BODY) and value.lstrip().startswith("["):
        try:
            return json.loads(value)
        except (ValueError, RecursionError):
            raise RowRefused(f"{name} begins like a JSON list and is none") from None
    return value
