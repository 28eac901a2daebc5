"""A new generation beside the one in use, and the step that puts it into its place."""

import time
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from elasticsearch import Elasticsearch

from search.engines.base import EngineUnavailable
from search.engines.elastic.batch import THREADS, ElasticBatch
from search.engines.elastic.mapping import IN_USE, SETTINGS, documents_mapping, words_mapping
from search.engines.elastic.reader import fingerprints

if TYPE_CHECKING:
    from search.engines.elastic.engine import ElasticEngine

ABANDONED_SECONDS = 24 * 3600
MERGE_SECONDS = 1800.0


class ElasticBuild(ElasticBatch):
    """Indexes that nobody reads yet; they are shown once, before the switch."""

    require_alias = False
    threads = THREADS

    def __init__(self, engine: "ElasticEngine") -> None:
        self._engine = engine
        target = engine.names.fresh()
        super().__init__(engine.connection, target, set())
        with engine.connection.writing() as client:
            for index, mapping in ((target.documents, documents_mapping()), (target.words, words_mapping())):
                client.indices.create(index=index, mappings=mapping, settings=SETTINGS)

    def fingerprints(self) -> Mapping[str, Mapping[int, str]]:
        """Fingerprints of what was committed so far."""
        with self._connection.writing() as client:
            client.indices.refresh(index=self._target.both)
        return fingerprints(self._connection, self._target.documents)

    def switch(self) -> None:
        """Move both aliases here in one step and drop every other generation."""
        in_use = self._engine.names.in_use
        with self._connection.writing() as client:
            client.indices.put_settings(index=self._target.both, settings=IN_USE)
            client.indices.refresh(index=self._target.both)
            pairs = zip(self._target.both, in_use.both, strict=True)
            actions: list[Mapping[str, Any]] = [
                {"add": {"index": index, "alias": alias}} for index, alias in pairs
            ]
            actions += [{"remove_index": {"index": index}} for index in self._others(client)]
            client.indices.update_aliases(actions=actions)

    def close(self) -> None:
        """Merge what was loaded into one segment: faster to search, and without the copies that loading leaves."""
        with self._connection.writing() as client:
            patient = client.options(request_timeout=MERGE_SECONDS)
            patient.indices.forcemerge(index=self._target.documents, max_num_segments=1)

    def abandon(self) -> None:
        """Drop what was built."""
        with suppress(EngineUnavailable), self._connection.writing() as client:
            client.indices.delete(index=self._target.both, ignore_unavailable=True)

    def _show(self, client: Elasticsearch) -> None:
        """Nobody reads it yet."""

    def _note_residue(self, client: Elasticsearch) -> None:
        """What is replaced while it is built goes with the merges of the load."""

    def _others(self, client: Elasticsearch) -> list[str]:
        """Every other index of this install, but for those that somebody may be building just now."""
        found = client.indices.get(index=self._engine.names.pattern).body
        oldest = (time.time() - ABANDONED_SECONDS) * 1000
        return [
            name
            for name, each in found.items()
            if name not in self._target.both
            and (each["aliases"] or int(each["settings"]["index"]["creation_date"]) < oldest)
        ]
