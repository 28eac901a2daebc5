"""Marks by which somebody who was forgotten is known again: keyed hashes, whose key lies outside the database."""

import hashlib
import hmac
from collections.abc import Iterable, Mapping

from django.conf import settings
from django.utils import timezone

from consent.models import Tombstone

PURPOSE = b"kb tombstone 1"
CODE, EXTERNAL_ID, NARRATOR = "code", "external_id", "narrator"


def key_of(identity_key: str) -> bytes:
    """Return the key of hashes: one that opens no identity, made of the key that does."""
    return hmac.digest(identity_key.encode(), PURPOSE, hashlib.sha256)


def digests(kind: str, value: str) -> list[str]:
    """Return the hash of a value under every identity key, the newest first: keys are changed, marks are not."""
    message = f"{kind}:{value}".encode()
    return [hmac.new(key_of(key), message, hashlib.sha256).hexdigest() for key in settings.IDENTITY_KEYS]


def digest(kind: str, value: str) -> str:
    """Return the hash of a value under the newest key."""
    return digests(kind, value)[0]


def known(*, code: str = "", external_id: str = "") -> bool:
    """Whether this member, or the story of this id, was forgotten."""
    wanted = [*(digests(CODE, code) if code else ()), *(digests(EXTERNAL_ID, external_id) if external_id else ())]
    return Tombstone.objects.filter(digest__in=wanted).exists()


def known_among(values: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
    """Return which of many (kind, value) pairs were forgotten; one query, none when nobody ever was."""
    if not Tombstone.objects.exists():
        return set()
    by_digest = {mark: pair for pair in values for mark in digests(*pair)}
    found: set[tuple[str, str]] = set()
    marks = list(by_digest)
    for start in range(0, len(marks), 500):
        rows = Tombstone.objects.filter(digest__in=marks[start : start + 500])
        found |= {by_digest[mark] for mark in rows.values_list("digest", flat=True)}
    return found


def put(marks: Iterable[str]) -> list[str]:
    """Keep marks, each once; returns those that are new."""
    wanted = set(marks)
    new = sorted(wanted - set(Tombstone.objects.filter(digest__in=wanted).values_list("digest", flat=True)))
    now = timezone.now()
    Tombstone.objects.bulk_create([Tombstone(digest=mark, created_at=now) for mark in new], batch_size=500)
    return new


def marks_of(values: Mapping[str, Iterable[str]]) -> set[str]:
    """Return the marks of values by kind; those of ``narrator`` are marks already, made when the row came in."""
    return {
        value if kind == NARRATOR else digest(kind, value)
        for kind, found in values.items()
        for value in found
        if value
    }
