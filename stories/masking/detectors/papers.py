"""Numbers of Russian papers: ИНН, СНИЛС, passport.

Check digits: ИНН, order of the Federal Tax Service ЕД-7-14/559@ of 26 June 2020; СНИЛС, administrative regulation
of the Pension Fund, annex on the control number. A number with a slip in it is still somebody's where the text calls
it by its name.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import date

from stories.masking.findings import Certainty, Finding, Kind

INN = re.compile(r"(?<![\w.,/-])\d{10}(?:\d{2})?(?![\w-])")
SNILS = re.compile(r"(?<![\w.,/-])\d{3}[- ]?\d{3}[- ]?\d{3}[- ]?\d{2}(?![\w-])")
PASSPORT = re.compile(
    r"(?<![\w.,/+-])(\d{2}) ?(\d{2})(?:,? ?(?:№|номер|N|no\.?|number) ?| )?(\d{6})(?![\w-])", re.I
)
INN_SAID = re.compile(r"(?:\bинн\b|taxpayer)\W*(?:\w+\W+){0,2}$", re.I)
SNILS_SAID = re.compile(r"снилс\w*\W*(?:\w+\W+){0,2}$", re.I)
PASSPORT_SAID = re.compile(r"(?:паспорт|серия|серии|passport)\w*\W*(?:\w+\W+){0,3}$", re.I)
FIRST = (2, 4, 10, 3, 5, 9, 4, 6, 8)
SECOND = (7, *FIRST)
THIRD = (3, *SECOND)


def _sum(digits: Sequence[int], weights: Sequence[int]) -> int:
    return sum(digit * weight for digit, weight in zip(digits, weights, strict=False)) % 11 % 10


def inn_fits(number: str) -> bool:
    """Whether the check digits of a taxpayer number fit: one of ten digits, two of twelve."""
    digits = [int(char) for char in number]
    if len(digits) == 10:
        return _sum(digits, FIRST) == digits[9] and any(digits)
    if len(digits) == 12:
        return _sum(digits, SECOND) == digits[10] and _sum(digits, THIRD) == digits[11] and any(digits)
    return False


def snils_fits(number: str) -> bool:
    """Whether the control number of an insurance number (digits only) fits; older ones carry none."""
    if len(number) != 11 or not number.isdigit() or len(set(number)) < 3:
        return False
    total = sum(int(char) * (9 - place) for place, char in enumerate(number[:9]))
    return total % 101 % 100 == int(number[9:])


def passport_fits(series: str, year: str) -> bool:
    """Whether a series is possible: a region from 01, and the year in which the blank was printed, from 1997."""
    return series != "00" and (int(year) >= 97 or int(year) <= date.today().year % 100 + 3)


def _before(text: str, start: int) -> str:
    return text[max(0, start - 40) : start]


def inns(text: str) -> Iterator[Finding]:
    """Yield taxpayer numbers; one digit in ten fits by chance, so ten digits alone are a guess."""
    for match in INN.finditer(text):
        said, fits = INN_SAID.search(_before(text, match.start())), inn_fits(match.group())
        if not (said or fits):
            continue
        sure = fits and (said or len(match.group()) == 12)
        certainty = Certainty.SURE if sure else Certainty.POSSIBLE
        yield Finding(match.start(), match.end(), Kind.INN, match.group(), certainty)


def snilses(text: str) -> Iterator[Finding]:
    """Yield insurance numbers."""
    for match in SNILS.finditer(text):
        digits = "".join(char for char in match.group() if char.isdigit())
        said, fits = SNILS_SAID.search(_before(text, match.start())), snils_fits(digits)
        if fits or said:
            certainty = Certainty.SURE if fits else Certainty.POSSIBLE
            yield Finding(match.start(), match.end(), Kind.SNILS, match.group(), certainty)


def passports(text: str) -> Iterator[Finding]:
    """Yield series and numbers of passports; without the word only where the series stands apart."""
    for match in PASSPORT.finditer(text):
        series, year, _number = match.groups()
        said = PASSPORT_SAID.search(_before(text, match.start()))
        apart = not match.group()[:10].isdigit()
        if said or (apart and passport_fits(series, year)):
            certainty = Certainty.SURE if said and passport_fits(series, year) else Certainty.POSSIBLE
            yield Finding(match.start(), match.end(), Kind.PASSPORT, match.group(), certainty)
