"""Stories are found by the themes of their passages, and only while their narrators let them serve as evidence."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from club.models import User
from consent.enums import Purpose
from consent.services import withdraw
from ideas.models import Theme
from ideas.services import merging
from search.services import Query, drain, rebuild, search
from tests.factories import give, make_member, make_user
from tests.ideas.world import RANG, THANKED, make_theme, mark, marketer, reword, told

pytestmark = pytest.mark.django_db
As = Callable[[str], Client]


@pytest.fixture(autouse=True)
def index(settings: Any, tmp_path: Path) -> None:
    """A search index of this test."""
    settings.SEARCH_INDEX_DIR = tmp_path / "index"
    rebuild()


def themes(user: User, at: Any = None) -> dict[str, int]:
    """The facet of themes over all stories."""
    found = search(user, Query(kinds=("story",)), at=at)
    return {value.value: value.count for facet in found.facets if facet.name == "theme" for value in facet.values}


def total(user: User, text: str = "", *chosen: str, at: Any = None) -> int:
    return search(user, Query(text, filters={"theme": chosen} if chosen else {}, kinds=("story",)), at=at).total


def test_stories_are_found_by_theme_by_what_was_merged_into_it_and_by_what_lies_under_it() -> None:
    user, reader = marketer(), make_user("reader")
    top = make_theme("Waiting")
    hour = make_theme("Name the hour", name_ru="Назвать час", parent=top)
    thanks = make_theme("They thanked")
    first, second = told(), told()
    mark(user, first, RANG, hour)
    mark(user, second, THANKED, thanks)
    drain()
    assert themes(reader) == {"waiting": 1, "name-the-hour": 1, "they-thanked": 1}
    assert total(reader, "theme:waiting") == total(reader, 'тема:"назвать час"') == total(reader, "", "name-the-hour") == 1
    merge = merging.merge_themes(user=user, theme=thanks, into=hour)
    drain()
    assert themes(reader) == {"waiting": 2, "name-the-hour": 2}
    merging.undo(user=user, record=merge)
    drain()
    assert themes(reader) == {"waiting": 1, "name-the-hour": 1, "they-thanked": 1}


def test_a_passage_that_is_coded_no_more_or_worded_anew_finds_nothing() -> None:
    user, theme = marketer(), make_theme()
    story, other = told(), told()
    coding = mark(user, story, RANG, theme)
    mark(user, other, RANG, theme)
    drain()
    assert themes(user) == {theme.slug: 2}
    coding.delete()
    reword(other, "Somebody else came and all was well with the pipe.")
    drain()
    assert themes(user) == {}


def test_a_story_has_no_themes_from_the_moment_it_may_not_be_evidence() -> None:
    user, theme = marketer(), make_theme()
    ends = timezone.now() + timedelta(hours=2)
    leaving, expiring = make_member(), make_member()
    give(expiring, purposes=(Purpose.READ,))
    give(expiring, purposes=(Purpose.IDEAS,), until=ends)
    for member in (leaving, expiring):
        mark(user, told(member), RANG, theme)
    drain()
    assert themes(user) == {theme.slug: 2}
    later = ends + timedelta(seconds=1)
    assert themes(user, at=later) == {theme.slug: 1}
    assert (total(user, at=later), total(user, "", theme.slug, at=later)) == (2, 1)
    withdraw(member=leaving, purpose=Purpose.IDEAS)
    assert themes(user) == {theme.slug: 1}
    drain()
    assert themes(user) == {theme.slug: 1}
    assert total(user) == 2


def test_the_shelf_offers_themes(as_: As) -> None:
    theme: Theme = make_theme("Name the hour", name_ru="Назвать час")
    mark(marketer(), told(), RANG, theme)
    told()
    drain()
    client = as_("reader")
    page = client.get("/stories/", headers={"Accept-Language": "ru"})
    [facet] = [each for each in page.context["listing"].result.facets if each.name == "theme"]
    assert (facet.title, [value.label for value in facet.values]) == ("Тема", ["Назвать час"])
    assert 'name="theme" value="name-the-hour"' in page.content.decode()
    chosen = client.get("/stories/?theme=name-the-hour", headers={"Accept-Language": "en"})
    assert chosen.context["listing"].result.total == 1
