"""What narrators demand: recorded with the day the law gives, effective at once, done with a note of what was done."""

from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from club.models import Member, User
from club.permissions import require
from consent.enums import Channel, DemandKind, Law, LetterKind, Purpose
from consent.models import Consent, Demand
from consent.reminding import reached
from consent.services import withdraw
from consent.terms import due_on
from consent.texts import default_law

__all__ = ["due_on", "fulfil", "law_of", "open_demands", "receive"]
# What each kind ends the moment it is received; the term is for the rest of the work. A purpose of None is everything.
ENDS_AT_ONCE: dict[DemandKind, Purpose | None] = {
    DemandKind.WITHDRAW: None,
    DemandKind.ERASE: None,
    DemandKind.STOP: Purpose.PROMOTE,
}


def law_of(member: Member) -> Law:
    """Return the law of the member's latest consent, else that of the house."""
    latest = Consent.objects.filter(member=member).order_by("-valid_from", "-pk")
    law = latest.values_list("text__law", flat=True).first()
    return Law(law) if law and law != Law.OTHER else default_law()


@transaction.atomic
def receive(
    *,
    member: Member,
    kind: DemandKind,
    channel: Channel,
    words: str = "",
    by: User | None = None,
    at: datetime | None = None,
    law: Law | None = None,
) -> Demand:
    """Record a demand that came in at ``at``; what it ends is ended when this commits.

    Raises ``PermissionDenied``, and ``ValidationError`` for a demand from the future. A second demand of the same
    kind is one more demand: each gets its answer.
    """
    require(by, "consent.add_demand")
    now = timezone.now()
    received_at = at or now
    if received_at > now:
        raise ValidationError(_("A demand cannot come in later than now. Check the day."))
    rule, last_day = due_on(kind, law or law_of(member), received_at)
    demand = Demand.objects.create(
        member=member,
        kind=kind,
        law=rule.law,
        rule=rule.key,
        words=words.strip(),
        channel=channel,
        received_at=received_at,
        due_on=last_day,
        recorded_by=by,
    )
    if kind in ENDS_AT_ONCE:
        # Whoever may record a demand may record its effect: it must not wait for somebody with more rights.
        withdraw(member=member, purpose=ENDS_AT_ONCE[kind], by=by if _may_withdraw(by) else None)
    _tell_of(demand)
    return demand


def _tell_of(demand: Demand) -> None:
    """Write to whoever answers demands, but for the one who recorded it: a term of days must not wait for a look."""
    from consent.narrator import letters

    for user in reached("consent.change_demand"):
        if user.pk != demand.recorded_by_id:
            letters.write(LetterKind.DEMAND, member=demand.member, recipient=user)


@transaction.atomic
def fulfil(
    demand: Demand, *, by: User | None = None, outcome: str = "", at: datetime | None = None
) -> Demand:
    """Note what was done; a demand is done once, and the first note stays."""
    require(by, "consent.change_demand")
    stored = Demand.objects.select_for_update().get(pk=demand.pk)
    if stored.done_at is None:
        stored.done_at, stored.done_by, stored.outcome = at or timezone.now(), by, outcome.strip()
        stored.save(update_fields=["done_at", "done_by", "outcome"])
    demand.done_at, demand.done_by, demand.outcome = stored.done_at, stored.done_by, stored.outcome
    return demand


def open_demands() -> QuerySet[Demand]:
    """Return the demands that wait, the most urgent first: what is overdue comes before everything."""
    return (
        Demand.objects.filter(done_at=None).select_related("member").order_by("due_on", "received_at", "pk")
    )


def days_left(demand: Demand, today: date | None = None) -> int:
    """Return the days until a demand is due; below zero it is overdue."""
    return (demand.due_on - (today or timezone.localdate())).days


def _may_withdraw(by: User | None) -> bool:
    return by is None or by.has_perm("consent.withdraw_consent")
