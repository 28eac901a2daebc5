"""Read rules of consent as expressions that compose into any query; always computed from the ledger's rows."""

from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from club.models import Member
from consent.enums import ENDING_EVENTS
from consent.expressions import Paused
from consent.models import Approval, ConsentEvent, Grant


def ended(reference: str) -> Exists:
    """Whether an ending event names the row of the outer query; ``reference`` is grant or approval.

    A "no" counts for every moment one may ask about: neither a clock that runs behind nor a look into the past shows
    what its owner has taken back.
    """
    return Exists(
        ConsentEvent.objects.filter(**{f"{reference}_id": OuterRef("pk")}, kind__in=ENDING_EVENTS).order_by()
    )


def in_force(at: datetime) -> QuerySet[Grant]:
    """Grants that hold at ``at``: begun, not run out, not ended by an event, their narrator not on pause."""
    term = Q(valid_until__isnull=True) | Q(valid_until__gt=at)
    grants = Grant.objects.filter(term, ~Q(Paused("member_id")), valid_from__lte=at)
    return grants.exclude(ended("grant")).order_by()


def is_paused(member_id: int) -> bool:
    """Whether this member has put everything of hers on pause."""
    return Member.objects.filter(Q(Paused("pk")), pk=member_id).exists()


def live_approvals(at: datetime) -> QuerySet[Approval]:
    """Approvals that hold at ``at``."""
    return Approval.objects.filter(approved_at__lte=at).exclude(ended("approval"))


def run_out(at: datetime) -> QuerySet[Grant]:
    """Grants past their term whose expiry the ledger has not noted yet."""
    noted = Exists(ConsentEvent.objects.filter(grant_id=OuterRef("pk"), kind="expired").order_by())
    return (
        Grant.objects.filter(valid_until__lte=at)
        .exclude(ended("grant"))
        .exclude(noted)
        .order_by("valid_until", "pk")
    )


def wording_is_approved(member_id: int, wording_sha256: str, at: datetime) -> bool:
    """Whether this member approved this exact wording."""
    return live_approvals(at).filter(member_id=member_id, wording_sha256=wording_sha256).exists()
