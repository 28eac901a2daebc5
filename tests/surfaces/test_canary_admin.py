"""Who enters the admin but has no right to stories hears nothing of those she may not read."""

from collections.abc import Callable

import pytest
from django.test import Client

from search.services import drain
from tests.surfaces.canary import WORD, Canary
from tests.surfaces.sweep import Sweep

pytestmark = [pytest.mark.django_db, pytest.mark.anywhere]
As = Callable[[str], Client]
def leaks(client: Client, canary: Canary) -> list[str]:
    """The addresses of the admin that let the word out; a consent's own page holds her conditions, not the story."""
    sweep = Sweep(canary)
    return [path for path in sweep.heard(client, sweep.admin()) if not path.startswith("/admin/consent/register/")]


@pytest.fixture
def canary() -> Canary:
    """A narrator whose figure does not give the word away: keepers and hosts know her by it."""
    return Canary(persona="The quiet one")


@pytest.mark.parametrize(
    ("role", "state"),
    [("marketer", "withdrawn"), ("marketer", "draft"), ("hr_lead", "unapproved"), ("club_host", "audience"), ("dpo", "audience")],
)
def test_a_story_she_may_not_read_is_heard_nowhere_in_the_admin(as_: As, canary: Canary, role: str, state: str) -> None:
    canary.sing(state)
    drain()
    assert leaks(as_(role), canary) == []


@pytest.mark.parametrize(("role", "state"), [("club_host", "withdrawn"), ("dpo", "draft")])
def test_who_works_with_approvals_meets_it_there_and_nowhere_else(as_: As, canary: Canary, role: str, state: str) -> None:
    story = canary.sing(state)
    drain()
    approvals = {"/admin/stories/", "/admin/stories/results/", f"/admin/stories/?q={WORD}", f"/admin/stories/{story.pk}/consent/",
                 f"/admin/stories/{story.pk}/consent/take-back/", f"/admin/club/members/inspect/{canary.member.pk}/"}  # fmt: skip
    assert [path for path in leaks(as_(role), canary) if path not in approvals] == []


def test_its_keeper_hears_it_there(as_: As, canary: Canary) -> None:
    canary.sing("withdrawn")
    drain()
    assert len(leaks(as_("story_keeper"), canary)) > 5


@pytest.mark.parametrize("role", ["marketer", "hr_lead"])
def test_a_picture_she_may_not_see_is_named_by_no_api(as_: As, canary: Canary, role: str) -> None:
    canary.sing("withdrawn")
    client = as_(role)
    said = [client.get(f"/admin/api/main/images/{path}").content for path in ("", f"{canary.image.pk}/")]
    assert not [each for each in said if WORD.encode() in each]
