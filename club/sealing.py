"""Encryption of identities: Fernet (AES-128-CBC with HMAC-SHA256), keys outside the database, newest key first."""

import json
from functools import cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


class SealBroken(Exception):
    """The stored identity cannot be opened with the keys that this install has."""


@cache
def _box(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key.encode()) for key in keys])


def box() -> MultiFernet:
    """Return the cipher of the configured keys."""
    return _box(tuple(settings.IDENTITY_KEYS))


def seal(data: dict[str, str]) -> bytes:
    """Encrypt a dictionary of strings."""
    return box().encrypt(json.dumps(data, ensure_ascii=False, sort_keys=True).encode())


def unseal(token: bytes | memoryview) -> dict[str, str]:
    """Open what ``seal`` made; raises ``SealBroken`` when no key fits."""
    try:
        return json.loads(box().decrypt(bytes(token)))
    except InvalidToken as error:
        raise SealBroken("No identity key of this install opens this record.") from error
