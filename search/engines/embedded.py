"""The engine inside the product: tantivy files in a directory, no server.

Readers open the generation the pointer names and reload it for each request, because a forked process never
sees a commit by itself. Writers take the lock of the directory; tantivy's own lock is free after a killed
process.
"""

import shutil
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

import tantivy

from search import analysis
from search.documents import Document
from search.engines.base import EngineUnavailable
from search.engines.directory import IndexDirectory
from search.engines.keys import key
from search.engines.tantivy_reader import TantivyReader, guarded
from search.engines.tantivy_schema import document_schema, entry, version, word_schema

HEAP_BYTES = 40_000_000
# A build writes large segments: small ones would be merged again and again by the edits that follow.
BUILD_HEAP_BYTES = 200_000_000
BUSY_SECONDS = 5.0
BUSY_STEP = 0.02
_RESIDUE = "residue"


@dataclass(frozen=True, slots=True)
class Generation:
    """The two opened indexes of one directory: documents, and the words in them."""

    path: Path
    documents: tantivy.Index
    words: tantivy.Index

    @classmethod
    def create(cls, path: Path) -> "Generation":
        """Make empty indexes in ``path``."""
        for part in ("documents", "words"):
            (path / part).mkdir(parents=True, exist_ok=True)
        return cls(
            path,
            tantivy.Index(document_schema(), str(path / "documents")),
            tantivy.Index(word_schema(), str(path / "words")),
        )

    @classmethod
    def open(cls, path: Path) -> "Generation":
        """Open what is in ``path``."""
        return cls(path, tantivy.Index.open(str(path / "documents")), tantivy.Index.open(str(path / "words")))

    def reader(self) -> TantivyReader:
        """The newest committed state."""
        self.documents.reload()
        self.words.reload()
        opstamp = (self.path / "documents" / "meta.json").stat().st_mtime_ns
        return TantivyReader(
            schema=self.documents.schema,
            words_schema=self.words.schema,
            documents=self.documents.searcher(),
            words=self.words.searcher(),
            generation=f"{self.path.name}-{opstamp}",
        )


class EmbeddedBatch:
    """Changes of one generation, collected in memory and written at ``commit``."""

    heap = HEAP_BYTES

    def __init__(self, generation: Generation) -> None:
        self._generation = generation
        self._merging: list[tantivy.IndexWriter] = []
        self._entries: dict[str, tantivy.Document] = {}
        self._words: set[tuple[str, str]] = set()
        self._gone: set[str] = set()

    def index(self, documents: Sequence[Document]) -> None:
        """Add or replace documents; ``ValueError`` for one that does not fit, before anything is written."""
        schema = self._generation.documents.schema
        tokens = list(map(analysis.analyse, documents))
        self._entries |= {
            key(document.kind, document.object_id): entry(document, told, schema)
            for document, told in zip(documents, tokens, strict=True)
        }
        self._words |= {pair for told in tokens for pair in told.words}

    def remove(self, kind: str, ids: Iterable[int]) -> None:
        """Take documents out."""
        for name in (key(kind, object_id) for object_id in ids):
            self._entries.pop(name, None)
            self._gone.add(name)

    def commit(self) -> None:
        """Write words first, then documents: a word without a document is never offered to anyone.

        ``ValueError`` if a document is the reason of a failure, ``EngineUnavailable`` for any other.
        """
        self.close()
        with guarded(ValueError):
            reader = self._generation.reader()
            if any(reader.documents.doc_freq("key", name) for name in self._gone | self._entries.keys()):
                (self._generation.path / _RESIDUE).touch()
            self._write_words(reader)
            self._write_documents()
        self._entries, self._words, self._gone = {}, set(), set()

    def close(self) -> None:
        """Wait for the merges that a commit began."""
        writers, self._merging = self._merging, []
        for writer in writers:
            writer.wait_merging_threads()

    def _write_words(self, reader: TantivyReader) -> None:
        unknown = sorted(pair for pair in self._words if not reader.words.doc_freq("word", pair[0]))
        if not unknown:
            return
        writer = open_writer(self._generation.words, self.heap)
        schema = self._generation.words.schema
        for word, stem in unknown:
            writer.add_document(tantivy.Document.from_dict({"word": word, "stem": stem}, schema))
        finish(writer)
        self._merging.append(writer)

    def _write_documents(self) -> None:
        writer = open_writer(self._generation.documents, self.heap)
        for name in self._gone | self._entries.keys():
            writer.delete_documents_by_term("key", name)
        for each in self._entries.values():
            writer.add_document(each)
        finish(writer)
        self._merging.append(writer)


class EmbeddedBuild(EmbeddedBatch):
    """A generation beside the one in use."""

    heap = BUILD_HEAP_BYTES

    def __init__(self, engine: "EmbeddedEngine") -> None:
        self._engine = engine
        with guarded():
            generation = Generation.create(engine.directory.create())
        super().__init__(generation)

    def fingerprints(self) -> Mapping[str, Mapping[int, str]]:
        """Fingerprints of what was committed so far."""
        with guarded():
            return self._generation.reader().fingerprints()

    def switch(self) -> None:
        """Put this generation into use for every process."""
        self.close()
        with guarded():
            self._engine.directory.switch(self._generation.path)

    def abandon(self) -> None:
        """Drop what was built."""
        self.close()
        shutil.rmtree(self._generation.path, ignore_errors=True)


class EmbeddedEngine:
    """An index in a directory, shared by all processes of the machine."""

    name = "embedded"

    def __init__(self, root: Path) -> None:
        self.directory = IndexDirectory(root, version())
        self._opened: Generation | None = None
        self._opening = threading.Lock()

    def reader(self) -> TantivyReader:
        """The newest committed state; ``EngineUnavailable`` if there is no index or it is damaged.

        Tries twice, because a generation may be dropped between reading its name and opening it.
        """
        with guarded():
            try:
                return self._current().reader()
            except (ValueError, OSError):
                return self._current().reader()

    def batch(self) -> EmbeddedBatch:
        """Begin changes of the generation in use; creates an empty one if there is none."""
        if self.directory.current() is None:
            EmbeddedBuild(self).switch()
        with guarded():
            return EmbeddedBatch(self._current())

    def build(self) -> EmbeddedBuild:
        """Begin a new generation."""
        return EmbeddedBuild(self)

    def exclusive(self) -> AbstractContextManager[None]:
        """Hold off every other writer of this directory."""
        return self.directory.exclusive()

    def residue(self) -> bool:
        """Whether documents were removed or replaced since the generation was built."""
        name = self.directory.current()
        return name is not None and (self.directory.path(name) / _RESIDUE).exists()

    def contents(self) -> Iterator[bytes]:
        """Nothing: the files are where everybody can read them."""
        return iter(())

    def _current(self) -> Generation:
        """The generation in use, opened; ``EngineUnavailable`` if there is none."""
        name = self.directory.current()
        if name is None:
            raise EngineUnavailable("there is no index yet")
        opened = self._opened
        if opened is None or opened.path.name != name:
            with self._opening:
                opened = Generation.open(self.directory.path(name))
                self._opened = opened
        return opened


def open_writer(index: tantivy.Index, heap: int) -> tantivy.IndexWriter:
    """Tantivy's only writer of an index; waits a short while for another process to close its own."""
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            return index.writer(heap, 1)
        except ValueError as error:
            if "LockBusy" not in str(error):
                raise EngineUnavailable("the index cannot be opened for writing") from error
            if time.monotonic() > deadline:
                raise EngineUnavailable("another process is writing into the index") from error
            time.sleep(BUSY_STEP)


def finish(writer: tantivy.IndexWriter) -> None:
    """Commit; after a failure close, and nothing of the batch is kept."""
    try:
        writer.commit()
    except Exception as error:
        writer.rollback()
        writer.wait_merging_threads()
        if "IoError" in str(error) or "I/O" in str(error):
            raise EngineUnavailable("the index cannot be written") from error
        raise
