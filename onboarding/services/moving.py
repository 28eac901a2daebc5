"""Moving people to a new version of a track, with a preview of what it does to them."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from club.models import User
from onboarding import ledger
from onboarding.enums import INSIDE, NoticeKind, Status, Verb
from onboarding.learning import DEFAULT_MINUTES, module_texts, raw_steps
from onboarding.models import CohortMove, Enrolment, StepState, TrackVersion
from onboarding.progress import Place
from onboarding.services.enrolling import due_dates
from onboarding.services.entries import entry, require_hr
from onboarding.services.notices import notice, tell_all
from onboarding.structure import Structure, structure_of, structures

MOVABLE = (*INSIDE, Status.SUSPENDED)


@dataclass(frozen=True, slots=True)
class Preview:
    """What moving would do: how many people, which steps more and fewer, how many minutes, and to whose percentage."""

    people: int
    more: int
    fewer: int
    minutes: int
    lower: int  # people whose percentage would be lower
    kept: int  # satisfied steps that stay satisfied: all of them


def movable(track_key: UUID, to: TrackVersion, ids: list[int] | None = None) -> list[Enrolment]:
    """Return the people inside who are pinned to another major version."""
    rows = Enrolment.objects.filter(track_key=track_key, status__in=MOVABLE).exclude(version__major=to.major)
    rows = rows if ids is None else rows.filter(pk__in=ids)
    return list(rows.select_related("employee", "version").order_by("pk"))


def preview(track_key: UUID, to: TrackVersion, ids: list[int] | None = None) -> Preview:
    """Compute it; changes nothing."""
    rows = movable(track_key, to, ids)
    new, plans = structure_of(to), structures({row.version for row in rows})
    done = satisfied(rows)
    old_steps = {place for plan in plans.values() for place in plan.required}
    lower = sum(share(done.get(row.pk, set()), new) < row.percent for row in rows)
    return Preview(
        people=len(rows),
        more=len(new.required - old_steps),
        fewer=len(old_steps - new.required),
        minutes=minutes(new, set(new.required - old_steps)),
        lower=lower,
        kept=sum(len(each) for each in done.values()),
    )


def share(done: set[Place], plan: Structure) -> int:
    """Return the percentage in a plan."""
    return 100 * len(done & plan.required) // len(plan.required) if plan.required else 100


def satisfied(rows: list[Enrolment]) -> dict[int, set[Place]]:
    """Return the satisfied steps of each enrolment."""
    found: dict[int, set[Place]] = {}
    states = StepState.objects.filter(enrolment__in=rows, done_at__isnull=False).order_by()
    for pk, module, step in states.values_list("enrolment_id", "module_key", "step"):
        found.setdefault(pk, set()).add((module, step))
    return found


def minutes(plan: Structure, places: set[Place]) -> int:
    """Return how long some steps of a plan take."""
    texts = module_texts([module.version_id for module in plan.modules], "")
    total = 0
    for module in plan.modules:
        content = texts[module.version_id].content if module.version_id in texts else {}
        values = {str(each["id"]): each["value"] for each in raw_steps(content)}
        for step in module.steps:
            if (module.key, step.id) in places:
                total += values.get(str(step.id), {}).get("minutes") or DEFAULT_MINUTES
    return total


@transaction.atomic
def move(
    track_key: UUID,
    to: TrackVersion,
    *,
    ids: list[int] | None = None,
    by: User | None = None,
    at: datetime | None = None,
) -> CohortMove:
    """Move people to a version; whatever they have satisfied stays. Due dates that are set do not come earlier."""
    require_hr(by)
    now, plan = at or timezone.now(), structure_of(to)
    rows = ledger.lock([row.pk for row in movable(track_key, to, ids)])
    made = CohortMove.objects.create(track_key=track_key, to_version=to, moved=len(rows), by=by, at=now)
    events = []
    for row in rows:
        known = {
            str(key): str(day)
            for key, day in row.modules.values_list("module_key", "due_on")
            if day is not None
        }
        today = now.date().isoformat()
        due = {
            key: max(day, known.get(key, today))
            for key, day in due_dates(plan, row.employee, row.anchor).items()
        }
        data = {"version": to.pk, "due": due, "move": made.pk}
        events.append(entry(row, Verb.MOVED, f"moved:{made.pk}", at=now, by=by, data=data))
    ledger.append(events)
    tell_all(
        notice(
            NoticeKind.NEW_VERSION,
            f"version:{made.pk}:{row.uuid}",
            recipient=row.employee.user,
            enrolment=row,
            at=now,
        )
        for row in rows
    )
    return made
