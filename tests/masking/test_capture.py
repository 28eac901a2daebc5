"""Noting a story that names somebody: nothing is stored before a person has decided."""

import html
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from club.models import User
from club.services import record_identity
from stories.models import StoryNote, StoryPage
from tests.factories import make_member
from tests.masking.conftest import note

pytestmark = pytest.mark.django_db
As = Callable[[str], Client]
FIELD = re.compile(r"<(?:input|textarea)[^>]*?>")


def fields(page: str) -> dict[str, str]:
    """Return what the form of a page would send as it stands."""
    sent: dict[str, str] = {}
    for tag in FIELD.findall(page.partition("data-masking")[2]):
        attributes = {name: html.unescape(value) for name, value in re.findall(r'([\w-]+)="([^"]*)"', tag)}
        if attributes.get("type") in ("radio", "checkbox") and "checked" not in tag:
            continue
        if "name" in attributes:
            default = "on" if attributes.get("type") in ("radio", "checkbox") else ""
            sent[attributes["name"]] = attributes.get("value", default)
    return sent


def screen(client: Client, **changes: Any) -> dict[str, str]:
    """Send a note and return the form of the screen that follows."""
    response = client.post("/capture/", note(**changes))
    assert response.status_code == 200
    return fields(response.content.decode())


def test_a_note_that_names_somebody_is_shown_before_it_is_stored(as_: As) -> None:
    response = as_("reader").post("/capture/", note())
    page = response.content.decode()
    assert (response.status_code, StoryPage.objects.count()) == (200, 0)
    assert "stories/masking/note.html" in [template.name for template in response.templates]
    assert page.count('class="mk-hit"') == 3


def test_what_the_machine_proposes_is_stored_when_a_person_confirms(as_: As) -> None:
    client = as_("reader")
    response = client.post("/capture/", {**screen(client), "with-0": "Мария", "decided": "1"})
    story = StoryPage.objects.get()
    assert response["Location"] == "/capture/done/"
    assert story.title == "Часы у Марии"
    assert story.raw_body()[0]["value"] == "<p>Мария ждала.</p><p>Марии никто не помог &lt;b&gt;!</p>"
    assert story.names_checked_sha256 == story.wording_sha256 != ""


def test_the_true_name_is_nowhere_afterwards(as_: As) -> None:
    client = as_("reader")
    client.post("/capture/autosave/", note())
    client.post("/capture/", {**screen(client), "decided": "1"})
    story = StoryPage.objects.get()
    kept = [
        str(story.get_latest_revision().content),
        story.plain_text,
        story.title,
        story.slug,
        story.draft_title,
    ]
    assert not StoryNote.objects.exists()
    assert not [text for text in kept if re.search("натал|natal", text, re.I)]


def test_a_name_that_is_left_stays(as_: As) -> None:
    client = as_("reader")
    client.post("/capture/", {**screen(client), "do-0": "wanted", "decided": "1"})
    story = StoryPage.objects.get()
    assert story.title == "Часы у Натальи"
    assert story.names_checked_sha256 == story.wording_sha256


def test_one_place_may_be_worded_otherwise_and_another_left(as_: As) -> None:
    client = as_("reader")
    sent = screen(client)
    client.post("/capture/", {**sent, "with-0": "Мария", "word-0": "Она", "leave-1": "on", "decided": "1"})
    assert "<p>Она ждала.</p><p>Наталье никто" in StoryPage.objects.get().raw_body()[0]["value"]


def test_an_empty_replacement_is_asked_for(as_: As) -> None:
    client = as_("reader")
    response = client.post("/capture/", {**screen(client), "with-0": "  ", "decided": "1"})
    assert (response.status_code, StoryPage.objects.count()) == (422, 0)
    assert "Write what stands here instead" in response.content.decode()


def test_words_changed_behind_the_screen_are_shown_again(as_: As) -> None:
    client = as_("reader")
    sent = {**screen(client), "told": "Наталья и Олег ждали.", "decided": "1"}
    response = client.post("/capture/", sent)
    assert (response.status_code, StoryPage.objects.count()) == (422, 0)
    assert "Look them through again" in response.content.decode()


def test_the_preview_stores_nothing_and_shows_how_it_would_be(as_: As) -> None:
    client = as_("reader")
    response = client.post("/capture/", {**screen(client), "with-0": "соседка", "preview": "1"})
    assert "Соседке</ins> никто не помог" in response.content.decode()
    assert not StoryPage.objects.exists()


def test_one_may_go_back_to_the_words(as_: As) -> None:
    client = as_("reader")
    response = client.post("/capture/", {**screen(client), "back": "1"})
    assert "stories/capture.html" in [template.name for template in response.templates]
    assert "Наталье никто не помог" in response.content.decode()


def test_the_narrators_own_name_becomes_her_figure(as_: As, superuser: User) -> None:
    member = make_member(persona_name="Садовница", language="ru")
    record_identity(member=member, data={"full_name": "Дзержинская Наталья Петровна"}, by=None)
    client = as_("reader")
    sent = screen(client, member=member.pk, who="")
    assert sent["with-0"] == "Садовница"
    client.post("/capture/", {**sent, "decided": "1"})
    assert StoryPage.objects.get().title == "Часы у Садовницы"


def test_a_surname_that_only_the_roster_knows_is_found(as_: As) -> None:
    record_identity(member=make_member(), data={"full_name": "Xqzlw Brtvk"}, by=None)
    page = (
        as_("reader")
        .post("/capture/", note(told="Then Brtvk came.", title="A visit", language="en"))
        .content.decode()
    )
    assert page.count('class="mk-hit"') == 1


def test_words_without_names_are_stored_at_once(as_: As) -> None:
    assert as_("reader").post("/capture/", note(told="Ждала.", title="Часы")).status_code == 302
    assert StoryPage.objects.get().names_checked_sha256 == ""


@pytest.mark.parametrize(
    "broken",
    [{"do-0": "x"}, {"with-0": "\x00" * 9 + "Мария"}, {"word-0": "<script>"}, {"names-fingerprint": ""}],
)
def test_a_forged_form_breaks_nothing(as_: As, broken: dict[str, str]) -> None:
    client = as_("reader")
    response = client.post("/capture/", {**screen(client), "decided": "1", **broken})
    assert response.status_code in (302, 422)
    for story in StoryPage.objects.all():
        assert "<script>" not in story.raw_body()[0]["value"]


def test_an_outsider_may_not_come_here(as_: As) -> None:
    assert as_("outsider").post("/capture/", {**note(), "names": "1"}).status_code == 403
