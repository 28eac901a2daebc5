"""Codebooks of other programs and our own, there and back; files that are none."""

import string
import zipfile
from io import BytesIO
from typing import Any

import pytest
from django.utils.translation import override
from hypothesis import given, settings
from hypothesis import strategies as st

from ideas.enums import Colour, ThemeKind
from ideas.exchange import qdc, qdpx, table, xml
from ideas.exchange.records import Code, FileRefused, line, named, nearest, prose
from tests.ideas.exchange.files import ATLAS_QDC, QUALCODER_QDC, TAGUETTE_CSV, TAGUETTE_QDC, check, zipped

pytestmark = pytest.mark.anywhere

WORDS = st.text(st.sampled_from(string.ascii_letters + "абвёЖ &<>\"'=+-@?%,;|\n\t«»😀"), max_size=24)
ALL = lambda guid, name: True  # noqa: E731


@st.composite
def books(draw: Any) -> list[Code]:
    """Codebooks: trees with names in one or both languages."""
    made: list[Code] = []
    for number in range(draw(st.integers(1, 7))):
        russian, english = line(draw(WORDS)), line(draw(WORDS))
        made.append(
            Code(
                guid=named("test", number), name_ru=russian, name_en=english or ("" if russian else f"Code {number}"),
                parent=draw(st.sampled_from([None, *range(number)])), description=prose(draw(WORDS)),
                colour=draw(st.sampled_from(Colour.values)), kind=draw(st.sampled_from(ThemeKind.values)),
                synonyms=prose(draw(WORDS)), slug=f"code-{number}",
            )
        )  # fmt: skip
    return made


def tree(codes: Any) -> set[Any]:
    """A codebook without the order of siblings: each code with the guid of its parent."""
    return {(each.guid, each.name_ru, each.name_en, each.description, each.colour, each.kind, each.synonyms, each.slug,
             None if each.parent is None else codes[each.parent].guid) for each in codes}  # fmt: skip


@settings(max_examples=40)
@given(books(), st.sampled_from(["ru", "en"]))
def test_what_is_written_is_what_is_read(codes: list[Code], language: str) -> None:
    with override(language):
        assert tree(qdc.read(qdc.write(codes)).codes) == tree(codes)
        assert tree(table.read(table.write(codes)).codes) == tree(codes)


def test_a_codebook_is_as_the_published_schema_wants_it() -> None:
    codes = [Code(named("t", 1), "Час", "The hour", None, "Says <when> & why", "#0b5a47", "need", "soon?>\nlater"), Code(named("t", 2), "", "x" * 120, 0)]
    data = qdc.write(codes)
    check("codebook", data)
    assert tree(qdc.read(data).codes) == tree(codes)
    with pytest.raises(FileRefused):
        qdc.write([])


def test_a_file_of_qualcoder_keeps_names_tree_and_descriptions() -> None:
    codes = qdc.read(QUALCODER_QDC).codes
    assert [(each.name_ru, each.name_en, each.parent, each.description) for each in codes] == [
        ("Ожидание", "", None, "Люди ждут & не знают сколько"), ("Час не назван", "", 0, ""),
        ("«Завтра»", "", 1, "Обещали завтра.\nИ снова завтра."), ("", "Thanks", None, ""),
    ]  # fmt: skip
    assert codes[0].guid == "5a1b0c7e-1111-4e9b-8e5f-0a0a0a0a0a01" and nearest(codes[2].colour) in Colour.values


def test_files_of_taguette_and_atlas_keep_names_tree_and_descriptions() -> None:
    assert [each.name_en for each in qdc.read(TAGUETTE_QDC).codes] == ["interesting", "interesting.places"]
    codes = table.read(TAGUETTE_CSV).codes
    assert [(each.name, each.parent, each.description) for each in codes] == [
        ("interesting", None, "Further review required"), ("interesting.places", 0, "Yards, lifts and\nstairs"), ("Люди", None, ""),
    ]  # fmt: skip
    [only] = qdc.read(ATLAS_QDC).codes
    assert (only.guid, only.name, only.description) == ("1ff58b12-6f6f-4b0c-8be5-bbdc91f55294", "code1", "description")


def test_a_name_changed_in_another_program_stays_changed() -> None:
    with override("ru"):
        data = qdc.write([Code(named("t", 1), "Час", "The hour", kind="need")]).replace('name="Час"'.encode(), 'name="Точный час"'.encode())
    [read] = qdc.read(data).codes
    assert (read.name_ru, read.name_en, read.kind) == ("Точный час", "The hour", "need")


BOMB = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><CodeBook><Codes><Code name="&b;"/></Codes></CodeBook>'
DEEP = b"<CodeBook><Codes>" + b'<Code name="a">' * 60 + b"</Code>" * 60 + b"</Codes></CodeBook>"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (BOMB, "entities"),
        (DEEP, "levels deep"),
        (b"<CodeBook><Codes>", "not well-formed"),
        (b"<CodeBook><Codes/></CodeBook>", "no codes"),
        (b"<html/>", "no codebook"),
        (b'<CodeBook><Codes><Code guid="x"/></Codes></CodeBook>', "no name"),
        (b'<CodeBook><Codes><Code name="%s"/></Codes></CodeBook>' % (b"n" * 130), "130 letters"),
    ],
)
def test_a_bad_codebook_says_why(data: bytes, said: str) -> None:
    with override("en"), pytest.raises(FileRefused, match=said):
        qdc.read(data)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "no codes"),
        (b"a,b\n1,2\n", "name the columns"),
        (b"tag,parent\na,b\n", "not in this file"),
        (b"tag,parent\na,b\nb,a\n", "under itself"),
        (b"tag\n\n", "no codes"),
        (b"tag,description\n,x\n", "Row 2 has no name"),
        (b"PK\0\0", "no table"),
    ],
)
def test_a_bad_table_says_why(data: bytes, said: str) -> None:
    with override("en"), pytest.raises(FileRefused, match=said):
        table.read(data)


def test_a_table_in_an_older_encoding_is_read_with_a_note() -> None:
    book = table.read("название;описание\nЧас;Когда придут\n".encode("cp1251"))
    assert (book.codes[0].name_ru, book.codes[0].description, len(book.notes)) == ("Час", "Когда придут", 1)


def declared(size: int) -> bytes:
    """An archive whose part says that it is much larger than it is."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("project.qde", b" " * size)
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (declared(8_000_000), "unpack to far more"),
        (b"PK\x03\x04broken", "broken"),
        (zipped({"readme.txt": "x"}), "project.qde is missing"),
        (zipped({"project.qde": BOMB}), "entities"),
        (zipped({"project.qde": "<Project/>"}), "no codes"),
    ],
)
def test_a_bad_project_says_why(data: bytes, said: str) -> None:
    with override("en"), pytest.raises(FileRefused, match=said):
        qdpx.read(data, ALL)


def test_nothing_is_unpacked_beyond_what_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xml, "MOST_BYTES", 10)
    with override("en"), pytest.raises(FileRefused, match="too large"):
        qdpx.read(zipped({"project.qde": "<Project></Project>"}), ALL)
