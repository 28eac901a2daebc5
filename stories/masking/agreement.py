"""Gender and case of a mention: what its words allow, narrowed by what stands around it.

A surname alone says little: «Петрова» is a man's genitive and a woman's nominative. The preposition, the verb and the
word before tell them apart, as they do for a reader.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from stories.masking.detectors.russian import PEOPLE
from stories.masking.findings import Finding, Kind, Part
from stories.masking.lexicon import in_order
from stories.masking.morphology import CASES, reading

Option = tuple[str, str]  # gender, case
PREPOSITIONS = {
    word: cases.replace("+", " ")
    for word, _sign, cases in (each.partition("=") for each in in_order("around_ru.txt", "prepositions"))
}
BOTH = ("m", "f")
WORD = re.compile(r"[А-Яа-яЁё]+(?:-[А-Яа-яЁё]+)*")
BEFORE = re.compile(r"([А-Яа-яЁё-]+)\.?[ \u00a0]+[«\"]?$")
STOP = re.compile(r"[.!?…\n]")
ORDER = ("nomn", "accs", "datv", "gent", "ablt", "loct")


def settled(text: str, finding: Finding) -> Finding:
    """Return a Russian name with its gender, where it is clear, its case, and only the readings that fit both."""
    if finding.kind != Kind.NAME or finding.language != "ru":
        return finding
    options = _around(text, finding, _options(finding.parts))
    case = next(case for case in ORDER if any(option[1] == case for option in options))
    genders = {gender for gender, found in options if found == case}
    gender = next(iter(genders)) if len(genders) == 1 else ""
    parts = tuple(_narrowed(part, gender, case) for part in finding.parts)
    return replace(finding, gender=gender, cases=(case,), parts=parts)


def _options(parts: Iterable[Part]) -> set[Option]:
    options = {(gender, case) for gender in BOTH for case in CASES}
    for part in parts:
        mine = {
            (gender, case)
            for form in part.forms
            for gender in ([form.gender] if form.gender in BOTH else BOTH)
            for case in ([form.case] if form.case else CASES)
        }
        options = options & mine or options
    return options


def _narrowed(part: Part, gender: str, case: str) -> Part:
    forms = tuple(form for form in part.forms if form.gender in ("", gender) and form.case in ("", case))
    return replace(part, forms=forms or part.forms)


def _around(text: str, finding: Finding, options: set[Option]) -> set[Option]:
    """Narrow by preposition, by the noun or pronoun before, by the verb."""
    match = BEFORE.search(text[max(0, finding.start - 40) : finding.start])
    before = match.group(1).lower() if match else ""
    if before in PREPOSITIONS:
        wanted = (_of_case(options, case) for case in PREPOSITIONS[before].split())
        return next((found for found in wanted if found), options)
    options = {option for option in options if option[1] != "loct"} or options
    known = reading(before) if before else None
    if known and (before in PEOPLE or known.speech in ("ADJF", "NPRO")):
        options = {option for option in options if option[1] in known.cases} or options
        woman = known.genders == {"f"} or (
            before in PEOPLE and known.genders & {"f"} and not known.genders & {"m"}
        )
        options = {option for option in options if not woman or option[0] == "f"} or options
    subject = _subject(text, finding, options)
    if subject:
        return subject
    if known and known.speech == "NOUN" and before not in PEOPLE and _of_case(options, "gent"):
        return _of_case(options, "gent")
    if (
        known
        and known.speech in ("VERB", "INFN", "GRND", "PRTF", "NPRO")
        and not {c for _g, c in options} <= {"nomn"}
    ):
        objects = _of_case(options, "accs") if known.speech != "NPRO" else set()
        men = {option for option in _of_case(options, "datv") if option[0] == "m"}
        if (men and any(option[0] == "f" for option in objects)) or (
            not objects and men and not _of_case(options, "nomn")
        ):
            return men  # «звонила Смирнову»: of a man's dative and a woman's accusative the first is likelier
        if not _of_case(options, "nomn"):
            return objects or _of_case(options, "datv") or options
    return options


def _of_case(options: set[Option], case: str) -> set[Option]:
    return {option for option in options if option[1] == case}


def _subject(text: str, finding: Finding, options: set[Option]) -> set[Option]:
    """Return the nominatives that a past tense near by agrees with, if the name may be its subject."""
    nominatives = _of_case(options, "nomn")
    if not nominatives:
        return set()
    after = WORD.findall(STOP.split(text[finding.end : finding.end + 80])[0])[:4]
    before = WORD.findall(STOP.split(text[max(0, finding.start - 80) : finding.start])[-1])[-4:]
    gender = _past(after)
    if not gender and not _has_subject(before):
        gender = _past(list(reversed(before)))
    agreeing = {option for option in nominatives if option[0] == gender}
    if agreeing:
        return agreeing
    return set()


def _past(words: Sequence[str]) -> str:
    """Return the gender of the first past tense among words; "" without one."""
    for word in words:
        known = reading(word.lower())
        if known.speech == "VERB":
            return next(iter(known.genders)) if known.past and len(known.genders) == 1 else ""
    return ""


def _has_subject(words: Sequence[str]) -> bool:
    return any(
        reading(word.lower()).speech in ("NOUN", "NPRO") and "nomn" in reading(word.lower()).cases
        and "accs" not in reading(word.lower()).cases
        for word in words
    )  # fmt: skip
