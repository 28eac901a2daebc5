"""Noting what a client told: two minutes, and a draft is made."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.utils import timezone
from wagtail.models import Page

from club.enums import Season
from club.models import Member, User
from consent.services import withdraw
from stories.forms import CaptureForm
from stories.models import StoryNote, StoryPage
from stories.querysets import visible
from stories.services import capturing
from tests.factories import give, make_member, make_touchpoint

pytestmark = pytest.mark.django_db
As = Callable[[str], Client]


def note(**fields: Any) -> dict[str, Any]:
    """What an employee types."""
    return {
        "title": "Часы в подъезде",
        "told": "Ждала.\n\nНикто не пришёл <b>!",
        "who": "мама из пятого дома",
        "language": "ru",
        **fields,
    }


def send(client: Client, **fields: Any) -> Any:
    return client.post("/capture/", note(**fields))


def test_a_note_becomes_a_draft_with_a_new_narrator(as_: As, reader: User) -> None:
    response = send(as_("reader"))
    story = StoryPage.objects.get()
    assert (response.status_code, response["Location"]) == (302, "/capture/done/")
    assert (story.title, story.live, story.owner) == ("Часы в подъезде", False, reader)
    assert (story.member.persona_name, story.member.season) == ("мама из пятого дома", Season.INVITED)
    assert story.slug.startswith("chasy-v-podezde-")
    assert not Page.find_problems()[0]


def test_the_words_are_kept_as_paragraphs_and_as_text(as_: As) -> None:
    send(as_("reader"))
    [block] = StoryPage.objects.get().raw_body()
    assert block["value"] == "<p>Ждала.</p><p>Никто не пришёл &lt;b&gt;!</p>"


def test_the_draft_has_a_revision_by_its_author(as_: As, reader: User) -> None:
    send(as_("reader"))
    assert StoryPage.objects.get().get_latest_revision().user == reader


def test_a_known_member_is_named_instead(as_: As) -> None:
    member = make_member()
    send(as_("reader"), member=member.pk, who="")
    assert StoryPage.objects.get().member == member
    assert Member.objects.count() == 1


def test_where_and_when_go_with_the_draft(as_: As) -> None:
    touchpoint, day = make_touchpoint(), timezone.localdate()
    send(as_("reader"), touchpoint=touchpoint.pk, when=day.isoformat())
    story = StoryPage.objects.get()
    assert story.period_start == day
    assert list(story.get_latest_revision_as_object().touchpoints.all()) == [touchpoint]


def test_a_note_is_read_by_nobody_before_it_is_approved(as_: As, superuser: User) -> None:
    send(as_("reader"))
    assert not visible(superuser).exists()
    assert as_("reader").get(f"/stories/{StoryPage.objects.get().slug}/").status_code == 404


@pytest.mark.parametrize("missing", ["title", "told"])
def test_title_and_words_are_needed(as_: As, missing: str) -> None:
    response = send(as_("reader"), **{missing: " "})
    assert response.status_code == 422
    assert not StoryPage.objects.exists()


def test_somebody_must_have_told_it(as_: As) -> None:
    response = send(as_("reader"), who="")
    assert response.status_code == 422
    assert "who" in response.context["form"].errors
    assert not StoryPage.objects.exists()


def test_a_day_that_has_not_come_is_refused(as_: As) -> None:
    tomorrow = timezone.localdate() + timedelta(days=1)
    response = send(as_("reader"), when=tomorrow.isoformat())
    assert response.status_code == 422
    assert "when" in response.context["form"].errors


def test_what_was_typed_is_still_there_after_a_mistake(as_: As) -> None:
    response = send(as_("reader"), who="")
    assert "Никто не пришёл" in response.content.decode()


@pytest.mark.parametrize("path", ["/capture/", "/capture/done/"])
def test_an_outsider_may_not_note(as_: As, path: str) -> None:
    assert as_("outsider").get(path).status_code == 403
    assert as_("reader").get(path).status_code == 200


def test_an_outsider_may_neither_send_nor_save(as_: As) -> None:
    client = as_("outsider")
    assert client.post("/capture/", note()).status_code == 403
    assert client.post("/capture/autosave/", note()).status_code == 403
    assert not StoryPage.objects.exists()
    assert not StoryNote.objects.exists()


def test_the_service_refuses_an_outsider_itself(outsider: User) -> None:
    with pytest.raises(PermissionDenied):
        capturing.submit_note(note=StoryNote(author=outsider, title="x", told="y", who="z"), by=outsider)
    assert not Member.objects.exists()


@pytest.mark.parametrize(
    "broken",
    [{"who": ""}, {"title": ""}, {"when": "yesterday"}, {"member": "x"}, {"language": "xx"}, {"told": ""}],
)
def test_autosave_keeps_whatever_there_is(as_: As, reader: User, broken: dict[str, Any]) -> None:
    response = as_("reader").post("/capture/autosave/", note(**broken))
    kept = StoryNote.objects.get(author=reader)
    assert (response.status_code, response.json()["saved"]) == (200, True)
    assert (kept.title, kept.told.replace("\r\n", "\n"), kept.who) == tuple(
        note(**broken)[name] for name in ("title", "told", "who")
    )


def test_autosave_cuts_what_does_not_fit_and_drops_what_no_database_takes(as_: As, reader: User) -> None:
    as_("reader").post("/capture/autosave/", note(title="я" * 500, told="a\x00b"))
    kept = StoryNote.objects.get(author=reader)
    assert (len(kept.title), kept.told) == (200, "ab")


def test_autosave_keeps_one_note_a_person(as_: As) -> None:
    client = as_("reader")
    for title in ("One", "Two"):
        client.post("/capture/autosave/", note(title=title))
    as_("mentor").post("/capture/autosave/", note(title="Hers"))
    assert set(StoryNote.objects.values_list("title", flat=True)) == {"Two", "Hers"}


def test_an_unfinished_note_is_there_next_time_for_its_author_only(as_: As) -> None:
    as_("reader").post("/capture/autosave/", note(title="Half a story"))
    assert "Half a story" in as_("reader").get("/capture/").content.decode()
    assert "Half a story" not in as_("mentor").get("/capture/").content.decode()


def test_a_sent_note_leaves_no_unfinished_one(as_: As) -> None:
    client = as_("reader")
    client.post("/capture/autosave/", note())
    send(client)
    assert not StoryNote.objects.exists()


def test_autosave_is_a_post(as_: As) -> None:
    assert as_("reader").get("/capture/autosave/").status_code == 405


def test_two_notes_with_one_title_are_two_stories(as_: As) -> None:
    for _ in range(2):
        send(as_("reader"))
    assert StoryPage.objects.values("slug").distinct().count() == 2


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("a\n\nb", "<p>a</p><p>b</p>"),
        ("a\r\nb", "<p>a<br/>b</p>"),
        (" \n\n ", ""),
        ("<i>&", "<p>&lt;i&gt;&amp;</p>"),
    ],
)
def test_plain_text_becomes_paragraphs(text: str, html: str) -> None:
    assert capturing.paragraphs(text) == html


def test_whoever_took_everything_back_is_not_offered_as_a_narrator(db: None) -> None:
    stayed, new, gone = make_member(), make_member(), make_member()
    for member in (stayed, gone):
        give(member)
    withdraw(member=gone)
    offered = set(CaptureForm(instance=StoryNote()).fields["member"].queryset)
    assert offered == {stayed, new}
