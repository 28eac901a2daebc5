"""The keeper's screens: asking by mail or on a sheet, what was asked and answered, links that went astray."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core import mail
from django.test import Client

from club.models import Identity
from consent.enums import EventKind, LetterState
from consent.models import ApprovalLink, ConsentEvent, Letter
from consent.narrator import letters
from consent.services import pause
from stories.models import StoryPage
from tests.narrator.conftest import Her, ask_her, latest, text_of, wording_path

pytestmark = pytest.mark.django_db
As = Callable[[str], Any]


def screen(story: StoryPage) -> str:
    return f"/admin/consent/ask/{latest(story).pk}/"


def test_the_story_leads_to_asking(as_: As, story: StoryPage) -> None:
    assert f'href="{screen(story)}"' in as_("story_keeper").get(f"/admin/stories/{story.pk}/consent/").content.decode()


def test_a_letter_is_put_on_its_way(as_: As, story: StoryPage) -> None:
    client = as_("story_keeper")
    assert client.post(screen(story), {"how": "mail"}).status_code == 302
    assert Letter.objects.get().state == LetterState.WAITING
    assert "on its way" in text_of(client.get(screen(story)))
    letters.deliver()
    assert len(mail.outbox) == 1
    assert "no answer yet" in text_of(client.get(screen(story)))


def test_a_sheet_carries_a_code_that_opens_her_page(as_: As, story: StoryPage, keeper: Any) -> None:
    keeper.first_name, keeper.last_name = "Marina", "Lvova"
    keeper.save()
    response = as_("story_keeper").post(screen(story), {"how": "paper"})
    page = response.content.decode()
    assert "<svg" in page
    assert 'class="qr"' in page
    assert "viewBox" in page, "it grows with its place"
    assert " style=" not in page
    assert "Marina Lvova of Warm House asks you" in text_of(response)
    assert "8 000 000-00-00" in text_of(response)
    assert "no-store" in response["Cache-Control"]
    token = re.search(r"/n/([A-Za-z0-9_-]{43})/", page)[1]
    assert Client().get(f"/n/{token}/").status_code == 200
    assert "Three evenings" not in page
    assert ConsentEvent.objects.get().kind == EventKind.REQUESTED


def test_the_keeper_sees_what_became_of_it(as_: As, her: Her, story: StoryPage) -> None:
    her.get()
    her.get()
    client = as_("story_keeper")
    assert "2 times" in text_of(client.get(screen(story)))
    her.post(f"{wording_path(story)}no/")
    assert "said no" in text_of(client.get(screen(story)))


def test_a_link_that_went_astray_is_closed(as_: As, her: Her, story: StoryPage) -> None:
    as_("story_keeper").post(screen(story), {"close": str(her.link.pk)})
    assert her.get().status_code == 410


@pytest.mark.parametrize("wrong", ["", "x", "99999999999999", "-1"])
def test_closing_what_is_not_there_closes_nothing(as_: As, her: Her, story: StoryPage, wrong: str) -> None:
    assert as_("story_keeper").post(screen(story), {"close": wrong}).status_code in (302, 422)
    assert her.get().status_code == 200


def test_without_an_address_there_is_no_letter(as_: As, story: StoryPage) -> None:
    Identity.objects.all().delete()
    client = as_("story_keeper")
    assert "There is no e-mail address" in text_of(client.get(screen(story)))
    assert client.post(screen(story), {"how": "mail"}).status_code == 422
    assert not Letter.objects.exists()


def test_who_wants_quiet_is_left_in_peace(as_: As, story: StoryPage) -> None:
    pause(member=story.member)
    response = as_("story_keeper").post(screen(story), {"how": "paper"})
    assert response.status_code == 422
    assert "on pause" in text_of(response)
    assert not ApprovalLink.objects.exists()


def test_words_that_are_not_the_latest_are_not_asked_about(as_: As, story: StoryPage) -> None:
    old = screen(story)
    draft = story.get_latest_revision_as_object()
    draft.title = "Newer"
    draft.save_revision()
    assert as_("story_keeper").post(old, {"how": "mail"}).status_code == 422


def test_without_a_text_nobody_is_asked(as_: As, story: StoryPage, text: Any) -> None:
    text.delete()
    assert "no consent text" in text_of(as_("story_keeper").get(screen(story)))
    assert as_("story_keeper").post(screen(story), {"how": "paper"}).status_code == 422


@pytest.mark.parametrize("who", ["marketer", "hr_lead"])
def test_others_of_the_admin_do_not_find_the_screen(as_: As, story: StoryPage, who: str) -> None:
    assert as_(who).get(screen(story)).status_code == 404


def test_outside_the_audience_it_is_not_there(as_: As, story: StoryPage, her: Her) -> None:
    story.audience_groups.set(Group.objects.filter(name="Administrator"))
    story.save()
    her.post(f"{wording_path(story)}change/", {"words": "Something"})
    client = as_("story_keeper")
    assert client.get(screen(story)).status_code == 404
    assert client.get("/admin/consent/suggestions/1/").status_code == 404
    assert "Gardener" not in text_of(client.get("/admin/consent/suggestions/"))


def test_a_revision_of_another_page_is_not_there(as_: As) -> None:
    assert as_("story_keeper").get("/admin/consent/ask/999999/").status_code == 404


def test_the_dashboard_counts_open_changes(as_: As, her: Her, story: StoryPage) -> None:
    client = as_("story_keeper")
    assert "None wait for an answer." in text_of(client.get("/admin/"))
    her.post(f"{wording_path(story)}change/", {"words": "Something"})
    assert "None wait for an answer." not in text_of(client.get("/admin/"))


def test_the_outbox_is_listed_without_addresses(as_: As, story: StoryPage) -> None:
    client = as_("story_keeper")
    client.post(screen(story), {"how": "mail"})
    page = text_of(client.get("/admin/consent/letters/"))
    assert "a story to read and to decide about" in page
    assert "example.org" not in page


def test_an_ask_is_found_again_on_the_page_of_another_link(story: StoryPage, journal: Her) -> None:
    ask_her(story)
    assert "Hello. This is your story" in text_of(journal.get())
