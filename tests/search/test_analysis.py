"""Words, stems, grams, codes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search import analysis
from search.documents import Document


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        (" \t\n", []),
        ("Ёлка и ёж", ["елка", "и", "еж"]),
        ("ЗВОНИЛИ, работодателю!", ["звонили", "работодателю"]),
        ("don't don’t", ["don't", "don't"]),
        ("ﬁnal №5 ½", ["final", "no5", "1", "2"]),
        ("за\u0301мок", ["замок"]),
        ("и\u0306од", ["йод"]),
        ("со\u00adгла\u200bсие", ["согласие"]),
        ("a\x00b", ["a", "b"]),
        ('title:x AND -y "z"*', ["title", "x", "and", "y", "z"]),
        ("\ud800x", ["x"]),
        ("_a_b_", ["a", "b"]),
        ("W" * 200, ["w" * analysis.WORD_LIMIT]),
    ],
)
def test_it_cuts_a_text_into_folded_words(text: str, expected: list[str]) -> None:
    assert analysis.words(text) == expected


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("звонили", "звонила"),
        ("работодателю", "работодателем"),
        ("calling", "called"),
        ("employers", "employer"),
        ("елки", "елка"),
    ],
)
def test_forms_of_a_word_share_a_stem(one: str, other: str) -> None:
    assert analysis.stem(one) == analysis.stem(other)


def test_grams_are_runs_of_four_letters_inside_a_word() -> None:
    assert analysis.grams("вода") == ["вода"]
    assert analysis.grams("водам") == ["вода", "одам"]
    assert analysis.grams("вод") == []


def test_pairs_are_neighbours_each_once() -> None:
    assert analysis.pairs(["a", "b", "a", "b"]) == [("a", "b"), ("b", "a")]


def test_a_denial_is_no_stop_word() -> None:
    assert not any(map(analysis.is_stop, ("нет", "no", "not", "never", "нельзя", "никогда")))


def test_a_code_keeps_its_hyphens_and_loses_quotes() -> None:
    assert analysis.code("«KD-482913-7».") == "kd-482913-7"


def document(**fields: object) -> Document:
    base = {
        "kind": "note",
        "object_id": 1,
        "external_id": "n-1",
        "url": "/",
        "language": "ru",
        "title": "Вода",
    }
    return Document(**base | {"fingerprint": "f"} | fields)  # type: ignore[arg-type]


def test_the_lead_is_the_beginning_of_the_body_unless_there_is_a_summary() -> None:
    long = " ".join(f"слово{number}" for number in range(100))
    assert len(analysis.analyse(document(body=long)).lead.split()) == analysis.LEAD_WORDS
    assert analysis.analyse(document(body=long, lead="Короткая вода")).lead == "коротк вод"


def test_a_lead_that_repeats_the_beginning_is_counted_once() -> None:
    assert analysis.analyse(document(body="Трубы текут", lead="Трубы")).stems == "вод труб текут"
    assert analysis.analyse(document(body="Трубы текут", lead="Зима")).stems == "вод зим труб текут"


def test_the_index_learns_nothing_of_a_person_but_the_code() -> None:
    told = analysis.analyse(document(person="KD-1-1", body="текст"))
    assert told.codes == ("kd-1-1", "n-1")
    assert "kd" not in told.stems.split()


def test_the_signature_stays_while_nothing_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    first = analysis.signature()
    assert first == analysis.signature()
    monkeypatch.setattr(analysis, "STOP_WORDS", frozenset({"вода"}))
    analysis.word.cache_clear()
    changed = analysis.signature()
    monkeypatch.undo()
    analysis.word.cache_clear()
    assert first != changed


@given(st.text(alphabet=st.characters(exclude_categories=())))
def test_tokens_of_any_text_hold_no_spaces_and_can_be_written(text: str) -> None:
    told = analysis.analyse(document(title=text, body=text, lead=text, person=text))
    for token in (*told.stems.split(" "), *told.title.split(" "), *told.codes):
        assert not token or token.split() == [token]
        token.encode()
