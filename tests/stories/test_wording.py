"""The digest of a wording: everything of the narrator's changes it, nothing of the company's does."""

import unicodedata
from typing import Any

import pytest
from django.core.files.images import ImageFile
from hypothesis import given
from hypothesis import strategies as st

from stories import wording
from stories.models import StoryPage
from stories.wording import EPISODE_WORDS
from tests.factories import episode, make_image, make_story, make_touchpoint
from tests.stories.conftest import photo

TEXT = st.text(max_size=40)
EPISODE = {
    "title": "The call", "touchpoint": 3, "when": "Monday", "happened": "Nobody came.", "expected": "somebody", "feeling": -1,
    "feeling_words": "tired", "loyalty": -2, "recovery": "They wrote", "turning_point": True, "turning_words": "then",
}  # fmt: skip


def block(kind: str, value: Any) -> dict[str, Any]:
    return {"type": kind, "value": value, "id": "x"}


def digest(
    *blocks: dict[str, Any], title: str = "T", summary: str = "S", images: dict[int, str] | None = None
) -> str:
    return wording.digest(title, summary, blocks, images)


BASE = [
    block("episode", EPISODE),
    block("narrative", "<p>It began on Monday.</p>"),
    block("quote", {"text": "I waited."}),
    block("photo", {"image": 7, "caption": "The door", "alt": "a door"}),
]


def test_title_and_summary_belong_to_the_wording() -> None:
    assert len({digest(*BASE), digest(*BASE, title="T2"), digest(*BASE, summary="S2")}) == 3


def test_title_and_summary_are_not_run_together() -> None:
    assert digest(title="ab", summary="c") != digest(title="a", summary="bc")


@pytest.mark.parametrize("field", EPISODE_WORDS)
def test_every_word_and_mark_of_an_episode_belongs_to_the_wording(field: str) -> None:
    old = EPISODE[field]
    new: Any = not old if isinstance(old, bool) else f"{old}!" if isinstance(old, str) else int(str(old)) + 1
    assert digest(block("episode", EPISODE)) != digest(block("episode", {**EPISODE, field: new}))


def test_the_companys_name_for_the_place_does_not() -> None:
    assert digest(block("episode", EPISODE)) == digest(block("episode", {**EPISODE, "touchpoint": None}))


def test_every_field_of_an_episode_is_the_narrators_or_the_touchpoint() -> None:
    from stories.blocks import EpisodeBlock

    assert set(EpisodeBlock().child_blocks) == {*EPISODE_WORDS, "touchpoint"}


@pytest.mark.parametrize(
    "changed",
    [
        block("narrative", "<p>It began on Tuesday.</p>"),
        block("narrative", "<p>It began on <b>Monday</b>.</p>"),
        block("quote", {"text": "I waited long."}),
        block("photo", {"image": 8, "caption": "The door", "alt": "a door"}),
        block("photo", {"image": 7, "caption": "The window", "alt": "a door"}),
    ],
)
def test_every_other_block_of_hers_belongs_to_the_wording(changed: dict[str, Any]) -> None:
    replaced = [changed if each["type"] == changed["type"] else each for each in BASE]
    assert digest(*replaced) != digest(*BASE)


def test_the_order_and_the_number_of_her_blocks_belong_to_the_wording() -> None:
    assert len({digest(*BASE), digest(*reversed(BASE)), digest(*BASE[1:]), digest(*BASE, BASE[0])}) == 4


@pytest.mark.parametrize(
    "companys",
    [
        block("case", {"verdict": "bad", "why": "x", "missing": "", "lesson": "y"}),
        block("warning", "It is sad."),
        block("response", {"date": "2026-01-01", "text": "We changed it."}),
    ],
)
def test_the_companys_blocks_do_not(companys: dict[str, Any]) -> None:
    assert digest(companys, *BASE, companys) == digest(*BASE)


def test_ids_of_blocks_do_not() -> None:
    assert digest(*({**each, "id": "other"} for each in BASE)) == digest(*BASE)


def test_a_text_for_those_who_cannot_see_is_the_companys() -> None:
    changed = block("photo", {"image": 7, "caption": "The door", "alt": "a green door"})
    assert digest(*BASE[:3], changed) == digest(*BASE)


def test_another_file_of_the_same_picture_is_another_wording() -> None:
    assert digest(*BASE, images={7: "aa"}) != digest(*BASE, images={7: "bb"})


def test_the_same_file_under_another_id_is_the_same_wording() -> None:
    moved = block("photo", {"image": 9, "caption": "The door", "alt": ""})
    assert digest(*BASE[:3], moved, images={9: "aa"}) == digest(*BASE, images={7: "aa"})


@given(TEXT, TEXT, TEXT)
def test_how_letters_are_composed_and_ends_of_lines_do_not_matter(
    title: str, summary: str, told: str
) -> None:
    one = digest(block("quote", {"text": told}), title=title, summary=summary)
    told = unicodedata.normalize("NFD", told).replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\r\n")
    other = digest(
        block("quote", {"text": f"  {told}\n"}),
        title=f" {title}\t",
        summary=unicodedata.normalize("NFD", summary),
    )
    assert one == other


def test_a_space_inside_does_matter() -> None:
    assert digest(title="a b") != digest(title="ab")


@given(st.lists(st.tuples(st.sampled_from(["narrative", "quote"]), TEXT), max_size=4))
def test_a_digest_is_the_same_every_time_and_looks_like_one(parts: list[tuple[str, str]]) -> None:
    blocks = [block(kind, text if kind == "narrative" else {"text": text}) for kind, text in parts]
    assert digest(*blocks) == digest(*blocks)
    assert len(digest(*blocks)) == 64


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<p>One</p><p>Two</p>", "One\nTwo"),
        ("<ul><li>a</li><li>b &amp; c</li></ul>", "a\nb & c"),
        ("x<br/>y<br>z", "x\ny\nz"),
        ("<p>  wide   space </p>", "wide space"),
        ("", ""),
        ("<h3>Head</h3>text", "Head\ntext"),
    ],
)
def test_plain_text_has_a_line_for_every_paragraph(markup: str, text: str) -> None:
    assert wording.plain(markup) == text


@pytest.mark.django_db
def test_a_stored_story_has_the_digest_of_its_object_and_of_its_revision() -> None:
    story = make_story(
        body=[episode(touchpoint=make_touchpoint()), photo(make_image()), ("narrative", "<p>Ёлка</p>")]
    )
    again = StoryPage.objects.get(pk=story.pk)
    assert again.wording_sha256 == again.digest() == again.get_latest_revision_as_object().digest()


@pytest.mark.django_db
def test_a_replaced_file_takes_the_story_away_until_it_is_approved_anew(reader: Any, enqueued: Any) -> None:
    from consent.enums import Category
    from stories.querysets import visible
    from tests.factories import approve, give, make_member

    member, image = make_member(), make_image()
    give(member, categories=(Category.WORDS, Category.IMAGE))
    story = make_story(member, body=[photo(image)])
    enqueued()
    other = make_image(size=(30, 30))
    with other.file.open() as content:
        image.file = ImageFile(content, name="again.jpg")
        image.save()
    assert enqueued() == {story.pk}
    assert not visible(reader).exists()
    story.refresh_from_db()
    approve(story)
    assert visible(reader).get() == story


@pytest.mark.django_db
def test_saving_a_picture_without_a_new_file_changes_no_wording(enqueued: Any) -> None:
    image = make_image()
    story = make_story(body=[photo(image)])
    before = story.wording_sha256
    enqueued()
    image.title = "Another title"
    image.save()
    story.refresh_from_db()
    assert (story.wording_sha256, enqueued()) == (before, set())
