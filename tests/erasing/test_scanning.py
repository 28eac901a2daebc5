"""The search for what is left: it finds every form of every piece wherever it lies, and nothing that is not there."""

import json
from urllib.parse import quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.erasing.canaries import BREAKS, LEAST_BYTES, Canary, from_words, pieces, samples
from consent.erasing.scanning import CHUNK, Scanner

TEXT = "три вечера подряд ждала мастера у холодной батареи"
LATIN = "a kettle sang in the corridor while nobody came"
FORMS = {
    "UTF-8": lambda text: text.encode(),
    "UTF-16": lambda text: text.encode("utf-16-le"),
    "JSON": lambda text: json.dumps({"a": text}).encode(),
    "JSON in JSON": lambda text: json.dumps(json.dumps([{"a": text}])).encode(),
    "a form": lambda text: quote_plus(text).encode(),
}


def scanner(*texts: str) -> Scanner:
    return Scanner([Canary("words", text.encode()) for text in texts])


@pytest.mark.parametrize("text", [TEXT, LATIN], ids=["ru", "en"])
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("offset", range(9))
def test_it_finds_a_piece_in_every_form_at_every_offset(form: str, text: str, offset: int) -> None:
    chunk = b"x" * offset + FORMS[form](text) + b"tail of something else"
    if form == "a form" and text == LATIN:
        chunk += b"%D0%90"
    assert scanner(text).search(chunk) == {0}


@pytest.mark.parametrize("before", [CHUNK - 20, CHUNK - 1, CHUNK, 3 * CHUNK - 50])
def test_it_finds_a_piece_that_lies_over_the_border_of_two_chunks(before: int) -> None:
    import io

    stream = io.BytesIO(b"z" * before + json.dumps(TEXT).encode() + b"z" * 100)
    assert scanner(TEXT).read(stream).hits == {0}


def test_it_finds_nothing_where_only_the_words_are_the_same() -> None:
    other = " ".join(reversed(TEXT.split()))
    assert scanner(TEXT).search(other.encode() * 50) == set()


def test_it_finds_short_names() -> None:
    assert scanner("Аксинья", "Марфа Т").search("…пришла Аксинья…".encode()) == {0}


def test_what_others_say_too_is_left_out() -> None:
    left = scanner(TEXT, LATIN).without([f"someone else: {LATIN}."])
    assert [each.data for each in left.canaries] == [TEXT.encode()]


@given(st.binary(max_size=400), st.text(min_size=8, max_size=60), st.binary(max_size=400))
def test_it_agrees_with_a_plain_search(before: bytes, text: str, after: bytes) -> None:
    data = text.encode("utf-8", "ignore")
    if len(data) < 8:
        return
    found = Scanner([Canary("words", data), Canary("words", b"\x00never\xff" * 4)])
    assert 0 in found.search(before + data + after)


@given(st.text(max_size=3000))
def test_a_piece_stands_in_its_text_and_holds_nothing_that_an_encoding_writes_otherwise(text: str) -> None:
    for piece in pieces(text):
        assert piece in text
        assert len(piece) >= 6
        assert not BREAKS.search(piece.replace("_", "-"))


def test_pieces_of_a_long_text_are_long_and_spread_over_it() -> None:
    text = ". ".join(f"Предложение номер {number} рассказывает о холодной батарее" for number in range(200))
    found = pieces(text)
    assert len(found) == 8
    assert all(len(piece.encode()) >= LEAST_BYTES for piece in found)
    assert text.index(found[-1]) > len(text) * 0.9


def test_each_piece_is_looked_for_once() -> None:
    assert len(from_words([("title", TEXT), ("words", TEXT), ("file", b"raw bytes of a picture")])) == 2


def test_a_copy_of_a_picture_is_known_by_its_middle() -> None:
    content = bytes(range(256)) * 16
    assert all(sample in content for sample in samples(content))
    assert not list(samples(b"short"))
