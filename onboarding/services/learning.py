"""What a newcomer does: opens a step, keeps an unfinished answer, sends one, tells the author."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from club.models import User
from onboarding import ledger
from onboarding.enums import REFLECTIONS, Confirm, NoticeKind, Verb
from onboarding.models import Attempt, Draft, Enrolment, Event, StepFeedback, Words
from onboarding.progress import Place
from onboarding.scoring import Answer, shown
from onboarding.services.entries import entry
from onboarding.services.notices import tell
from onboarding.structure import Step


@dataclass(frozen=True, slots=True)
class Shown:
    """What a person has before her: the place in her plan, and the step whose content stands there."""

    place: Place
    step: Step
    version_id: int
    revision_id: int | None
    is_substitute: bool = False


@transaction.atomic
def open_step(
    enrolment: Enrolment, place: Place, version_id: int, *, by: User, at: datetime | None = None
) -> None:
    """Note the first time a step is seen."""
    ledger.append(
        [
            entry(
                enrolment,
                Verb.OPENED,
                f"opened:{place[0]}:{place[1]}",
                at=at,
                by=by,
                place=place,
                version_id=version_id,
            )
        ]
    )


def keep_draft(
    enrolment: Enrolment, place: Place, data: Mapping[str, Any], *, at: datetime | None = None
) -> None:
    """Keep an unfinished answer; the latest wins."""
    Draft.objects.update_or_create(
        enrolment=enrolment,
        module_key=place[0],
        step=place[1],
        defaults={"data": dict(data), "saved_at": at or timezone.now()},
    )


def draft_of(enrolment: Enrolment, place: Place) -> dict[str, Any]:
    """Return the unfinished answer to a step."""
    row = Draft.objects.filter(enrolment=enrolment, module_key=place[0], step=place[1]).first()
    return dict(row.data) if row else {}


def send_answer(
    enrolment: Enrolment, what: Shown, answer: Answer, *, token: str, by: User, at: datetime | None = None
) -> bool:
    """Write an attempt and its entry; the same form sent twice is one attempt. Returns whether it was new."""
    try:
        with transaction.atomic():
            return write_attempt(enrolment, what, answer, token, by, at or timezone.now())
    except IntegrityError:  # the other tab was a moment earlier
        if Event.objects.filter(key=key_of(enrolment, token)).exists():
            return False
        raise


def key_of(enrolment: Enrolment, token: str) -> str:
    """Return the key under which a form's answer is written."""
    return f"{enrolment.uuid}:form:{token}"


def write_attempt(
    enrolment: Enrolment, what: Shown, answer: Answer, token: str, by: User, at: datetime
) -> bool:
    """Do it under the lock of the enrolment."""
    [row] = ledger.lock([enrolment.pk])
    if Event.objects.filter(key=key_of(row, token)).exists():
        return False
    module, step = what.place
    number = Attempt.objects.filter(enrolment=row, module_key=module, step=step).count() + 1
    attempt = Attempt.objects.create(
        enrolment=row,
        module_key=module,
        step=step,
        version_id=what.version_id,
        revision_id=what.revision_id,
        kind=what.step.kind,
        number=number,
        is_first=number == 1,
        is_substitute=what.is_substitute,
        shown=shown(what.step, row.uuid),
        response=answer.response,
        score=answer.score,
        loyalty=answer.loyalty,
        submitted_at=at,
    )
    digests = keep_words(attempt, answer.words)
    data = {"attempt": str(attempt.uuid), "complete": answer.complete, "substitute": what.is_substitute}
    ledger.append(
        [
            entry(
                row,
                Verb.ANSWERED,
                f"form:{token}",
                at=at,
                by=by,
                place=what.place,
                version_id=what.version_id,
                data=data,
                words_sha256=digests,
            )
        ]
    )
    Draft.objects.filter(enrolment=row, module_key=module, step=step).delete()
    ask_to_look(row, what, attempt, at)
    return True


def keep_words(attempt: Attempt, words: Mapping[str, str]) -> str:
    """Keep what was written beside the ledger; returns the digest that the ledger holds."""
    rows = [
        Words(attempt=attempt, field=field, text=text, sha256=hashlib.sha256(text.encode()).hexdigest())
        for field, text in sorted(words.items())
        if text
    ]
    Words.objects.bulk_create(rows)
    if not rows:
        return ""
    return hashlib.sha256(json.dumps([[row.field, row.sha256] for row in rows]).encode()).hexdigest()


def ask_to_look(enrolment: Enrolment, what: Shown, attempt: Attempt, at: datetime) -> None:
    """Tell the mentor that a reflection, a task or a meeting waits."""
    if what.step.kind in REFLECTIONS or what.step.key.get("confirm") == Confirm.MENTOR:
        mentor = enrolment.employee.mentor
        tell(NoticeKind.REVIEW, f"review:{attempt.uuid}", recipient=mentor, enrolment=enrolment, at=at)


def tell_author(enrolment: Enrolment, place: Place, text: str, *, at: datetime | None = None) -> StepFeedback:
    """Keep a word to the author of a step."""
    return StepFeedback.objects.create(
        enrolment=enrolment,
        module_key=place[0],
        step=place[1],
        text=text.strip()[:1000],
        at=at or timezone.now(),
    )


def path_so_far(draft: Mapping[str, Any]) -> list[list[str]]:
    """Return the scenes of a decision that are decided but not sent yet."""
    return [list(map(str, each)) for each in draft.get("path", ()) if len(each) == 2]


def step_uuid(text: str) -> UUID | None:
    """Return a step's id, or None for what is none."""
    try:
        return UUID(text)
    except ValueError:
        return None
