"""The company's words: renamed or merged, every story that carries them is indexed anew."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import ProtectedError
from django.utils import translation

from club.models import User
from stories.models import StoryPage, Tag
from stories.services.tagging import carriers, merge_tags
from tests.factories import approve, make_product_line, make_story, make_tag, make_touchpoint

pytestmark = pytest.mark.django_db
Enqueued = Callable[[], set[int]]


def tagged(*words: Any) -> StoryPage:
    """A published story that carries tags, touchpoints or product lines."""
    story = make_story()
    for word in words:
        {"Tag": story.tags, "Touchpoint": story.touchpoints, "ProductLine": story.product_lines}[
            type(word).__name__
        ].add(word)
    approve(story)
    story.save_revision().publish()
    return story


@pytest.mark.parametrize("make", [make_tag, make_touchpoint, make_product_line])
def test_a_renamed_word_puts_its_stories_into_the_outbox(
    make: Callable[[str], Any], enqueued: Enqueued
) -> None:
    word, other = make("hot-water"), make("lift")
    story = tagged(word)
    tagged(other)
    enqueued()
    word.name_en = "no hot water"
    word.save()
    assert enqueued() == {story.pk}


@pytest.mark.parametrize("make", [make_tag, make_touchpoint, make_product_line])
def test_a_new_word_concerns_no_story(make: Callable[[str], Any], enqueued: Enqueued) -> None:
    make_story()
    enqueued()
    make("new")
    assert enqueued() == set()


def test_a_merged_tag_gives_its_stories_to_the_other(enqueued: Enqueued, keeper: User) -> None:
    source, target = make_tag("hot-watr"), make_tag("hot-water")
    one, both, other = tagged(source), tagged(source, target), tagged(target)
    enqueued()
    assert merge_tags(source=source, target=target, by=keeper) == 2
    for story in (one, both, other):
        assert list(StoryPage.objects.get(pk=story.pk).tags.all()) == [target]
    assert enqueued() == {one.pk, both.pk}
    assert not Tag.objects.filter(slug="hot-watr").exists()


def test_a_draft_with_a_merged_tag_can_still_be_opened(keeper: User) -> None:
    source, target = make_tag("old"), make_tag("new")
    story = make_story(publish=False)
    story.tags.add(source)
    story.save_revision()
    merge_tags(source=Tag.objects.get(slug="old"), target=target, by=keeper)
    assert list(StoryPage.objects.get(pk=story.pk).get_latest_revision_as_object().tags.all()) == [target]


def test_merging_changes_no_wording(keeper: User, reader: User) -> None:
    from stories.querysets import visible

    source, target = make_tag("old"), make_tag("new")
    story = tagged(source)
    merge_tags(source=source, target=target, by=keeper)
    assert visible(reader).get() == story


def test_a_tag_is_not_merged_with_itself() -> None:
    with pytest.raises(ValidationError):
        merge_tags(source=make_tag("one"), target=make_tag("one"))
    assert Tag.objects.filter(slug="one").exists()


@pytest.mark.parametrize("role", ["reader", "marketer", "hr_lead", "outsider"])
def test_whoever_may_not_delete_tags_may_not_merge_them(person: Callable[[str], User], role: str) -> None:
    with pytest.raises(PermissionDenied):
        merge_tags(source=make_tag("a"), target=make_tag("b"), by=person(role))
    assert Tag.objects.count() == 2


def test_a_tag_that_stories_carry_is_not_deleted() -> None:
    tag = make_tag("hot-water")
    tagged(tag)
    with pytest.raises(ProtectedError):
        tag.delete()


def test_drafts_count_among_the_carriers_of_a_word() -> None:
    tag = make_tag("hot-water")
    tagged(tag)
    draft = make_story(publish=False)
    draft.tags.add(tag)
    draft.save_revision()
    assert carriers(tag) == 2


@pytest.mark.parametrize(("language", "label"), [("ru", "ожидание"), ("en", "waiting")])
def test_a_word_speaks_the_readers_language(language: str, label: str) -> None:
    tag = make_tag("waiting", name_ru="ожидание", name_en="waiting")
    with translation.override(language):
        assert tag.label == str(tag) == label


def test_a_word_without_a_name_in_one_language_uses_the_other() -> None:
    tag = make_tag("only-ru", name_ru="только", name_en="")
    with translation.override("en"):
        assert tag.label == "только"
