"""Every address × eight roles × the states of a consent: the word is heard only where its owner lets it be heard."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from club import codes
from search.services import drain
from tests.factories import give, make_story
from tests.surfaces.access import BOSS, DPO, HOST, HR, KEEPER, MARKETER
from tests.surfaces.canary import BOTH, WORD, Canary
from tests.surfaces.sweep import Sweep, once

pytestmark = [
    pytest.mark.anywhere,
    pytest.mark.slow,
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


def quiet(number: int) -> Canary:
    """A narrator whose figure does not give the word away: keepers and hosts know her by it."""
    return Canary(persona=f"The quiet one {number}", code=codes.compose(111111 + number), alone=number > 0)


def hidden_in_every_way(clock: Any) -> list[Canary]:
    """One canary for each state, and one whose consent ran out this second."""
    found = []
    for number, state in enumerate(STATES):
        found.append(quiet(number))
        found[-1].sing(state)
    last = quiet(len(STATES))
    give(last.member, categories=BOTH, start=NOON - timedelta(days=1), until=NOON + timedelta(seconds=1))
    last.story = make_story(last.member, **last.fields())
    drain()
    clock.shift(1)
    return [*found, last]


@pytest.mark.parametrize("role", ROLES)
def test_no_address_lets_a_hidden_story_out(as_: As, role: str) -> None:
    client = as_(role)
    with time_machine.travel(NOON, tick=False) as clock:
        sweep = Sweep(*hidden_in_every_way(clock))
        heard = sweep.heard(client, once([*sweep.open(), *sweep.admin()]))
    assert [path for path in heard if not may_hear(role, path)] == []


def test_a_story_is_heard_until_the_second_in_which_its_consent_runs_out(as_: As) -> None:
    canary, reader = quiet(0), as_("reader")
    with time_machine.travel(NOON, tick=False) as clock:
        give(canary.member, categories=BOTH, start=NOON - timedelta(days=1), until=NOON + timedelta(seconds=1))
        canary.story = make_story(canary.member, **canary.fields())
        drain()
        address = f"/stories/{canary.story.slug}/"
        assert WORD.encode() in reader.get(address).content
        clock.shift(1)
        assert reader.get(address).status_code == 404


def test_a_valid_story_is_heard_by_readers_and_by_nobody_who_is_not_signed_in(as_: As) -> None:
    canary = quiet(0)
    canary.sing("visible")
    drain()
    sweep = Sweep(canary)
    assert sweep.heard(as_("anonymous"), once([*sweep.open(), *sweep.admin()])) == []
    for role in ROLES[1:]:
        assert f"/stories/{canary.story.slug}/" in sweep.heard(as_(role), sweep.open())
