"""Tags, touchpoints, product lines: merging, and not losing what stories carry."""

from collections.abc import Callable

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries
from wagtail.models import ModelLogEntry

from club.models import User
from search.models import Outbox
from stories.models import StoryPage, StoryTag, Tag, Touchpoint
from stories.services.tagging import carriers, merge_tags
from tests.factories import episode, make_product_line, make_story, make_tag, make_touchpoint

As = Callable[[str], Client]


def tagged(*tags: Tag) -> StoryPage:
    story = make_story()
    story.tags.add(*tags)
    story.save()
    story.save_revision()
    return story


def test_a_merged_tag_leaves_its_stories_to_the_other(person: Callable[[str], User]) -> None:
    warm, hot = make_tag("warm"), make_tag("hot")
    one, both, neither = tagged(warm), tagged(warm, hot), tagged(hot)
    Outbox.objects.all().delete()
    assert merge_tags(source=warm, target=hot, by=person("story_keeper")) == 2
    assert set(StoryTag.objects.values_list("content_object_id", "tag__slug")) == {
        (story.pk, "hot") for story in (one, both, neither)
    }
    assert StoryTag.objects.count() == 3
    assert not Tag.objects.filter(slug="warm").exists()
    assert set(Outbox.objects.values_list("object_id", flat=True)) == {one.pk, both.pk}


def test_drafts_that_name_the_merged_tag_still_open(as_: As) -> None:
    warm, hot = make_tag("warm"), make_tag("hot")
    story = tagged(warm, hot)
    merge_tags(source=warm, target=hot)
    latest = StoryPage.objects.get(pk=story.pk).get_latest_revision_as_object()
    assert [tag.slug for tag in latest.tags.all()] == ["hot"]
    assert as_("story_keeper").get(reverse("wagtailadmin_pages:edit", args=[story.pk])).status_code == 200


def test_merging_is_logged_with_codes_only(person: Callable[[str], User]) -> None:
    warm, hot = make_tag("warm"), make_tag("hot")
    tagged(warm)
    merge_tags(source=warm, target=hot, by=person("story_keeper"))
    entry = ModelLogEntry.objects.get(action="stories.tags_merged")
    assert entry.data == {"merged": "warm", "stories": 1}


def test_merging_needs_both_permissions_and_two_tags(person: Callable[[str], User]) -> None:
    warm, hot = make_tag("warm"), make_tag("hot")
    with pytest.raises(PermissionDenied):
        merge_tags(source=warm, target=hot, by=person("marketer"))
    with pytest.raises(ValidationError):
        merge_tags(source=warm, target=warm, by=person("story_keeper"))
    assert Tag.objects.count() == 2


def test_the_merge_screen_says_how_many_and_merges(as_: As) -> None:
    warm, hot = make_tag("warm"), make_tag("hot")
    tagged(warm)
    client, url = as_("story_keeper"), reverse("wagtailsnippets_stories_tag:merge", args=[warm.pk])
    assert "1 story carries this tag" in client.get(url).content.decode()
    assert client.post(url, {"target": warm.pk}).status_code == 200
    assert client.post(url, {"target": hot.pk}).status_code == 302
    assert not Tag.objects.filter(pk=warm.pk).exists()


def test_merging_is_offered_to_those_who_may(as_: As) -> None:
    url = reverse("wagtailsnippets_stories_tag:merge", args=[make_tag().pk])
    assert url in as_("story_keeper").get("/admin/snippets/stories/tag/").content.decode()
    assert url not in as_("marketer").get("/admin/snippets/stories/tag/").content.decode()


@pytest.mark.parametrize("kind", ["tag", "touchpoint", "productline"])
def test_a_word_in_use_stays(kind: str, as_: As) -> None:
    story = make_story()
    word = {"tag": make_tag, "touchpoint": make_touchpoint, "productline": make_product_line}[kind]()
    getattr(story, {"tag": "tags", "touchpoint": "touchpoints", "productline": "product_lines"}[kind]).add(
        word
    )
    story.save()
    client = as_("superuser")
    delete = reverse(f"wagtailsnippets_stories_{kind}:delete", args=[word.pk])
    assert "1 story carries it" in client.post(delete, follow=True).content.decode()
    bulk = reverse("wagtail_bulk_action", args=["stories", kind, "delete"])
    client.post(f"{bulk}?id={word.pk}&next=/admin/", {})
    assert type(word).objects.filter(pk=word.pk).exists()


def test_a_word_named_in_an_episode_or_a_draft_is_in_use(db: None) -> None:
    point, tag = make_touchpoint(), make_tag()
    make_story(body=[episode(touchpoint=point)])
    story = make_story()
    draft = story.get_latest_revision_as_object()
    draft.tags.add(tag)
    draft.save_revision()
    assert (carriers(point), carriers(tag)) == (1, 1)
    assert not StoryTag.objects.filter(tag=tag).exists()


@pytest.mark.parametrize("kind", ["tag", "touchpoint", "productline"])
def test_an_unused_word_may_go(kind: str, as_: As) -> None:
    word = {"tag": make_tag, "touchpoint": make_touchpoint, "productline": make_product_line}[kind]()
    as_("superuser").post(reverse(f"wagtailsnippets_stories_{kind}:delete", args=[word.pk]))
    assert not type(word).objects.filter(pk=word.pk).exists()


@pytest.mark.parametrize(("code", "made"), [("hot-water", True), ("горячая", False), ("a b", False)])
def test_the_code_of_a_tag_fits_into_an_address(code: str, made: bool, as_: As) -> None:
    data = {"name_ru": "Горячая вода", "name_en": "Hot water", "name": code}
    as_("marketer").post(reverse("wagtailsnippets_stories_tag:add"), data)
    assert Tag.objects.filter(slug=code).exists() is made


def test_touchpoints_are_put_in_order(as_: As) -> None:
    first, second = make_touchpoint("first", order=1), make_touchpoint("second", order=2)
    url = reverse("wagtailsnippets_stories_touchpoint:reorder", args=[second.pk])
    assert as_("marketer").post(f"{url}?position=0").status_code == 200
    assert list(Touchpoint.objects.all()) == [second, first]


@pytest.mark.parametrize("typed", ['"', "\x00", "вода"])
def test_no_search_breaks_the_lists(typed: str, as_: As) -> None:
    for kind in ("tag", "touchpoint", "productline"):
        assert as_("marketer").get(f"/admin/snippets/stories/{kind}/", {"q": typed}).status_code == 200


def test_the_list_of_tags_needs_as_many_queries_for_twenty_as_for_one(
    as_: As, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client, url = as_("marketer"), "/admin/snippets/stories/tag/"
    make_tag("one")
    client.get(url)
    with CaptureQueriesContext(connection) as first:
        client.get(url)
    for number in range(19):
        make_tag(f"tag-{number}")
    with django_assert_num_queries(len(first)):
        client.get(url)
