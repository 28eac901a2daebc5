"""Changes of the index in use.

Whole documents only: a partial update would drop the fields that are left out of the source. Every write demands the
alias, because a write to a missing name would create an index with a guessed mapping. Writers hold each other off
(``Engine.exclusive``), so a late write cannot meet a newer one, and versions of documents are not needed.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from elasticsearch import Elasticsearch
from elasticsearch.dsl import Search
from elasticsearch.dsl.query import Ids
from elasticsearch.helpers import parallel_bulk, streaming_bulk

from search import analysis
from search.documents import Document
from search.engines.base import EngineAway, EngineUnavailable
from search.engines.elastic.client import BUSY, Connection
from search.engines.elastic.mapping import entry
from search.engines.elastic.names import Pair
from search.engines.keys import key

CHUNK = 500
CHUNK_BYTES = 8 * 1024 * 1024
THREADS = 2
RESIDUE = {"_meta": {"residue": True}}
KNOWN_WORDS = 400_000

Action = dict[str, Any]


class ElasticBatch:
    """Changes collected in memory and sent at ``commit``."""

    require_alias = True
    threads = 1

    def __init__(self, connection: Connection, target: Pair, known_words: set[str]) -> None:
        self._connection = connection
        self._target = target
        self._known = known_words
        self._entries: dict[str, Action] = {}
        self._words: set[tuple[str, str]] = set()
        self._gone: set[str] = set()

    def index(self, documents: Sequence[Document]) -> None:
        """Add or replace documents; ``ValueError`` for one that does not fit, before anything is written."""
        tokens = list(map(analysis.analyse, documents))
        self._entries |= {
            key(document.kind, document.object_id): entry(document, told)
            for document, told in zip(documents, tokens, strict=True)
        }
        self._words |= {pair for told in tokens for pair in told.words if pair[0] not in self._known}

    def remove(self, kind: str, ids: Iterable[int]) -> None:
        """Take documents out."""
        for name in (key(kind, object_id) for object_id in ids):
            self._entries.pop(name, None)
            self._gone.add(name)

    def commit(self) -> None:
        """Write words first, then documents: a word without a document is never offered to anyone.

        ``ValueError`` if the server refuses a document, ``EngineUnavailable`` for any other failure.
        """
        with self._connection.writing() as client:
            self._note_residue(client)
            self._send(client, self._word_actions())
            self._send(client, self._document_actions())
            self._show(client)
        self._known |= {word for word, _stem in self._words}
        if len(self._known) > KNOWN_WORDS:
            self._known.clear()
        self._entries, self._words, self._gone = {}, set(), set()

    def close(self) -> None:
        """The server tidies up by itself."""

    def _show(self, client: Elasticsearch) -> None:
        client.indices.refresh(index=self._target.both)

    def _note_residue(self, client: Elasticsearch) -> None:
        """Mark the index before documents are replaced or removed: their bytes stay until a rebuild."""
        names = sorted(self._gone | self._entries.keys())
        if not names or has_residue(client, self._target.documents):
            return
        there = Search(using=client, index=self._target.documents).query(Ids(values=names)).extra(size=0)
        if there.extra(track_total_hits=1).execute().hits.total.value:  # type: ignore[attr-defined]
            client.indices.put_mapping(index=self._target.documents, meta=RESIDUE["_meta"])

    def _word_actions(self) -> Iterator[Action]:
        for word, stem in sorted(self._words):
            yield {
                "_op_type": "create",
                "_index": self._target.words,
                "_id": word,
                "word": word,
                "stem": stem,
            }

    def _document_actions(self) -> Iterator[Action]:
        index = self._target.documents
        for name in sorted(self._gone - self._entries.keys()):
            yield {"_op_type": "delete", "_index": index, "_id": name}
        for name, fields in self._entries.items():
            yield {"_op_type": "index", "_index": index, "_id": name, "_source": fields}

    def _send(self, client: Elasticsearch, actions: Iterator[Action]) -> None:
        """Send actions in parts; those that the server refuses are told in one error, the others are done."""
        options: dict[str, Any] = {
            "chunk_size": CHUNK, "max_chunk_bytes": CHUNK_BYTES, "raise_on_error": False,
            "raise_on_exception": True, "require_alias": self.require_alias,
        }  # fmt: skip
        if self.threads > 1:
            results = parallel_bulk(client, actions, thread_count=self.threads, **options)
        else:
            results = streaming_bulk(client, actions, **options)
        refused = [item for fine, item in results if not fine and not _is_fine(item)]
        if refused:
            raise _told(refused)


def has_residue(client: Elasticsearch, index: str) -> bool:
    """Whether an index is marked: documents of it were replaced or removed since it was built."""
    mappings = client.indices.get_mapping(index=index).body.values()
    return any(each["mappings"].get("_meta", {}).get("residue") for each in mappings)


def _is_fine(item: Mapping[str, Mapping[str, Any]]) -> bool:
    """A word that is there already, a document that is gone already."""
    [(action, told)] = item.items()
    status = told.get("status")
    return (action == "create" and status == 409) or (
        action == "delete" and status == 404 and "error" not in told
    )


def _told(refused: Sequence[Mapping[str, Mapping[str, Any]]]) -> Exception:
    """The error of the first refused action, without its message, which may quote a story."""
    [told] = refused[0].values()
    status, error = told.get("status"), told.get("error")
    kind = error.get("type", "") if isinstance(error, Mapping) else ""
    if status in BUSY:
        return EngineAway(f"the search server is not able to write ({status})")
    if status == 404:
        return EngineUnavailable("there is no index yet")
    return ValueError(f"{len(refused)} documents were refused by the search server: {kind} ({status})")
