"""Receiving and fulfilling demands: the term is written down, the effect does not wait for it."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from club.models import User
from consent.demands import days_left, fulfil, law_of, open_demands, receive
from consent.enums import Category, Channel, DemandKind, Law, LetterKind, Purpose
from consent.models import Demand, Letter
from consent.narrator import letters
from consent.services import withdraw
from stories.querysets import visible
from tests.factories import give, make_member, make_story

pytestmark = pytest.mark.django_db
Person = Callable[[str], User]
EVERY = (Purpose.READ, Purpose.TRAIN, Purpose.IDEAS, Purpose.PROMOTE)


@pytest.mark.parametrize("kind", [DemandKind.WITHDRAW, DemandKind.ERASE])
@pytest.mark.parametrize("channel", list(Channel))
def test_taking_back_takes_effect_at_once(kind: DemandKind, channel: Channel, person: Person) -> None:
    story = make_story()
    reader = person("reader")
    assert visible(reader).filter(pk=story.pk).exists()
    demand = receive(member=story.member, kind=kind, channel=channel)
    assert not visible(reader).filter(pk=story.pk).exists()
    assert demand.done_at is None


def test_stopping_distribution_leaves_what_is_inside(person: Person) -> None:
    member = make_member()
    give(member, purposes=EVERY)
    story = make_story(member)
    receive(member=member, kind=DemandKind.STOP, channel=Channel.TALK)
    reader = person("reader")
    assert visible(reader).filter(pk=story.pk).exists()
    assert not visible(reader, Purpose.PROMOTE).filter(pk=story.pk).exists()


@pytest.mark.parametrize("kind", [DemandKind.COPY, DemandKind.CORRECT])
def test_asking_for_a_copy_or_a_correction_hides_nothing(kind: DemandKind, person: Person) -> None:
    story = make_story()
    receive(member=story.member, kind=kind, channel=Channel.MAIL)
    assert visible(person("reader")).filter(pk=story.pk).exists()


def test_whoever_answers_demands_is_written_to_at_once(person: Person) -> None:
    officer, keeper = person("dpo"), person("story_keeper")
    story = make_story()
    receive(member=story.member, kind=DemandKind.COPY, channel=Channel.LINK)
    receive(member=story.member, kind=DemandKind.STOP, channel=Channel.MAIL, by=keeper)
    receive(member=story.member, kind=DemandKind.ERASE, channel=Channel.TALK, by=officer)
    told = Letter.objects.filter(kind=LetterKind.DEMAND)
    assert [letter.recipient for letter in told] == [officer, officer]  # not of what she recorded herself
    assert letters.deliver() == 2
    assert all("/admin/consent/board/" in message.body for message in mail.outbox)


def test_a_demand_remembers_its_rule_and_its_last_day() -> None:
    at = datetime(2026, 10, 30, 9, tzinfo=UTC)
    demand = receive(
        member=make_member(),
        kind=DemandKind.STOP,
        channel=Channel.PAPER,
        words="  Enough.  ",
        at=at,
        law=Law.RU_152,
    )
    demand.refresh_from_db()
    assert (demand.rule, demand.due_on, demand.words) == ("152-fz:stop", date(2026, 11, 5), "Enough.")


def test_the_law_is_that_of_the_latest_consent() -> None:
    member = make_member()
    assert law_of(member) == Law.RU_152
    give(member)  # to a text under the GDPR
    assert law_of(member) == Law.GDPR
    assert receive(member=member, kind=DemandKind.COPY, channel=Channel.MAIL).law == Law.GDPR


def test_a_demand_from_the_future_is_refused() -> None:
    story = make_story()
    with pytest.raises(ValidationError):
        receive(
            member=story.member,
            kind=DemandKind.WITHDRAW,
            channel=Channel.MAIL,
            at=timezone.now() + timedelta(minutes=1),
        )
    assert not Demand.objects.exists()


def test_whoever_may_take_a_demand_down_makes_it_hold(person: Person) -> None:
    story, host = make_story(), person("club_host")
    demand = receive(member=story.member, kind=DemandKind.WITHDRAW, channel=Channel.TALK, by=host)
    assert demand.recorded_by == host
    assert not visible(person("reader")).filter(pk=story.pk).exists()


def test_others_may_not(person: Person) -> None:
    story = make_story()
    with pytest.raises(PermissionDenied):
        receive(member=story.member, kind=DemandKind.WITHDRAW, channel=Channel.TALK, by=person("marketer"))
    demand = receive(member=story.member, kind=DemandKind.COPY, channel=Channel.TALK)
    with pytest.raises(PermissionDenied):
        fulfil(demand, by=person("club_host"))


def test_a_demand_is_done_once_and_the_first_note_stays(person: Person) -> None:
    demand = receive(member=make_member(), kind=DemandKind.COPY, channel=Channel.MAIL)
    dpo = person("dpo")
    fulfil(demand, by=dpo, outcome="Sent by post.")
    first = demand.done_at
    again = fulfil(Demand.objects.get(), by=dpo, outcome="Something else")
    assert (again.done_at, again.outcome, again.done_by) == (first, "Sent by post.", dpo)


def test_open_demands_come_the_most_urgent_first() -> None:
    now = timezone.now()
    member = make_member()
    late = receive(member=member, kind=DemandKind.STOP, channel=Channel.MAIL, at=now - timedelta(days=90))
    soon = receive(member=member, kind=DemandKind.STOP, channel=Channel.MAIL, at=now)
    far = receive(member=member, kind=DemandKind.ERASE, channel=Channel.MAIL, at=now)
    done = receive(member=member, kind=DemandKind.COPY, channel=Channel.MAIL, at=now)
    fulfil(done)
    assert list(open_demands()) == [late, soon, far]
    assert days_left(late) < 0 <= days_left(soon) < days_left(far)


def test_a_withdrawal_that_was_there_already_is_still_a_demand() -> None:
    member = make_member()
    give(member, categories=(Category.WORDS,))
    withdraw(member=member)
    assert receive(member=member, kind=DemandKind.WITHDRAW, channel=Channel.PAPER).pk
