"""The guarded view: a file of the private storage, for those who may see it now, and a 404 for everyone else."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.http import HttpResponseBase
from django.test import Client
from django.urls import reverse

from consent.enums import Category, Purpose
from consent.models import Consent
from consent.services import withdraw
from stories.models import StoryImage, StoryRendition
from tests.factories import HIDDEN, give, make_hidden, make_image, make_member, make_story
from tests.pages import body, headers
from tests.stories.conftest import photo

pytestmark = pytest.mark.django_db
As = Callable[[str], Client]
BOTH = (Category.WORDS, Category.IMAGE)


def fetch(client: Client, name: str) -> HttpResponseBase:
    """Ask for a file and read it to its end, which closes it."""
    response = client.get(f"/media/{name}")
    response.body = b"".join(response.streaming_content) if response.streaming else response.content
    return response


@pytest.fixture
def shown() -> StoryRendition:
    """A size of a picture that a readable story shows under an image grant."""
    member, image = make_member(), make_image()
    give(member, categories=BOTH)
    make_story(member, body=[photo(image)])
    return image.get_rendition("max-20x20")


@pytest.fixture
def evidence() -> Consent:
    consent = give(make_member())
    consent.evidence.save("signed by Anna.pdf", ContentFile(b"%PDF-1.7 signed"))
    return consent


def test_a_reader_sees_a_size_of_a_picture_of_a_story_she_may_read(as_: As, shown: StoryRendition) -> None:
    response = fetch(as_("reader"), shown.file.name)
    assert response.status_code == 200
    assert response.body[:4] == b"RIFF"


@pytest.mark.parametrize("role", ["outsider", "anonymous"])
def test_others_do_not(as_: As, shown: StoryRendition, role: str) -> None:
    assert fetch(as_(role), shown.file.name).status_code == (302 if role == "anonymous" else 404)


@pytest.mark.parametrize("state", HIDDEN)
def test_pictures_of_hidden_stories_are_not_there(as_: As, state: str) -> None:
    image = make_image()
    story = make_hidden(state, body=[photo(image)])
    give(story.member, purposes=(Purpose.READ,), categories=(Category.IMAGE,))
    name = image.get_rendition("max-20x20").file.name
    assert [fetch(as_(role), name).status_code for role in ("reader", "hr_lead", "dpo")] == [404] * 3


def test_a_withdrawn_image_grant_takes_the_picture_away_at_once(as_: As, shown: StoryRendition) -> None:
    client = as_("reader")
    assert fetch(client, shown.file.name).status_code == 200
    withdraw(member=StoryImage.objects.get().uses.get().story.member, category=Category.IMAGE)
    assert fetch(client, shown.file.name).status_code == 404


def test_the_original_is_for_editors_of_pictures_only(as_: As, shown: StoryRendition) -> None:
    roles = ("reader", "marketer", "hr_lead", "club_host", "dpo", "story_keeper", "administrator")
    status = {role: fetch(as_(role), shown.image.file.name).status_code for role in roles}
    assert {role for role in roles if status[role] == 200} == {"story_keeper", "administrator"}


def test_editors_see_sizes_before_any_story_shows_them(as_: As) -> None:
    name = make_image().get_rendition("max-20x20").file.name
    assert fetch(as_("story_keeper"), name).status_code == 200
    assert fetch(as_("reader"), name).status_code == 404


def test_evidence_is_for_those_who_see_the_register_and_is_downloaded(as_: As, evidence: Consent) -> None:
    roles = ("reader", "marketer", "hr_lead", "mentor", "story_keeper", "club_host", "dpo", "administrator")
    answers = {role: fetch(as_(role), str(evidence.evidence.name)) for role in roles}
    assert {role for role in roles if answers[role].status_code == 200} == {
        "story_keeper",
        "club_host",
        "dpo",
        "administrator",
    }
    assert answers["dpo"].body == b"%PDF-1.7 signed"
    assert answers["dpo"]["Content-Disposition"].startswith("attachment")
    assert "Anna" not in answers["dpo"]["Content-Disposition"]


def test_a_picture_is_shown_in_place(as_: As, shown: StoryRendition) -> None:
    response = fetch(as_("reader"), shown.file.name)
    assert response["Content-Type"] == "image/webp"
    assert response["Content-Disposition"].startswith("inline")


def test_no_cache_keeps_a_file_and_no_page_runs_it(as_: As, shown: StoryRendition) -> None:
    response = fetch(as_("reader"), shown.file.name)
    assert response["Cache-Control"] == "private, no-store"
    assert response["Cross-Origin-Resource-Policy"] == "same-origin"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "Cookie" in response["Vary"]
    assert "ETag" not in response
    assert "Last-Modified" not in response


def test_a_file_may_do_nothing_when_it_is_opened(as_: As, evidence: Consent) -> None:
    policy = fetch(as_("dpo"), str(evidence.evidence.name))["Content-Security-Policy"]
    assert {part.strip() for part in policy.split(";")} == {"default-src 'none'", "sandbox"}


@pytest.mark.parametrize(
    "name",
    ["../kb.sqlite3", "original_images/../../x", "%2e%2e/secret", "/etc/passwd", "original_images/", ".", "a\x00b", "x" * 5000,
     "evidence/none.pdf", "images/nothing.webp", "..%2f..%2fetc%2fpasswd", "original_images//x.jpg"],
)  # fmt: skip
@pytest.mark.parametrize("role", ["reader", "superuser"])
def test_no_name_leads_out_of_the_store(as_: As, role: str, name: str) -> None:
    response = as_(role).get("/media/" + name.replace("\x00", "%00"))
    assert response.status_code == 404


def test_a_file_without_a_record_is_not_served_to_anybody(as_: As, superuser: Any) -> None:
    name = default_storage.save("original_images/stray.jpg", ContentFile(b"stray"))
    assert as_("superuser").get(reverse("media", args=[name])).status_code == 404


def test_a_record_without_its_file_is_a_plain_404(as_: As, shown: StoryRendition) -> None:
    default_storage.delete(shown.file.name)
    assert as_("reader").get(f"/media/{shown.file.name}").status_code == 404


def test_denied_and_missing_are_the_same_answer(as_: As) -> None:
    image = make_image()
    make_hidden("withdrawn", body=[photo(image)])
    client = as_("reader")
    denied = client.get(f"/media/{image.get_rendition('max-20x20').file.name}")
    missing = client.get("/media/images/0123456789abcdef0123456789abcdef.webp")
    assert (denied.status_code, body(denied)) == (missing.status_code, body(missing))
    assert headers(denied) == headers(missing)


def test_the_guarded_view_reads_only(as_: As, shown: StoryRendition) -> None:
    assert as_("reader").post(f"/media/{shown.file.name}").status_code == 405


def test_a_stored_name_is_never_the_uploaded_one() -> None:
    from stories.storage import PrivateStorage

    storage = PrivateStorage()
    for name in ("images/Anna Shchukina.JPG", "evidence/../Anna.pdf", "a\\Anna.png"):
        stored = storage.get_available_name(name)
        assert "Anna" not in stored
        assert len(stored.rpartition("/")[2].partition(".")[0]) == 32
    assert storage.url("images/x.webp") == "/media/images/x.webp"
