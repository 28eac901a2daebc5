"""Engines by the scheme of ``SEARCH_URL``."""

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from search.engines.base import Engine
from search.engines.elastic.address import InvalidAddress, read
from search.engines.embedded import EmbeddedEngine

Opener = Callable[[str, Path], Engine]


def open_embedded(url: str, directory: Path) -> Engine:
    """The engine inside the product."""
    return EmbeddedEngine(directory)


def open_elastic(url: str, directory: Path) -> Engine:
    """The engine on a server, reached as the settings say. Its library is loaded only where it is used."""
    from search.engines.elastic.client import Access
    from search.engines.elastic.engine import ElasticEngine

    access = Access(
        api_key=settings.SEARCH_API_KEY,
        ca_file=settings.SEARCH_CA_FILE,
        answer_seconds=settings.SEARCH_TIMEOUT_MS / 1000,
        write_seconds=settings.SEARCH_WRITE_TIMEOUT_SECONDS,
    )
    try:
        return ElasticEngine(read(url), access, directory)
    except InvalidAddress as error:
        raise ImproperlyConfigured(f"SEARCH_URL: {error}.") from error


ENGINES: dict[str, Opener] = {"embedded": open_embedded, "elasticsearch": open_elastic}


def engine_name(url: str) -> str:
    """The engine meant by a ``SEARCH_URL``: what stands before the first ``+`` or ``:``."""
    return url.partition(":")[0].partition("+")[0].strip().lower()


def get_engine() -> Engine:
    """The engine of the current settings, one object for each process."""
    return open_engine(str(settings.SEARCH_URL), Path(settings.SEARCH_INDEX_DIR))


@lru_cache(maxsize=8)
def open_engine(url: str, directory: Path) -> Engine:
    """The engine of a ``SEARCH_URL``; ``directory`` holds the embedded index, or the locks of this machine."""
    return ENGINES[engine_name(url)](url, directory)
