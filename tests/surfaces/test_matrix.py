"""Every address × eight roles × the states of a consent: the word is heard only where its owner lets it be heard."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import Client

from search.services import drain
from tests.factories import give, make_story
from tests.surfaces.access import BOSS, DPO, HOST, HR, KEEPER, MARKETER
from tests.surfaces.canary import BOTH, WORD, Canary
from tests.surfaces.sweep import Sweep

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning"),  # Wagtail's image preview leaves its buffer open
]
As = Callable[[str], Client]
NOON = datetime(2026, 3, 2, 9, tzinfo=UTC)
ROLES = ("anonymous", "reader", HR, MARKETER, KEEPER, HOST, DPO, BOSS)
WRITERS = (KEEPER, BOSS)  # who writes the words has them in the admin, whatever their owner says of readers
STATES = ("never", "out_of_scope", "expired", "withdrawn", "paused")
# Where approvals are worked with, their screens show what is to be approved; a consent shows her conditions.
APPROVALS = ("/admin/stories/", "/admin/club/members/inspect/", "/admin/consent/register/")


def may_hear(role: str, path: str) -> bool:
    """Whether somebody's work brings her to these words at this address while readers may not meet them."""
    if role in WRITERS:
        return path.startswith("/admin/")
    return role in (HOST, DPO) and path.startswith(APPROVALS)


def wrongly_heard(as_: As, canary: Canary) -> list[str]:
    """Role and address of everything that lets the word out and should not."""
    sweep, found = Sweep(canary), []
    for role in ROLES:
        heard = sweep.heard(as_(role), (path for paths in (sweep.open(), sweep.admin()) for path in paths))
        found += [f"{role}: {path}" for path in heard if not may_hear(role, path)]
    return found


@pytest.fixture
def canary() -> Canary:
    """A narrator whose figure does not give the word away: keepers and hosts know her by it."""
    return Canary(persona="The quiet one")


@pytest.mark.parametrize("state", STATES)
def test_no_address_lets_a_hidden_story_out(as_: As, canary: Canary, state: str) -> None:
    canary.sing(state)
    drain()
    assert wrongly_heard(as_, canary) == []


def test_a_consent_that_runs_out_in_a_second_is_obeyed_a_second_later(as_: As, canary: Canary) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        give(canary.member, categories=BOTH, start=NOON - timedelta(days=1), until=NOON + timedelta(seconds=1))
        canary.story = make_story(canary.member, **canary.fields())
        drain()
        address = f"/stories/{canary.story.slug}/"
        assert WORD.encode() in as_("reader").get(address).content
        clock.shift(1)
        assert wrongly_heard(as_, canary) == []


def test_a_valid_story_is_heard_by_readers_and_by_nobody_who_is_not_signed_in(as_: As, canary: Canary) -> None:
    canary.sing("visible")
    drain()
    sweep = Sweep(canary)
    assert sweep.heard(as_("anonymous"), (path for paths in (sweep.open(), sweep.admin()) for path in paths)) == []
    for role in ROLES[1:]:
        assert f"/stories/{canary.story.slug}/" in sweep.heard(as_(role), sweep.open())
