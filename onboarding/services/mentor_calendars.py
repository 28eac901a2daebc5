"""The calendar of a mentor or manager: meetings with one's newcomers, reflections to read. Ids stay, numbers rise.

The rules are those of a newcomer's own calendar: compared with what is so whenever it is asked for, nothing named.
"""

import secrets
from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from club.models import User
from consent.calendar import working_days_after
from consent.narrator.links import digest
from onboarding import calendars as writing
from onboarding.enums import INSIDE, EntryKind, StepKind, With
from onboarding.models import Employee, Enrolment, MentorEntry, MentorKey
from onboarding.services import calendars, reviewing
from onboarding.services.calendars import Wanted
from onboarding.structure import structures

READ_WITHIN = 2  # workdays


def newcomers(user: User) -> list[Employee]:
    """Return those whom somebody helps."""
    own = Q(mentor=user) | Q(manager=user)
    return list(Employee.objects.filter(own, has_left=False).order_by("pk"))


def helps(user: User) -> bool:
    """Whether somebody has a newcomer, or had one whose entries her calendar still holds."""
    return bool(newcomers(user)) or MentorEntry.objects.filter(user=user).exists()


def wanted(user: User) -> Iterable[Wanted]:
    """Yield what somebody's calendar should hold."""
    for person in newcomers(user):
        yield from meetings(user, person)
    inside = reviewing.waiting_for(user).filter(enrolment__employee__has_left=False)
    for attempt in inside:
        person = attempt.enrolment.employee
        day = working_days_after(timezone.localdate(attempt.submitted_at), READ_WITHIN, person.country)
        yield Wanted(attempt.enrolment_id, EntryKind.TO_READ, str(attempt.uuid), day)


def meetings(user: User, person: Employee) -> Iterable[Wanted]:
    """Yield the meetings of one newcomer with her mentor or manager, as her own calendar has them."""
    roles = {With.MENTOR: person.mentor_id, With.MANAGER: person.manager_id}
    rows = Enrolment.objects.filter(employee=person, status__in=INSIDE).select_related("version")
    plans = structures({row.version for row in rows})
    places = {
        (row.pk, f"{module.key}/{step.id}")
        for row in rows
        for module in plans[row.version_id].modules
        for step in module.steps
        if step.kind == StepKind.MEET and roles.get(With(step.key.get("whom") or With.MENTOR)) == user.pk
    }
    if not places:
        return
    for entry in calendars.sync(person):
        if (
            entry.kind == EntryKind.MEETING
            and not entry.is_cancelled
            and (entry.enrolment_id, entry.place) in places
        ):
            yield Wanted(entry.enrolment_id, entry.kind, entry.place, entry.day, entry.starts_at)


@transaction.atomic
def sync(user: User, at: datetime | None = None) -> list[MentorEntry]:
    """Bring the entries of a mentor or manager to what they should be; returns all of them."""
    now = at or timezone.now()
    User.objects.select_for_update().get(pk=user.pk)
    known = MentorEntry.objects.filter(user=user)

    def make(each: Wanted) -> MentorEntry:
        return MentorEntry.objects.create(
            user=user, enrolment_id=each.enrolment, kind=each.kind, place=each.place, day=each.day,
            starts_at=each.starts_at, changed_at=now,
        )  # fmt: skip

    return calendars.settled(known, wanted(user), make, calendars.take_over, now)


def feed(user: User, at: datetime | None = None) -> bytes:
    """Return somebody's calendar in her language; what was cancelled of late is in it as cancelled."""
    now = at or timezone.now()
    rows = calendars.lately(sync(user, now), now)
    profile = getattr(user, "wagtail_userprofile", None)
    with translation.override((profile.preferred_language if profile else "") or settings.LANGUAGE_CODE):
        return writing.written(
            [calendars.line(row) for row in rows],
            method="PUBLISH",
            name=_("My newcomers"),
            zone=settings.TIME_ZONE,
            address=settings.KB_BASE_URL.rstrip("/") + reverse("onboarding:people"),
        )


# The secret address


def new_key(user: User, at: datetime | None = None) -> str:
    """Return a new secret; the old one opens nothing any more. Only its hash is kept."""
    token = secrets.token_urlsafe(24)
    MentorKey.objects.update_or_create(
        user=user, defaults={"token_sha256": digest(token), "made_at": at or timezone.now()}
    )
    return token


def has_key(user: User) -> bool:
    """Whether an address opens somebody's calendar."""
    return MentorKey.objects.filter(user=user).exists()


def close(user: User) -> None:
    """Let no address open somebody's calendar."""
    MentorKey.objects.filter(user=user).delete()


def owner_of(token: str) -> User | None:
    """Return whose calendar a secret opens: somebody who may sign in and helps newcomers."""
    key = MentorKey.objects.select_related("user").filter(token_sha256=digest(token)).first()
    user = key.user if key else None
    return user if user is not None and user.is_active and helps(user) else None
