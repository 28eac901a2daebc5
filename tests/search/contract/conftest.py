"""The engines: empty ones for each test, and both with the same crowd of documents for those that only read."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from search.documents import Document
from search.engines import open_engine
from search.engines.base import Engine
from tests.search.contract.world import crowd

BOTH = ["embedded", pytest.param("elasticsearch", marks=pytest.mark.elasticsearch)]
MANY = 160


def opened(name: str, request: pytest.FixtureRequest) -> Engine:
    """A new empty index of an engine."""
    directory = Path(request.getfixturevalue("tmp_path_factory").mktemp("index"))
    url = "embedded" if name == "embedded" else request.getfixturevalue("elasticsearch_urls")()
    return open_engine(url, directory)


@pytest.fixture(params=BOTH)
def engine(request: pytest.FixtureRequest) -> Engine:
    """One engine without an index."""
    return opened(request.param, request)


@pytest.fixture(scope="session")
def many() -> list[Document]:
    """The crowd of documents."""
    return crowd(MANY)


def filled(name: str, many: list[Document], request: pytest.FixtureRequest) -> Engine:
    engine = opened(name, request)
    build = engine.build()
    build.index(many)
    build.commit()
    build.switch()
    return engine


@pytest.fixture(scope="session")
def embedded_crowd(many: list[Document], request: pytest.FixtureRequest) -> Engine:
    """The embedded engine with the crowd."""
    return filled("embedded", many, request)


@pytest.fixture(scope="session")
def elastic_crowd(many: list[Document], request: pytest.FixtureRequest) -> Engine:
    """The engine on a server with the crowd."""
    return filled("elasticsearch", many, request)


@pytest.fixture(params=BOTH)
def crowded(request: pytest.FixtureRequest) -> Engine:
    """One engine with the crowd, to be read only."""
    name = "embedded_crowd" if request.param == "embedded" else "elastic_crowd"
    return request.getfixturevalue(name)


@pytest.fixture
def empty_directory() -> Iterator[Path]:
    """A directory for locks and breakers."""
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


def written(engine: Engine, *documents: Document, gone: Any = ()) -> None:
    """Change an index in one batch."""
    batch = engine.batch()
    batch.index(documents)
    batch.remove("story", gone)
    batch.commit()
    batch.close()
