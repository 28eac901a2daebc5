"""System checks of the search app."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register

from search.engines import ENGINES, engine_name
from search.engines.elastic.address import SHAPE, InvalidAddress, read


@register()
def known_search_url(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """``SEARCH_URL`` names an engine that exists."""
    url = str(getattr(settings, "SEARCH_URL", ""))
    if engine_name(url) in ENGINES:
        return []
    hint = f"Use one of: {', '.join(sorted(ENGINES))}."
    message = f"SEARCH_URL names no known engine: {engine_name(url) or '(empty)'}."
    return [Error(message, hint=hint, id="search.E001")]


@register()
def usable_search_server(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """A ``SEARCH_URL`` of a server can be read, its secrets travel hidden, its certificate file is there."""
    url = str(getattr(settings, "SEARCH_URL", ""))
    if engine_name(url) != "elasticsearch":
        return []
    try:
        address = read(url)
    except InvalidAddress as error:
        return [Error(f"SEARCH_URL cannot be used: {error}.", hint=f"It looks like this: {SHAPE}", id="search.E003")]
    found: list[CheckMessage] = []
    if settings.SEARCH_CA_FILE and not os.access(settings.SEARCH_CA_FILE, os.R_OK):
        hint = "Point it to the certificate of the authority that signed the server's, in PEM, readable by this user."
        found.append(Error("SEARCH_CA_FILE names a file that cannot be read.", hint=hint, id="search.E004"))
    if address.is_open_road:
        hint = "Use elasticsearch+https:// with a user or SEARCH_API_KEY_FILE, unless the network itself is closed."
        found.append(Warning("Words of stories travel to the search server unencrypted.", hint=hint, id="search.W001"))
    return found


@register()
def writable_index_directory(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """The directory of the embedded index, or of a server's locks, exists or can be made, and can be written to."""
    directory = getattr(settings, "SEARCH_INDEX_DIR", None)
    if directory and _writable(Path(directory)):
        return []
    hint = "Point SEARCH_INDEX_DIR (by default below KB_DATA_DIR) to a directory this user may write to."
    return [Error("The directory of the search index cannot be written to.", hint=hint, id="search.E002")]


def _writable(directory: Path) -> bool:
    """Whether the directory, or the nearest one above it that exists, is a directory open for writing."""
    nearest = next((path for path in (directory, *directory.absolute().parents) if path.exists()), None)
    return nearest is not None and nearest.is_dir() and os.access(nearest, os.W_OK | os.X_OK)
