"""Marks and excerpts."""

import re
from html import unescape

from hypothesis import given
from hypothesis import strategies as st

from search import analysis, excerpts

LONG = "Сначала всё шло хорошо и спокойно. " * 20
STORY = (
    f"{LONG}Вечером мастер не пришёл, и соседка принесла чайник. {LONG}Утром горячая вода вернулась. {LONG}"
)


def stems(*words: str) -> frozenset[str]:
    return frozenset(map(analysis.stem, words))


def plain(html: str) -> str:
    return unescape(re.sub("</?mark>", "", html))


def test_it_marks_every_form_of_a_word() -> None:
    assert excerpts.highlight("Вода и воды", stems("вода")) == "<mark>Вода</mark> и <mark>воды</mark>"


def test_it_escapes_what_was_written() -> None:
    marked = excerpts.highlight('<script>"вода"&</script>', stems("вода"))
    assert marked == "&lt;script&gt;&quot;<mark>вода</mark>&quot;&amp;&lt;/script&gt;"


def test_it_marks_words_with_stress_and_soft_hyphens() -> None:
    assert excerpts.highlight("со\u00adсе\u0301дка", stems("соседка")).startswith("<mark>со")


def test_a_short_text_is_shown_whole() -> None:
    assert excerpts.excerpt("Горячая,\n\nвода", stems("вода")) == "Горячая, <mark>вода</mark>"


def test_a_long_text_is_cut_around_the_words() -> None:
    cut = excerpts.excerpt(STORY, stems("мастер", "чайник"))
    assert "<mark>мастер</mark>" in cut
    assert "<mark>чайник</mark>" in cut
    assert cut.startswith("… ") and cut.endswith(" …")
    assert 150 < len(plain(cut)) < 300


def test_words_far_apart_give_several_fragments() -> None:
    cut = excerpts.excerpt(STORY, stems("чайник", "вернулась"))
    assert cut.count("…") == 3
    assert "<mark>чайник</mark>" in cut and "<mark>вернулась</mark>" in cut
    assert len(plain(cut)) < 320


def test_without_a_match_the_beginning_is_shown() -> None:
    cut = excerpts.excerpt(STORY, stems("трамвай"))
    assert cut.startswith("Сначала") and cut.endswith("…")


def test_no_word_is_cut_in_two() -> None:
    words = set(STORY.split())
    cut = plain(excerpts.excerpt(STORY, stems("чайник")))
    assert all(word in words for word in cut.split() if word != "…")


def test_a_text_without_spaces_is_cut_too() -> None:
    assert len(plain(excerpts.excerpt("ж" * 5000, stems("вода")))) < 260


@given(st.text(max_size=2000), st.sampled_from(["вода", "water", "a"]))
def test_an_excerpt_is_made_of_the_text_whatever_it_is(text: str, word: str) -> None:
    cut = excerpts.excerpt(f"{text} {word} {text}", stems(word))
    assert cut.count("<mark>") == cut.count("</mark>")
    assert not re.search(r"<(?!/?mark>)", cut)
    source = re.sub(r"[\s·]+", " ", analysis.clean(f"{text} {word} {text}"))
    for part in re.split(" ?… ?", plain(cut)):
        assert re.sub(r"[\s·]+", " ", part) in source or "…" in text


def test_a_word_inside_a_longer_one_is_not_marked() -> None:
    marked = excerpts.highlight("вода, водопровод и вода-вода; новода вода", stems("вода"))
    assert marked.count("<mark>вода</mark>") == 4
    assert "водопровод" in marked and " новода " in marked


@given(
    st.lists(
        st.sampled_from(
            ["вода", "Воды", "водный", "не", "вода’", "д'вода", " ", "\u00ad", "_", "-", "\n", "1"]
        )
    )
)
def test_every_spot_is_a_whole_word_in_order(parts: list[str]) -> None:
    text = "".join(parts)
    wanted = stems("вода")
    told = [
        (piece.start(), piece.end())
        for piece in re.finditer(r"(?:[^\W_]|[\u0300-\u036f\u00ad'’ʼ])+", text)
        if any(analysis.stem(word) in wanted for word in analysis.words(piece[0])[:1])
    ]
    assert [(spot.start, spot.end) for spot in excerpts.spots(text, wanted)] == told


def test_a_heading_is_parted_from_what_follows_and_no_excerpt_begins_with_the_dot() -> None:
    text = "Шесть десять\n\nВода была горячей.\nУтро\nТихо"
    assert excerpts.excerpt(text, {"вод"}) == "Шесть десять · <mark>Вода</mark> была горячей. Утро · Тихо"
    told = f"{'слово ' * 60}\nВода {'слово ' * 60}"
    assert "… ·" not in excerpts.excerpt(told.replace("слово", "сло"), {"вод"}, length=12)
