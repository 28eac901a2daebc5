"""The reading view: what a reader sees of a story, and what falls out of it."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone, translation

from club.models import User
from consent.enums import Category, Purpose
from consent.services import withdraw
from stories.models import StoryPage
from stories.querysets import visible, with_terms
from stories.reading import reading_context
from tests.factories import (
    HIDDEN,
    approve,
    episode,
    give,
    make_hidden,
    make_image,
    make_member,
    make_product_line,
    make_story,
    make_tag,
    make_touchpoint,
)
from tests.stories.conftest import photo

pytestmark = pytest.mark.django_db
As = Callable[[str], Client]
BOTH = (Category.WORDS, Category.IMAGE)


def page(client: Client, story: StoryPage) -> Any:
    return client.get(f"/stories/{story.slug}/", headers={"Accept-Language": "en"})


def read(user: User, story: StoryPage) -> dict[str, Any]:
    """The context in which a reader's page is drawn."""
    return reading_context(with_terms(visible(user)).get(pk=story.pk), user)


@pytest.fixture
def rich() -> StoryPage:
    """A story with a block of every kind, under an image grant."""
    member = make_member(persona_name="The gardener")
    give(member, categories=BOTH, until=timezone.now() + timedelta(days=40))
    return make_story(
        member,
        title="Three evenings",
        summary="She waited at the window.",
        period_start=date(2026, 2, 3),
        period_end=date(2026, 10, 28),
        sensitivity="sensitive",
        body=[
            ("warning", "It is about an illness."),
            episode(
                title="The call",
                touchpoint=make_touchpoint("dispatch"),
                loyalty=-2,
                when="Monday",
                happened="One.\n\nTwo.",
            ),
            ("narrative", "<p>Plain <b>bold</b> words</p>"),
            ("quote", {"text": "I waited."}),
            photo(make_image(), caption="The window", alt="A window at night"),
            episode(title="The letter", loyalty=4, turning_point=True, turning_words="they wrote"),
            (
                "case",
                {
                    "verdict": "good",
                    "why": "They wrote first.",
                    "missing": "A date.",
                    "lesson": "Write first.",
                },
            ),
            ("response", {"date": date(2026, 11, 1), "text": "We write first now."}),
            ("response", {"date": None, "text": "We also call."}),
        ],
    )


def test_a_page_shows_every_kind_of_block(as_: As, rich: StoryPage) -> None:
    response = page(as_("reader"), rich)
    text = response.content.decode()
    assert response.status_code == 200
    for words in ("Three evenings", "She waited", "an illness", "The call", "One.", "Two.", "<b>bold</b>", "I waited", "The window",
                  "A window at night", "they wrote", "They wrote first", "A date", "Write first", "We write first now", "We also call",
                  "The gardener", rich.member.code, "Dispatch"):  # fmt: skip
        assert words in text.replace("\xa0", " "), words


def test_the_narrators_blocks_keep_their_order_and_the_companys_stand_apart(
    reader: User, rich: StoryPage
) -> None:
    context = read(reader, rich)
    assert [str(block["kind"]) for block in context["blocks"]] == [
        "episode",
        "narrative",
        "quote",
        "photo",
        "episode",
    ]
    assert [block["number"] for block in context["blocks"] if block["kind"] == "episode"] == [1, 2]
    assert [case["lesson"] for case in context["cases"]] == ["Write first."]
    assert context["warnings"] == ["It is about an illness."]


def test_a_response_has_a_date_or_none(reader: User, rich: StoryPage) -> None:
    assert [response["date"] for response in read(reader, rich)["responses"]] == [date(2026, 11, 1), None]


def test_the_arc_has_a_point_for_every_episode(reader: User, rich: StoryPage) -> None:
    with translation.override("en"):
        points = read(reader, rich)["arc_points"]
    found = [(point.label, point.change, point.turning, point.words) for point in points]
    assert found == [("Dispatch", -2, False, ""), ("The letter", 4, True, "they wrote")]


def test_without_an_image_grant_the_photo_and_its_caption_fall_out(
    as_: As, reader: User, rich: StoryPage
) -> None:
    withdraw(member=rich.member, category=Category.IMAGE)
    assert "photo" not in {block["kind"] for block in read(reader, rich)["blocks"]}
    text = page(as_("reader"), rich).content.decode()
    assert "/media/" not in text
    assert "The window" not in text.replace("\xa0", " ")


def test_a_photo_of_somebody_who_did_not_agree_falls_out(reader: User) -> None:
    narrator, shown = make_member(), make_member()
    give(narrator, categories=BOTH)
    story = make_story(narrator, body=[photo(make_image(shown)), photo(make_image(), caption="Hers")])
    captions = [block["value"]["caption"] for block in read(reader, story)["blocks"]]
    assert captions == ["Hers"]


def test_an_image_grant_for_another_purpose_shows_no_photo(reader: User) -> None:
    member = make_member()
    give(member, purposes=(Purpose.READ,))
    give(member, purposes=(Purpose.TRAIN,), categories=(Category.IMAGE,))
    assert read(reader, make_story(member, body=[photo(make_image())]))["blocks"] == []


def test_the_consent_line_says_until_when_and_for_what(reader: User, rich: StoryPage) -> None:
    consent = read(reader, rich)["consent"]
    assert consent["until"] == timezone.localdate() + timedelta(days=40)
    assert (consent["may_train"], consent["may_promote"]) == (True, False)
    assert consent["approved_on"] == timezone.localdate()


def test_words_lead_to_the_shelf(reader: User) -> None:
    story = make_story(publish=False)
    give(story.member)
    story.tags.add(make_tag("hot-water"))
    story.touchpoints.add(make_touchpoint("visit"))
    story.product_lines.add(make_product_line("heating"))
    approve(story)
    story.save_revision().publish()
    context = read(reader, story)
    found = {
        name: [link["url"] for link in context[name]] for name in ("tags", "touchpoints", "product_lines")
    }
    assert found == {
        "tags": ["/stories/?tag=hot-water"],
        "touchpoints": ["/stories/?touchpoint=visit"],
        "product_lines": ["/stories/?product=heating"],
    }


@pytest.mark.parametrize(
    "hostile",
    ["<script>alert(1)</script>", "<img src=x onerror=alert(1)>", '<a href="javascript:alert(1)">x</a>', '<p style="color:red">x</p>',
     "<iframe src=//evil></iframe>"],
)  # fmt: skip
def test_hostile_markup_is_neutral_when_it_is_drawn(as_: As, hostile: str) -> None:
    story = make_story(
        body=[
            ("narrative", f"<p>before</p>{hostile}"),
            ("quote", {"text": hostile}),
            episode(happened=hostile),
        ]
    )
    text = page(as_("reader"), story).content.decode()
    assert hostile not in text
    assert 'href="javascript:' not in text
    assert "<script>" not in text


@pytest.mark.parametrize("state", HIDDEN)
def test_a_hidden_story_is_a_404_for_everyone(as_: As, state: str) -> None:
    story = make_hidden(state)
    assert {
        page(as_(role), story).status_code
        for role in ("reader", "story_keeper", "administrator", "superuser")
    } == {404}


def test_keepers_get_a_way_to_the_editor_and_readers_do_not(as_: As, rich: StoryPage) -> None:
    edit = f"/admin/pages/{rich.pk}/edit/"
    assert edit in page(as_("story_keeper"), rich).content.decode()
    for role in ("reader", "marketer", "hr_lead"):
        assert edit not in page(as_(role), rich).content.decode()


def test_the_page_tree_answers_as_the_view_does(as_: As, rich: StoryPage) -> None:
    client = as_("reader")
    assert rich.get_url() == f"/stories/{rich.slug}/"
    withdraw(member=rich.member)
    assert client.get(rich.get_url()).status_code == 404


def test_a_page_without_a_period_or_blocks_is_drawn(as_: As) -> None:
    assert page(as_("reader"), make_story(body=[])).status_code == 200


def test_a_preview_shows_the_draft_to_its_keeper(as_: As, person: Any) -> None:
    story = make_story(publish=False, body=[photo(make_image(), caption="Not yet granted")])
    from django.test import RequestFactory

    request = RequestFactory().get("/")
    request.user = person("story_keeper")
    text = story.serve_preview(request, "").content.decode()
    assert "Not yet granted" in text.replace("\xa0", " ")
    assert story.title in text.replace("\xa0", " ")


def test_a_story_page_costs_the_same_however_long_it_is(as_: As, django_assert_max_num_queries: Any) -> None:
    client = as_("reader")
    long = make_story(body=[episode(touchpoint=make_touchpoint(f"place-{n}")) for n in range(12)])
    page(client, long)
    with django_assert_max_num_queries(20):
        page(client, long)
