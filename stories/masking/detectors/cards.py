"""Bank card numbers: ISO/IEC 7812, the last digit is a check digit (Luhn)."""

import re
from collections.abc import Iterator

from stories.masking.findings import Certainty, Finding, Kind

RUN = re.compile(r"(?<![\w.,/-])\d(?:[ \u00a0-]?\d){12,18}(?![\w])")
SAID = re.compile(r"(?:карт|card)\w*\W*(?:\w+\W+){0,2}$", re.I)
FIRST = "23456"  # travel and banking; 1, 7, 8, 9 are airlines, petrol, health, national


def luhn(digits: str) -> bool:
    """Whether the check digit fits."""
    total = 0
    for place, char in enumerate(reversed(digits)):
        digit = int(char) * (2 if place % 2 else 1)
        total += digit - 9 if digit > 9 else digit
    return total % 10 == 0


def cards(text: str) -> Iterator[Finding]:
    """Yield card numbers; one with a slip in it only where it is called a card."""
    for match in RUN.finditer(text):
        digits = "".join(char for char in match.group() if char.isdigit())
        said = SAID.search(text[max(0, match.start() - 40) : match.start()])
        if digits[0] in FIRST and luhn(digits) and len(set(digits)) > 2:
            yield Finding(match.start(), match.end(), Kind.CARD, match.group(), Certainty.SURE)
        elif said and len(digits) == 16:
            yield Finding(match.start(), match.end(), Kind.CARD, match.group(), Certainty.POSSIBLE)
