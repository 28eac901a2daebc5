"""The bulk road leaves what the usual road leaves."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.forms.models import model_to_dict
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from wagtail.models import Page, PageLogEntry, ReferenceIndex

from stories.importing.placing import NewStory, place
from stories.importing.running import moment
from stories.models import ImageUse, StoryIndexPage, StoryPage
from tests.factories import (
    approve,
    episode,
    give,
    make_image,
    make_member,
    make_product_line,
    make_tag,
    make_touchpoint,
)

# What differs between any two pages, or says when something happened.
OWN = {
    "id", "page_ptr", "path", "slug", "url_path", "translation_key", "latest_revision", "live_revision",
    "tagged_items", "first_published_at", "last_published_at", "latest_revision_created_at", "pk",
}  # fmt: skip


def content() -> dict[str, Any]:
    image = make_image()
    return {
        "title": "Three «evenings» & more",
        "summary": "In short.",
        "language": "en",
        "body": [
            {"type": "episode", "id": "e1", "value": episode(touchpoint=make_touchpoint().pk)[1]},
            {"type": "narrative", "id": "n1", "value": "<p>Tea &amp; <b>biscuits</b>, 5 &lt; 6</p>"},
            {"type": "photo", "id": "p1", "value": {"image": image.pk, "caption": "", "alt": "A door"}},
            {"type": "response", "id": "r1", "value": {"date": "2026-04-01", "text": "We did."}},
        ],
    }


def usual(fields: dict[str, Any], *, publish: bool) -> StoryPage:
    story = StoryPage(member=make_member(), slug="usual", live=False, **fields)
    StoryIndexPage.objects.get().add_child(instance=story)
    story.tags.add(make_tag())
    story.touchpoints.add(make_touchpoint())
    story.product_lines.add(make_product_line())
    story.audience_groups.add(Group.objects.get(name="Reader"))
    story.save()
    revision = story.save_revision()
    if publish:
        give(story.member)
        approve(story)
        revision.publish()
    return StoryPage.objects.get(pk=story.pk)


def bulk(fields: dict[str, Any], *, publish: bool, member: Any = None) -> StoryPage:
    page = StoryPage(member=member or make_member(), **fields)
    new = NewStory(
        page=page,
        publish=publish,
        tags=[make_tag()],
        touchpoints=[make_touchpoint()],
        product_lines=[make_product_line()],
        audience_groups=[Group.objects.get(name="Reader")],
    )
    place([new], at=moment())
    return StoryPage.objects.get(pk=page.pk)


def said(story: StoryPage) -> dict[str, Any]:
    data = {name: value for name, value in story.serializable_data().items() if name != "live_revision"}
    return {**data, "body": json.loads(data["body"])}


def comparable(story: StoryPage) -> dict[str, Any]:
    data = {name: value for name, value in story.serializable_data().items() if name not in OWN | {"member"}}
    return {**data, "tags": [tag.slug for tag in story.tags.all()]}


@pytest.mark.parametrize("publish", [True, False])
def test_a_story_placed_in_bulk_is_like_one_saved_in_the_usual_way(db: None, publish: bool) -> None:
    fields = content()
    one, other = usual(fields, publish=publish), bulk(fields, publish=publish)
    assert comparable(other) == comparable(one)
    assert model_to_dict(other).keys() == model_to_dict(one).keys()
    assert set(ImageUse.objects.filter(story=other).values_list("image_id")) == set(
        ImageUse.objects.filter(story=one).values_list("image_id")
    )
    assert Page.find_problems() == ([], [], [], [], [])


def test_the_computed_columns_are_those_that_save_computes(db: None) -> None:
    story = bulk(content(), publish=True)
    names = ("wording_sha256", "plain_text", "loyalty_path", "loyalty_outcome", "episode_count", "word_count")
    placed = [getattr(story, name) for name in names]
    story.save()
    assert [getattr(story, name) for name in names] == placed
    assert story.plain_text.endswith("Tea & biscuits, 5 < 6")


@pytest.mark.parametrize("publish", [True, False])
def test_the_revision_says_what_the_page_says(db: None, publish: bool) -> None:
    story = bulk(content(), publish=publish)
    assert said(story.latest_revision.as_object()) == said(story)
    assert story.live_revision_id == (story.latest_revision_id if publish else None)


def test_references_are_those_that_saving_notes(db: None) -> None:
    one, other = usual(content(), publish=False), bulk(content(), publish=False)
    base = ContentType.objects.get_for_model(Page)

    def noted(story: StoryPage) -> set[tuple[Any, ...]]:
        rows = ReferenceIndex.objects.filter(base_content_type=base, object_id=str(story.pk))
        return {(row.to_content_type_id, row.model_path) for row in rows}

    assert noted(other) == noted(one)
    before = set(ReferenceIndex.objects.filter(object_id=str(other.pk)).values_list("content_path_hash"))
    ReferenceIndex.create_or_update_for_object(other)
    assert (
        set(ReferenceIndex.objects.filter(object_id=str(other.pk)).values_list("content_path_hash")) == before
    )


def test_editors_find_it_and_its_history(db: None) -> None:
    story = bulk(content(), publish=True)
    assert list(StoryPage.objects.search("evenings")) == [story]
    actions = PageLogEntry.objects.filter(page=story.pk).values_list("action", flat=True)
    assert set(actions) == {"wagtail.create", "stories.imported", "wagtail.publish"}


def test_it_can_be_edited_and_published_again(as_: Callable[[str], Client], db: None) -> None:
    member = make_member()
    give(member)
    story = bulk(content(), publish=True, member=member)
    approve(story)
    assert as_("superuser").get(reverse("wagtailadmin_pages:edit", args=[story.pk])).status_code == 200
    story.title = "Another title"
    revision = story.save_revision()
    approve(revision.as_object())
    revision.publish()
    story.refresh_from_db()
    assert (story.title, story.live) == ("Another title", True)
    assert story.revisions.count() == 2
    assert [tag.slug for tag in story.tags.all()] == ["hot-water"]


def test_a_chunk_costs_a_fixed_number_of_queries(db: None) -> None:
    def cost(number: int, at: datetime) -> int:
        news = [
            NewStory(page=StoryPage(member=make_member(), title="T", language="en"), publish=True)
            for _ in range(number)
        ]
        with CaptureQueriesContext(
            connection,
        ) as queries:
            place(news, at=at)
        return len(queries)

    cost(1, moment())
    assert cost(12, moment()) <= cost(3, moment()) + 6


def test_addresses_are_unique_among_many_equal_titles(db: None) -> None:
    news = [
        NewStory(page=StoryPage(member=make_member(), title="Same", language="en"), publish=False)
        for _ in range(50)
    ]
    place(news, at=moment())
    assert StoryPage.objects.values("slug").distinct().count() == 50
