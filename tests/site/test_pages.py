"""The house's own pages: home, language, health, and the one page for everything that is not there."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.files.storage import default_storage
from django.db import DatabaseError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from wagtail.users.models import UserProfile

from club.models import Member, User
from consent.services import withdraw
from kb_site import health, homepage
from search.models import Outbox
from stories.models import Touchpoint
from tests.factories import (
    HIDDEN,
    approve,
    episode,
    give,
    make_hidden,
    make_member,
    make_story,
    make_tag,
    make_touchpoint,
)
from tests.pages import body, headers

pytestmark = pytest.mark.django_db
As = Callable[[str], Client]


@pytest.mark.parametrize("state", HIDDEN)
def test_a_denied_page_and_a_missing_one_are_the_same(as_: As, state: str) -> None:
    client = as_("reader")
    denied, missing = (
        client.get(f"/stories/{make_hidden(state).slug}/"),
        client.get("/stories/never-was-there/"),
    )
    assert (denied.status_code, body(denied)) == (missing.status_code, body(missing)) == (404, body(missing))
    assert headers(denied) == headers(missing)


def test_a_page_far_outside_is_the_same_too(as_: As) -> None:
    client = as_("reader")
    assert body(client.get("/stories/no/such/page/")) == body(client.get("/stories/never-was-there/"))


def test_a_denied_page_costs_as_many_queries_as_a_missing_one(
    as_: As, django_assert_num_queries: Any
) -> None:
    client, slug = as_("reader"), make_hidden("withdrawn").slug
    client.get("/stories/warm-up/")
    counts = []
    for path in (f"/stories/{slug}/", "/stories/never-was-there/"):
        with CaptureQueriesContext(connection) as queries:
            client.get(path)
        counts.append(len(queries))
    assert counts[0] == counts[1]


# Home


def test_home_shows_the_newest_stories_and_how_many_there_are(as_: As) -> None:
    stories = [make_story(title=f"Story number {number}") for number in range(8)]
    make_hidden("withdrawn")
    context = as_("reader").get("/").context
    assert [card.title for card in context["newest"]] == [story.title for story in reversed(stories)][
        : homepage.NEWEST
    ]
    assert context["total"] == 8


def test_the_story_of_the_day_is_told_in_episodes_and_not_hard_to_read(reader: User) -> None:
    make_story(body=[episode()] * 2)
    make_story(body=[episode()] * 3, sensitivity="sensitive")
    assert homepage.context(reader)["story_of_the_day"] is None
    told = make_story(body=[episode(loyalty=-3), episode(loyalty=1), episode(loyalty=4)])
    found = homepage.context(reader)["story_of_the_day"]
    assert (found["card"].object_id, found["low"], found["now"], found["episode_count"]) == (
        told.pk,
        -3,
        2,
        3,
    )


def test_the_story_of_the_day_changes_with_the_day_and_skips_what_was_withdrawn(reader: User) -> None:
    stories = [make_story(body=[episode()] * 3) for _ in range(3)]

    def chosen() -> set[int]:
        found = set()
        for days in range(3):
            with time_machine.travel(timezone.now() + timedelta(days=days)):
                found.add(homepage.context(reader)["story_of_the_day"]["card"].object_id)
        return found

    assert chosen() == {story.pk for story in stories}
    withdraw(member=stories[1].member)
    assert chosen() == {stories[0].pk, stories[2].pk}


def test_the_mood_counts_people_and_gives_few_no_number(reader: User) -> None:
    place, lift = make_touchpoint("visit"), make_touchpoint("lift")
    for number in range(homepage.FEW):
        member = make_member()
        give(member)
        for _ in range(3 if number == 0 else 1):  # who tells more is counted once
            tell(member, place, -1)
    tell(make_consenting(), lift, 2)
    many, few = homepage.context(reader)["mood"]
    assert (many["falls"], many["few_falls"], many["rises"], many["few_rises"]) == (
        homepage.FEW,
        False,
        None,
        False,
    )
    assert (few["falls"], few["few_falls"], few["rises"], few["few_rises"]) == (None, False, None, True)
    assert homepage.context(reader)["mood_people"] == homepage.FEW + 1


def make_consenting() -> Member:
    member = make_member()
    give(member)
    return member


def tell(member: Member, place: Touchpoint, loyalty: int) -> None:
    """Publish a story of one episode at a place."""
    story = make_story(member, publish=False, body=[episode(loyalty=loyalty)])
    story.touchpoints.add(place)
    approve(story)
    story.save_revision().publish()


def test_recent_tags_come_from_readable_stories_only(reader: User) -> None:
    for slug, hidden in (("shown", False), ("hidden", True)):
        story = make_story()
        story.tags.add(make_tag(slug))
        approve(story)
        story.save_revision().publish()
        if hidden:
            withdraw(member=story.member)
    assert [tag["url"] for tag in homepage.context(reader)["recent_tags"]] == ["/stories/?tag=shown"]


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("Head\nShort text.", "Short text."),
        ("No head at all", "No head at all"),
        ("", ""),
        ("H\n" + "word " * 60, "word word"),
    ],
)
def test_an_opening_is_the_first_words_after_the_heading(text: str, start: str) -> None:
    found = homepage.opening(text)
    assert found.startswith(start)
    assert len(found.split()) <= homepage.OPENING_WORDS


def test_an_empty_house_has_a_home_page(as_: As) -> None:
    response = as_("reader").get("/")
    assert response.status_code == 200
    assert (response.context["total"], response.context["story_of_the_day"]) == (0, None)


def test_home_costs_the_same_with_one_story_and_with_ten(as_: As) -> None:
    client, counts = as_("reader"), []
    for number in (1, 9):
        for _ in range(number):
            make_story(body=[episode()] * 3)
        client.get("/")
        with CaptureQueriesContext(connection) as queries:
            client.get("/")
        counts.append(len(queries))
    assert counts[0] == counts[1]


# Language


@pytest.mark.parametrize(("language", "word"), [("ru", 'lang="ru"'), ("en", 'lang="en"')])
def test_the_chosen_language_stays(as_: As, language: str, word: str) -> None:
    client = as_("reader")
    response = client.post("/language/", {"language": language, "next": "/help/"})
    assert (response.status_code, response["Location"]) == (302, "/help/")
    assert word in client.get("/help/").content.decode()


def test_the_choice_reaches_the_editors_side(as_: As, reader: User) -> None:
    as_("reader").post("/language/", {"language": "en"})
    assert UserProfile.objects.get(user=reader).preferred_language == "en"


@pytest.mark.parametrize("language", ["de", "", "../en", "en\x00"])
def test_an_unknown_language_changes_nothing(as_: As, reader: User, language: str) -> None:
    as_("reader").post("/language/", {"language": language})
    assert not UserProfile.objects.filter(user=reader).exclude(preferred_language="").exists()


def test_the_language_is_chosen_before_signing_in_too(client: Client) -> None:
    client.post("/language/", {"language": "en", "next": "/login/"})
    assert 'lang="en"' in client.get("/login/").content.decode()


def test_switching_leads_to_no_other_site(client: Client) -> None:
    assert client.post("/language/", {"language": "en", "next": "https://evil.example/"})["Location"] == "/"


# Health


def test_the_process_answers_anyone(client: Client) -> None:
    response = client.get("/healthz")
    assert (response.status_code, response.content, response["Content-Type"]) == (200, b"ok", "text/plain")


def test_readiness_is_numbers_only(client: Client) -> None:
    make_story(title="Nobody should read this")
    health.beat()
    response = client.get("/readyz")
    state = response.json()
    assert (response.status_code, state["ready"], state["outbox_waiting"]) == (
        200,
        True,
        Outbox.objects.count(),
    )
    assert state["worker_seconds_ago"] < 60
    assert all(isinstance(value, bool | int) for value in state.values())


def test_a_database_that_does_not_answer_is_not_ready(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away() -> None:
        raise DatabaseError("away")

    monkeypatch.setattr(health.connection, "cursor", away)
    response = client.get("/readyz")
    assert (response.status_code, response.json()["database"], response.json()["outbox_waiting"]) == (
        503,
        False,
        None,
    )


def test_a_full_disk_is_not_ready(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "LEAST_FREE_BYTES", 10**18)
    assert client.get("/readyz").status_code == 503


def test_uploads_are_in_the_private_store() -> None:
    from stories.storage import PrivateStorage

    assert isinstance(default_storage._wrapped, PrivateStorage) or isinstance(default_storage, PrivateStorage)
