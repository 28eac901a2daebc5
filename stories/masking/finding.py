"""Finding what names or identifies a person in a text."""

import re
from collections.abc import Iterator

from stories.masking import neural
from stories.masking.agreement import settled
from stories.masking.detectors import cards, contacts, english, papers, plates, russian
from stories.masking.findings import Finding
from stories.masking.resolving import grouped, without_overlaps
from stories.masking.roster import Roster

DIGIT = re.compile(r"\d")
CYRILLIC = re.compile(r"[А-Яа-яЁё]{2}")
LATIN = re.compile(r"[A-Za-z]{2}")


def find(
    text: str, language: str = "ru", roster: Roster | None = None, *, net: bool = False
) -> list[Finding]:
    """Return what names or identifies a person, in the order of the text, without overlaps.

    Mentions of one person bear one key. ``roster`` knows the names of members; ``net`` asks the neural net too,
    where it is installed. Both alphabets are searched whatever the ``language``, which says only how
    numbers are written here.
    """
    found = without_overlaps(_all(text, language, net=net))
    found = roster.marked(text, found) if roster else found
    return grouped([settled(text, finding) for finding in found])


def _all(text: str, language: str, *, net: bool) -> Iterator[Finding]:
    yield from contacts.emails(text)
    if DIGIT.search(text):
        yield from contacts.phones(text, language)
        yield from cards.cards(text)
        yield from papers.inns(text)
        yield from papers.snilses(text)
        yield from papers.passports(text)
        yield from plates.plates(text)
    if CYRILLIC.search(text):
        yield from russian.names(text)
        if net:
            yield from neural.names(text)
    if LATIN.search(text):
        yield from english.names(text)
