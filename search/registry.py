"""The sources of findable documents; every app registers its own in its ``apps.py``."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Protocol, runtime_checkable

from search.documents import STANDARD_FACETS, Document, HitObject


class DocumentSource(Protocol):
    """One kind of findable thing.

    A source may also carry ``facets``, the names it offers in the order they are shown (without it the standard
    ones are offered), and ``pages = True`` if its ids are those of Wagtail's pages, which can be promoted.
    """

    kind: str
    label: Any
    template: str

    def ids(self) -> Iterable[int]:
        """Ids of everything that belongs into the index."""
        ...

    def documents(self, ids: Sequence[int]) -> Iterable[Document]:
        """Documents of ``ids``; one that is missing from the answer must leave the index."""
        ...

    def fingerprints(self, ids: Sequence[int] | None = None) -> Iterable[tuple[int, str]]:
        """Pairs of id and fingerprint, as ``documents`` would give them, by cheap means."""
        ...

    def hits(self, user: Any, purpose: str, ids: Sequence[int], at: datetime) -> Mapping[int, HitObject]:
        """What ``user`` may see of ``ids`` for ``purpose`` at that moment; absent means denied or gone."""
        ...

    def facet_labels(self, facet: str, values: Sequence[str]) -> Mapping[str, str]:
        """Labels of facet values in the active language."""
        ...

    def facet_title(self, facet: str) -> str:
        """Title of a facet in the active language."""
        ...


@runtime_checkable
class FallbackSource(Protocol):
    """A source that can list something by database alone while the engine is away."""

    def fallback(self, user: Any, purpose: str, text: str, limit: int) -> Mapping[int, HitObject]:
        """At most ``limit`` things ``user`` may see, best first, through the same gate as ``hits``."""
        ...


@runtime_checkable
class NamingSource(Protocol):
    """A source whose facet values have names by which people ask for them."""

    def names(self, facet: str) -> Iterable[tuple[str, tuple[str, ...]]]:
        """Every value of a facet with its names in all languages; nothing for a facet without names.

        For ``member`` the values are codes of people and the names those of their figures.
        """
        ...


Mask = Callable[[str], str]

_masks: list[Mask] = []


def register_mask(mask: Mask) -> None:
    """Let ``mask`` replace what names or identifies a person in a text before the text is kept."""
    if mask not in _masks:
        _masks.append(mask)


def masked(text: str) -> str:
    """A text as it may be kept."""
    for mask in _masks:
        text = mask(text)
    return text


_sources: dict[str, DocumentSource] = {}


def register(source: DocumentSource) -> None:
    """Make the things of ``source`` findable; registering a kind again replaces it."""
    _sources[source.kind] = source


@contextmanager
def only(*found: DocumentSource) -> Iterator[None]:
    """Let nothing but these sources be findable for a while, in this process: for measuring beside real things."""
    kept = dict(_sources)
    _sources.clear()
    try:
        for source in found:
            register(source)
        yield
    finally:
        _sources.clear()
        _sources.update(kept)


def sources(kinds: Sequence[str] = ()) -> list[DocumentSource]:
    """Registered sources, all or those of ``kinds``: that of pages first, the others in the order of registration."""
    found = [source for kind, source in _sources.items() if not kinds or kind in kinds]
    return sorted(found, key=lambda source: not getattr(source, "pages", False))


def source(kind: str) -> DocumentSource:
    """The source of ``kind``; ``KeyError`` if no app has registered it."""
    return _sources[kind]


def facets_of(found: DocumentSource) -> tuple[str, ...]:
    """Names of the facets a source offers, in the order they are shown."""
    return tuple(getattr(found, "facets", STANDARD_FACETS))


def facet_names(kinds: Sequence[str] = ()) -> tuple[str, ...]:
    """Names of the facets of several sources, each once, in order."""
    return tuple(dict.fromkeys(name for found in sources(kinds) for name in facets_of(found)))


def gates(kinds: Sequence[str] = ()) -> dict[str, str]:
    """Facets whose values stand only while a thing is open for one more purpose: ``{facet: purpose}``."""
    return {
        facet: purpose for found in sources(kinds) for facet, purpose in getattr(found, "gated", {}).items()
    }


def page_source() -> DocumentSource | None:
    """The source whose things are pages and can be promoted, if there is one."""
    return next((found for found in sources() if getattr(found, "pages", False)), None)
