"""What the admin's tests share beyond the cast: evidence files, a complete consent form, an approval."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import translation

from club.models import Member
from consent.models import ConsentText
from stories.models import StoryPage
from tests.factories import make_text

PDF = b"%PDF-1.7\nsigned"


@pytest.fixture(autouse=True)
def english(settings: Any) -> Iterator[None]:
    """Let the screens speak English, the language of the msgids."""
    settings.LANGUAGE_CODE = "en"
    with translation.override("en"):
        yield


@pytest.fixture
def text(db: None) -> ConsentText:
    return make_text()


@pytest.fixture
def filled(text: ConsentText) -> Callable[..., dict[str, Any]]:
    """Return a function that fills the consent form: words may be read, evidence is a paper in a binder."""

    def fill(member: Member, **changes: Any) -> dict[str, Any]:
        data = {
            "member": member.pk,
            "text": text.pk,
            "controller": "Warm House",
            "method": "paper",
            "valid_from": "2026-01-10",
            "credit": "pseudonym",
            "allow_read_words": "on",
            "evidence_reference": "binder, sheet 1",
        }
        return {key: value for key, value in {**data, **changes}.items() if value is not None}

    return fill


def evidence(name: str = "scan.pdf", content: bytes = PDF) -> SimpleUploadedFile:
    """An uploaded file."""
    return SimpleUploadedFile(name, content)


def approval(story: StoryPage, **changes: Any) -> dict[str, Any]:
    """The approval form of a story's latest words, filled in."""
    digest = story.get_latest_revision_as_object().digest()
    return {
        "digest": digest,
        "method": "paper",
        "evidence_reference": "binder, sheet 2",
        "seen": "on",
        **changes,
    }


def record_approval(client: Client, story: StoryPage, **changes: Any) -> Any:
    """Send the approval form."""
    return client.post(reverse("story_consent", args=[story.pk]), approval(story, **changes))
