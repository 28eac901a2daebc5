"""Limits on guessing links and on asking for fresh ones, counted in the database, so over all processes together."""

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import salted_hmac

from consent.models import Knock

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
KEPT = timedelta(days=2)
WRONG_LINKS = 20  # an hour, from one address or on one beginning of a token
FRESH_LINKS = 3  # a day, for one narrator
FRESH_ASKS = 20  # an hour, from one address
PREFIX = 8


def hidden(kind: str, value: str) -> str:
    """Return what stands for an address or a token's beginning in the database."""
    return salted_hmac("consent.narrator.limits", f"{kind}:{value}", algorithm="sha256").hexdigest()


@transaction.atomic
def too_many(kind: str, value: str, *, most: int, within: timedelta) -> bool:
    """Count one knock; True, and nothing counted, if there have been ``most`` within the window already."""
    now, key = timezone.now(), hidden(kind, value)
    Knock.objects.filter(at__lt=now - KEPT).delete()
    if Knock.objects.filter(key=key, at__gt=now - within).count() >= most:
        return True
    Knock.objects.create(key=key, at=now)
    return False


def wrong_token(request: HttpRequest, token: str) -> bool:
    """Count a token that opens nothing; True if this address, or this beginning, has tried too often."""
    by_address = too_many("wrong", address_of(request), most=WRONG_LINKS, within=HOUR)
    return by_address or too_many("prefix", token[:PREFIX], most=WRONG_LINKS, within=HOUR)


def fresh_link(request: HttpRequest, member_id: int) -> bool:
    """Count a wish for a fresh link; True if it is one too many for this address or this narrator."""
    by_address = too_many("fresh", address_of(request), most=FRESH_ASKS, within=HOUR)
    return by_address or too_many("member", str(member_id), most=FRESH_LINKS, within=DAY)


def address_of(request: HttpRequest) -> str:
    """Return where a request comes from: behind our own proxy, what that proxy has noted last."""
    if settings.SECURE_PROXY_SSL_HEADER:
        noted = str(request.META.get("HTTP_X_FORWARDED_FOR", "")).rpartition(",")[2].strip()
        if noted:
            return noted
    return str(request.META.get("REMOTE_ADDR", ""))
