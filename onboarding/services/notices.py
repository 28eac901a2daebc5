"""Telling people: rows of an outbox, and sending them. A mail says that something waits, never what a client said."""

import logging
import smtplib
import time
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.db.models import F
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from club.models import User
from onboarding.enums import INSIDE, NoticeKind, NoticeState
from onboarding.models import Employee, Enrolment, Event, ModuleState, Notice, ReviewCard
from onboarding.services import calendars

logger = logging.getLogger(__name__)
ATTEMPTS = 6
LEASE = timedelta(minutes=5)
FIRST_WAIT = timedelta(minutes=1)
TIMEOUT_SECONDS = 10
RUN_SECONDS = 5.0
STAGES = (NoticeKind.SOON, NoticeKind.DUE, NoticeKind.OVERDUE, NoticeKind.MENTOR, NoticeKind.MANAGER)


def notice(
    kind: NoticeKind,
    key: str,
    *,
    recipient: User | None,
    enrolment: Enrolment | None = None,
    module_key: UUID | None = None,
    due_on: date | None = None,
    at: datetime | None = None,
    planned_for: datetime | None = None,
) -> Notice:
    """Return a notice that is not written yet; one without a recipient is kept as not needed."""
    now = at or timezone.now()
    return Notice(
        kind=kind,
        key=key,
        enrolment=enrolment,
        recipient=recipient,
        module_key=module_key,
        due_on=due_on,
        planned_for=planned_for or now,
        send_at=now,
        state=NoticeState.WAITING if recipient is not None else NoticeState.DROPPED,
    )


def tell(kind: NoticeKind, key: str, **fields: Any) -> None:
    """Put one notice in the outbox, in the caller's transaction; the same key is told once."""
    tell_all([notice(kind, key, **fields)])


def tell_all(rows: Iterable[Notice]) -> None:
    """Put many in the outbox; those whose key is known stay as they are."""
    Notice.objects.bulk_create(rows, ignore_conflicts=True, batch_size=500)


def deliver(limit: int = 50, *, seconds: float = RUN_SECONDS) -> int:
    """Send what is due, oldest first; returns how many left. The worker's job."""
    started, sent = time.monotonic(), 0
    due = Notice.objects.filter(state=NoticeState.WAITING, send_at__lte=timezone.now())
    rows = due.select_related("recipient__wagtail_userprofile", "enrolment__employee").order_by(
        "send_at", "pk"
    )
    for row in rows[:limit]:
        if lease(row):
            sent += send(row)
        if time.monotonic() - started > seconds:
            break
    return sent


def lease(row: Notice) -> bool:
    """Take a notice for this process; a dead process's lease runs out by itself."""
    mine = Notice.objects.filter(
        pk=row.pk, state=NoticeState.WAITING, attempts=row.attempts, send_at=row.send_at
    )
    taken = mine.update(attempts=F("attempts") + 1, send_at=timezone.now() + LEASE)
    row.attempts += taken
    return bool(taken)


def send(row: Notice) -> bool:
    """Send one leased notice and note what became of it; True if it left."""
    if not still_needed(row):
        Notice.objects.filter(pk=row.pk).update(state=NoticeState.DROPPED)
        return False
    try:
        with translation.override(language_of(row)):
            message = compose(row)
            news = calendars.attach(message, person) if (person := newcomer_of(row)) else []
            message.send()
    except (OSError, smtplib.SMTPException) as error:
        retry(row, type(error).__name__)  # the class only: a mail server's answer repeats the address
        return False
    calendars.mailed(news)
    Notice.objects.filter(pk=row.pk).update(state=NoticeState.SENT, sent_at=timezone.now(), last_error="")
    return True


def still_needed(row: Notice) -> bool:
    """Whether a notice still means something when it leaves."""
    person = row.recipient
    if person is None or not person.is_active or not person.email:
        return False
    if row.kind == NoticeKind.RECALL:
        return bool(waiting_reviews(row)) and not told_today(row)
    if row.kind == NoticeKind.PLAN:
        return bool(
            (newcomer := newcomer_of(row)) and calendars.told(newcomer) and calendars.news_of(newcomer)
        )
    if row.kind == NoticeKind.PULSE:
        return not Event.objects.filter(key=row.key).exists()
    if row.kind not in STAGES:
        return True
    enrolment = Enrolment.objects.filter(pk=row.enrolment_id or 0, status__in=INSIDE)
    waits = ModuleState.objects.filter(
        enrolment__in=enrolment, module_key=row.module_key, done_at=None, due_on=row.due_on
    )
    return waits.exists()


def waiting_reviews(row: Notice) -> int:
    """Return how many things have come back for the newcomer who reads it; for others none."""
    cards = ReviewCard.objects.filter(
        employee__user=row.recipient, is_offered=True, due_at__lte=timezone.now()
    )
    return cards.count() if newcomer_of(row) else 0


def told_today(row: Notice) -> bool:
    """Whether another mail has said the same since: people get one of a morning, not two."""
    since = row.planned_for
    others = Notice.objects.filter(recipient=row.recipient, enrolment__employee__user=row.recipient)
    return others.filter(state=NoticeState.SENT, sent_at__gte=since).exclude(pk=row.pk).exists()


def retry(row: Notice, error: str) -> None:
    """Try again later, twice as late each time; park it after the last attempt."""
    logger.warning("Notice %s could not be sent: %s", row.pk, error)
    if row.attempts >= ATTEMPTS:
        Notice.objects.filter(pk=row.pk).update(state=NoticeState.FAILED, last_error=error)
        return
    wait = FIRST_WAIT * 2 ** (row.attempts - 1)
    Notice.objects.filter(pk=row.pk).update(send_at=timezone.now() + wait, last_error=error)


def language_of(row: Notice) -> str:
    """Return the language of who reads it."""
    employee = row.enrolment.employee if row.enrolment else None
    if employee is not None and employee.user_id == row.recipient_id:
        return employee.language
    profile = getattr(row.recipient, "wagtail_userprofile", None)
    return (profile.preferred_language if profile else "") or settings.LANGUAGE_CODE


def compose(row: Notice) -> EmailMultiAlternatives:
    """Return a mail in the active language; its subject says nothing of persons or stories."""
    context = {
        "kind": str(row.kind),
        "notice": row,
        "address": address(row),
        "newcomer": newcomer(row),
        "reviews": waiting_reviews(row) if row.kind != NoticeKind.RECALL else 0,
    }
    body = render_to_string("onboarding/mail.txt", context).strip() + "\n"
    return EmailMultiAlternatives(
        subject=_("Learning: something waits for you"),
        body=body,
        to=[row.recipient.email if row.recipient else ""],
        headers={"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"},
        connection=get_connection(timeout=TIMEOUT_SECONDS),
    )


def newcomer_of(row: Notice) -> Employee | None:
    """Return the newcomer if it is she who reads it."""
    person = row.enrolment.employee if row.enrolment else None
    return person if person is not None and person.user_id == row.recipient_id else None


def newcomer(row: Notice) -> str:
    """Return the name of the newcomer for those who help her."""
    employee: Employee | None = row.enrolment.employee if row.enrolment else None
    return employee.name if employee is not None and employee.user_id != row.recipient_id else ""


def address(row: Notice) -> str:
    """Return where to go on."""
    path = {
        "review": "/onboarding/reviews/",
        "asked": "/onboarding/said/",
        "pulse": "/onboarding/survey/",
        "author": "/hr/twins/",
        "mentor": "/onboarding/people/",
        "manager": "/onboarding/people/",
    }.get(str(row.kind), "/onboarding/")
    return settings.KB_BASE_URL.rstrip("/") + path
