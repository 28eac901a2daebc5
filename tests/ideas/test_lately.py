"""The front page says what came of people's words, with the people, through the gate, for one query more."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from consent.enums import Purpose
from consent.services import withdraw
from ideas.lately import RISING_DAYS, lately
from ideas.services.merging import merge_themes
from tests.factories import make_user
from tests.ideas.world import RANG, make_idea, make_theme, mark, marketer, told

pytestmark = pytest.mark.django_db
As = Callable[[str], Client]


def test_it_tells_what_was_made_and_answered_and_which_themes_rise(as_: As) -> None:
    now, user = timezone.now(), marketer()
    idea = make_idea(state="shipped", moved_at=now - timedelta(days=3))
    old = make_idea("An old one", state="shipped", moved_at=now - timedelta(days=400))
    noted = make_idea("A noted one", moved_at=now)
    theme, into = make_theme("Ring back"), make_theme("Answer", answer="Since July.", answered_at=now - timedelta(days=5))
    today = timezone.localdate()
    stories = [told(period_end=today - timedelta(days=2)) for _ in range(5)]
    earlier = told(period_end=today - timedelta(days=RISING_DAYS + 5))
    for story in (*stories, earlier):
        mark(user, story, RANG, theme, idea, old, noted)
    found = lately(user)
    assert [(each.label, each.is_made, each.people) for each in found["changes"]] == [("A note by the lift", True, 6)]
    assert [(each.label, each.now, each.before) for each in found["rising"]] == [("Ring back", 5, 1)]
    merge_themes(user=make_user("administrator"), theme=theme, into=into)
    found = lately(user)
    assert [(each.label, each.is_made) for each in found["changes"]] == [("A note by the lift", True), ("Answer", False)]
    assert [each.label for each in found["rising"]] == ["Answer"]
    page = as_("reader").get("/", headers={"Accept-Language": "en"}).content.decode()
    assert "What came of their words" in page
    assert f"/ideas/{idea.pk}/" in page and f"/ideas/{old.pk}/" not in page and f"/ideas/{noted.pk}/" not in page
    withdraw(member=stories[0].member, purpose=Purpose.IDEAS)
    found = lately(user)
    assert (found["changes"][0].people, found["rising"]) == (5, [])
    for story in (*stories[1:], earlier):
        withdraw(member=story.member)
    assert lately(user)["changes"] == []
    assert "What came of their words" not in as_("reader").get("/", headers={"Accept-Language": "en"}).content.decode()
    assert lately(make_user())["changes"] == []


def test_it_costs_one_query_whatever_there_is() -> None:
    user = marketer()
    user.has_perm("ideas.view_idea")
    counts = []
    for _ in range(2):
        mark(user, told(), RANG, make_theme(answer="Yes.", answered_at=timezone.now()))
        with CaptureQueriesContext(connection) as queries:
            assert lately(user)["changes"]
        counts.append(len(queries))
    assert counts == [1, 1]
