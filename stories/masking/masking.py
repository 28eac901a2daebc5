"""Masking a text by decisions that a person made, or by what the machine proposes."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from stories.masking.finding import find
from stories.masking.findings import Finding
from stories.masking.replacing import proposals, put
from stories.masking.roster import Roster
from stories.masking.wordings import Change, replaced

PREPOSITION = re.compile(r"(?<![А-Яа-яЁё])(обо|об|о|со|с|ко|к)([ \u00a0])$", re.I)
Decisions = Mapping[str, str | None]


@dataclass(slots=True)
class Overrides:
    """What a person says of single mentions, by their number: other words, or None to leave it as it is."""

    words: dict[int, str | None] = field(default_factory=dict)


def changes(
    text: str, findings: Sequence[Finding], decisions: Decisions, overrides: Overrides | None = None
) -> list[Change]:
    """Return the places to change: ``(start, end, words)``.

    ``decisions`` gives for the key of a person or number the words in the nominative, or None to keep it; what it does
    not name is kept too.
    """
    own = overrides.words if overrides else {}
    found: list[Change] = []
    for number, finding in enumerate(findings):
        words = decisions.get(finding.key)
        made = own[number] if number in own else put(text, finding, words) if words else None
        if made is not None and made != finding.text:
            found.append(_fitted(text, finding, made))
    return found


def _fitted(text: str, finding: Finding, made: str) -> Change:
    """Return a change that takes the words touching the name along: «о Наташе» → «об Ольге», «Chris'» → «Martin's»."""
    start, end = finding.start, finding.end
    bare = text[end : end + 1] in ("'", "’") and not text[end + 1 : end + 2].isalnum()
    if bare and finding.text[-1] in "sS" and made[-1:] not in ("s", "S", "]"):
        return start, end + 1, f"{made}{text[end]}s"
    match = PREPOSITION.search(text[max(0, start - 5) : start])
    if match is None:
        return start, end, made
    said = match.group(1)
    fitting = _preposition(said.lower(), made)
    if fitting == said.lower():
        return start, end, made
    shaped = fitting.capitalize() if said[0].isupper() else fitting
    return start - len(match.group(0)), end, f"{shaped}{match.group(2)}{made}"


def _preposition(said: str, made: str) -> str:
    me = made.lower() in ("мне", "мной")
    if said in ("о", "об", "обо"):
        return "обо" if me else "об" if made[:1].lower() in "аоуиэ" else "о"
    if said in ("с", "со", "к", "ко"):
        return said[0] + "о" if me else said
    return said


def mask(text: str, decisions: Decisions, language: str = "ru", roster: Roster | None = None) -> str:
    """Return a text with the decisions carried out. Twice gives what once gave."""
    return replaced(text, changes(text, find(text, language, roster), decisions))


def proposed(
    text: str, language: str = "ru", roster: Roster | None = None, narrator: str = ""
) -> dict[str, str]:
    """Return the machine's decisions about a text; a person confirms or changes them."""
    return proposals(text, find(text, language, roster), language, narrator)
