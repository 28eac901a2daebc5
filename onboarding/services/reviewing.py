"""What a mentor does: reads reflections, confirms tasks and meetings. Only the named mentor of the person."""

from collections.abc import Mapping
from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from club.models import User
from onboarding import ledger
from onboarding.enums import REFLECTIONS, NoticeKind, Redaction, StepKind, Verb, Verdict
from onboarding.models import Attempt, Enrolment, ReflectionReview, StepState
from onboarding.services.entries import entry
from onboarding.services.notices import tell


def reflections_for(user: User) -> QuerySet[Attempt]:
    """Return the reflections that this person, as the named mentor, may read; oldest first."""
    rows = Attempt.objects.filter(kind__in=REFLECTIONS, enrolment__employee__mentor=user)
    return rows.select_related("enrolment__employee", "review").order_by("submitted_at", "pk")


def waiting_for(user: User) -> QuerySet[Attempt]:
    """Return those that nobody has read yet."""
    return reflections_for(user).filter(review=None)


def to_confirm(user: User) -> QuerySet[StepState]:
    """Return tasks and meetings of one's newcomers that wait for a word."""
    rows = StepState.objects.filter(enrolment__employee__mentor=user, done_at=None, answered_at__isnull=False)
    asked = Attempt.objects.filter(
        enrolment__employee__mentor=user, kind__in=(StepKind.TASK, StepKind.MEET)
    ).values("step")
    return rows.filter(step__in=asked).select_related("enrolment__employee").order_by("answered_at")


def words_of(attempt: Attempt) -> dict[str, str]:
    """Return what was written, less what repeats a story that was taken back; that is hidden from everybody."""
    quoting = Q(quotations__state=Redaction.OPEN) | Q(quotations__state=Redaction.REMOVED)
    rows = attempt.words.exclude(quoting).exclude(text="")
    return dict(rows.values_list("field", "text"))


@transaction.atomic
def review(
    attempt: Attempt,
    *,
    marks: Mapping[str, int],
    comment: str,
    verdict: Verdict,
    by: User,
    at: datetime | None = None,
) -> ReflectionReview:
    """Say what one thinks of a reflection; it never takes a step away."""
    if attempt.enrolment.employee.mentor_id != by.pk:
        raise PermissionDenied
    now = at or timezone.now()
    [row] = ledger.lock([attempt.enrolment_id])
    known = ReflectionReview.objects.filter(attempt=attempt).first()
    if known is not None:
        return known
    made = ReflectionReview.objects.create(
        attempt=attempt,
        reviewer=by,
        marks=dict(marks),
        comment=comment.strip()[:2000],
        verdict=verdict,
        at=now,
    )
    data = {"attempt": str(attempt.uuid), "verdict": str(verdict), "complete": verdict == Verdict.ACCEPTED}
    place = (attempt.module_key, attempt.step)
    ledger.append(
        [
            entry(
                row,
                Verb.REVIEWED,
                f"review:{attempt.uuid}",
                at=now,
                by=by,
                place=place,
                version_id=attempt.version_id,
                data=data,
            )
        ]
    )
    tell(NoticeKind.REVIEWED, f"reviewed:{attempt.uuid}", recipient=row.employee.user, enrolment=row, at=now)
    return made


@transaction.atomic
def confirm(state: StepState, *, by: User, at: datetime | None = None) -> None:
    """Say that a task is done or a meeting was held."""
    if state.enrolment.employee.mentor_id != by.pk:
        raise PermissionDenied
    [row] = ledger.lock([state.enrolment_id])
    place = (state.module_key, state.step)
    ledger.append(
        [entry(row, Verb.CONFIRMED, f"confirmed:{state.module_key}:{state.step}", at=at, by=by, place=place)]
    )


def mentees(user: User) -> QuerySet[Enrolment]:
    """Return the enrolments of one's own newcomers and reports."""
    own = Q(employee__mentor=user) | Q(employee__manager=user)
    return Enrolment.objects.filter(own, employee__has_left=False).select_related("employee", "version")
