"""A kind of findable note that lives in memory, an index of its own for each test, and three people."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from search import registry, services
from search.documents import Document, Window

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
MOMENT = int(AT.timestamp())
ALWAYS = {"read": Window(0)}


@dataclass(frozen=True)
class NoteHit:
    title: str
    url: str
    external_id: str
    text: str
    card: object = None


@dataclass
class Notes:
    """A source in memory. The gate refuses ``denied`` ids; ``broken`` ones give no documents but an error."""

    kind: str = "note"
    label: str = "Notes"
    template: str = "search/hit.html"
    facets: tuple[str, ...] = ("tag", "year")
    store: dict[int, Document] = field(default_factory=dict)
    denied: set[int] = field(default_factory=set)
    broken: set[int] = field(default_factory=set)
    asked: list[tuple[Any, str, tuple[int, ...], datetime]] = field(default_factory=list)
    on_documents: Callable[[], None] | None = None

    def add(self, object_id: int, title: str, body: str = "", **fields: Any) -> Document:
        """Put a note into the source without telling the index."""
        fields = {"visible": ALWAYS, "person": f"KD-{object_id}"} | fields
        fingerprint = fields.pop("fingerprint", f"{title}|{body}|{fields}")
        document = Document(
            kind=self.kind,
            object_id=object_id,
            external_id=fields.pop("external_id", f"n-{object_id}"),
            url=f"/notes/{object_id}/",
            language="ru",
            title=title,
            body=body,
            fingerprint=str(hash(fingerprint)),
            **fields,
        )
        self.store[object_id] = document
        return document

    def change(self, object_id: int, **fields: Any) -> None:
        """Change a note without telling the index."""
        changed = replace(self.store[object_id], **fields)
        self.store[object_id] = replace(changed, fingerprint=str(hash(str(changed))))

    def ids(self) -> Iterable[int]:
        return list(self.store)

    def documents(self, ids: Sequence[int]) -> Iterable[Document]:
        if self.on_documents:
            hook, self.on_documents = self.on_documents, None
            hook()
        if self.broken & set(ids):
            raise ArithmeticError("a secret of the story")
        return [self.store[each] for each in ids if each in self.store]

    def fingerprints(self, ids: Sequence[int] | None = None) -> Iterable[tuple[int, str]]:
        return [(key, each.fingerprint) for key, each in self.store.items() if ids is None or key in ids]

    def hits(self, user: Any, purpose: str, ids: Sequence[int], at: datetime) -> Mapping[int, NoteHit]:
        self.asked.append((user, purpose, tuple(ids), at))
        open_ = [each for each in ids if each in self.store and each not in self.denied]
        return {each: note_hit(self.store[each]) for each in open_}

    def facet_labels(self, facet: str, values: Sequence[str]) -> Mapping[str, str]:
        return {value: value.upper() for value in values}

    def facet_title(self, facet: str) -> str:
        return facet.title()


def note_hit(document: Document) -> NoteHit:
    text = "\n".join((*document.headings, document.body))
    return NoteHit(document.title, document.url, document.external_id, text)


@pytest.fixture(autouse=True)
def index_directory(settings: Any, tmp_path: Path) -> Path:
    settings.SEARCH_URL = "embedded"
    settings.SEARCH_INDEX_DIR = tmp_path / "index"
    return tmp_path / "index"


@pytest.fixture
def notes(monkeypatch: pytest.MonkeyPatch) -> Iterator[Notes]:
    """The only registered source."""
    monkeypatch.setattr(registry, "_sources", {})
    source = Notes()
    registry.register(source)
    yield source


@pytest.fixture
def index(notes: Notes, db: None) -> Callable[..., None]:
    """Bring the index up to date with notes (all, or some)."""

    def run(*ids: int) -> None:
        services.enqueue(notes.kind, ids or list(notes.store))
        assert services.drain().failed == 0

    return run


@pytest.fixture
def client() -> Client:
    """A browser that prefers English."""
    return Client(headers={"Accept-Language": "en"})


@pytest.fixture
def searcher(db: None, django_user_model: Any) -> Any:
    """A reader in no group."""
    return django_user_model.objects.create_user(username="searcher", password="x")


@pytest.fixture
def boss(db: None, django_user_model: Any) -> Any:
    """A superuser."""
    return django_user_model.objects.create_superuser(username="boss", password="x")


@pytest.fixture
def find(searcher: Any) -> Callable[..., services.SearchResult]:
    """Search as the reader: text, then fields of the query; ``at`` sets the clock."""

    def run(text: str = "", *, at: datetime = AT, user: Any = None, **fields: Any) -> services.SearchResult:
        return services.search(user or searcher, services.Query(text, **fields), at=at)

    return run


def ids(result: services.SearchResult) -> list[int]:
    return [hit.object_id for hit in result.hits]


def counts(result: services.SearchResult, name: str) -> dict[str, int]:
    return {
        value.value: value.count for facet in result.facets if facet.name == name for value in facet.values
    }
