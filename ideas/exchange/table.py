"""Codebooks as CSV: our own columns, Taguette's, and what other programs call the same."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _

from ideas.enums import ThemeKind
from ideas.exchange import xml
from ideas.exchange.records import Book, Code, FileRefused, checked, code, counted, guid_of, line, prose
from stories.importing.readers.cells import guarded, unguarded

COLUMNS = ("guid", "slug", "name_ru", "name_en", "parent", "kind", "description", "synonyms", "color")
# Taguette: tag, parent, description, number of highlights.
ALSO = {
    "tag": "name", "code": "name", "title": "name", "label": "name", "code name": "name", "код": "name",
    "название": "name", "parent code": "parent", "category": "parent", "родитель": "parent", "memo": "description",
    "definition": "description", "описание": "description", "colour": "color", "цвет": "color",
}  # fmt: skip
DELIMITERS = ",;\t"
ENCODINGS = ("utf-8-sig", "cp1251")


def write(codes: Sequence[Code]) -> bytes:
    """Return a table in UTF-8 with the mark that spreadsheets need; parents stand before their children."""
    out = io.StringIO(newline="")
    rows = csv.writer(out)
    rows.writerow(COLUMNS)
    for each in codes:
        parent = codes[each.parent].guid if each.parent is not None else ""
        cells = (
            each.guid, each.slug, each.name_ru, each.name_en, parent, each.kind, each.description, each.synonyms,
            each.colour,
        )  # fmt: skip
        rows.writerow([guarded(cell) for cell in cells])
    return out.getvalue().encode("utf-8-sig")


def read(data: bytes) -> Book:
    """Return the codes of a table; raises ``FileRefused``."""
    rows, notes = rows_of(data)
    made = [made_of(row, number) for number, row in enumerate(rows, 2)]
    parents = [line(row.get("parent")) for row in rows]
    return Book(counted(in_order(made, parents)), notes=notes)


def rows_of(data: bytes) -> tuple[list[dict[str, str]], tuple[str, ...]]:
    """Return the rows by the names of their columns, and what to say about reading them."""
    text, notes = decoded(data)
    first = text.partition("\n")[0]
    delimiter = max(DELIMITERS, key=first.count)
    csv.field_size_limit(xml.MOST_BYTES)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=False))
    except csv.Error:
        raise FileRefused(_("This table cannot be read: save it anew as CSV with commas.")) from None
    if not rows:
        raise FileRefused(_("There are no codes in this file."))
    names = [column(cell) for cell in rows[0]]
    if not {"name", "name_ru", "name_en"} & set(names):
        raise FileRefused(_("The first row must name the columns, one of them “name” or “tag”."))
    full = [row for row in rows[1:] if any(cell.strip() for cell in row)]
    return [dict(zip(names, (unguarded(cell) for cell in row), strict=False)) for row in full], notes


def decoded(data: bytes) -> tuple[str, tuple[str, ...]]:
    """Return the text of a table: UTF-8, or cp1251 with a note that it was taken for that."""
    if len(data) > xml.MOST_BYTES:
        raise FileRefused(xml.too_large())
    if b"\0" in data:
        raise FileRefused(_("This is no table of text. Save it as CSV in UTF-8."))
    for encoding in ENCODINGS:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        said = _("The file is not UTF-8; it is read as cp1251. If letters look wrong, save it as UTF-8.")
        return text, (() if encoding == "utf-8-sig" else (said,))
    raise FileRefused(_("This is no table of text. Save it as CSV in UTF-8."))


def column(cell: str) -> str:
    """Return the name that a column has with us."""
    name = line(unguarded(cell)).casefold()
    return ALSO.get(name, name)


def made_of(row: Mapping[str, str], number: int) -> Code:
    """Return the code of a row."""
    own_names = {name: line(row.get(name)) for name in ("name_ru", "name_en")}
    kind = line(row.get("kind")).casefold()
    fields: dict[str, Any] = {
        "guid": guid_of(row.get("guid")), "description": prose(row.get("description")),
        "colour": line(row.get("color")).lower(), "kind": kind if kind in ThemeKind.values else "",
        "synonyms": prose(row.get("synonyms")), "slug": line(row.get("slug")),
    }  # fmt: skip
    if any(own_names.values()):
        return checked(Code(**{**fields, **own_names}))
    if not line(row.get("name")):
        raise FileRefused(_("Row %(row)s has no name.") % {"row": number})
    return code(row.get("name"), **fields)


def in_order(codes: Sequence[Code], parents: Sequence[str]) -> list[Code]:
    """Return the codes with their parents before them; a parent is named by guid, code word or name."""
    keys: dict[str, int] = {}
    for place, each in enumerate(codes):
        for key in (each.guid, each.slug, *each.names):
            if key:
                keys.setdefault(key.casefold(), place)
    above: list[int | None] = []
    for place, parent in enumerate(parents):
        found = keys.get((guid_of(parent) or parent).casefold()) if parent else None
        if parent and found is None:
            said = _("“%(name)s” lies under “%(parent)s”, which is not in this file.")
            raise FileRefused(said % {"name": codes[place].name[:60], "parent": parent[:60]})
        above.append(found)
    return placed(codes, above)


def placed(codes: Sequence[Code], above: Sequence[int | None]) -> list[Code]:
    """Return the codes, each after its parent; raises ``FileRefused`` for a ring."""
    found: list[Code] = []
    new: dict[int, int] = {}
    for start in range(len(codes)):
        path: list[int] = []
        place: int | None = start
        while place is not None and place not in new:
            if place in path:
                raise FileRefused(_("“%(name)s” lies under itself.") % {"name": codes[place].name[:60]})
            path.append(place)
            place = above[place]
        for each in reversed(path):
            parent = above[each]
            new[each] = len(found)
            found.append(replace(codes[each], parent=None if parent is None else new[parent]))
    return found
