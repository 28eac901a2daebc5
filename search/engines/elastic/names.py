"""Names of indexes on the server, all beginning with the prefix of this install and a hyphen.

``<prefix>-<version>`` and ``<prefix>-<version>.words`` are aliases of the generation in use, and both move in one step.
A generation is ``<prefix>-<version>-<random>`` with its ``….words``. No prefix holds a hyphen, so that the indexes of
one install are never those of another.
"""

from dataclasses import dataclass
from uuid import uuid4

WORDS = ".words"


@dataclass(frozen=True, slots=True)
class Pair:
    """An index of documents, or its alias, with the one of words beside it."""

    documents: str

    @property
    def words(self) -> str:
        """The name beside it."""
        return f"{self.documents}{WORDS}"

    @property
    def both(self) -> list[str]:
        """Both names."""
        return [self.documents, self.words]


@dataclass(frozen=True, slots=True)
class Names:
    """The names of one install and one version."""

    prefix: str
    version: str

    @property
    def in_use(self) -> Pair:
        """The aliases under which everybody reads and writes."""
        return Pair(f"{self.prefix}-{self.version}")

    @property
    def pattern(self) -> str:
        """What every index of this install matches, of any version."""
        return f"{self.prefix}-*"

    def fresh(self) -> Pair:
        """Names for a new generation."""
        return Pair(f"{self.in_use.documents}-{uuid4().hex[:12]}")
