"""Narrators' links: made, found, kept alive, closed. A token is 256 random bits; only its SHA-256 is stored.

How long a link lives: an ask opens for 30 days. Once she has ever given a consent, every visit keeps it open for
another 30 days, and while a consent is in force (paused or not) it never runs out, because it is the door through
which she takes that consent back. A closed link opens nothing more; nor does any link of somebody who was forgotten.
"""

import hashlib
import re
import secrets
from datetime import timedelta

from django.conf import settings
from django.db.models import F, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from wagtail.models import Revision

from club.models import Member, User
from consent.enums import Channel
from consent.models import ApprovalLink, Grant
from consent.querysets import ended

TOKEN_BYTES = 32
DAYS = 30
TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")


def digest(token: str) -> str:
    """Return what is stored of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def make_link(
    *,
    member: Member,
    revision: Revision | None = None,
    wording_sha256: str = "",
    channel: Channel,
    by: User | None = None,
    days: int = DAYS,
) -> tuple[ApprovalLink, str]:
    """Make a link; returns its row and the token, which nothing can give a second time."""
    token, now = secrets.token_urlsafe(TOKEN_BYTES), timezone.now()
    link = ApprovalLink.objects.create(
        member=member,
        token_sha256=digest(token),
        revision=revision,
        wording_sha256=wording_sha256,
        channel=channel,
        created_at=now,
        created_by=by,
        expires_at=now + timedelta(days=days),
    )
    return link, token


def address(token: str) -> str:
    """Return the whole address of a narrator's page."""
    return settings.KB_BASE_URL.rstrip("/") + reverse("narrator:home", args=[token])


def find(token: str) -> ApprovalLink | None:
    """Return the link of a token in whatever state; None for unknown tokens and for forgotten narrators."""
    if not TOKEN.fullmatch(token):
        return None
    links = ApprovalLink.objects.select_related("member", "created_by")
    return links.filter(token_sha256=digest(token), member__erased_at__isnull=True).first()


def held(member: Member) -> QuerySet[Grant]:
    """Return the grants of a member in their term and not taken back, on pause or not."""
    now = timezone.now()
    term = Q(valid_until__isnull=True) | Q(valid_until__gt=now)
    return Grant.objects.filter(term, member=member, valid_from__lte=now).exclude(ended("grant"))


def is_open(link: ApprovalLink) -> bool:
    """Whether a link opens its page now."""
    if link.revoked_at is not None or link.member.erased_at is not None:
        return False
    return link.expires_at > timezone.now() or held(link.member).exists()


def open_link(token: str) -> ApprovalLink | None:
    """Return the link of a token if it opens a page now."""
    link = find(token)
    return link if link is not None and is_open(link) else None


def note_visit(link: ApprovalLink) -> None:
    """Count a visit; the link of somebody who has ever consented stays open for another 30 days from here."""
    now = timezone.now()
    rows = ApprovalLink.objects.filter(pk=link.pk)
    rows.update(uses=F("uses") + 1, last_used_at=now)
    if link.member.consents.exists():
        later = now + timedelta(days=DAYS)
        rows.filter(expires_at__lt=later).update(expires_at=later)


def close(links: QuerySet[ApprovalLink]) -> int:
    """Close links for good, for instance after a sheet was lost; returns how many were open."""
    return links.filter(revoked_at__isnull=True).update(revoked_at=timezone.now())
