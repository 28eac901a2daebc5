"""What tests ask for: the address of the server, and an index prefix of their own on it."""

from collections.abc import Callable, Iterator
from uuid import uuid4

import pytest
from elasticsearch import Elasticsearch

from tests.elasticsearch import server, shared
from tests.needs import missing, required


@pytest.fixture(scope="session")
def elasticsearch_address() -> str:
    """``http://host:port`` of a real server; skips, or fails where it is required, on a machine without Java."""
    if not server.available():
        missing("elasticsearch", server.REMEDY)
    try:
        return shared.url()
    except server.StartError as error:
        if required("elasticsearch"):
            raise
        missing("elasticsearch", str(error))


@pytest.fixture(scope="session")
def elasticsearch_urls(elasticsearch_address: str) -> Iterator[Callable[[], str]]:
    """Makes a ``SEARCH_URL`` with a prefix nobody else has; all its indexes go at the end."""
    given: list[str] = []

    def new() -> str:
        given.append(f"t{uuid4().hex[:10]}")
        return f"elasticsearch+{elasticsearch_address}/{given[-1]}"

    yield new
    with Elasticsearch(elasticsearch_address, request_timeout=30) as client:
        for prefix in given:
            names = list(client.indices.get(index=f"{prefix}-*").body)
            if names:
                client.indices.delete(index=names)


@pytest.fixture
def elasticsearch_url(elasticsearch_urls: Callable[[], str]) -> str:
    """A ``SEARCH_URL`` of this test alone."""
    return elasticsearch_urls()
