"""REFI-QDA codebooks (QDC 1.0), as QualCoder, Taguette, ATLAS.ti, MAXQDA and NVivo write and read them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from xml.etree.ElementTree import Element, SubElement

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from ideas.enums import ThemeKind
from ideas.exchange import xml
from ideas.exchange.records import Book, Code, FileRefused, checked, code, counted, guid_of, line, prose

SPACE = "urn:QDA-XML:codebook:1.0"


def write(codes: Sequence[Code]) -> bytes:
    """Return a codebook; raises ``FileRefused`` for an empty one, which the schema does not know."""
    if not codes:
        raise FileRefused(_("There are no themes yet."))
    root = Element("CodeBook", {"xmlns": SPACE})
    put_codes(root, codes)
    return xml.written(root, extras(codes))


def put_codes(parent: Element, codes: Sequence[Code]) -> Element:
    """Write the tree of codes into an element; returns what holds them."""
    holder = SubElement(parent, "Codes")
    made: list[Element] = []
    for each in codes:
        element = SubElement(holder if each.parent is None else made[each.parent], "Code")
        element.set("guid", each.guid)
        element.set("name", shown_name(each))
        element.set("isCodable", "true")
        if each.colour:
            element.set("color", each.colour)
        if each.description:
            SubElement(element, "Description").text = each.description
        made.append(element)
    return holder


def shown_name(each: Code) -> str:
    """Return the name in the active language, or the one there is."""
    first, second = (each.name_en, each.name_ru) if is_english() else (each.name_ru, each.name_en)
    return first or second


def is_english() -> bool:
    """Whether names are written in English now."""
    return (get_language() or "").startswith("en")


def extras(codes: Iterable[Code]) -> list[dict[str, str]]:
    """Return what the schema has no place for."""
    shown = "name_en" if is_english() else "name_ru"
    return [
        {"guid": each.guid, "shown": shown, "name_ru": each.name_ru, "name_en": each.name_en, "kind": each.kind,
         "synonyms": each.synonyms, "slug": each.slug}
        for each in codes
    ]  # fmt: skip


def read(data: bytes) -> Book:
    """Return the codes of a codebook, or of the codebook in a project's document; raises ``FileRefused``."""
    root, notes = xml.read(data)
    if xml.local(root) == "CodeBook":
        return Book(codes_of(root, notes))
    books = xml.children(root, "CodeBook")
    if xml.local(root) != "Project" or not books:
        raise FileRefused(_("This is XML, but no codebook of the REFI-QDA standard."))
    return Book(codes_of(books[0], notes))


def codes_of(book: Element, notes: Mapping[str, Mapping[str, str]]) -> tuple[Code, ...]:
    """Return the codes of a ``CodeBook`` element, parents before their children."""
    found: list[Code] = []
    tops = [element for holder in xml.children(book, "Codes") for element in xml.children(holder, "Code")]
    waiting: list[tuple[Element, int | None]] = [(element, None) for element in reversed(tops)]
    while waiting:
        element, parent = waiting.pop()
        found.append(one(element, parent, notes))
        below = [(child, len(found) - 1) for child in xml.children(element, "Code")]
        waiting += reversed(below)
    return counted(found)


def one(element: Element, parent: int | None, notes: Mapping[str, Mapping[str, str]]) -> Code:
    """Return one code; of our own note only what still fits the name that stands there."""
    guid = guid_of(element.get("guid"))
    note = notes.get(guid)
    idea = (note or {}).get("idea", "")
    made = code(
        element.get("name"), guid=guid, parent=parent, description=prose(xml.text_in(element, "Description")),
        colour=(element.get("color") or "").lower(), idea=idea,
    )  # fmt: skip
    return own(made, note) if note and not idea else made


def own(made: Code, note: Mapping[str, str]) -> Code:
    """Return a code with what this house wrote about it; a name changed in another program stays changed."""
    names: dict[str, Any] = {name: line(note.get(name)) for name in ("name_ru", "name_en")}
    shown = "name_en" if note.get("shown") == "name_en" else "name_ru"
    other = "name_ru" if shown == "name_en" else "name_en"
    if made.name != (names[shown] or names[other]):
        names[shown] = made.name
    kind = note.get("kind", "")
    return checked(
        Code(
            guid=made.guid, parent=made.parent, description=made.description, colour=made.colour,
            kind=kind if kind in ThemeKind.values else "", synonyms=prose(note.get("synonyms")),
            slug=line(note.get("slug")), **names,
        )
    )  # fmt: skip
