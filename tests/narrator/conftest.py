"""What the tests of the narrator's page stand on: a member, a story she is asked about, her page in a browser without cookies."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from html import unescape
from typing import Any

import pytest
from django.test import Client
from wagtail.models import Revision

from club.models import Identity, Member, User
from consent.enums import Channel
from consent.models import ApprovalLink, ConsentText
from consent.narrator import asking, registry
from consent.narrator.links import make_link
from stories.models import StoryPage
from tests.factories import episode, make_member, make_story, make_text

MAIL = "anna@example.org"
WORDS = "Nobody answered for three evenings."


@pytest.fixture(autouse=True)
def house(settings: Any) -> None:
    """A company with a name and a number, under a law that the test texts answer to."""
    settings.KB_LAW = "gdpr"
    settings.LANGUAGE_CODE = "en"
    settings.KB_COMPANY_NAME = "Warm House"
    settings.KB_CONTACT_PHONE = "8 000 000-00-00"
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"


@dataclass
class Her:
    """A narrator with her page: gets and posts as a browser does that knows neither cookies nor scripts."""

    member: Member
    token: str
    client: Client

    def url(self, path: str = "") -> str:
        return f"/n/{self.token}/{path}"

    def get(self, path: str = "", **extra: Any) -> Any:
        return self.client.get(self.url(path), **extra)

    def post(self, path: str, data: dict[str, Any] | None = None, *, shown: str | None = None, **extra: Any) -> Any:
        """Send the form of the page at ``shown`` (the same address unless said otherwise)."""
        page = self.get(path if shown is None else shown)
        carried = form_token(page.content.decode())
        return self.client.post(self.url(path), {"form": carried, **(data or {})}, **extra)

    @property
    def link(self) -> ApprovalLink:
        return ApprovalLink.objects.latest("pk")


def form_token(html: str) -> str:
    """Return the token of the first form of a page."""
    found = re.search(r'name="form" value="([^"]+)"', html)
    return unescape(found[1]) if found else ""


def text_of(response: Any) -> str:
    """Return what a page says: markup and the spaces of typography taken away."""
    plain = unescape(re.sub(r"<[^>]+>", " ", response.content.decode()))
    return re.sub(r"\s+", " ", plain.replace("\u00a0", " "))


CHOICE = {"chosen": "1", "purposes": ["read", "train"], "years": "1", "credit": "pseudonym", "question": "gone"}


@pytest.fixture
def text(db: None) -> ConsentText:
    return make_text()


@pytest.fixture
def member(db: None, text: ConsentText) -> Member:
    member = make_member(persona_name="The Gardener", language="en")
    identity = Identity(member=member)
    identity.data = {"full_name": "Anna Petrova", "email": MAIL}
    identity.save()
    return member


@pytest.fixture
def story(member: Member) -> StoryPage:
    """A draft that nobody has approved."""
    return make_story(member, publish=False, title="Three evenings", summary="I waited.", body=[
        episode(title="The call", happened=WORDS), ("narrative", "<p>One.</p><p>Two <b>bold</b>.</p>"), ("quote", {"text": "Tell me the hour."}),
    ])  # fmt: skip


def latest(story: StoryPage) -> Revision:
    """The newest revision as the database has it."""
    return StoryPage.objects.get(pk=story.pk).get_latest_revision()


def ask_her(story: StoryPage, *, by: User | None = None) -> Her:
    """Ask on paper, and give her page."""
    wording = registry.wording(latest(story))
    assert wording is not None
    _link, token = asking.ask_on_paper(member=story.member, wording=wording, by=by)
    return Her(story.member, token, Client())


@pytest.fixture
def her(story: StoryPage) -> Her:
    """She has been asked about the story."""
    return ask_her(story)


@pytest.fixture
def journal(member: Member) -> Her:
    """Her page without anything asked."""
    _link, token = make_link(member=member, channel=Channel.TALK)
    return Her(member, token, Client())


def wording_path(story: StoryPage) -> str:
    return f"wording/{latest(story).pk}/"


@pytest.fixture
def agree() -> Callable[..., Any]:
    """Give a function by which she agrees to a story."""

    def agreed(her: Her, story: StoryPage, **choice: Any) -> Any:
        return her.post(wording_path(story), {**CHOICE, **choice})

    return agreed
