"""The side-by-side screen as data: who and what was found, what a person decides, the words as they would be.

Nothing is kept between requests: the form carries the text, or the story is read again, and the places are found anew.
A fingerprint tells when they are no longer those that the person saw.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from hmac import new as hmac
from typing import Any

from django.conf import settings
from django.db.models import TextChoices
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from stories.blocks import StoryBody
from stories.masking.finding import find
from stories.masking.findings import Certainty, Finding, Kind, Whose
from stories.masking.masking import Overrides, changes
from stories.masking.replacing import proposals, put
from stories.masking.roster import Roster
from stories.masking.wordings import Change, Document, Path, Piece

LONGEST = 120
FINGERPRINT = "names-fingerprint"


class Choice(TextChoices):
    """What a person decides of somebody found."""

    REPLACE = "replace", _("Replace with")
    NOT_PERSON = "not_person", _("Leave it: it is not a person")
    WANTED = "wanted", _("Leave it: the narrator wants it named")


@dataclass(slots=True)
class Mention:
    """One place: its number in the text, what stands there, what would stand there."""

    number: int
    finding: Finding
    words: str
    before: str
    after: str
    left: bool = False


@dataclass(slots=True)
class Group:
    """One person or number with all its mentions and the decision about it."""

    number: int
    key: str
    kind: Kind
    whose: Whose
    written: list[str]
    words: str
    choice: Choice
    seen: bool = False
    mentions: list[Mention] = field(default_factory=list)
    error: str = ""

    @property
    def unsure(self) -> bool:
        """Whether the machine only supposes."""
        return all(mention.finding.certainty == Certainty.POSSIBLE for mention in self.mentions)

    @property
    def choices(self) -> list[tuple[str, Any, bool]]:
        """The ways to decide: ``(value, label, is chosen)``."""
        return [(value, label, value == self.choice) for value, label in Choice.choices]


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of one field on either side: its text, and the number of its group where it is marked."""

    text: str
    group: int | None = None


@dataclass(frozen=True, slots=True)
class Field:
    """One field of the words, before and after."""

    label: Any
    before: list[Run]
    after: list[Run]


class Review:
    """What was found in some words and what is decided about it; ``data`` is a form that was sent, or None."""

    def __init__(
        self,
        pieces: Sequence[Piece],
        *,
        language: str,
        roster: Roster | None = None,
        narrator: str = "",
        seen: Iterable[str] = (),
        data: Mapping[str, Any] | None = None,
    ) -> None:
        self.document = Document(pieces)
        net = bool(getattr(settings, "KB_NAMES_NET", False))
        self.findings = find(self.document.text, language, roster, net=net)
        self.seen = frozenset(seen)
        self.data = data if data is not None and data.get(FINGERPRINT) == self.fingerprint else None
        self.stale = data is not None and FINGERPRINT in data and self.data is None
        self._proposed = proposals(self.document.text, self.findings, language, narrator)

    @cached_property
    def fingerprint(self) -> str:
        """Names the words and the places found in them."""
        places = ";".join(f"{each.start}-{each.end}-{each.kind.value}" for each in self.findings)
        return sha256(f"{places}\n{self.document.text}".encode()).hexdigest()[:32]

    @cached_property
    def groups(self) -> list[Group]:
        """People and numbers in the order of the text, with what is decided or proposed."""
        found: dict[str, Group] = {}
        for number, finding in enumerate(self.findings):
            group = found.get(finding.key) or self._group(len(found), finding)
            found[finding.key] = group
            if finding.text not in group.written:
                group.written.append(finding.text)
            if finding.whose != Whose.OTHER:
                group.whose = finding.whose
            group.mentions.append(self._mention(group, number, finding))
        return list(found.values())

    def _group(self, number: int, finding: Finding) -> Group:
        seen = self.knows(finding)
        group = Group(
            number, finding.key, finding.kind, finding.whose, [], self._proposed[finding.key],
            Choice.WANTED if seen else Choice.REPLACE, seen,
        )  # fmt: skip
        if self.data is not None:
            group.words = _line(self.data.get(f"with-{number}", group.words))
            sent = str(self.data.get(f"do-{number}", group.choice))
            group.choice = Choice(sent) if sent in Choice.values else Choice.REPLACE
            if group.choice == Choice.REPLACE and not group.words:
                group.error = str(_("Write what stands here instead, or leave the words as they are."))
        return group

    def _mention(self, group: Group, number: int, finding: Finding) -> Mention:
        text = self.document.text
        piece = self.document.piece_at(finding.start)
        begin = self.document.starts[piece]
        end = begin + len(self.document.pieces[piece].text)
        mention = Mention(
            number,
            finding,
            put(text, finding, group.words),
            _tail(text[max(begin, finding.start - 40) : finding.start]),
            _head(text[finding.end : min(end, finding.end + 40)]),
        )
        if self.data is not None:
            mention.left = f"leave-{number}" in self.data
            own = _line(self.data.get(f"word-{number}", ""))
            if own and own != _line(self.data.get(f"was-{number}", "")):
                mention.words = own
        return mention

    @property
    def errors(self) -> list[str]:
        """What the person still has to say."""
        return [group.error for group in self.groups if group.error]

    @cached_property
    def changes(self) -> list[Change]:
        """The places to change by what is decided."""
        decisions = {
            group.key: group.words if group.choice == Choice.REPLACE else None for group in self.groups
        }
        overrides = Overrides(
            {
                mention.number: None if mention.left else mention.words
                for group in self.groups
                if group.choice == Choice.REPLACE
                for mention in group.mentions
            }
        )
        return changes(self.document.text, self.findings, decisions, overrides)

    @cached_property
    def changed(self) -> dict[Path, str]:
        """The fields that the decisions alter, by path."""
        return self.document.changed(self.changes)

    def knows(self, finding: Finding) -> bool:
        """Whether a person has spoken of it before, or an import put it there."""
        return bool(self.seen) and spoken_of(finding) in self.seen

    def now_spoken_of(self) -> list[str]:
        """Return the marks of what stays in the text by a person's decision, and of what was put there."""
        marks = set(self.seen)
        for group in self.groups:
            if group.choice == Choice.REPLACE:
                continue
            marks |= {spoken_of(mention.finding) for mention in group.mentions}
        put_there = "\n".join(mention.words for group in self.groups for mention in group.mentions)
        marks |= {spoken_of(finding) for finding in find(put_there)}
        return sorted(marks)

    @property
    def unspoken(self) -> int:
        """How many places nobody has spoken of yet."""
        return sum(not self.knows(finding) for finding in self.findings)

    @cached_property
    def fields(self) -> list[Field]:
        """The words field by field, before and after, cut into stretches."""
        group_of = {mention.number: group.number for group in self.groups for mention in group.mentions}
        marks = [(each.start, each.end, group_of[number]) for number, each in enumerate(self.findings)]
        by_start = {start: (start, end, words) for start, end, words in self.changes}
        result = []
        for number, piece in enumerate(self.document.pieces):
            begin = self.document.starts[number]
            end = begin + len(piece.text)
            before = self._runs(
                begin, end, [(*mark, self.document.text[mark[0] : mark[1]]) for mark in marks]
            )
            after = self._runs(
                begin,
                end,
                [
                    (start, stop, _group_at(marks, start, stop), words)
                    for start, stop, words in by_start.values()
                ],
            )
            result.append(Field(label_of(piece.path), before, after))
        return result

    def _runs(self, begin: int, end: int, marks: Iterable[tuple[int, int, int | None, str]]) -> list[Run]:
        runs, last = [], begin
        for start, stop, group, words in sorted(marks, key=lambda mark: mark[0]):
            if begin <= start < end:
                runs += [Run(self.document.text[last:start]), Run(words, group)]
                last = stop
        runs.append(Run(self.document.text[last:end]))
        # Between the tags of paragraphs stand line ends; those around the whole are nothing to see.
        runs[0] = Run(runs[0].text.lstrip("\n"), runs[0].group)
        runs[-1] = Run(runs[-1].text.rstrip("\n"), runs[-1].group)
        return [run for run in runs if run.text]


def _group_at(marks: Sequence[tuple[int, int, int]], start: int, end: int) -> int | None:
    return next((group for begin, stop, group in marks if begin < end and start < stop), None)


def _line(value: object) -> str:
    return " ".join(str(value).replace("\x00", "").split())[:LONGEST]


def _tail(text: str) -> str:
    """Return the end of what stands before a place, from a whole word."""
    line = text.rpartition("\n")[2]
    return line if len(line) < 40 else "…" + line.partition(" ")[2]


def _head(text: str) -> str:
    line = text.partition("\n")[0]
    return line if len(line) < 40 else line.rpartition(" ")[0] + "…"


def spoken_of(finding: Finding) -> str:
    """Return the mark under which a decision about a name is remembered: keyed, so that it tells nothing by itself."""
    words = "/".join("|".join(sorted(part.lemmas)) for part in finding.parts) or finding.key
    return hmac(settings.SECRET_KEY.encode(), f"masking/{words}".encode(), "sha256").hexdigest()[:16]


LABELS = {
    "title": _("title"),
    "told": _("what was told"),
    "who": _("who told it"),
    "summary": _("summary"),
    "href": _("address behind a link"),
}


def label_of(path: Path) -> Any:
    """Return what a field is called."""
    name = str(path[-1])
    if path[0] != "body":
        return LABELS.get(str(path[0]), path[0])
    if len(path) == 3:
        return StoryBody().child_blocks["narrative"].label
    if path[3] == "href":
        return LABELS["href"]
    for kind in ("episode", "quote", "photo"):
        child = StoryBody().child_blocks[kind].child_blocks.get(name)
        if child is not None:
            return child.label
    return name
