"""Reminders that a consent comes to its end, so that somebody may ask for a new one in time.

Nothing depends on them: a consent ends by its own date. Whoever is told gets a neutral letter that leads into the
admin. Each step is told at most once, and after an outage only the latest that still means something.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from club.models import Member, User
from consent.enums import LetterKind
from consent.models import Consent, Reminder
from consent.querysets import in_force, is_paused

STEPS = (60, 14)
BACKEND = "club.backends.EmployeeBackend"


def remind(at: datetime | None = None) -> int:
    """Tell of every consent that has come to a step; returns how many reminders were given. The worker's job."""
    now = at or timezone.now()
    given = 0
    for consent in ending(now).iterator(chunk_size=500):
        days = step(consent, now)
        if days is not None and not is_paused(consent.member_id):
            given += give(consent, days, now)
    return given


def ending(at: datetime, days: int = max(STEPS)) -> QuerySet[Consent]:
    """Return consents that end within ``days``: something of them still holds, and none has taken their place."""
    successor = Consent.objects.filter(supersedes_id=OuterRef("pk")).order_by()
    held = in_force(at).filter(consent_id=OuterRef("pk"))
    return (
        Consent.objects.filter(
            Exists(held),
            ~Exists(successor),
            member__erased_at=None,
            valid_until__gt=at,
            valid_until__lte=at + timedelta(days=days),
        )
        .select_related("member")
        .order_by("valid_until", "pk")
    )


def step(consent: Consent, at: datetime) -> int | None:
    """Return the latest step that a consent has come to; None before the first.

    A consent given for less than a step's days has no such step: it would be told of on the day it was given.
    """
    end = consent.valid_until
    if end is None or end <= at:
        return None
    reached = [days for days in STEPS if consent.valid_from <= end - timedelta(days=days) <= at]
    return min(reached, default=None)


def give(consent: Consent, days: int, at: datetime) -> bool:
    """Note a reminder and write its letters, together; returns False if it was given before."""
    from consent.narrator import letters

    with transaction.atomic():
        _reminder, is_new = Reminder.objects.get_or_create(
            consent=consent, days_before=days, defaults={"given_at": at}
        )
        if is_new:
            for user in told(consent.member):
                letters.write(LetterKind.ENDING, member=consent.member, recipient=user)
    return is_new


def told(member: Member) -> Iterable[User]:
    """Return who is told of a member: her hosts, or if a letter reaches none of them whoever may record consents."""
    hosts = list(member.hosts.filter(is_active=True).exclude(email="").order_by("pk"))
    return hosts or reached("consent.add_consent")


def reached(permission: str) -> QuerySet[User]:
    """Return the employees whose part something is and who can be written to; superusers only if there is nobody."""
    allowed = User.objects.with_perm(permission, is_active=True, include_superusers=False, backend=BACKEND)
    with_address = allowed.exclude(email="").order_by("pk")
    if with_address.exists():
        return with_address
    return User.objects.filter(is_active=True, is_superuser=True).exclude(email="").order_by("pk")
