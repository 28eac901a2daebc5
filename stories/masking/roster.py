"""Who the members really are, as far as masking needs it: keyed hashes of the words of their names, in memory only.

No name is kept, logged or written anywhere: a word of a text is hashed the same way and looked up.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from secrets import token_bytes

from django.db.models import Count, Max

from club.models import Identity
from club.sealing import SealBroken
from stories.masking.findings import Certainty, Finding, Form, Kind, Part, Role, Whose
from stories.masking.morphology import reading, stems

WORD = re.compile(r"[A-Za-zÀ-ÿА-Яа-яЁё]{2,}(?:[-’'][A-Za-zÀ-ÿА-Яа-яЁё]+)*")
CYRILLIC = re.compile("[а-яё]")
_SECRET = token_bytes(32)  # of this process: what is hashed here is of no use elsewhere


def hashed(word: str) -> bytes:
    """Return the keyed hash of a word."""
    return blake2b(word.lower().replace("ё", "е").encode(), key=_SECRET, digest_size=16).digest()


def lemmas(word: str) -> frozenset[str]:
    """Return what a word may stand for: itself, its dictionary forms, the full names of a short one."""
    word = word.lower()
    if not CYRILLIC.search(word):
        return frozenset({word.removesuffix("'s").removesuffix("’s")})
    forms = {form.lemma for form in reading(word).forms} | {word}
    return frozenset(forms | {full for form in forms for full in stems(form)})


@dataclass(frozen=True, slots=True)
class Roster:
    """Hashes of the words of members' names: ``{hash: ids of members}``; ``narrator`` tells the story at hand."""

    words: dict[bytes, frozenset[int]] = field(default_factory=dict)
    narrator: int | None = None

    def told_by(self, member_id: int | None) -> "Roster":
        """Return the same roster for a story of this member."""
        return replace(self, narrator=member_id)

    def members(self, word: str) -> frozenset[int]:
        """Return whose name a word may be."""
        found = (self.words.get(hashed(lemma), frozenset()) for lemma in lemmas(word))
        return frozenset().union(*found)

    def marked(self, text: str, findings: Sequence[Finding]) -> list[Finding]:
        """Say of the names found whose they are, and add the capitalised words that only the roster knows."""
        if not self.words:
            return list(findings)
        marked = [self._claimed(finding) for finding in findings]
        return sorted([*marked, *self._missed(text, findings)], key=lambda each: each.start)

    def _claimed(self, finding: Finding) -> Finding:
        if finding.kind != Kind.NAME:
            return finding
        words = [part.text for part in finding.parts if part.role != Role.INITIAL]
        sets = [self.members(word) for word in words]
        # All words of the mention must be hers: half the city is called Наталья.
        ids = frozenset.intersection(*sets) if sets else frozenset()
        return (
            replace(finding, whose=self._whose(ids, alone=len(words) == 1), certainty=Certainty.SURE)
            if ids
            else finding
        )

    def _whose(self, ids: frozenset[int], *, alone: bool) -> Whose:
        if self.narrator in ids:
            return Whose.NARRATOR
        return Whose.OTHER if alone else Whose.MEMBER

    def _missed(self, text: str, findings: Sequence[Finding]) -> Iterable[Finding]:
        for match in WORD.finditer(text):
            if not match.group()[0].isupper():
                continue
            ids = self.members(match.group())
            taken = any(each.start < match.end() and match.start() < each.end for each in findings)
            if ids and not taken and not _ordinary(match.group()):
                forms = reading(match.group().lower()).forms if CYRILLIC.search(match.group().lower()) else ()
                role = forms[0].role if forms else Role.SURNAME
                forms = forms or (Form(role, match.group().lower()),)
                part = Part(match.start(), match.end(), match.group(), role, tuple(forms))
                language = "ru" if CYRILLIC.search(match.group().lower()) else "en"
                yield Finding(
                    match.start(), match.end(), Kind.NAME, match.group(), Certainty.LIKELY, parts=(part,),
                    language=language, whose=self._whose(ids, alone=True),
                )  # fmt: skip


def _ordinary(word: str) -> bool:
    """Whether a word is more often something else than a name."""
    return bool(CYRILLIC.search(word.lower())) and reading(word.lower()).ordinary_share > 0.5


_kept: dict[tuple[int, object], Roster] = {}


def current() -> Roster:
    """Return the roster of all identities, made anew when one of them changed."""
    state = Identity.objects.aggregate(count=Count("pk"), latest=Max("updated_at"))
    version = (state["count"], state["latest"])
    if version not in _kept:
        _kept.clear()
        _kept[version] = _made()
    return _kept[version]


def _made() -> Roster:
    found: dict[bytes, set[int]] = {}
    for identity in Identity.objects.iterator(500):
        try:
            name = identity.data["full_name"]
        except SealBroken:  # without its key nobody reads it, masking neither
            continue
        for word in WORD.findall(name):
            for lemma in lemmas(word):
                found.setdefault(hashed(lemma), set()).add(identity.member_id)
    return Roster({word: frozenset(ids) for word, ids in found.items()})
