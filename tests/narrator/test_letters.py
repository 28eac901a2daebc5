"""Letters: written with their cause, leased, tried again, parked, and stopped when nobody wants them any more."""

import re
import smtplib
from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.core.mail.backends.locmem import EmailBackend
from django.test import Client
from django.utils import timezone

from club.models import Identity
from consent.enums import EventKind, LetterKind, LetterState, Method, Purpose
from consent.models import ApprovalLink, ConsentEvent, Demand, Letter
from consent.narrator import asking, letters, registry
from consent.services import approve_wording, pause, refuse, resume, withdraw
from stories.models import StoryPage
from tests.factories import give, make_story, make_user
from tests.narrator.conftest import MAIL, WORDS, Her, ask_her, latest, wording_path

pytestmark = pytest.mark.django_db


def wording(story: StoryPage) -> registry.Wording:
    found = registry.wording(latest(story))
    assert found is not None
    return found


@pytest.fixture
def asked(story: StoryPage, keeper: Any) -> Letter:
    """A letter that waits to leave."""
    keeper.first_name, keeper.last_name = "Marina", "Lvova"
    keeper.save()
    return asking.ask_by_mail(member=story.member, wording=wording(story), by=keeper)


def state(letter: Letter) -> tuple[str, str]:
    letter.refresh_from_db()
    return letter.state, letter.last_error


def due(letter: Letter) -> None:
    """Let its waiting time be over."""
    Letter.objects.filter(pk=letter.pk).update(due_at=timezone.now() - timedelta(seconds=1))


def token_in(text: Any) -> str:
    return re.search(r"http://127\.0\.0\.1:8000/n/([A-Za-z0-9_-]{43})/", str(text))[1]


def test_an_ask_leaves_with_a_link_of_its_own(asked: Letter, member: Any) -> None:
    assert not ApprovalLink.objects.exists(), "no link lies in the queue"
    assert letters.deliver() == 1
    [message] = mail.outbox
    assert message.to == [MAIL]
    [link] = ApprovalLink.objects.all()
    assert Client().get(f"/n/{token_in(message.body)}/").status_code == 200
    assert (link.member, link.revision_id, link.channel) == (member, asked.revision_id, "mail")
    assert state(asked) == (LetterState.SENT, "")
    assert asked.sent_at is not None
    assert letters.deliver() == 0


def test_it_says_who_asks_and_why_and_names_nobody_in_the_subject(asked: Letter) -> None:
    letters.deliver()
    [message] = mail.outbox
    html = message.alternatives[0][0]
    assert message.subject == "A letter from Warm House"
    for said in (message.body, html):
        assert "Marina Lvova of Warm House asks you" in said
        assert "8 000 000-00-00" in said
        assert "silence" in said
        for hidden in (WORDS, "Three evenings", "Gardener", "Anna", "KD-"):
            assert hidden not in said, hidden
    assert token_in(html) == token_in(message.body)
    assert message.extra_headers["Auto-Submitted"] == "auto-generated"


def test_it_speaks_the_narrators_language(story: StoryPage, member: Any) -> None:
    member.language = "ru"
    member.save()
    asking.ask_by_mail(member=member, wording=wording(story), by=None)
    letters.deliver()
    assert '<html lang="ru">' in mail.outbox[0].alternatives[0][0]


def test_the_ledger_notes_that_she_was_asked(asked: Letter, member: Any, keeper: Any) -> None:
    event = ConsentEvent.objects.get(kind=EventKind.REQUESTED)
    assert (event.member, event.actor_id) == (member, keeper.pk)
    assert event.wording_sha256 == wording(StoryPage.objects.get(member=member)).sha256


def test_asking_twice_before_it_left_is_one_letter(asked: Letter, story: StoryPage, keeper: Any) -> None:
    assert asking.ask_by_mail(member=story.member, wording=wording(story), by=keeper) == asked
    assert ConsentEvent.objects.filter(kind=EventKind.REQUESTED).count() == 1


def test_hosts_may_ask_and_strangers_may_not(story: StoryPage, reader: Any) -> None:
    with pytest.raises(PermissionDenied):
        asking.ask_by_mail(member=story.member, wording=wording(story), by=reader)
    story.member.hosts.add(reader)
    assert asking.ask_by_mail(member=story.member, wording=wording(story), by=reader).pk


@pytest.mark.parametrize(
    ("what", "reason"),
    [
        (lambda story: pause(member=story.member), "paused"),
        (lambda story: refuse(member=story.member, wording_sha256=story.digest()), "answered"),
        (lambda story: (give(story.member), withdraw(member=story.member)), "withdrawn"),
        (lambda story: (give(story.member), approve_wording(member=story.member, wording_sha256=story.digest(), method=Method.PAPER)), "answered"),
        (lambda story: type(story.member).objects.update(erased_at=timezone.now()), "forgotten"),
        (lambda story: Identity.objects.all().delete(), "no address"),
    ],
)  # fmt: skip
def test_a_letter_nobody_wants_any_more_never_leaves(asked: Letter, story: StoryPage, what: Callable[[StoryPage], Any], reason: str) -> None:
    what(story)
    assert letters.deliver() == 0
    assert state(asked) == (LetterState.DROPPED, reason)
    assert not mail.outbox
    assert not ApprovalLink.objects.exists()


def test_a_letter_about_words_that_changed_never_leaves(asked: Letter, story: StoryPage) -> None:
    draft = story.get_latest_revision_as_object()
    draft.title = "Another"
    draft.save_revision()
    letters.deliver()
    assert state(asked) == (LetterState.DROPPED, "changed")


def test_taking_back_one_purpose_stops_no_letter(asked: Letter, member: Any) -> None:
    give(member)
    withdraw(member=member, purpose=Purpose.TRAIN)
    assert letters.deliver() == 1


def test_the_pause_over_she_may_be_written_to(asked: Letter, member: Any) -> None:
    pause(member=member)
    resume(member=member)
    assert letters.deliver() == 1


def test_a_fresh_link_she_asked_for_reaches_her_on_pause_too(member: Any) -> None:
    give(member)
    pause(member=member)
    letters.write(LetterKind.FRESH_LINK, member=member)
    assert letters.deliver() == 1


class Broken(EmailBackend):
    """A mail server that is not there."""

    def send_messages(self, messages: Any) -> int:
        raise smtplib.SMTPRecipientsRefused({MAIL: (550, b"no such user")})


@pytest.fixture
def broken(settings: Any) -> None:
    settings.EMAIL_BACKEND = "tests.narrator.test_letters.Broken"


def test_what_fails_is_tried_again_later_and_later(asked: Letter, broken: None) -> None:
    waits = []
    for attempt in range(1, letters.ATTEMPTS):
        due(asked)
        assert letters.deliver() == 0
        asked.refresh_from_db()
        assert (asked.state, asked.attempts, asked.last_error) == (LetterState.WAITING, attempt, "SMTPRecipientsRefused")
        waits.append(asked.due_at - timezone.now())
    assert all(later > earlier * 1.9 for earlier, later in pairwise(waits))
    assert letters.deliver() == 0, "not before its time"


def test_after_the_last_attempt_it_is_parked(asked: Letter, broken: None) -> None:
    for _attempt in range(letters.ATTEMPTS):
        due(asked)
        letters.deliver()
    assert state(asked) == (LetterState.FAILED, "SMTPRecipientsRefused")
    due(asked)
    assert letters.deliver() == 0


def test_an_error_keeps_no_address_and_closes_its_link(asked: Letter, broken: None, caplog: Any) -> None:
    letters.deliver()
    asked.refresh_from_db()
    assert MAIL not in asked.last_error + caplog.text
    assert ApprovalLink.objects.get().revoked_at is not None


def test_when_the_server_is_back_the_letter_leaves(asked: Letter, broken: None, settings: Any) -> None:
    letters.deliver()
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    due(asked)
    assert letters.deliver() == 1
    assert state(asked) == (LetterState.SENT, "")


def test_two_workers_send_a_letter_once(asked: Letter) -> None:
    mine, theirs = Letter.objects.get(), Letter.objects.get()
    assert letters._lease(mine)
    assert not letters._lease(theirs)
    assert letters.deliver() == 0, "leased to another"


def test_the_lease_of_a_dead_worker_runs_out(asked: Letter) -> None:
    letters._lease(Letter.objects.get())
    due(asked)
    assert letters.deliver() == 1


def test_the_queue_holds_neither_address_nor_words_nor_link(asked: Letter) -> None:
    letters.deliver()
    row = str(Letter.objects.values().get())
    for hidden in (MAIL, WORDS, token_in(mail.outbox[0].body)):
        assert hidden not in row


def test_a_receipt_follows_a_yes_by_mail(asked: Letter, story: StoryPage) -> None:
    letters.deliver()
    her = Her(story.member, token_in(mail.outbox[0].body), Client())
    her.post(wording_path(story), {"chosen": "1", "purposes": "read", "years": "1", "credit": "pseudonym", "question": "gone"})
    assert letters.deliver() == 1
    assert "Your consent is recorded" in mail.outbox[1].body
    assert WORDS not in mail.outbox[1].body


@pytest.mark.parametrize("kind", [LetterKind.ENDING, LetterKind.DEMAND])
def test_letters_to_employees_name_nobody_and_lead_into_the_admin(member: Any, kind: LetterKind) -> None:
    host = make_user("club_host", email="host@example.org")
    letters.write(kind, member=member, recipient=host)
    assert letters.deliver() == 1
    [message] = mail.outbox
    assert message.to == ["host@example.org"]
    assert "/admin/" in message.body
    for hidden in ("Gardener", "Anna", member.code, "/n/"):
        assert hidden not in message.body + message.subject + message.alternatives[0][0]
    assert not ApprovalLink.objects.exists()


def test_an_employee_who_left_gets_no_letter(member: Any) -> None:
    host = make_user("club_host", email="host@example.org", is_active=False)
    letter = letters.write(LetterKind.ENDING, member=member, recipient=host)
    letters.deliver()
    assert state(letter) == (LetterState.DROPPED, "no address")


def test_a_letter_waits_for_its_day(member: Any) -> None:
    letters.write(LetterKind.FRESH_LINK, member=member, due_at=timezone.now() + timedelta(days=1))
    assert letters.deliver() == 0


def test_the_oldest_leave_first_and_not_more_than_asked(member: Any) -> None:
    for _n in range(3):
        letters.write(LetterKind.FRESH_LINK, member=member)
    assert letters.deliver(limit=2) == 2
    assert Letter.objects.filter(state=LetterState.WAITING).get() == Letter.objects.latest("pk")


def test_the_worker_sends_letters() -> None:
    from kb_site.worker import jobs

    assert letters.deliver in [job.run for job in jobs()]


# Who is not asked


@pytest.mark.parametrize(
    ("what", "said"),
    [
        (lambda story: pause(member=story.member), "on pause"),
        (lambda story: type(story.member).objects.update(erased_at=timezone.now()), "forgotten"),
        (lambda story: Demand.objects.create(member=story.member, kind="erase", law="gdpr", rule="x", channel="link",
                                             received_at=timezone.now(), due_on=timezone.localdate()), "forget her"),
    ],
)  # fmt: skip
def test_who_wants_quiet_is_not_asked(story: StoryPage, what: Callable[[StoryPage], Any], said: str) -> None:
    what(story)
    story.member.refresh_from_db()
    assert said in asking.obstacle(story.member, wording(story))


def test_a_second_story_is_asked_about_beside_the_first(member: Any, story: StoryPage) -> None:
    other = make_story(member, publish=False, title="The second")
    ask_her(story)
    her = ask_her(other)
    page = her.get().content.decode()
    assert "The second" in page
    assert f'href="/n/{her.token}/{wording_path(story)}"' in page
