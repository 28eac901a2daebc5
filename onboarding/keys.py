"""Keys of learning that an install makes for itself at the first use: a file each, readable by its owner only."""

import base64
import hmac
import os
from hashlib import sha256
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

BADGES, LEARNERS = "badges.key", "learners.key"
SEED_BYTES = 32


def kept(given: str, name: str) -> str:
    """Return what the settings give, or the contents of a file of 32 random bytes, made at the first call."""
    if given:
        return given
    file = Path(settings.KB_DATA_DIR) / "keys" / name
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    made = base64.urlsafe_b64encode(os.urandom(SEED_BYTES)).decode()
    beside = file.with_name(f".{name}.{os.getpid()}")
    try:
        if not file.exists():
            descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w", encoding="ascii") as handle:
                handle.write(made)
            os.link(beside, file)  # whole or not at all; a process that was a moment earlier wins
    except FileExistsError:
        pass
    finally:
        beside.unlink(missing_ok=True)
    return file.read_text(encoding="ascii").strip()


def badge_keys() -> list[Ed25519PrivateKey]:
    """Return the issuer's keys: the first signs, all of them are published; raises ``ImproperlyConfigured``."""
    texts = [part.strip() for part in kept(settings.KB_BADGE_KEY, BADGES).split(",") if part.strip()]
    try:
        seeds = [base64.urlsafe_b64decode(text) for text in texts]
        return [Ed25519PrivateKey.from_private_bytes(seed) for seed in seeds]
    except ValueError as error:
        raise ImproperlyConfigured(
            "KB_BADGE_KEY must be 32 bytes in URL-safe base64, several with commas."
        ) from error


def opaque(kind: str, value: str) -> str:
    """Return what stands for somebody outside: without the key nobody finds out whom."""
    key = kept(settings.KB_LEARNER_KEY, LEARNERS)
    return hmac.new(key.encode(), f"{kind}:{value}".encode(), sha256).hexdigest()
