"""Reminders of due dates, from one clock that tests can turn.

Every module of every person has a moment at which it is next to be thought of. Whoever comes to it, in time or after
an outage of any length, goes through all stages that have passed since, each with the date it was meant for: the
latest that still means something is told, those before it are noted as not needed any more. A stage of a due date has
one key, so it is told once whatever happens.
"""

from collections.abc import Iterator
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from onboarding.enums import INSIDE, NoticeKind, NoticeState
from onboarding.models import ModuleState, Notice
from onboarding.reminders import Moment, moments, next_moment
from onboarding.services.notices import notice, tell_all

LIMIT = 500
# Who is told at which stage; escalations go on even when the newcomer's own reminder was the latest.
TO_NEWCOMER = (NoticeKind.SOON, NoticeKind.DUE, NoticeKind.OVERDUE)


def run_due(at: datetime | None = None, limit: int = LIMIT) -> int:
    """Go through every module whose moment has come; returns how many notices were written. The worker's job."""
    now, written = at or timezone.now(), 0
    while True:
        with transaction.atomic():
            rows = due_rows(now, limit)
            found = [row_notice for row in rows for row_notice in stages(row, now)]
            tell_all(found)
            ModuleState.objects.bulk_update(rows, ["remind_at"], batch_size=200)
        written += len(found)
        if len(rows) < limit:
            return written


def due_rows(now: datetime, limit: int) -> list[ModuleState]:
    """Return modules whose moment has come, held until the transaction ends."""
    rows = ModuleState.objects.filter(remind_at__lte=now).order_by("remind_at", "pk")
    people = ("enrolment__employee__user", "enrolment__employee__mentor", "enrolment__employee__manager")
    return list(rows.select_related(*people).select_for_update(of=("self",))[:limit])


def stages(row: ModuleState, now: datetime) -> Iterator[Notice]:
    """Yield the notices of one module that have come since, and set its next moment."""
    last, person = row.remind_at, row.enrolment.employee
    if row.due_on is None or last is None or row.done_at or row.enrolment.status not in INSIDE:
        row.remind_at = None
        return
    passed = [each for each in moments(row.due_on, person) if last <= each.at <= now]
    latest = {each.kind in TO_NEWCOMER: each.kind for each in passed}
    for each in passed:
        made = stage(row, each, now)
        if each.kind in TO_NEWCOMER and each.kind != latest[True]:
            made.state = NoticeState.DROPPED
        yield made
    row.remind_at = next_moment(row.due_on, person, now)


def stage(row: ModuleState, moment: Moment, now: datetime) -> Notice:
    """Return the notice of one stage."""
    person = row.enrolment.employee
    recipient = {NoticeKind.MENTOR: person.mentor, NoticeKind.MANAGER: person.manager}.get(
        moment.kind, person.user
    )
    return notice(
        moment.kind,
        f"{row.enrolment.uuid}:{row.module_key}:{moment.kind}:{row.due_on}",
        recipient=recipient,
        enrolment=row.enrolment,
        module_key=row.module_key,
        due_on=row.due_on,
        at=now,
        planned_for=moment.at,
    )
