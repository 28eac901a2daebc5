"""An item was wrong: answers given under an older key are marked anew under the newest.

What was answered is never touched: a new score is an entry of the ledger. It raises or leaves; nobody's score or
satisfied step is taken away.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from statistics import mean
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Max

from club.models import User
from onboarding import ledger
from onboarding.enums import QuestionKind, Status, StepKind, Verb
from onboarding.models import Attempt, Enrolment, Event, ModuleVersion, StepState
from onboarding.progress import Place
from onboarding.scoring import mark
from onboarding.services.entries import entry, require_hr
from onboarding.structure import Step, steps_of


@dataclass(frozen=True, slots=True)
class Change:
    """One answer under the new key."""

    attempt: Attempt
    was: float
    would_be: float
    completes: bool

    @property
    def rises(self) -> bool:
        """Whether the score is higher."""
        return self.would_be > self.was + 1e-9


@dataclass(slots=True)
class Preview:
    """What regrading would do to the answers to one step."""

    step: Step
    version: ModuleVersion
    answers: int = 0
    people: int = 0
    higher: int = 0
    kept: int = 0  # would be lower: they stay as they are
    completes: int = 0
    changes: list[Change] = field(default_factory=list)


def newest(key: UUID) -> ModuleVersion | None:
    """Return the newest version of a module."""
    return ModuleVersion.objects.filter(key=key).order_by("-pk").first()


def candidates() -> list[tuple[ModuleVersion, Step, int]]:
    """Return the quizzes whose key differs from one under which people answered: (newest version, step, answers)."""
    rows = Attempt.objects.filter(kind=StepKind.QUIZ).order_by()
    asked = list(rows.values_list("module_key", "step", "version_id", "is_substitute"))
    keys = {row[0] for row in asked}
    last = ModuleVersion.objects.filter(key__in=keys).order_by().values("key").annotate(last=Max("pk"))
    latest = {row.key: row for row in ModuleVersion.objects.filter(pk__in=last.values("last"))}
    graphs = {
        row.pk: {step.id: step for step in steps_of(row.graph)}
        for row in ModuleVersion.objects.filter(pk__in={row[2] for row in asked})
    }
    found: dict[Place, tuple[ModuleVersion, Step, int]] = {}
    for key, step_id, version, _substitute in asked:
        now = latest.get(key)
        step = next((each for each in steps_of(now.graph) if each.id == step_id), None) if now else None
        old = graphs.get(version, {}).get(step_id)
        if now is None or step is None or old is None or step.kind != StepKind.QUIZ or old.key == step.key:
            continue
        count = found[key, step_id][2] if (key, step_id) in found else 0
        found[key, step_id] = (now, step, count + 1)
    return list(found.values())


def preview(place: Place) -> Preview | None:
    """Return what regrading a step would do; changes nothing. None for what is no quiz."""
    version = newest(place[0])
    step = next((each for each in steps_of(version.graph) if each.id == place[1]), None) if version else None
    if version is None or step is None or step.kind != StepKind.QUIZ:
        return None
    found = Preview(step, version)
    attempts = list(
        Attempt.objects.filter(module_key=place[0], step=place[1], kind=StepKind.QUIZ, is_substitute=False)
        .exclude(version=version)
        .select_related("version")
        .order_by("pk")
    )
    given, done = scores_of(attempts), satisfied(place)
    for attempt in attempts:
        was = given.get(attempt.uuid, attempt.score or 0.0)
        would_be = marked(attempt, step)
        enough = would_be * 100 >= step.key.get("pass", 0)
        completes = enough and attempt.enrolment_id not in done
        found.changes.append(Change(attempt, was, would_be, completes))
    rising = [each for each in found.changes if each.rises]
    found.answers = len(attempts)
    found.people = len({attempt.enrolment_id for attempt in attempts})
    found.higher = len({each.attempt.enrolment_id for each in rising})
    found.kept = sum(each.would_be < each.was - 1e-9 for each in found.changes)
    found.completes = len({each.attempt.enrolment_id for each in found.changes if each.completes})
    return found


def satisfied(place: Place) -> set[int]:
    """Return who has the step already."""
    rows = StepState.objects.filter(module_key=place[0], step=place[1], done_at__isnull=False)
    return set(rows.order_by().values_list("enrolment_id", flat=True))


def marked(attempt: Attempt, step: Step) -> float:
    """Return the score of an answer under a new key; a question that is gone or of another shape counts as before."""
    old = {
        question["id"]: question
        for each in steps_of(attempt.version.graph)
        if each.id == step.id
        for question in each.key["questions"]
    }
    new = {question["id"]: question for question in step.key["questions"]}
    marks = []
    for pk, said in attempt.response.get("answers", {}).items():
        key = new.get(pk)
        if key is not None and fits(key, old.get(pk)):
            marks.append(mark(key, said))
        elif pk in old and (key is not None or not new.keys() & old.keys()):
            marks.append(mark(old[pk], said))
    return round(mean(marks), 4) if marks else attempt.score or 0.0


def fits(new: Mapping[str, Any], old: Mapping[str, Any] | None) -> bool:
    """Whether an answer to the old question can be marked by the new key."""
    if old is None or new["kind"] != old["kind"]:
        return False
    if new["kind"] == QuestionKind.ORDER:
        return set(new["order"]) == set(old["order"])
    if new["kind"] in (QuestionKind.SINGLE, QuestionKind.MULTIPLE):
        return {pk for pk, _right in old["options"]} <= {pk for pk, _right in new["options"]}
    return True


def scores_of(attempts: Iterable[Attempt]) -> dict[UUID, float]:
    """Return the scores that regrading has given, by attempt; the highest."""
    rows = Event.objects.filter(
        enrolment__in={attempt.enrolment_id for attempt in attempts}, verb=Verb.REGRADED
    ).order_by("pk")
    found: dict[UUID, float] = {}
    for data in rows.values_list("data", flat=True):
        pk = UUID(data["attempt"])
        found[pk] = max(found.get(pk, 0.0), data["score"])
    return found


@transaction.atomic
def regrade(place: Place, *, by: User, at: datetime | None = None) -> int:
    """Do what the preview says; returns how many answers have a new score. Doing it twice changes nothing."""
    require_hr(by)
    ledger.lock(
        Attempt.objects.filter(module_key=place[0], step=place[1]).values_list("enrolment_id", flat=True)
    )
    found = preview(place)
    if found is None:
        return 0
    rows = Enrolment.objects.exclude(status=Status.LEFT).in_bulk(
        [each.attempt.enrolment_id for each in found.changes]
    )
    events = [
        entry(
            rows[each.attempt.enrolment_id],
            Verb.REGRADED,
            f"regraded:{each.attempt.uuid}:{found.version.pk}",
            at=at,
            by=by,
            place=place,
            version_id=found.version.pk,
            data={
                "attempt": str(each.attempt.uuid),
                "was": each.was,
                "score": max(each.was, each.would_be),
                "complete": each.completes,
            },
        )
        for each in found.changes
        if (each.rises or each.completes) and each.attempt.enrolment_id in rows
    ]
    return len(ledger.append(events))
