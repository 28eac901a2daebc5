"""From a row to a draft: everything checked that can be checked without writing."""

import hashlib
import json
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from datetime import time as daytime
from typing import Any

from django.conf import settings
from django.utils import timezone

from club import codes
from consent.enums import Purpose
from stories import wording
from stories.enums import BlockKind, Provenance, Sensitivity
from stories.importing import tidying
from stories.importing.errors import RowRefused
from stories.importing.mapping import MISSING, StoryMap, at, folded
from stories.importing.readers.base import Row
from stories.importing.records import Raw, Warn, body_from_record
from stories.importing.texts import TextFormat, markup
from stories.importing.words import Word, word
from stories.languages import language_of
from stories.models import StoryImage

LONGEST_TITLE, LONGEST_SUMMARY, LONGEST_ID, LONGEST_PERSONA, LONGEST_KEY = 255, 600, 200, 120, 300
MOST_WORDS = 100
LANGUAGES = tuple(code for code, _name in settings.LANGUAGES)


@dataclass(frozen=True, slots=True)
class Claim:
    """What a row says of consent, and what proves it."""

    affirmed: bool
    evidence: str = ""
    sha256: str = ""
    purposes: tuple[Purpose, ...] = ()
    until: datetime | None = None


@dataclass(slots=True)
class Draft:
    """A row that can become a story. In ``blocks`` touchpoints still stand by their codes."""

    number: int
    external_id: str
    title: str
    language: str
    blocks: list[Raw]
    claim: Claim
    given: frozenset[str]
    summary: str = ""
    provenance: str = Provenance.LIVED
    sensitivity: str = Sensitivity.NORMAL
    start: date | None = None
    end: date | None = None
    tags: tuple[Word, ...] = ()
    touchpoints: tuple[Word, ...] = ()
    product_lines: tuple[Word, ...] = ()
    audience: tuple[str, ...] = ()
    member_code: str = ""
    member_key: str = ""
    persona: str = ""
    warnings: list[str] = field(default_factory=list)
    masked: bool = False
    spoken: tuple[str, ...] = ()
    _digest: str = ""
    _fingerprint: str = ""

    @property
    def digest(self) -> str:
        """Name of the narrator's wording, as the page will compute it; touchpoints do not enter it."""
        if not self._digest:
            ids = wording.image_ids(self.blocks)
            hashes = dict(StoryImage.objects.filter(pk__in=ids).values_list("pk", "file_hash")) if ids else {}
            self._digest = wording.digest(self.title, self.summary, self.blocks, hashes)
        return self._digest

    def content(self) -> dict[str, Any]:
        """What the row says of the story, by field, in the form that ``record_from_story`` gives."""
        whole = {
            "title": self.title,
            "summary": self.summary,
            "language": self.language,
            "provenance": str(self.provenance),
            "sensitivity": str(self.sensitivity),
            "period.start": self.start.isoformat() if self.start else None,
            "period.end": self.end.isoformat() if self.end else None,
            "tags": sorted(tag.slug for tag in self.tags),
            "touchpoints": sorted(touchpoint.slug for touchpoint in self.touchpoints),
            "product_lines": sorted(line.slug for line in self.product_lines),
            "audience": sorted(self.audience),
            "body": [[block["type"], block["value"]] for block in self.blocks],
        }
        return {name: value for name, value in whole.items() if name in self.given}

    @property
    def fingerprint(self) -> str:
        """Digest of what the row says of the story: another one means the row has changed."""
        if not self._fingerprint:
            written = json.dumps(self.content(), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
            self._fingerprint = hashlib.sha256(written.encode()).hexdigest()
        return self._fingerprint

    @property
    def key(self) -> str:
        """Digest of the id, under which the log knows the row even after the story is gone."""
        return hashlib.sha256(self.external_id.encode()).hexdigest()[:32]


class _Codes(Mapping[str, Any]):
    """Takes any touchpoint and keeps its code, so that bodies are checked before touchpoints are made."""

    def __init__(self, known: Container[str]) -> None:
        self.known = known
        self.found: dict[str, Word] = {}

    def __getitem__(self, name: str) -> str:
        made = word(name, self.known)
        self.found[made.slug] = made
        return made.slug

    def __contains__(self, name: object) -> bool:
        return True

    def __iter__(self) -> Any:
        return iter(self.found)

    def __len__(self) -> int:
        return len(self.found)


class DraftMaker:
    """Makes drafts of rows with one mapping; knows groups and pictures, reads nothing else."""

    def __init__(
        self,
        mapping: StoryMap,
        *,
        source: str,
        consent_field: str = "",
        groups: Iterable[str] = (),
        images: Mapping[str, int] | None = None,
        words: Container[str] = (),
    ) -> None:
        self.mapping = mapping
        self.groups = frozenset(groups)
        self.images = images or {}
        self.words = words
        self.source = source
        self.consent_field = consent_field
        self.consent_seen = False

    def draft(self, row: Row) -> Draft:
        """Return the draft of a row; raises ``RowRefused`` with the reason."""
        if row.problem:
            raise RowRefused(row.problem)
        data = folded(row.data)
        picked = {target: self.mapping.pick(data, target) for target in self.mapping.targets}
        value = {target: None if found is MISSING else found for target, found in picked.items()}
        warnings: list[str] = []
        known = _Codes(self.words)
        blocks = self._blocks(value, known, warnings.append)
        title = tidying.line(value["title"], "title", longest=LONGEST_TITLE)
        if not title:
            raise RowRefused("title is missing")
        if not blocks and not isinstance(value["body"], list):
            raise RowRefused("there is no text")
        start, end = self._period(value)
        draft = Draft(
            number=row.number,
            external_id=_external_id(value["external_id"], row.raw),
            title=title,
            summary=tidying.text(value["summary"], "summary", longest=LONGEST_SUMMARY),
            language=_language(value["language"], title, blocks),
            blocks=blocks,
            claim=self._claim(row, data, value),
            given=_given(picked),
            provenance=_one_of(value["provenance"], "provenance", Provenance.values) or Provenance.LIVED,
            sensitivity=_one_of(value["sensitivity"], "sensitivity", Sensitivity.values)
            or Sensitivity.NORMAL,
            start=start,
            end=end,
            tags=self._words("tags", value["tags"], single=value["issue"]),
            touchpoints=_distinct([*self._words("touchpoints", value["touchpoints"]), *known.found.values()]),
            product_lines=self._words("product_lines", value["product_lines"], single=value["product"]),
            audience=self._audience(value["audience"]),
            member_code=_code(value["member.code"]),
            member_key=tidying.line(value.get("member_key"), "member_key", longest=LONGEST_KEY),
            persona=tidying.line(value["persona"], "persona", longest=LONGEST_PERSONA),
            warnings=warnings,
        )
        return draft

    def _blocks(self, value: Mapping[str, Any], known: _Codes, warn: Warn) -> list[Raw]:
        """Return the body: blocks as they are given, or the text as one narrative; quotes behind it."""
        body = value["body"]
        if isinstance(body, list):
            entries = body
        else:
            text = tidying.text(value["text"], "text")
            made = markup(text, self._format(value)) if text else ""
            entries = [{BlockKind.NARRATIVE.value: made}] if made else []
        quotes = tidying.words(value["quotes"], "quotes") if isinstance(value["quotes"], list) else []
        entries = [*entries, *({BlockKind.QUOTE.value: {"text": quote}} for quote in quotes)]
        return body_from_record(entries, touchpoints=known, images=self.images, warn=warn)

    def _format(self, value: Mapping[str, Any]) -> str:
        if self.mapping.text_format != TextFormat.AUTO:
            return self.mapping.text_format
        return _one_of(value["text_format"], "text_format", TextFormat.values) or TextFormat.AUTO

    def _period(self, value: Mapping[str, Any]) -> tuple[date | None, date | None]:
        today = timezone.localdate()
        start = tidying.day(value["period.start"], "date", latest=today)
        end = tidying.day(value["period.end"], "period.end", latest=today)
        if start and end and end < start:
            raise RowRefused(f"period.end {end.isoformat()} lies before period.start {start.isoformat()}")
        return start, end

    def _words(self, name: str, value: Any, single: Any = None) -> tuple[Word, ...]:
        """Return words of a list, and the one word that a column such as ``product`` names, commas too."""
        texts = tidying.words(value, name)
        alone = tidying.line(single, name, longest=300)
        found = _distinct([word(text, self.words) for text in ([*texts, alone] if alone else texts)])
        if len(found) > MOST_WORDS:
            raise RowRefused(f"{name}: {len(found)} are too many, {MOST_WORDS} is the most")
        return found

    def _audience(self, value: Any) -> tuple[str, ...]:
        """An unknown group refuses the row: without it, everyone would read the story."""
        names = tidying.words(value, "audience")
        unknown = [name for name in names if name not in self.groups]
        if unknown:
            raise RowRefused(f"audience: there is no group “{unknown[0][:60]}”")
        return tuple(names)

    def _claim(self, row: Row, data: Mapping[str, Any], value: Mapping[str, Any]) -> Claim:
        """Read the consent field: exactly a word that means yes, or it is none."""
        if not self.consent_field:
            return Claim(affirmed=False)
        found = at(data, self.consent_field)
        if found is MISSING:
            return Claim(affirmed=False)
        self.consent_seen = True
        said = str(found).strip() if isinstance(found, str | int | bool) else ""
        until = _moment(value["consent.until"])
        purposes = self._purposes(value["consent.purposes"])
        over = until is not None and until <= timezone.now()
        if said.casefold() not in self.mapping.consent_yes or over or not purposes:
            return Claim(affirmed=False)
        return Claim(
            affirmed=True,
            evidence=f"{self.source} row {row.number}, {self.consent_field} = {said}"[:300],
            sha256=hashlib.sha256(row.raw).hexdigest(),
            purposes=purposes,
            until=until,
        )

    def _purposes(self, value: Any) -> tuple[Purpose, ...]:
        """Purposes that the row names, as far as the mapping allows them; without any, the mapping's."""
        named = tidying.words(value, "consent.purposes")
        unknown = [name for name in named if name not in Purpose.values]
        if unknown:
            raise RowRefused(f"consent.purposes: “{unknown[0][:40]}” is none of {', '.join(Purpose.values)}")
        return (
            tuple(each for each in self.mapping.purposes if each in named) if named else self.mapping.purposes
        )


def _given(picked: Mapping[str, Any]) -> frozenset[str]:
    """Fields that the row speaks of; of the others an import leaves alone what people wrote in the story."""
    names = {target for target, found in picked.items() if found is not MISSING}
    also = {"issue": "tags", "product": "product_lines", "text": "body", "quotes": "body"}
    return frozenset({*names, *(also[name] for name in names if name in also), "title", "body", "language"})


def _external_id(value: Any, raw: bytes) -> str:
    """Return the row's id; one made of its content where it has none: the same row is the same story."""
    return (
        tidying.line(value, "external_id", longest=LONGEST_ID)
        or f"row-{hashlib.sha256(raw).hexdigest()[:24]}"
    )


def _language(value: Any, title: str, blocks: list[Raw]) -> str:
    """Return the language named, by its first letters; guessed from the letters of the text where none is."""
    named = tidying.line(value, "language").lower().replace("_", "-").split("-")[0]
    if named and named not in LANGUAGES:
        raise RowRefused(f"language must be one of {', '.join(LANGUAGES)}")
    if named:
        return named
    return language_of(" ".join([title, *wording.texts(blocks)])[:5000])


def _one_of(value: Any, name: str, allowed: list[str]) -> str:
    return tidying.choice(value, name, allowed) if value not in (None, "") else ""


def _distinct(words: Iterable[Word]) -> tuple[Word, ...]:
    return tuple({word.slug: word for word in words}.values())


def _code(value: Any) -> str:
    code = tidying.line(value, "member.code").upper()
    if code and not codes.is_valid(code):
        raise RowRefused(f"member.code “{code[:20]}” is not a member code such as KD-022254-1")
    return code


def _moment(value: Any) -> datetime | None:
    """Return the end of a consent: a moment, or the end of a day."""
    if value in (None, ""):
        return None
    try:
        found = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
        if found.time() == daytime() and found.tzinfo is None:
            found = datetime.combine(found.date(), daytime(23, 59, 59))
        return (found if found.tzinfo else timezone.make_aware(found)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise RowRefused(f"consent.until “{str(value)[:40]}” is not a date: write it as 2027-11-22") from None
