"""Modules in the search and their page: the company's own words, while every story they stand on may be taught with."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from club.models import User
from consent.enums import Purpose
from consent.services import pause, resume, withdraw
from onboarding.findable import ModuleSource
from onboarding.models.pages import NotReady
from search.services import Query, drain, reconcile, search
from tests.factories import give, make_member, make_story
from tests.onboarding.making import (
    make_employee,
    make_enrolment,
    make_module,
    make_track,
    read_step,
    task_step,
)

pytestmark = pytest.mark.django_db
Person = Callable[[str], User]


@pytest.fixture(autouse=True)
def index_directory(settings: Any, tmp_path: Path) -> None:
    """A search index of this test."""
    settings.SEARCH_URL = "embedded"
    settings.SEARCH_INDEX_DIR = tmp_path / "index"


def around(*stories: Any, **fields: Any) -> Any:
    """A module with a step on each story and a task."""
    steps = [read_step(story, title="Sit with her") for story in stories]
    words = {"title": "The brass thermometer", "objective": "Ask before you measure."}
    return make_module(*steps, task_step(title="Walk the yard"), **{**words, **fields})


def found(user: User, text: str = "thermometer") -> list[tuple[str, int]]:
    """What a search among modules gives; its total agrees with its list."""
    result = search(user, Query(text, kinds=("module",)))
    assert result.total == len(result.hits)
    return [(hit.url, result.total) for hit in result.hits]


def page_of(module: Any) -> str:
    return reverse("onboarding:module", args=[module.pk])


def test_a_module_is_found_by_its_title_its_purpose_and_its_steps(reader: User, outsider: User) -> None:
    module = around(make_story())
    make_module(title="A draft about thermometers", publish=False)
    drain()
    for text in ("thermometer", "measure", "sit with her", "термометр brass"):
        assert found(reader, text) == [(page_of(module), 1)], text
    assert found(outsider) == []
    module.unpublish()
    assert found(reader) == []
    drain()
    assert found(reader) == []


def test_a_module_leaves_with_any_of_its_stories_and_comes_back(reader: User, as_: Any) -> None:
    kept, gone = make_story(), make_story()
    module, other = around(kept, gone), around(kept, title="Another thermometer")
    drain()
    both = {page_of(module), page_of(other)}
    assert {url for url, _total in found(reader)} == both
    pause(member=gone.member)
    for _again in range(2):
        assert found(reader) == [(page_of(other), 1)]
        assert as_("reader").get(page_of(module)).status_code == 404
        drain()
    resume(member=gone.member)
    drain()
    assert {url for url, _total in found(reader)} == both
    withdraw(member=gone.member, purpose=Purpose.TRAIN)
    assert found(reader) == [(page_of(other), 1)]
    kept.unpublish()
    assert found(reader) == []
    drain()
    assert reconcile().stale == 0
    assert found(reader) == []


def test_a_module_ends_with_the_term_of_its_story_without_any_job(reader: User) -> None:
    until = timezone.now() + timedelta(days=3)
    member = make_member()
    give(member, until=until)
    module = around(make_story(member))
    drain()
    result = [search(reader, Query("thermometer", kinds=("module",)), at=at).total for at in (
        until - timedelta(seconds=1), until,
    )]  # fmt: skip
    assert result == [1, 0]
    assert ModuleSource().hits(reader, "read", [module.pk], until) == {}


def test_a_story_for_some_groups_or_not_for_newcomers_keeps_its_module_out(reader: User) -> None:
    narrow, unasked = make_story(), make_story()
    ids = [around(story).pk for story in (narrow, unasked)]
    assert len(list(ModuleSource().documents(ids))) == len(list(ModuleSource().fingerprints(ids))) == 2
    narrow.audience_groups.set([Group.objects.create(name="Board")])
    narrow.save()
    withdraw(member=unasked.member, purpose=Purpose.TRAIN)
    assert list(ModuleSource().documents(ids)) == []
    assert list(ModuleSource().fingerprints(ids)) == []
    assert ModuleSource().hits(reader, "read", ids, timezone.now()) == {}


def test_a_module_is_not_named_like_its_story() -> None:
    """A story's title goes with it; a module's name stays on tracks and in reports."""
    story = make_story(title="Twenty seconds")
    with pytest.raises(NotReady, match="called like the story"):
        around(story, title=" twenty Seconds")
    around(story, title="Twenty seconds of silence")


def test_its_page_leads_the_newcomer_to_her_step_and_the_author_to_the_editor(as_: Any, person: Person) -> None:
    module = around(make_story())
    enrolment = make_enrolment(make_track(module), make_employee(person("newcomer")))
    own = str(enrolment.uuid)

    def shown(role: str) -> str:
        response = as_(role).get(page_of(module), HTTP_ACCEPT_LANGUAGE="en")
        assert response.status_code == 200
        page: str = response.content.decode()
        assert "The brass thermometer" in page
        assert "Sit with her" in page
        return page

    editor = reverse("wagtailadmin_pages:edit", args=[module.pk])
    assert own in shown("newcomer")
    assert editor in shown("hr_lead")
    for text in (own, editor):
        assert text not in shown("reader")
    assert "HR puts people on tracks" in shown("reader")
    assert Client().get(page_of(module)).status_code == 302
    assert as_("outsider").get(page_of(module)).status_code == 403
