"""Secrets that an install makes for itself when nobody gives them: one file each, readable by its owner only."""

import os
import secrets
from collections.abc import Callable
from pathlib import Path

from kb_site.settings import env


def kept(name: str, file: Path, make: Callable[[], str] = lambda: secrets.token_urlsafe(64)) -> str:
    """Return the secret from the environment, or from ``file``, which is made at the first call."""
    given = env.text(name)
    if given:
        return given
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return file.read_text(encoding="ascii").strip()
    value = make()
    with os.fdopen(descriptor, "w", encoding="ascii") as handle:
        handle.write(value)
    return value
