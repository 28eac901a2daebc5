"""Words that other apps tie to stories, to find them by; they register in their ``apps.py``, stories know no more."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

Word = tuple[str, str, str]  # slug, Russian name, English name


class Vocabulary(Protocol):
    """A facet of stories. Its words count only while a story is open for ``purpose`` too."""

    facet: str
    purpose: str

    @property
    def title(self) -> str:
        """Title of the facet in the active language."""
        ...

    def words(self, ids: Sequence[int] | None) -> Mapping[int, Sequence[Word]]:
        """Return the words of stories by story id, of all stories when ``ids`` is None; a fixed number of queries."""
        ...

    def labels(self, slugs: Sequence[str]) -> Mapping[str, str]:
        """Return the names of words in the active language."""
        ...

    def names(self) -> Iterable[Word]:
        """Return every word."""
        ...


_vocabularies: dict[str, Vocabulary] = {}


def register_vocabulary(vocabulary: Vocabulary) -> None:
    """Let stories be found by these words; registering a facet again replaces it."""
    _vocabularies[vocabulary.facet] = vocabulary


def vocabularies() -> Mapping[str, Vocabulary]:
    """Return what is registered, by facet."""
    return _vocabularies
