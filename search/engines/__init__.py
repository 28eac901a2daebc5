"""Engines by the scheme of ``SEARCH_URL``."""

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from search.engines.base import Engine
from search.engines.embedded import EmbeddedEngine

Opener = Callable[[str, Path], Engine]

ENGINES: dict[str, Opener] = {"embedded": lambda url, directory: EmbeddedEngine(directory)}


def engine_name(url: str) -> str:
    """The engine meant by a ``SEARCH_URL``: what stands before the first ``+`` or ``:``."""
    return url.partition(":")[0].partition("+")[0].strip().lower()


def get_engine() -> Engine:
    """The engine of the current settings, one object for each process."""
    return _open(str(settings.SEARCH_URL), Path(settings.SEARCH_INDEX_DIR))


@lru_cache(maxsize=8)
def _open(url: str, directory: Path) -> Engine:
    return ENGINES[engine_name(url)](url, directory)
