"""What an app hands over to be found, and what it gives back for a hit."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from search.enums import EVERYONE

STANDARD_FACETS = ("tag", "touchpoint", "product", "provenance", "outcome", "year", "language")


@dataclass(frozen=True, slots=True)
class Window:
    """A span of epoch seconds, start included and end excluded; ``until=None`` has no end."""

    start: int
    until: int | None = None

    def holds(self, moment: int) -> bool:
        """Say whether ``moment`` (epoch seconds) lies inside."""
        return self.start <= moment and (self.until is None or moment < self.until)


@dataclass(frozen=True, slots=True)
class Document:
    """One findable thing. Texts are plain, without markup; ``date`` is epoch seconds.

    ``audience`` holds ``"*"`` or group ids as text; ``visible`` maps a purpose to its window, and a purpose
    that is absent is not granted. ``person`` is the code of the one who speaks, for counting people.
    ``fingerprint`` changes whenever anything else here changes.
    """

    kind: str
    object_id: int
    external_id: str
    url: str
    language: str
    title: str
    fingerprint: str
    lead: str = ""
    headings: tuple[str, ...] = ()
    body: str = ""
    facets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    person: str = ""
    date: int | None = None
    audience: tuple[str, ...] = (EVERYONE,)
    visible: Mapping[str, Window] = field(default_factory=dict)


def fingerprint(*parts: object) -> str:
    """Return what changes whenever one of the parts does."""
    return hashlib.blake2b(repr(parts).encode(), digest_size=12).hexdigest()


class HitObject(Protocol):
    """What a source gives for one id its reader may see; ``text`` is plain and feeds the excerpt."""

    @property
    def title(self) -> str: ...
    @property
    def url(self) -> str: ...
    @property
    def external_id(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def card(self) -> object: ...


@dataclass(frozen=True, slots=True)
class PlainHit:
    """A hit of the company's own words: nobody's face, no card."""

    title: str
    url: str
    external_id: str
    text: str
    card: object = None
