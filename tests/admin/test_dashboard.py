"""What each role meets when it opens the admin."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.factories import give, make_member, make_story

As = Callable[[str], Client]
NARRATOR, ENDING, NOTES = (
    "Waiting for the narrator",
    "Consents that end within 60 days",
    "Notes newly captured",
)


@pytest.mark.parametrize(
    ("role", "shown"),
    [
        ("story_keeper", {NARRATOR, ENDING, NOTES}),
        ("club_host", {NARRATOR, ENDING}),
        ("dpo", {NARRATOR, ENDING}),
        ("marketer", set()),
        ("hr_lead", set()),
        ("superuser", {NARRATOR, ENDING, NOTES}),
    ],
)
def test_each_role_sees_what_it_can_act_on(role: str, shown: set[str], as_: As) -> None:
    page = as_(role).get("/admin/").content.decode()
    assert {panel for panel in (NARRATOR, ENDING, NOTES) if panel in page} == shown


def test_no_numbers_of_pages_and_no_news_of_wagtail(as_: As) -> None:
    page = as_("superuser").get("/admin/").content.decode()
    assert "w-summary__list" not in page and "data-upgrade" not in page and "releases.wagtail" not in page


@pytest.mark.parametrize("role", ["superuser", "administrator", "story_keeper"])
def test_the_menu_leaves_out_what_is_not_used(role: str, as_: As) -> None:
    page = as_(role).get("/admin/").content.decode()
    assert '"/admin/documents/"' not in page
    assert "/admin/consent/register/" in page and "/admin/stories/" in page and "/admin/club/members/" in page


def test_ending_consents_are_counted_once_renewed_ones_not(as_: As) -> None:
    soon = timezone.now() + timedelta(days=30)
    give(make_member(), until=soon)
    give(make_member(), until=timezone.now() + timedelta(days=61))
    give(make_member())
    page = as_("dpo").get("/admin/").content.decode()
    assert "/admin/consent/register/?state=expiring" in page
    assert len(as_("dpo").get("/admin/consent/register/?state=expiring").context["object_list"]) == 1


def test_the_panels_cost_the_same_with_many_rows(as_: As) -> None:
    client = as_("dpo")
    make_story()
    client.get("/admin/")
    with CaptureQueriesContext(connection) as first:
        client.get("/admin/")
    for _number in range(10):
        make_story()
    with CaptureQueriesContext(connection) as second:
        client.get("/admin/")
    assert len(second) == len(first)
