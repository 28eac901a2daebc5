"""Saved searches, feeds, letters, promotions, reports, the explanation and the small language keep a hidden story silent."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.http import QueryDict
from django.test import Client
from django.utils import timezone
from wagtail.contrib.search_promotions.models import Query, SearchPromotion
from wagtail.log_actions import log
from wagtail.models import ModelLogEntry

from consent.services import withdraw
from search.models import LoggedQuery, SavedSearch
from search.services import alerting, drain, saving
from tests.surfaces.canary import CODE, GHOST, NO_CODE, WORD, Canary, whole

pytestmark = pytest.mark.django_db
As = Callable[[str], Client]
LANGUAGE = ("member:{}", "клиент:Figure+{}", '"The neighbour {}"', "-{}", "tag:{}", "after:2025+{}", "member:{}+neighbour")


@pytest.fixture
def canary() -> Canary:
    return Canary()


def said(client: Client, address: str, **fields: Any) -> bytes:
    return whole(client.get(address, fields, headers={"Accept-Language": "en"}))


@pytest.mark.parametrize("state", ["withdrawn", "audience"])
def test_the_small_language_tells_no_more_than_of_a_word_that_is_nowhere(as_: As, canary: Canary, state: str) -> None:
    client = as_("reader")
    canary.sing(state)
    drain()
    for form in LANGUAGE:
        for address in ("/search/?q=", "/api/search/?q=", "/api/suggest/?q="):
            for word, ghost in ((WORD, GHOST), (CODE, NO_CODE), (WORD[:-1], GHOST[:-1])):
                heard = said(client, address + form.format(word)).replace(word.encode(), b"")
                assert heard == said(client, address + form.format(ghost)).replace(ghost.encode(), b""), form
    for word, ghost in ((CODE, NO_CODE), (WORD, GHOST)):
        heard = said(client, f"/search/?member={word}").replace(word.encode(), b"")
        assert heard == said(client, f"/search/?member={ghost}").replace(ghost.encode(), b"")


def test_a_visible_story_is_heard_there(as_: As, canary: Canary) -> None:
    client, story = as_("reader"), canary.sing("visible")
    drain()
    assert client.get("/api/search/", {"q": f"member:{CODE}"}).json()["results"][0]["id"] == story.pk
    found = client.get("/api/search/", {"q": f"клиент:{WORD}"}).json()
    assert (found["total"], found["understood"][0]["label"]) == (1, canary.persona)
    kinds = {each["kind"] for each in client.get("/api/suggest/", {"q": WORD[:6]}).json()["suggestions"]}
    assert kinds == {"story", "member"}


def promote(canary: Canary) -> SearchPromotion:
    return SearchPromotion.objects.create(query=Query.get("neighbour"), page=canary.story, description="Read this")


def test_a_promotion_shows_a_story_only_while_it_may_be_seen(as_: As, canary: Canary) -> None:
    client = as_("reader")
    canary.sing("visible")
    drain()
    promote(canary)
    answer = client.get("/api/search/", {"q": " Neighbour "}).json()
    assert [(each["title"], each["note"]) for each in answer["promoted"]] == [(f"Canary {WORD}", "Read this")]
    shown = said(client, "/search/", q="neighbour")
    assert b"Read this" in shown and shown.count(f"Canary {WORD}</".encode()) == 1
    withdraw(member=canary.member)
    assert client.get("/api/search/", {"q": "neighbour"}).json()["promoted"] == []
    shown = said(client, "/search/", q="neighbour")
    assert WORD.encode() not in shown and b"Read this" not in shown
    assert Query.objects.get().daily_hits.count() == 0


def test_screens_of_promotions_do_not_name_a_story_for_others(as_: As, canary: Canary) -> None:
    canary.sing("audience")
    pick = promote(canary)
    log(pick, "wagtail.create")
    assert not ModelLogEntry.objects.filter(label__contains=WORD).exists()
    keeper = as_("story_keeper")
    assert WORD.encode() not in said(keeper, "/admin/searchpicks/")
    assert keeper.get(f"/admin/searchpicks/{pick.query_id}/").status_code == 404
    assert as_("administrator").get(f"/admin/searchpicks/{pick.query_id}/").status_code == 200


def test_saved_searches_their_letters_and_feeds_are_silent(as_: As, canary: Canary, django_user_model: Any) -> None:
    client = as_("reader")
    reader = django_user_model.objects.get(pk=client.session["_auth_user_id"])
    reader.email = "reader@warm-house.example"
    reader.save()
    saved = saving.save_search(user=reader, params=QueryDict("q=neighbour"), by_mail=True)
    feed = f"/search/feed/{saving.new_feed_key(reader)}/{saved.pk}/"
    empty = whole(Client().get(feed))
    story = canary.sing("visible")
    drain()
    told = Client().get(feed).content
    assert b"<item>" in told and WORD.encode() not in told
    SavedSearch.objects.update(checked_at=timezone.now() - timedelta(hours=2))
    assert alerting.look() == 1
    withdraw(member=canary.member)
    assert (alerting.deliver(), mail.outbox) == (0, [])
    assert whole(Client().get(feed)) == empty
    assert client.get(f"/search/open/story/{story.pk}/").status_code == 404
    assert WORD.encode() not in said(client, "/search/saved/")


def test_reports_and_the_explanation_hold_what_people_typed_and_nothing_more(as_: As, canary: Canary) -> None:
    keeper = as_("story_keeper")
    story = canary.sing("audience")
    drain()
    as_("reader").get("/search/", {"q": "neighbour"})
    for report in ("nothing-found", "most-searched", "seldom-opened"):
        assert WORD.encode() not in said(keeper, f"/admin/reports/search/{report}/")
    assert LoggedQuery.objects.get().text == "neighbour"
    for text in ("neighbour", "zyxkanare", "canary"):
        page = said(keeper, "/admin/reports/search/why/", q=text, kind="story", id=str(story.pk))
        assert WORD.encode() not in page
    assert b"There is no such result" in page


def test_what_names_somebody_is_masked_before_it_is_noted(as_: As, canary: Canary) -> None:
    as_("reader").get("/search/", {"q": "Наталья Иванова +7 912 345-67-89 лифт"})
    assert LoggedQuery.objects.get().text == "[...] [...] лифт"
