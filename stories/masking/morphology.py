"""Russian words: which of them may be names, and how a name is declined.

The dictionary (pymorphy3, OpenCorpora) takes about 50 MB and a fifth of a second to load: it is loaded when the first
Russian text is searched, never when a process starts.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from stories.masking.findings import Form, Role
from stories.masking.lexicon import canons, families

CASES = ("nomn", "gent", "datv", "accs", "ablt", "loct")
# Cases that the dictionary keeps apart and a name does not.
SAME = {"gen2": "gent", "acc2": "accs", "loc2": "loct", "gen1": "gent", "voct": "nomn"}
GRAMMEMES = (("Patr", Role.PATRONYMIC), ("Surn", Role.SURNAME), ("Name", Role.GIVEN))
NOT_ORDINARY = ("Name", "Surn", "Patr", "Geox", "Orgn", "Abbr", "Trad", "Init")
SURNAME = re.compile(
    r"(?:[оеё]в|[иы]н)(?:а|у|ым|ой|е|ы|ых|ыми)?|(?:ск|цк)(?:ий|ого|ому|им|ом|ая|ой|ую)|(?:ен|ан|ов)ко|"
    r"(?:ук|юк|чук|щук|ак|як|ян|янц|дзе|швили|иа|уа|ули|ич|ович|евич|штейн|берг|ман|сон|сен|ер|ец)(?:а|у|ом|ем|е)?"
)
COLLOQUIAL = re.compile(
    r"[а-яё]{2,}(?:[ие]ич|[ьа-яё]ыч|[а-яё]ич|[оа]нна|евна|овна|инична|ична)(?:а|у|ем|е|и|ой|ы)?"
)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a word may be. Shares are probabilities of the dictionary, between 0 and 1."""

    forms: tuple[Form, ...]
    name_share: float
    ordinary_share: float
    known: bool
    place: bool
    speech: str = ""
    lemma: str = ""
    genders: frozenset[str] = frozenset()
    cases: frozenset[str] = frozenset()
    past: bool = False

    def of(self, role: Role) -> tuple[Form, ...]:
        """The readings as one part of a name."""
        return tuple(form for form in self.forms if form.role == role)


@cache
def analyser() -> Any:
    """Return the dictionary; the first call loads it."""
    import pymorphy3

    return pymorphy3.MorphAnalyzer(lang="ru")


@lru_cache(maxsize=50_000)
def reading(word: str) -> Reading:
    """Return what a lower-case Russian word may be."""
    parses = analyser().parse(word)
    forms = tuple(form for parse in parses for form in _forms(parse))
    own = _listed().get(word.replace("ё", "е"), ())
    known = any(parse.is_known for parse in parses)
    if own:
        # The list knows the genders of short names better than the dictionary does.
        forms = (*own, *(form for form in forms if form.role != Role.GIVEN))
    ordinary = sum(parse.score for parse in parses if known and not any(g in parse.tag for g in NOT_ORDINARY))
    share = sum(parse.score for parse in parses if any(g in parse.tag for g in ("Name", "Surn", "Patr")))
    first = parses[0]
    return Reading(
        forms=forms,
        name_share=max(share, 0.9) if own and not known else share,
        ordinary_share=ordinary,
        known=known,
        place=any("Geox" in parse.tag for parse in parses if parse.is_known),
        speech=str(first.tag.POS or ""),
        lemma=first.normal_form,
        genders=frozenset(_gender(parse.tag) for parse in parses if parse.tag.gender),
        cases=frozenset(_case(parse.tag) for parse in parses if parse.tag.case),
        past=any(parse.tag.tense == "past" for parse in parses),
    )


def _gender(tag: Any) -> str:
    return {"masc": "m", "femn": "f", "neut": "n"}.get(str(tag.gender), "") if "ms-f" not in tag else ""


def _case(tag: Any) -> str:
    # A plain string: the dictionary's own refuses to be compared with what is no grammeme.
    case = str(tag.case or "")
    return SAME.get(case, case)


def _forms(parse: Any) -> Iterable[Form]:
    """Return the readings of one parse as a part of a name."""
    for grammeme, role in GRAMMEMES:
        if grammeme in parse.tag:
            case = _case(parse.tag)
            yield Form(
                role, parse.normal_form, _gender(parse.tag), case, parse.tag.number == "plur", parse.score
            )
            return


@cache
def _listed() -> dict[str, tuple[Form, ...]]:
    """Return the forms of the names in the list in all cases, ё written as е."""
    found: dict[str, dict[Form, None]] = {}
    for family in families():
        for form in (family.canon, *family.forms):
            for case in CASES:
                written = declined_by_rule(form, case, family.gender).replace("ё", "е")
                found.setdefault(written, {})[Form(Role.GIVEN, form, family.gender, case)] = None
    return {word: tuple(forms) for word, forms in found.items()}


def is_listed(word: str) -> bool:
    """Whether a word is a form of a name in the list."""
    return word.replace("ё", "е") in _listed()


def stems(lemma: str) -> frozenset[str]:
    """Return the full names that a given name may stand for; the name itself where the list has none."""
    plain = lemma.replace("ё", "е")
    return frozenset(canon for canon, _gender in canons().get(plain, ())) or frozenset({plain})


@lru_cache(maxsize=4096)
def declined(word: str, case: str, gender: str, role: Role = Role.GIVEN, *, plural: bool = False) -> str:
    """Return a name's word in a case, lower case; by the dictionary where it knows the word, else by rule."""
    if case == "nomn" and not plural and (role != Role.SURNAME or gender != "f"):
        return word
    tag = {Role.GIVEN: "Name", Role.SURNAME: "Surn", Role.PATRONYMIC: "Patr"}.get(role, "")
    wanted = {"plur" if plural else "sing", case}
    for parse in analyser().parse(word):
        if not parse.is_known or tag not in parse.tag or (role == Role.GIVEN and parse.tag.number == "plur"):
            continue
        if role == Role.GIVEN and (
            parse.normal_form != word or (gender and _gender(parse.tag) not in ("", gender))
        ):
            continue
        if role != Role.GIVEN and gender and not plural:
            grammeme = {"m": "masc", "f": "femn"}[gender]
            found = parse.inflect(wanted | {grammeme})
        else:
            found = parse.inflect(wanted)
        if found:
            return found.word
    return (
        _surname_by_rule(word, case, gender, plural=plural)
        if role == Role.SURNAME
        else declined_by_rule(word, case, gender)
    )


def declined_by_rule(word: str, case: str, gender: str) -> str:
    """Return a given name or patronymic in a case, singular, by the rules of school grammar."""
    if case == "nomn" or len(word) < 3:
        return word
    place = CASES.index(case) - 1
    last, stem = word[-1], word[:-1]
    if last == "а":
        hissing = stem[-1] in "жшчщ"
        soft = hissing or stem[-1] in "гкх"
        return (
            stem + ("и" if soft else "ы", "е", "у", "ей" if hissing or stem[-1] == "ц" else "ой", "е")[place]
        )
    if last == "я":
        dative = "и" if stem[-1] == "и" else "е"
        return stem + ("и", dative, "ю", "ей", dative)[place]
    if gender == "f" and last == "ь":
        return stem + ("и", "и", "ь", "ью", "и")[place]
    if gender == "m" and last == "ь":
        return stem + ("я", "ю", "я", "ем", "е")[place]
    if gender == "m" and last == "й":
        return stem + ("я", "ю", "я", "ем", "и" if stem[-1] == "и" else "е")[place]
    if gender == "m" and word.endswith(("ёк", "ек")) and len(word) > 3:
        return word[:-2] + ("й" if word[-3] in "аеиоуыэюя" else "ь") + "к" + ("а", "у", "а", "ом", "е")[place]
    if gender == "m" and word.endswith("ок") and len(word) > 3:
        return word[:-2] + "к" + ("а", "у", "а", "ом", "е")[place]
    if gender == "m" and last not in "аеёиоуыэюя":
        return word + ("а", "у", "а", "ем" if last in "жшчщц" else "ом", "е")[place]
    return word


def _surname_by_rule(word: str, case: str, gender: str, *, plural: bool) -> str:
    """Return a surname that the dictionary does not know; indeclinable ones stay as they are."""
    place = CASES.index(case)
    if word.endswith(("ов", "ев", "ёв", "ин", "ын")):
        if plural:
            return word + ("ы", "ых", "ым", "ых", "ыми", "ых")[place]
        if gender == "f":
            return word + ("а", "ой", "ой", "у", "ой", "ой")[place]
        return word + ("", "а", "у", "а", "ым", "е")[place]
    if word.endswith(("ова", "ева", "ёва", "ина", "ына")) and gender == "f":
        return word[:-1] + ("а", "ой", "ой", "у", "ой", "ой")[place]
    if gender == "f" and word[-1] not in "ая":
        return word
    return declined_by_rule(word, case, gender)


def looks_like_surname(word: str) -> bool:
    """Whether a word that no dictionary knows ends as surnames do."""
    return len(word) > 4 and bool(re.search(rf"(?:{SURNAME.pattern})$", word))


def looks_like_patronymic(word: str) -> bool:
    """Whether an unknown word is a patronymic as it is spoken: «Василич», «Пална»."""
    return len(word) > 4 and bool(COLLOQUIAL.fullmatch(word))
