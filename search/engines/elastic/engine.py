"""The index on the server, shared by all processes and machines of the product."""

import json
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path

from elasticsearch.helpers import scan

from search.engines.base import EngineUnavailable
from search.engines.elastic.address import Address
from search.engines.elastic.batch import ElasticBatch, has_residue
from search.engines.elastic.build import ElasticBuild
from search.engines.elastic.client import Access, Connection
from search.engines.elastic.mapping import version
from search.engines.elastic.names import Names
from search.engines.elastic.reader import ElasticReader
from search.engines.locks import only_writer


class ElasticEngine:
    """One install's index on an Elasticsearch; ``directory`` is for the lock and the breaker of this machine."""

    name = "elasticsearch"

    def __init__(self, address: Address, access: Access, directory: Path) -> None:
        self.names = Names(address.prefix, version())
        self.connection = Connection(address, access, directory)
        self._directory = directory
        self._known_words: set[str] = set()
        self._known_generation = ""

    def reader(self) -> ElasticReader:
        """The generation in use; whether there is one, the first question tells."""
        return ElasticReader(self.connection, self.names)

    def batch(self) -> ElasticBatch:
        """Begin changes of the generation in use; creates an empty one if there is none."""
        generation = self._generation()
        if not generation:
            ElasticBuild(self).switch()
            generation = self._generation()
        if generation != self._known_generation:
            self._known_words, self._known_generation = set(), generation
        return ElasticBatch(self.connection, self.names.in_use, self._known_words)

    def build(self) -> ElasticBuild:
        """Begin a new generation."""
        return ElasticBuild(self)

    def exclusive(self) -> AbstractContextManager[None]:
        """Hold off every other writer, on this machine and on others that share the database."""
        return only_writer(self._directory, self.names.prefix)

    def residue(self) -> bool:
        """Whether documents were removed or replaced since the generation was built."""
        if not self._generation():
            return False
        with self.connection.asking() as client:
            return has_residue(client, self.names.in_use.documents)

    def contents(self) -> Iterator[bytes]:
        """Everything the server gives back of every index of this install, old and half-built ones included."""
        with self.connection.writing() as client:
            for index in sorted(client.indices.get(index=self.names.pattern).body):
                client.indices.refresh(index=index)
                for hit in scan(client, index=index, size=1000):
                    yield json.dumps([hit["_id"], hit["_source"]], ensure_ascii=False).encode() + b"\n"

    def size(self) -> int:
        """Bytes on the server of the index in use, copies not counted."""
        with self.connection.writing() as client:
            told = client.indices.stats(index=self.names.in_use.both, metric="store").body
        return int(told["_all"]["primaries"]["store"]["size_in_bytes"])

    def destroy(self) -> None:
        """Remove every index of this prefix."""
        with self.connection.writing() as client:
            found = list(client.indices.get(index=self.names.pattern).body)
            if found:
                client.indices.delete(index=found)

    def _generation(self) -> str:
        """Name of the index of documents in use; empty if there is none."""
        with self.connection.asking() as client:
            if not client.indices.exists_alias(name=self.names.in_use.documents):
                return ""
            held = client.indices.get_alias(name=self.names.in_use.documents).body
        if len(held) != 1:
            raise EngineUnavailable("several indexes are in use at once")
        return next(iter(held))
