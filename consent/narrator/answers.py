"""What a narrator has answered, read from the ledger. Silence is no answer, neither yes nor no."""

from datetime import datetime, timedelta

from django.utils import timezone

from club.models import Member
from consent.enums import INTERNAL_PURPOSES, EventKind
from consent.models import ApprovalLink, ConsentEvent
from consent.narrator.links import held
from consent.querysets import wording_is_approved

# A consent that ends within this time may be asked about anew although it still holds.
RENEWABLE = timedelta(days=60)


def said_no(member: Member, wording_sha256: str, since: datetime) -> bool:
    """Whether she refused or took back these words, or everything, since a moment."""
    events = ConsentEvent.objects.filter(member=member, at__gte=since)
    about_words = events.filter(
        kind__in=(EventKind.REFUSED, EventKind.REVOKED), wording_sha256=wording_sha256
    )
    if about_words.exists():
        return True
    return events.filter(kind=EventKind.WITHDRAWN).exists() and not held(member).exists()


def said_yes(member: Member, wording_sha256: str, since: datetime) -> bool:
    """Whether the words are approved and a consent holds that nobody needs to renew."""
    now = timezone.now()
    if not wording_is_approved(member.pk, wording_sha256, now):
        return False
    grants = list(held(member).filter(purpose__in=INTERNAL_PURPOSES))
    if not grants:
        return False
    lasting = any(g.valid_until is None or g.valid_until > now + RENEWABLE for g in grants)
    kinds = (EventKind.APPROVED, EventKind.GIVEN, EventKind.RENEWED)
    return lasting or ConsentEvent.objects.filter(member=member, at__gte=since, kind__in=kinds).exists()


def is_answered(link: ApprovalLink, wording_sha256: str) -> bool:
    """Whether nothing is left to ask since this link was made."""
    since = link.created_at
    return said_no(link.member, wording_sha256, since) or said_yes(link.member, wording_sha256, since)
