"""What stands in the place of a name: one substitute throughout a story, in the case and shape of each mention."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from stories.masking import morphology
from stories.masking.agreement import PREPOSITIONS
from stories.masking.findings import Finding, Kind, Part, Role
from stories.masking.lexicon import families, in_order
from stories.masking.morphology import declined, reading, stems

INVENTED = "invented.txt"
PRONOUN = dict(zip(morphology.CASES, ("я", "меня", "мне", "меня", "мной", "мне"), strict=True))
NUMBERS = {
    "ru": {
        Kind.PHONE: "[номер телефона]",
        Kind.EMAIL: "[адрес почты]",
        Kind.CARD: "[номер карты]",
        Kind.INN: "[номер ИНН]",
        Kind.SNILS: "[номер СНИЛС]",
        Kind.PASSPORT: "[номер паспорта]",
        Kind.PLATE: "[номер машины]",
    },
    "en": {
        Kind.PHONE: "[phone number]",
        Kind.EMAIL: "[e-mail address]",
        Kind.CARD: "[card number]",
        Kind.INN: "[taxpayer number]",
        Kind.SNILS: "[insurance number]",
        Kind.PASSPORT: "[passport number]",
        Kind.PLATE: "[number plate]",
    },
}
LETTER, CYRILLIC = re.compile(r"[^\W\d_]"), re.compile("[А-Яа-яЁё]")
WORD = re.compile(r"[А-Яа-яЁё]+(?:-[А-Яа-яЁё]+)*")
TENDER = re.compile(r"(?:[еио]ньк|[еоя]чк|ушк|юшк|уш|юш|ул|усь?)[а-яё]$")
ROUGH = re.compile(r"(?:ьк|шк|ух|юх|[нтлдсв]к)[а-яё]$")


@dataclass(frozen=True, slots=True)
class Substitute:
    """The words that stand for a person, in the nominative: parts of a name, or a description."""

    given: str = ""
    patronymic: str = ""
    surname: str = ""
    gender: str = ""
    phrase: str = ""


# Proposals


def proposals(text: str, findings: Sequence[Finding], language: str, narrator: str = "") -> dict[str, str]:
    """Return for every key what the machine would put, in the nominative: ``{key: words}``.

    Invented names are drawn by the digest of the whole text: stable for it, and nothing in them tells of the true ones.
    Names that stand in the text are not drawn. ``narrator`` is the figure's name, put for the narrator's own.
    """
    start = int.from_bytes(sha256(text.encode()).digest()[:4], "big")
    taken = {
        word
        for finding in findings
        for part in finding.parts
        for lemma in part.lemmas
        for word in stems(lemma)
    }
    taken |= {word.replace("ё", "е") for word in re.findall(r"[а-яёa-z]+", text.lower())}
    by_key: dict[str, list[Finding]] = {}
    for finding in findings:
        by_key.setdefault(finding.key, []).append(finding)
    drawn = _Drawn(start, taken)
    if len(CYRILLIC.findall(text)) * 2 > len(LETTER.findall(text)):
        language = "ru"  # what the words are written in counts, not what was ticked
    return {key: _proposal(mentions, language, narrator, drawn) for key, mentions in by_key.items()}


class _Drawn:
    """Draws each invented word once."""

    def __init__(self, start: int, taken: set[str]) -> None:
        self.start, self.taken = start, taken

    def word(self, pool: Sequence[str]) -> str:
        """Return the next word of a pool that nobody bears yet; when all are taken, any."""
        turned = [pool[(self.start + place) % len(pool)] for place in range(len(pool))]
        found = next((word for word in turned if word.lower().replace("ё", "е") not in self.taken), turned[0])
        self.taken.add(found.lower().replace("ё", "е"))
        return found


def _proposal(mentions: Sequence[Finding], language: str, narrator: str, drawn: _Drawn) -> str:
    first = mentions[0]
    if first.kind != Kind.NAME:
        return NUMBERS["en" if language == "en" else "ru"][first.kind]
    if narrator and any(mention.whose == "narrator" for mention in mentions):
        return narrator
    roles = {part.role for mention in mentions for part in mention.parts}
    return (
        _english_name(mentions, roles, drawn)
        if first.language == "en"
        else _russian_name(mentions, roles, drawn)
    )


def _english_name(mentions: Sequence[Finding], roles: set[Role], drawn: _Drawn) -> str:
    genders = {
        form.gender
        for each in mentions
        for part in each.parts
        if part.role == Role.GIVEN
        for form in part.forms
    }
    gender = next(iter(genders)) if len(genders) == 1 else ""
    words = (
        [drawn.word(in_order(INVENTED, f"english-{gender or 'b'}"))]
        if roles & {Role.GIVEN, Role.INITIAL}
        else []
    )
    if Role.SURNAME in roles or not words:
        words.append(drawn.word(in_order(INVENTED, "english-surnames")))
    return " ".join(words)


def _russian_name(mentions: Sequence[Finding], roles: set[Role], drawn: _Drawn) -> str:
    gender = next((each.gender for each in mentions if each.gender), "") or _guessed(mentions)
    if _plural(mentions[0]):
        return declined(
            drawn.word(in_order(INVENTED, "surnames")), "nomn", "", Role.SURNAME, plural=True
        ).capitalize()
    words = []
    if roles & {Role.GIVEN, Role.INITIAL}:
        words.append(drawn.word(in_order(INVENTED, {"f": "women", "m": "men"}.get(gender, "either"))))
    if roles & {Role.PATRONYMIC, Role.INITIAL}:
        words.append(drawn.word(in_order(INVENTED, "daughters" if gender == "f" else "sons")))
    if Role.SURNAME in roles:
        words.append(
            declined(drawn.word(in_order(INVENTED, "surnames")), "nomn", gender or "m", Role.SURNAME)
        )
    return " ".join(word.capitalize() for word in words)


def _guessed(mentions: Sequence[Finding]) -> str:
    """Return the gender that most readings of the words have; "" for names of both."""
    given = [part for each in mentions for part in each.parts if part.role == Role.GIVEN]
    if given:
        return ""
    counts = {"m": 0.0, "f": 0.0}
    for each in mentions:
        for part in each.parts:
            for form in part.forms:
                if form.gender in counts:
                    counts[form.gender] += form.score
    return max(counts, key=lambda gender: counts[gender]) if any(counts.values()) else "m"


def _plural(finding: Finding) -> bool:
    return finding.language == "ru" and any(
        part.forms and all(form.plural for form in part.forms) for part in finding.parts
    )


# Putting words in the place of a mention


def understood(words: str, gender: str = "") -> Substitute:
    """Return what a person typed as parts of a name, or as a description where it is none."""
    words = " ".join(words.split())
    pieces = words.split()
    found: dict[Role, str] = {}
    for piece in pieces:
        if not WORD.fullmatch(piece) or not piece[0].isupper() or len(pieces) > 3:
            return Substitute(phrase=words, gender=gender)
        known = reading(piece.lower())
        roles = [
            role
            for role in (Role.PATRONYMIC, Role.GIVEN, Role.SURNAME)
            if known.of(role) and role not in found
        ]
        if not roles and (known.known or Role.SURNAME in found):
            return Substitute(phrase=words, gender=gender)
        role = roles[0] if roles else Role.SURNAME if found else Role.GIVEN
        found[role] = piece.lower()
    return Substitute(
        found.get(Role.GIVEN, ""),
        found.get(Role.PATRONYMIC, ""),
        found.get(Role.SURNAME, ""),
        gender or _gender_of(found),
        "",
    )


def _gender_of(found: Mapping[Role, str]) -> str:
    for role in (Role.PATRONYMIC, Role.GIVEN, Role.SURNAME):
        genders = (
            {form.gender for form in reading(found[role]).of(role) if form.case in ("nomn", "")}
            if role in found
            else set()
        )
        if len(genders) == 1:
            return next(iter(genders))
    return ""


def put(text: str, finding: Finding, words: str) -> str:
    """Return the words for one mention: a name in its case and shape, other things as they are written."""
    if finding.kind != Kind.NAME or not words:
        return words
    if finding.language == "en":
        return _put_english(text, finding, words)
    typed = understood(words)
    substitute = understood(words, typed.gender or finding.gender)
    case = finding.cases[0] if finding.cases else "nomn"
    if words.lower() == "я":
        return _shaped(PRONOUN[case], finding.text if finding.text.isupper() else "x")
    if substitute.phrase:
        return _opening(text, finding, _shouted(_phrase(substitute.phrase, case), finding))
    letters = [word for word in (substitute.given, substitute.patronymic) if word] or [substitute.surname]
    made = []
    for part in finding.parts:
        if part.role == Role.INITIAL:
            made += [f"{letters.pop(0)[0].upper()}."] if letters else []
        elif piece := _piece(part, substitute, case, plural=_plural(finding)):
            made.append(piece)
    if all(piece.endswith(".") for piece in made) and not finding.text.endswith("."):
        whole = substitute.given or substitute.surname or substitute.patronymic
        role = Role.GIVEN if substitute.given else Role.SURNAME if substitute.surname else Role.PATRONYMIC
        made = [_shaped(_declined(whole, case, substitute.gender, role), finding.parts[0].text)]
    return " ".join(made).strip()


def _piece(part: Part, substitute: Substitute, case: str, *, plural: bool) -> str:
    """Return what stands for one word of the name; empty where the substitute has nothing for it."""
    word = {
        Role.GIVEN: substitute.given,
        Role.PATRONYMIC: substitute.patronymic,
        Role.SURNAME: substitute.surname,
    }[part.role]
    if not word:
        return ""
    if part.role == Role.GIVEN:
        word = _as_tender(word, part)
    return _shaped(
        _declined(word, case, substitute.gender, part.role, plural=plural and part.role == Role.SURNAME),
        part.text,
    )


def _declined(word: str, case: str, gender: str, role: Role, *, plural: bool = False) -> str:
    if role == Role.SURNAME:
        lemmas = [form.lemma for form in reading(word).of(Role.SURNAME) if form.gender in ("", gender)]
        word = lemmas[0] if lemmas else word.removesuffix("ы") if plural else word
        return declined(word, case, gender or "m", role, plural=plural)
    if role == Role.PATRONYMIC:
        return _patronymic(word, case, gender)
    return declined(word, case, gender, role)


def _patronymic(word: str, case: str, gender: str) -> str:
    return morphology.declined_by_rule(word, case, gender or "m")


def _as_tender(word: str, part: Part) -> str:
    """Return the short or tender form of a given name where the mention has one: Наташенька → Машенька."""
    mine = next((form.lemma for form in part.forms), part.text.lower())
    family = next((each for each in families() if each.canon == word and each.forms), None)
    short = mine.replace("ё", "е") not in stems(mine)
    if family is None or not short:
        return word
    for pattern in (TENDER, ROUGH):
        if pattern.search(mine):
            return next((form for form in family.forms if pattern.search(form)), family.forms[0])
    return family.forms[0]


def _shaped(word: str, like: str) -> str:
    """Return a word in capitals, lower case or with one capital, as its model is written."""
    if len(like) > 1 and like.isupper():
        return word.upper()
    if like[:1].isupper():
        return "-".join(piece[:1].upper() + piece[1:] for piece in word.split("-"))
    return word.lower()


def _opening(text: str, finding: Finding, words: str) -> str:
    """Return words with a capital where they open a sentence."""
    before = text[: finding.start].rstrip(' \u00a0«“"—–-(')
    return words[:1].upper() + words[1:] if not before or before[-1] in ".!?…\n" else words


def _shouted(words: str, finding: Finding) -> str:
    return words.upper() if finding.text.isupper() and len(finding.text) > 2 else words


def _phrase(phrase: str, case: str) -> str:
    """Return a description in a case: its head and what agrees with it, up to the first preposition."""
    if case == "nomn":
        return phrase
    result, closed = [], False
    for piece in phrase.split(" "):
        bare = piece.strip(',.«»"')
        closed = closed or bare.lower() in PREPOSITIONS or bare.endswith(",")
        result.append(
            piece if closed or not WORD.fullmatch(bare) else piece.replace(bare, _word_in(bare, case))
        )
        closed = closed or (WORD.fullmatch(bare) is not None and not _is_adjective(bare))
    return " ".join(result)


def _is_adjective(word: str) -> bool:
    return any(parse.tag.POS in ("ADJF", "PRTF") for parse in morphology.analyser().parse(word.lower()))


def _word_in(word: str, case: str) -> str:
    for parse in morphology.analyser().parse(word.lower()):
        if parse.tag.case == "nomn" and parse.tag.number == "sing":
            grammemes = {case}
            if case == "accs" and parse.tag.POS == "ADJF":
                grammemes = {"accs", "anim"} if parse.tag.gender == "masc" else {"accs"}
            made = parse.inflect(grammemes)
            if made:
                return made.word.capitalize() if word[0].isupper() else made.word
    return word


def _put_english(text: str, finding: Finding, words: str) -> str:
    if words in ("I", "i"):
        return "I" if not re.search(r"[a-z,] $", text[max(0, finding.start - 2) : finding.start]) else "me"
    pieces = words.split()
    names = pieces if all(piece[:1].isupper() for piece in pieces) and len(pieces) <= 3 else []
    if not names:
        return _shouted(words, finding)
    roles = [part.role for part in finding.parts]
    made: list[str] = []
    for role, part in zip(roles, finding.parts, strict=True):
        if role == Role.GIVEN and roles.index(role) == len(made):
            made.append(_shaped(names[0].lower(), part.text))
        elif role == Role.INITIAL and not made and Role.GIVEN not in roles:
            made.append(f"{names[0][0]}.")
        elif role == Role.SURNAME and part is finding.parts[-1]:
            made.append(_shaped(names[-1].lower(), part.text) if len(names) > 1 or not made else "")
    return " ".join(piece for piece in made if piece) or _shaped(names[0].lower(), finding.text)
