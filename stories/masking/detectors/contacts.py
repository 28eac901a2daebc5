"""Phone numbers and e-mail addresses."""

import re
from collections.abc import Iterator

import phonenumbers

from stories.masking.findings import Certainty, Finding, Kind

EMAIL = re.compile(r"[\w.+-]+@(?:[\w-]+\.)+\w{2,}|[\w.+-]+ ?[\[(](?:at|собака)[\])] ?(?:[\w-]+\.)+\w{2,}")
RUN = re.compile(r"(?<![\w@.,/№#-])(?:\+|\(\+)?\(?\d[\d\s().\u00a0\u2010-\u2014-]{4,20}\d(?![\w@])")
LOCAL = re.compile(r"\d{3}[-\u2010-\u2013 ]\d{2}[-\u2010-\u2013 ]\d{2}|\d{2}-\d{2}-\d{2}|\d{3}-\d{4}")
SHORT_WORD = re.compile(
    r"(?:тел|домашн|городск|мобильн|номер мой|мой номер|звон|набер|phone|call|ring|text)\w*\W*(?:\w+\W+){0,2}$",
    re.I,
)
DAY, MONTH = "(?:0?[1-9]|[12][0-9]|3[01])", "(?:0?[1-9]|1[0-2])"
DATE = re.compile(
    rf"(?:(?:{DAY}[./-]{MONTH}|{MONTH}[./-]{DAY})[./-](?:19|20)?\d{{2}}|"
    rf"(?:19|20)\d{{2}}[./-]{MONTH}[./-]{DAY})(?:\D.*)?"
)
MONEY_AFTER = re.compile(r"\s*(?:руб|₽|коп|р\.|\$|€|£|usd|eur|dollars|euro|%)", re.I)
MONEY_BEFORE = re.compile(r"[$€£₽№#]\s?$")
SHAPED = re.compile(
    r"(?:1[- .]?)?(?:\(\d{3}\) ?|\d{3}[-. ])\d{3}[-. ]\d{4}|"
    r"8[- (]*\d{3}[- )]*\d{3}[- ]?\d{2}[- ]?\d{2}|\d{3} \d{3}[- ]\d{2}[- ]\d{2}"
)
REGIONS = {"ru": ("RU", "US", "GB"), "en": ("US", "GB", "RU")}


def emails(text: str) -> Iterator[Finding]:
    """Yield e-mail addresses, also of Cyrillic domains and with ``(at)`` for the sign."""
    if "@" not in text and "at" not in text and "собака" not in text:
        return
    for match in EMAIL.finditer(text):
        yield Finding(match.start(), match.end(), Kind.EMAIL, match.group(), Certainty.SURE)


def phones(text: str, language: str = "ru") -> Iterator[Finding]:
    """Yield phone numbers as people write them: international, with 8, without a code."""
    for match in RUN.finditer(text):
        written = match.group().rstrip(" .-(")
        start, end = match.start(), match.start() + len(written)
        before = text[max(0, start - 40) : start]
        if (
            DATE.fullmatch(written)
            or MONEY_AFTER.match(text, end)
            or MONEY_BEFORE.search(before)
            or "\n" in written
        ):
            continue
        certainty = _certainty(written, before, language)
        if certainty:
            yield Finding(start, end, Kind.PHONE, written, certainty)


def _certainty(written: str, before: str, language: str) -> Certainty | None:
    """Return how surely this run of digits is a phone number, by the numbering plans of the countries near."""
    digits = sum(char.isdigit() for char in written)
    if written.startswith(("+", "(+")):
        return Certainty.SURE if 10 <= digits <= 15 and _fits(written, None, strict=False) else None
    said = bool(SHORT_WORD.search(before))
    if digits < 10:
        seven = LOCAL.fullmatch(written)
        if seven and (said or (written.count("-") == 2 and digits == 7)):
            return Certainty.LIKELY
        return None
    if digits > 12:
        return None
    regions = REGIONS.get(language, REGIONS["ru"])
    if _fits(written, regions[0]):
        return Certainty.SURE if said else Certainty.LIKELY
    # Fictional and unassigned numbers have the shape of numbers too.
    if (
        said
        or SHAPED.fullmatch(written)
        or (written[0] == "0" and any(_fits(written, region) for region in regions))
    ):
        return Certainty.LIKELY
    return None


def _fits(written: str, region: str | None, *, strict: bool = True) -> bool:
    try:
        number = phonenumbers.parse(written, region)
    except phonenumbers.NumberParseException:
        return False
    return phonenumbers.is_valid_number(number) if strict else phonenumbers.is_possible_number(number)
