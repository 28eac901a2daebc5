"""Letters to narrators and, about them, to employees: written into an outbox, sent by the worker.

A row holds neither address, text nor link. Sending takes a lease on the row, asks once more whether the letter may
still go (who has withdrawn, paused or answered gets none), makes a link of its own and only then talks to the mail
server. What fails is tried again later and later, and parked after ``ATTEMPTS``. Never an advertisement.
"""

import logging
import smtplib
import time
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.db.models import F
from django.template.loader import render_to_string
from django.urls import NoReverseMatch, reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from wagtail.models import Revision

from club.models import Member, User
from club.sealing import SealBroken
from consent.enums import Channel, EventKind, LetterKind, LetterState
from consent.models import ApprovalLink, ConsentEvent, Letter
from consent.narrator import links, registry
from consent.narrator.answers import is_answered, said_no
from consent.narrator.contacts import contact_of, mail_address
from consent.querysets import is_paused

logger = logging.getLogger(__name__)
ATTEMPTS = 6
LEASE = timedelta(minutes=5)
FIRST_WAIT = timedelta(minutes=1)
TIMEOUT_SECONDS = 10
RUN_SECONDS = 5.0  # of one run of the worker's job; the index must not wait for a slow mail server
ERROR_LENGTH = 200


class NotToBeSent(Exception):
    """The letter must not leave any more; says why in one word."""


def write(
    kind: LetterKind,
    *,
    member: Member,
    revision: Revision | None = None,
    recipient: User | None = None,
    asked_by: User | None = None,
    due_at: datetime | None = None,
) -> Letter:
    """Put a letter in the outbox, in the caller's transaction. Without ``recipient`` it goes to the narrator."""
    now = timezone.now()
    return Letter.objects.create(
        kind=kind,
        member=member,
        revision=revision,
        recipient=recipient,
        asked_by=asked_by,
        created_at=now,
        due_at=due_at or now,
    )


def deliver(limit: int = 50, *, seconds: float = RUN_SECONDS) -> int:
    """Send what is due, oldest first; returns how many left. The worker's job."""
    started, sent = time.monotonic(), 0
    due = Letter.objects.filter(state=LetterState.WAITING, due_at__lte=timezone.now())
    for letter in due.order_by("due_at", "pk")[:limit]:
        if _lease(letter):
            sent += _send(letter)
        if time.monotonic() - started > seconds:
            break
    return sent


def _lease(letter: Letter) -> bool:
    """Take a letter for this process; False if another has it. A dead process's lease runs out by itself."""
    mine = Letter.objects.filter(
        pk=letter.pk, state=LetterState.WAITING, attempts=letter.attempts, due_at=letter.due_at
    )
    taken = mine.update(attempts=F("attempts") + 1, due_at=timezone.now() + LEASE)
    letter.attempts += taken
    return bool(taken)


def _send(letter: Letter) -> bool:
    """Send one leased letter and note what became of it; True if it left."""
    link = None
    try:
        address = _address(letter)
        with translation.override(_language(letter)):
            message, link = compose(letter, address)
            message.send()
    except NotToBeSent as reason:
        _close(letter, LetterState.DROPPED, str(reason))
        return False
    except (OSError, smtplib.SMTPException, SealBroken) as error:
        # The class only: a mail server's answer repeats the address.
        _retry(letter, type(error).__name__, link)
        return False
    Letter.objects.filter(pk=letter.pk).update(
        state=LetterState.SENT, sent_at=timezone.now(), last_error=""
    )
    return True


def _close(letter: Letter, state: LetterState, reason: str) -> None:
    Letter.objects.filter(pk=letter.pk).update(state=state, last_error=reason[:ERROR_LENGTH])


def _retry(letter: Letter, error: str, link: ApprovalLink | None) -> None:
    """Try again later, twice as late each time; park it after the last attempt. The link it carried is closed."""
    logger.warning("Letter %s could not be sent: %s", letter.pk, error)
    if link is not None:
        links.close(ApprovalLink.objects.filter(pk=link.pk))
    if letter.attempts >= ATTEMPTS:
        _close(letter, LetterState.FAILED, error)
        return
    wait = FIRST_WAIT * 2 ** (letter.attempts - 1)
    Letter.objects.filter(pk=letter.pk).update(due_at=timezone.now() + wait, last_error=error[:ERROR_LENGTH])


def _address(letter: Letter) -> str:
    """Return where a letter goes; raises ``NotToBeSent`` for whoever must get none."""
    member = Member.objects.get(pk=letter.member_id)
    if letter.recipient is not None:
        if not letter.recipient.is_active or not letter.recipient.email:
            raise NotToBeSent("no address")
        return letter.recipient.email
    if member.erased_at is not None:
        raise NotToBeSent("forgotten")
    if letter.kind != LetterKind.FRESH_LINK:
        _still_wanted(letter, member)
    address = mail_address(member)
    if not address:
        raise NotToBeSent("no address")
    return address


def _still_wanted(letter: Letter, member: Member) -> None:
    """Stop what she has made pointless: by a pause, a withdrawal, or an answer. A fresh link she asked for herself."""
    if is_paused(member.pk):
        raise NotToBeSent("paused")
    since = ConsentEvent.objects.filter(member=member, at__gte=letter.created_at)
    if since.filter(kind=EventKind.WITHDRAWN).exists() and not links.held(member).exists():
        raise NotToBeSent("withdrawn")
    if letter.kind != LetterKind.ASK:
        return
    wording = registry.wording(letter.revision)
    if wording is None or wording.member_id != member.pk:
        raise NotToBeSent("gone")
    if not wording.is_latest:
        raise NotToBeSent("changed")
    asked = ApprovalLink(member=member, created_at=letter.created_at)
    if said_no(member, wording.sha256, letter.created_at) or is_answered(asked, wording.sha256):
        raise NotToBeSent("answered")


def _language(letter: Letter) -> str:
    if letter.recipient is None:
        return letter.member.language
    profile = getattr(letter.recipient, "wagtail_userprofile", None)
    return (profile.preferred_language if profile else "") or settings.LANGUAGE_CODE


def compose(letter: Letter, address: str) -> tuple[EmailMultiAlternatives, ApprovalLink | None]:
    """Return a letter in the active language, and the link that was made for it if it goes to the narrator."""
    link, context = None, frame(letter)
    if letter.recipient is None:
        link, token = _link_for(letter)
        context["address"] = links.address(token)
    name = f"narrator/letters/{LetterKind(letter.kind).value}"
    message = EmailMultiAlternatives(
        subject=subject(letter),
        body=render_to_string(f"{name}.txt", context).strip() + "\n",
        to=[address],
        headers={"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"},
        connection=get_connection(timeout=TIMEOUT_SECONDS),
    )
    message.attach_alternative(render_to_string(f"{name}.html", context), "text/html")
    return message, link


def _link_for(letter: Letter) -> tuple[ApprovalLink, str]:
    """Make the link of one letter; that of an ask names the wording."""
    wording = registry.wording(letter.revision) if letter.kind == LetterKind.ASK else None
    return links.make_link(
        member=letter.member,
        revision=letter.revision if wording else None,
        wording_sha256=wording.sha256 if wording else "",
        channel=Channel.MAIL,
        by=letter.asked_by,
    )


def frame(letter: Letter) -> dict[str, Any]:
    """Return what every letter says: who writes, whom to call, until when its link opens."""
    return {
        "company": registry.company_name(),
        "contact": contact_of(letter.member, letter.asked_by),
        "asker": letter.asked_by.get_full_name() if letter.asked_by else "",
        "until": timezone.localdate() + timedelta(days=links.DAYS),
        "member": letter.member,
        "admin_address": admin_address(letter),
        "letter_to_employee": letter.recipient is not None,
    }


def admin_address(letter: Letter) -> str:
    """Return where an employee goes on: the board of demands for a demand, else the member's card."""
    try:
        if letter.kind == LetterKind.DEMAND:
            path = reverse("consent_board:index")
        else:
            path = reverse("club_members:inspect", args=[letter.member_id])
    except NoReverseMatch:
        path = "/admin/"
    return settings.KB_BASE_URL.rstrip("/") + path


def subject(letter: Letter) -> str:
    """Return a subject that says nothing of stories or persons: it is shown on locked screens."""
    if letter.recipient is not None:
        return _("Club of friends: something waits for you")
    company = registry.company_name()
    return _("A letter from %(company)s") % {"company": company} if company else _("A letter from the club of friends")
