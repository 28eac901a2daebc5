"""Reminders: once a step, the latest after an outage, none where they mean nothing any more."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail

from club.models import Member, User
from consent.enums import LetterKind, Method, Purpose
from consent.models import Consent, Letter, Reminder
from consent.narrator import letters
from consent.reminding import remind, step
from consent.services import NewConsent, expire, give_consent, pause, permissions_for, resume, withdraw
from tests.factories import give, make_member, make_story, make_text, make_user

pytestmark = pytest.mark.django_db
Person = Callable[[str], User]
END = datetime(2027, 6, 1, 12, tzinfo=UTC)
START = END - timedelta(days=400)


def before(days: float) -> datetime:
    """A moment so many days before the end."""
    return END - timedelta(days=days)


@pytest.fixture
def consent(person: Person) -> Consent:
    member = make_member(persona_name="The Gardener")
    member.hosts.add(person("club_host"))
    return give(member, start=START, until=END)


def given() -> list[int]:
    return list(Reminder.objects.order_by("pk").values_list("days_before", flat=True))


def test_each_step_is_told_once(consent: Consent) -> None:
    counts = [remind(before(days)) for days in (61, 60, 59, 30, 15, 14, 13, 1)]
    assert counts == [0, 1, 0, 0, 0, 1, 0, 0]
    assert given() == [60, 14]
    assert Letter.objects.filter(kind=LetterKind.ENDING, member=consent.member).count() == 2


@pytest.mark.parametrize(
    ("days", "steps"), [(60, [60]), (14.5, [60]), (14, [14]), (0.1, [14]), (0, []), (-5, [])]
)
def test_an_outage_is_followed_by_the_latest_step_alone(
    days: float, steps: list[int], consent: Consent
) -> None:
    remind(before(days))
    assert given() == steps
    remind(before(days) + timedelta(hours=1))
    assert given() == steps


def test_many_runs_at_once_tell_once(consent: Consent) -> None:
    assert sum(remind(before(59)) for _run in range(5)) == 1


def test_two_months_of_runs_tell_twice(consent: Consent) -> None:
    with time_machine.travel(before(60.5), tick=False) as clock:
        for _time in range(4 * 62):
            remind()
            clock.shift(timedelta(hours=6))
    assert given() == [60, 14]


@pytest.mark.parametrize("what", ["withdrawn", "replaced", "paused", "forgotten", "expired"])
def test_who_has_decided_is_left_alone(what: str, consent: Consent) -> None:
    member = consent.member
    if what == "withdrawn":
        withdraw(member=member)
    elif what == "replaced":
        give_consent(
            NewConsent(
                member=member, text=make_text(), controller="Warm House", method=Method.PAPER, supersedes=consent,
                permissions=permissions_for([Purpose.READ]), valid_from=before(70), evidence_reference="binder",
            )
        )  # fmt: skip
    elif what == "paused":
        pause(member=member)
    elif what == "forgotten":
        Member.objects.filter(pk=member.pk).update(erased_at=before(80))
    at = before(-1) if what == "expired" else before(30)
    assert remind(at) == 0
    assert not Letter.objects.exists()


def test_a_withdrawal_of_one_purpose_leaves_the_rest_to_be_told_of(consent: Consent) -> None:
    withdraw(member=consent.member, purpose=Purpose.TRAIN)
    assert remind(before(30)) == 1


def test_after_a_pause_the_step_is_told(consent: Consent) -> None:
    pause(member=consent.member)
    assert remind(before(50)) == 0
    resume(member=consent.member)
    assert remind(before(49)) == 1


@pytest.mark.parametrize(("term", "steps"), [(400, [60]), (60, [60]), (59, []), (13, [])])
def test_a_short_consent_is_not_told_of_on_the_day_it_is_given(term: int, steps: list[int]) -> None:
    consent = give(make_member(), start=before(term), until=END)
    found = step(consent, before(min(term, 30)))
    assert ([found] if found else []) == steps


def test_a_consent_without_an_end_has_no_steps() -> None:
    assert step(give(make_member()), END) is None


def test_the_hosts_are_told(person: Person) -> None:
    member = make_member()
    hosts = {person("club_host"), make_user("story_keeper")}
    member.hosts.add(*hosts, make_user("club_host", is_active=False))
    give(member, start=START, until=END)
    remind(before(30))
    assert {letter.recipient for letter in Letter.objects.all()} == hosts


def test_without_hosts_those_who_record_consents_are_told(person: Person) -> None:
    allowed = {person(role) for role in ("story_keeper", "club_host", "dpo", "administrator")}
    person("reader"), person("marketer"), person("superuser")
    give(make_member(), start=START, until=END)
    remind(before(30))
    assert {letter.recipient for letter in Letter.objects.all()} == allowed


def test_a_host_no_letter_reaches_does_not_swallow_it(person: Person) -> None:
    member = make_member()
    member.hosts.add(make_user("club_host", email=""))
    give(member, start=START, until=END)
    person("dpo")
    remind(before(30))
    assert [letter.recipient for letter in Letter.objects.all()] == [person("dpo")]


def test_where_nobody_else_is_left_administrators_are_told(person: Person) -> None:
    person("superuser"), person("reader")
    give(make_member(), start=START, until=END)
    remind(before(30))
    assert [letter.recipient for letter in Letter.objects.all()] == [person("superuser")]


def test_nothing_depends_on_reminders_for_the_end_itself(person: Person) -> None:
    from stories.querysets import visible

    story = make_story(consent=False)
    give(story.member, start=START, until=END)
    reader = person("reader")
    with time_machine.travel(END - timedelta(seconds=1), tick=False):
        assert visible(reader).filter(pk=story.pk).exists()
    with time_machine.travel(END, tick=False):
        assert not visible(reader).filter(pk=story.pk).exists()
        assert expire() == 3
        assert not Reminder.objects.exists()


def test_the_letter_names_nobody(consent: Consent, person: Person, settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    User.objects.filter(pk=person("club_host").pk).update(email="host@example.com")
    remind(before(30))
    assert letters.deliver() == 1
    [sent] = mail.outbox
    whole = sent.subject + sent.body + "".join(str(part[0]) for part in sent.alternatives)
    assert sent.to == ["host@example.com"]
    assert "Gardener" not in whole
    assert "/admin/" in sent.body
