"""Prepares the served demonstration for a walk through learning, and prints where to go: for ``manage.py shell -c``.

A newcomer who has gone through a whole track gets an account and a session, so that every kind of step is open to
her, asked and answered; whatever else a page needs to have something to show is made through the product's services.
"""

import json
from datetime import timedelta
from typing import Any

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import Group
from django.contrib.sessions.backends.db import SessionStore
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from club.models import User
from onboarding.enums import QuestionKind, StepKind
from onboarding.learning import track_of
from onboarding.models import AssignmentRule, Attempt, Award, Employee, Enrolment, ModulePage, ReviewCard
from onboarding.services import awarding, outcomes, spacing

WHO = "DEMO-ru-10"


def session_of(user: User | None) -> str:
    """Return a session in which somebody is signed in."""
    if user is None:
        raise User.DoesNotExist(f"{WHO} has no account.")
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "club.backends.EmployeeBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return str(session.session_key)


def newcomer() -> Enrolment:
    """Return the enrolment of the newcomer who has done everything; her survey after ninety days is open."""
    user, made = User.objects.get_or_create(
        username="walker",
        defaults={"first_name": "Ида", "last_name": "Ходова", "email": "walker@warm-house.example"},
    )
    if made:
        user.groups.add(Group.objects.get(name="Newcomer"))
    start = timezone.localdate() - timedelta(days=outcomes.DAYS[-1] + 1)
    Employee.objects.filter(hr_id=WHO).update(user=user, start_date=start)
    return Enrolment.objects.select_related("employee__user", "version").get(employee__hr_id=WHO)


def with_another_key() -> Attempt:
    """Publish a quiz with another right answer; returns an attempt that was marked by the old one."""
    attempt = Attempt.objects.filter(kind=StepKind.QUIZ, is_first=True).order_by("pk")[0]
    page = ModulePage.objects.filter(translation_key=attempt.module_key).order_by("pk")[0]
    steps = page.raw_steps()
    step = next(each for each in steps if each["id"] == str(attempt.step))
    question = next(each for each in step["value"]["questions"] if each["type"] == QuestionKind.SINGLE)
    answers = question["value"]["options"]
    for number, answer in enumerate(answers):
        answer["value"]["right"] = number == len(answers) - 1
    page.steps = json.dumps(steps)
    page.save_revision().publish()
    return attempt


@transaction.atomic
def prepared() -> dict[str, Any]:
    """Return the newcomer's session and the pages of learning by route: those that need an id of this house."""
    row = newcomer()
    awarding.give_due()
    spacing.run()
    ReviewCard.objects.filter(employee=row.employee).update(due_at=timezone.now() - timedelta(hours=1))
    spacing.run()
    card = ReviewCard.objects.filter(employee=row.employee).first()
    rule = AssignmentRule.objects.create(
        name="Walk", track_key=row.track_key, department="Nowhere", is_active=False
    )
    asked = Attempt.objects.filter(kind=StepKind.WHY, enrolment__employee__mentor__isnull=False)
    waiting = asked.filter(review=None).first() or asked.first()
    graded = with_another_key()
    award = Award.objects.order_by("pk").first()
    module = ModulePage.objects.order_by("pk").first()
    steps = {step.step.kind: step.url for step in track_of(row).steps}
    ids: dict[str, list[Any]] = {
        "onboarding:certificate": [row.uuid],
        "onboarding:checklist": [row.uuid],
        "onboarding:recall": [card.pk if card else 0],
        "onboarding:review": [waiting.pk if waiting else 0],
        "onboarding:module": [module.pk if module else 0],
        "hr:person": [row.uuid],
        "hr:rule": [rule.pk],
        "hr:move": [row.track_key],
        "hr:translate": [module.pk if module else 0],
        "hr:regrade": [graded.module_key, graded.step],
        "hr:award": [award.number if award else ""],
        "hr:award_certificate": [award.number if award else ""],
    }
    return {
        "session": session_of(row.employee.user),
        "track": str(row.track_key),
        "steps": steps,
        "pages": {name: reverse(name, args=found) for name, found in ids.items()},
    }


def main() -> None:
    """Print it as the last line."""
    print("\n" + json.dumps(prepared()))
