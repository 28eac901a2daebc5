"""Rules that bring people onto tracks. Leaving a rule suspends, never deletes; what a person did by hand stands."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from club.models import User
from onboarding.enums import INSIDE, Source, Status
from onboarding.models import AssignmentRule, Employee, Enrolment, TrackVersion
from onboarding.services.enrolling import enrol, suspend
from onboarding.services.entries import require_hr

FIELDS = ("department", "role", "location")


@dataclass(slots=True)
class Effect:
    """What a rule would do: who comes onto the track, who goes on after a rest, who rests."""

    enter: list[Employee] = field(default_factory=list)
    again: list[Employee] = field(default_factory=list)
    rest: list[Enrolment] = field(default_factory=list)


def matching(rule: AssignmentRule) -> QuerySet[Employee]:
    """Return the people a rule means; nobody while it is not in force."""
    rows = Employee.objects.filter(has_left=False)
    if not rule.is_active:
        return rows.none()
    for name in FIELDS:
        if wanted := getattr(rule, name).strip():
            rows = rows.filter(**{f"{name}__iexact": wanted})
    if rule.starts_from:
        rows = rows.filter(start_date__gte=rule.starts_from)
    if rule.starts_until:
        rows = rows.filter(start_date__lte=rule.starts_until)
    return rows


def preview(rule: AssignmentRule) -> Effect:
    """Return what applying a rule would do; changes nothing. The rule need not be saved."""
    people = list(matching(rule))
    known = {row.employee_id: row for row in Enrolment.objects.filter(track_key=rule.track_key)}
    wanted = {person.pk for person in people}
    effect = Effect()
    for person in people:
        row = known.get(person.pk)
        if row is None:
            effect.enter.append(person)
        elif row.status == Status.SUSPENDED and row.source == Source.RULE:
            effect.again.append(person)
    if rule.pk:
        mine = Enrolment.objects.filter(rule=rule, source=Source.RULE, status__in=INSIDE).select_related(
            "employee"
        )
        gone = [row for row in mine if row.employee_id not in wanted or row.track_key != rule.track_key]
        effect.rest = [row for row in gone if not taken_over(row, rule)]
    return effect


def others(rule: AssignmentRule, track_key: UUID) -> list[AssignmentRule]:
    """Return the other rules in force for a track."""
    return list(AssignmentRule.objects.filter(track_key=track_key, is_active=True).exclude(pk=rule.pk))


def taken_over(row: Enrolment, rule: AssignmentRule) -> bool:
    """Whether another rule means the person too; then the enrolment is that rule's from now on."""
    return any(matching(each).filter(pk=row.employee_id).exists() for each in others(rule, row.track_key))


@transaction.atomic
def apply(rule: AssignmentRule, *, by: User | None = None, at: datetime | None = None) -> Effect:
    """Do what the preview says."""
    require_hr(by)
    effect = preview(rule)
    for person in (*effect.enter, *effect.again):
        enrol(employee=person, track_key=rule.track_key, source=Source.RULE, rule=rule, by=by, at=at)
    for row in effect.rest:
        suspend(row, by=by, at=at)
    return effect


def apply_all(at: datetime | None = None) -> int:
    """Apply every rule in force whose track is published; returns how many people came. The worker's job."""
    published = TrackVersion.objects.order_by().values("key")
    rules = AssignmentRule.objects.filter(is_active=True, track_key__in=published)
    return sum(len(apply(rule, at=at).enter) for rule in rules)
