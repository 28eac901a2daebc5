"""What other apps tell a narrator's page: the wordings to show, her works, sections and notes of her journal.

They register in their ``apps.py``; consent knows them only through these protocols.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Protocol

from django.db.models.fields.files import FieldFile
from django.utils.translation import get_language
from wagtail.models import Revision

from club.models import Member, User
from consent.texts.operator import operator

PhotoAddress = Callable[[int], str]


@dataclass(frozen=True, slots=True)
class Passage:
    """One piece of a wording that a narrator may write anew. ``path`` means something to its source only.

    ``part`` names what it belongs to; passages of one part follow each other.
    """

    path: str
    label: str
    text: str
    part: str = ""


@dataclass(frozen=True, slots=True)
class Wording:
    """The exact words and pictures of one revision, ready to be drawn by ``template`` with ``context``.

    ``sha256`` names what she would approve; ``latest_sha256`` is that of the newest draft: where they differ, the text
    is being worked on. ``key`` stays the same over the revisions of one work.
    """

    key: str
    revision_id: int
    member_id: int
    sha256: str
    latest_sha256: str
    title: str
    language: str
    has_photos: bool
    template: str
    context: Mapping[str, Any] = field(repr=False)
    passages: Sequence[Passage] = field(repr=False, default=())

    @property
    def is_latest(self) -> bool:
        """Whether nobody has changed the narrator's words since this revision."""
        return self.sha256 == self.latest_sha256


@dataclass(frozen=True, slots=True)
class Reply:
    """What the company changed or answered because of a work."""

    on: date | None
    text: str


@dataclass(frozen=True, slots=True)
class Work:
    """One story of a narrator as her journal shows it. ``sha256`` names the wording of its published row."""

    key: str
    revision_id: int
    sha256: str
    title: str
    language: str
    is_published: bool
    is_shown: bool
    shown_until: datetime | None = None
    replies: Sequence[Reply] = ()


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of taking a narrator's passages into a work: the paths that are in, and those that no longer fit."""

    revision: Revision
    done: Sequence[str]
    missed: Sequence[str]


class WordingSource(Protocol):
    """An app whose works narrators are asked about."""

    def owns(self, revision: Revision) -> bool:
        """Whether a revision is of a work of this app."""

    def wording(self, revision: Revision, photo_address: PhotoAddress) -> Wording | None:
        """Return what a revision says, None if it is not of this app or its work is gone."""

    def works(self, member: Member) -> Sequence[Work]:
        """Return all works of a narrator, newest first."""

    def photo(self, photo_id: int, revisions: Collection[int]) -> FieldFile | None:
        """Return a size of a picture that one of these revisions shows."""

    def take(self, revision: Revision, passages: Sequence[Mapping[str, str]], by: User) -> Taken:
        """Write passages (path, before, after) into a new draft of the work; raises ``PermissionDenied``."""

    def is_hidden_from(self, revision: Revision, user: User) -> bool:
        """Whether the work of a revision is not for this employee."""

    def admin_url(self, revision: Revision) -> str:
        """Return the address of the admin screen about this work's consent."""


class JournalSection(Protocol):
    """A section of a narrator's journal; ``context`` gives None where there is nothing to say."""

    order: int
    template: str

    def context(self, member: Member) -> dict[str, Any] | None:
        """Return what the template draws."""


class JournalNotes(Protocol):
    """Sentences about single works: how many read it, who learned from it, where it is used."""

    order: int

    def notes(self, member: Member, keys: Collection[str]) -> Mapping[str, Sequence[str]]:
        """Return sentences by the key of the work, in the active language."""


_sources: list[WordingSource] = []
_sections: list[JournalSection] = []
_notes: list[JournalNotes] = []
_company: list[Callable[[], str]] = []


def register_wordings(source: WordingSource) -> None:
    """Add an app whose works narrators are asked about."""
    _sources.append(source)


def register_section(section: JournalSection) -> None:
    """Add a section of the journal."""
    _sections.append(section)


def register_notes(notes: JournalNotes) -> None:
    """Add sentences about single works."""
    _notes.append(notes)


def register_company(name: Callable[[], str]) -> None:
    """Say who knows the company's name in the active language."""
    _company[:] = [name]


def company_name() -> str:
    """Return the company's name in the active language; may be empty."""
    return operator((get_language() or "")[:2]).get("operator_name", "")


def wording(revision: Revision | None, photo_address: PhotoAddress = str) -> Wording | None:
    """Return what a revision says, whichever app it is of."""
    if revision is None:
        return None
    found = (source.wording(revision, photo_address) for source in _sources)
    return next((each for each in found if each is not None), None)


def revision(pk: int) -> Revision | None:
    """Return a revision by its number."""
    return Revision.objects.filter(pk=pk).first()


def source_of(revision: Revision) -> WordingSource | None:
    """Return the app whose work a revision is."""
    return next((source for source in _sources if source.owns(revision)), None)


def works(member: Member) -> list[Work]:
    """Return all works of a narrator."""
    return [work for source in _sources for work in source.works(member)]


def photo(photo_id: int, revisions: Collection[int]) -> FieldFile | None:
    """Return a size of a picture that one of these revisions shows."""
    found = (source.photo(photo_id, revisions) for source in _sources)
    return next((each for each in found if each is not None), None)


def notes(member: Member, keys: Collection[str]) -> dict[str, list[str]]:
    """Return the sentences of all apps about these works."""
    gathered: dict[str, list[str]] = {key: [] for key in keys}
    for each in sorted(_notes, key=lambda entry: entry.order):
        for key, sentences in each.notes(member, keys).items():
            gathered[key].extend(sentences)
    return gathered


def sections(member: Member) -> list[tuple[str, dict[str, Any]]]:
    """Return template and context of every section that has something to say."""
    drawn = [
        (section.template, section.context(member)) for section in sorted(_sections, key=lambda s: s.order)
    ]
    return [(template, context) for template, context in drawn if context is not None]
