"""Names in Russian words, in all cases, in lower case, in capitals, short and tender, with initials.

The dictionary says what a word may be, its neighbours say what it is: ``Вера позвонила`` is a person, ``вера в людей``
is not, ``на улице Гагарина`` is a place.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from stories.masking import morphology
from stories.masking.findings import Certainty, Finding, Form, Kind, Part, Role
from stories.masking.lexicon import words
from stories.masking.morphology import Reading

WORD = re.compile(r"[А-Яа-яЁё]+(?:[-\u2010\u2011][А-Яа-яЁё]+)*")
GAP = re.compile(r"[ \t\u00a0]{1,3}")
ENDS = re.compile(r"(?:^|[.!?…\n:;][\"»”)]*|[\n«“\"(]|^\s*[-–—]|[.!?…\n]\s*[-–—])\s*[«“\"(]?\s*$")
INITIALS_FIRST = re.compile(
    r"(?<![А-Яа-яЁё.])([А-ЯЁ])\.[ \u00a0]?(?:([А-ЯЁ])\.[ \u00a0]?)?([А-ЯЁ][а-яё]+(?:-[А-ЯЁ][а-яё]+)?)(?![А-Яа-яЁё])"
)
INITIALS_LAST = re.compile(
    r"(?<![А-Яа-яЁё])([А-ЯЁ][а-яё]+(?:-[А-ЯЁ][а-яё]+)?)[ \u00a0]([А-ЯЁ])\.[ \u00a0]?(?:([А-ЯЁ])\.)?"
)
INITIALS_ONLY = re.compile(r"(?<![А-Яа-яЁё.])([А-ЯЁ])\.[ \u00a0]?([А-ЯЁ])\.(?![А-Яа-яЁё])")

# Before a name that belongs to a place or a house, not to a person.
PLACES = words("around_ru.txt", "places")
PLACES_AFTER = words("around_ru.txt", "places_after")
HOUSES = words("around_ru.txt", "houses")
# Who is spoken of: after these a word is a name, whatever else it may be.
PEOPLE = words("around_ru.txt", "people")
CALLED = words("around_ru.txt", "called")
# What a person does and a thing does not.
DOES = words("around_ru.txt", "does")
NEVER = re.compile(r"дед[а-яё]* мороз|иисус|христос|господ|аллах|будда|баба[- ]яга", re.I)
# In lower case these are words before they are names, whatever the dictionary counts.
LOWER_WORDS = words("around_ru.txt", "lower_words")

# And these are names first, whatever else the dictionary knows («саше» is a sachet too).
LOWER_NAMES = frozenset(["саша", "саши", "саше", "сашу", "сашей"])
SERVICE = frozenset(["PREP", "CONJ", "PRCL", "NPRO", "INTJ"])


@dataclass(slots=True)
class Token:
    """A Russian word of the text with what surrounds it."""

    start: int
    end: int
    text: str
    opens: bool = False
    sentence: int = 0
    role: Role | None = None
    certainty: Certainty = Certainty.LIKELY
    forms: tuple[Form, ...] = field(default=())

    @property
    def lower(self) -> str:
        return self.text.lower()

    @property
    def title(self) -> bool:
        return self.text[0].isupper() and not self.shouted

    @property
    def shouted(self) -> bool:
        return len(self.text) > 1 and self.text.isupper()

    @property
    def reading(self) -> Reading:
        return morphology.reading(self.lower)


def names(text: str) -> Iterator[Finding]:
    """Yield mentions of people in Russian words."""
    tokens = list(_tokens(text))
    if not tokens:
        return
    taken = _initialled(text, tokens)
    shouting = _shouting(text, tokens)
    for place, token in enumerate(tokens):
        if token.role is None and not _is_taken(token, taken):
            _judge(text, tokens, place, shouted=token.sentence in shouting)
    for place, token in enumerate(tokens):
        if token.role is None and not _is_taken(token, taken):
            _join(text, tokens, place, shouted=token.sentence in shouting)
    yield from taken
    yield from _mentions(text, [token for token in tokens if not _is_taken(token, taken)])


def _tokens(text: str) -> Iterator[Token]:
    sentence, last = 0, 0
    for match in WORD.finditer(text):
        gap = text[last : match.start()]
        opens = bool(ENDS.search(text[max(0, match.start() - 8) : match.start()])) and not _abbreviated(
            text, match.start()
        )
        if opens and ("\n" in gap or re.search(r"[.!?…]", gap)):
            sentence += 1
        last = match.end()
        yield Token(match.start(), match.end(), match.group(), opens, sentence)


def _abbreviated(text: str, start: int) -> bool:
    """Whether the dot before this place belongs to a short word: «ул. Ленина», «т. Зина»."""
    return bool(
        re.search(
            r"\b(?:ул|пр|пер|пл|наб|им|г|т|тов|гр|д|к|св|пос|ст|м)\.\s*$",
            text[max(0, start - 8) : start],
            re.I,
        )
    )


def _shouting(text: str, tokens: Sequence[Token]) -> set[int]:
    """Return the sentences written in capitals throughout: there a capital says nothing."""
    loud: dict[int, int] = {}
    total: dict[int, int] = {}
    for token in tokens:
        total[token.sentence] = total.get(token.sentence, 0) + len(token.text)
        loud[token.sentence] = loud.get(token.sentence, 0) + (len(token.text) if token.text.isupper() else 0)
    return {sentence for sentence, size in total.items() if size > 8 and loud[sentence] > size * 0.7}


def _is_taken(token: Token, taken: Sequence[Finding]) -> bool:
    return any(found.start < token.end and token.start < found.end for found in taken)


# Initials


def _initialled(text: str, tokens: Sequence[Token]) -> list[Finding]:
    """Return names with initials: «И. И. Петров», «Соколова Е. В.», «С. К.»."""
    found: list[Finding] = []
    by_start = {token.start: place for place, token in enumerate(tokens)}
    for pattern in (INITIALS_FIRST, INITIALS_LAST, INITIALS_ONLY):
        for match in pattern.finditer(text):
            finding = _initial(text, tokens, by_start, match, pattern)
            if finding and not any(old.start < finding.end and finding.start < old.end for old in found):
                found.append(finding)
    return found


def _initial(
    text: str,
    tokens: Sequence[Token],
    by_start: dict[int, int],
    match: re.Match[str],
    pattern: re.Pattern[str],
) -> Finding | None:
    group = {INITIALS_FIRST: 3, INITIALS_LAST: 1}.get(pattern)
    place = by_start.get(match.start())
    if place is not None and _of_a_place(text, tokens, place):
        return None
    if group is None:
        return _finding(text, match.start(), match.end(), _letters(text, match, (1, 2)), Certainty.LIKELY)
    surname, letters = match.group(group), tuple(n for n in range(1, 4) if n != group)
    reading = morphology.reading(surname.lower())
    several = match.group(letters[1]) is not None
    plausible = bool(reading.of(Role.SURNAME)) or not reading.known
    if not plausible and not (several and pattern is INITIALS_FIRST):
        return None
    if pattern is INITIALS_LAST and not several and reading.ordinary_share > 0.3:
        return None
    part = Part(match.start(group), match.end(group), surname, Role.SURNAME, _surname_forms(surname.lower()))
    parts = sorted([*_letters(text, match, letters), part], key=lambda each: each.start)
    end = match.end() if pattern is INITIALS_LAST else parts[-1].end
    return _finding(text, match.start(), end, parts, Certainty.SURE if several else Certainty.LIKELY)


def _letters(text: str, match: re.Match[str], groups: Sequence[int]) -> list[Part]:
    return [
        Part(match.start(n), match.end(n), match.group(n), Role.INITIAL) for n in groups if match.group(n)
    ]


def _surname_forms(word: str) -> tuple[Form, ...]:
    reading = morphology.reading(word)
    return reading.of(Role.SURNAME) or tuple(
        Form(Role.SURNAME, word, gender, case)
        for gender in sorted(reading.genders & {"m", "f"})
        for case in sorted(reading.cases)
    )


# What one word is


def _judge(text: str, tokens: Sequence[Token], place: int, *, shouted: bool) -> None:
    """Decide by dictionary and neighbours whether a word is a name; note it in the token."""
    token = tokens[place]
    if len(token.text) < 2 or NEVER.search(text[max(0, token.start - 12) : token.end + 1]):
        return
    reading = token.reading
    if not reading.forms and not token.title:
        return
    if _of_a_place(text, tokens, place) or _of_a_house(text, tokens, place):
        return
    if reading.of(Role.PATRONYMIC) and reading.name_share > 0.4:
        _accept(token, Role.PATRONYMIC, Certainty.SURE)
    elif token.title and not reading.known and morphology.looks_like_patronymic(token.lower):
        _accept(token, Role.PATRONYMIC, Certainty.LIKELY)
    elif token.title and not shouted:
        _judge_capital(text, tokens, place)
    else:
        _judge_lower(text, tokens, place, shouted=shouted)


def _accept(token: Token, role: Role, certainty: Certainty) -> None:
    token.role, token.certainty = role, certainty
    token.forms = token.reading.of(role) or (_surname_forms(token.lower) if role == Role.SURNAME else ())


def _judge_capital(text: str, tokens: Sequence[Token], place: int) -> None:
    token, reading = tokens[place], tokens[place].reading
    introduced = _introduced(text, tokens, place)
    given, surname = reading.of(Role.GIVEN), reading.of(Role.SURNAME)
    if surname and all(form.plural for form in given):
        given = ()  # «Петров» is a surname, not several men called Пётр
    doubtful = reading.ordinary_share >= reading.name_share or token.lower in LOWER_WORDS
    if given and _counts(reading, given):
        if introduced or not doubtful or (not token.opens and not _as_a_town(text, tokens, place, reading)):
            if not (reading.place and not introduced and _as_a_town(text, tokens, place, reading)):
                _accept(token, Role.GIVEN, Certainty.LIKELY if doubtful else Certainty.SURE)
                return
        elif token.opens and _acts(text, tokens, place):
            _accept(token, Role.GIVEN, Certainty.LIKELY)
            return
    if reading.known and surname and not reading.place:
        if introduced or not token.opens or not doubtful or _acts(text, tokens, place):
            _accept(token, Role.SURNAME, Certainty.LIKELY)
        return
    if not reading.known and not reading.place:
        predicted = morphology.looks_like_surname(token.lower)
        if introduced or (
            predicted and (not token.opens or _acts(text, tokens, place)) and _bears_a_name(reading)
        ):
            _accept(token, _unknown_role(token), Certainty.LIKELY if introduced else Certainty.POSSIBLE)
    elif introduced == 2 and reading.ordinary_share and not token.opens:
        _accept(token, Role.SURNAME, Certainty.POSSIBLE)


def _unknown_role(token: Token) -> Role:
    return Role.SURNAME if morphology.looks_like_surname(token.lower) else Role.GIVEN


def _bears_a_name(reading: Reading) -> bool:
    """Whether the dictionary would guess a name of an unknown word, or at least nothing else with certainty."""
    return reading.name_share > 0.3 or reading.speech in ("NOUN", "")


def _counts(reading: Reading, given: Sequence[Form]) -> bool:
    """Whether a given name is more than a guess about an unknown word."""
    return reading.known or (reading.name_share >= 0.5 and any(form.score >= 0.3 for form in given))


def _judge_lower(text: str, tokens: Sequence[Token], place: int, *, shouted: bool) -> None:
    token, reading = tokens[place], tokens[place].reading
    if reading.speech in SERVICE:
        return
    if token.shouted and not shouted and len(token.text) < 5 and not morphology.is_listed(token.lower):
        return  # an abbreviation: «ИНН» is no genitive of Инна
    given = tuple(form for form in reading.of(Role.GIVEN) if not form.plural)
    surname = reading.of(Role.SURNAME)
    plain = token.lower not in LOWER_NAMES and (
        token.lower in LOWER_WORDS
        or reading.ordinary_share
        > (0.7 if len(token.text) > 4 and morphology.is_listed(token.lower) else 0.25)
        or not _counts(reading, given or surname)
    )
    introduced = _introduced(text, tokens, place)
    if given and (not plain or introduced):
        _accept(token, Role.GIVEN, Certainty.LIKELY)
    elif given and _next_is_patronymic(text, tokens, place):
        _accept(token, Role.GIVEN, Certainty.SURE)
    elif (
        surname
        and reading.known
        and (introduced or (not plain and not reading.place and reading.name_share > 0.9))
    ):
        _accept(token, Role.SURNAME, Certainty.POSSIBLE)


def _join(text: str, tokens: Sequence[Token], place: int, *, shouted: bool) -> None:
    """Take in the word beside a found name: the surname that no dictionary knows, the name that is a word too."""
    token, reading = tokens[place], tokens[place].reading
    if len(token.text) < 2:
        return
    if _of_a_place(text, tokens, place) or _of_a_house(text, tokens, place):
        return
    before = tokens[place - 1] if place and _touch(text, tokens[place - 1], token) else None
    after = tokens[place + 1] if place + 1 < len(tokens) and _touch(text, token, tokens[place + 1]) else None
    follows = before is not None and before.role in (Role.GIVEN, Role.PATRONYMIC)
    leads = after is not None and after.role in (Role.GIVEN, Role.PATRONYMIC)
    if after is not None and after.role == Role.PATRONYMIC and (reading.of(Role.GIVEN) or token.title):
        _accept(token, Role.GIVEN, Certainty.SURE)
    elif after is not None and after.role == Role.SURNAME and reading.of(Role.GIVEN) and token.title:
        _accept(token, Role.GIVEN, Certainty.LIKELY)
    elif ((follows or (leads and not token.opens)) and _may_be_surname(token, reading, shouted=shouted)) or (
        leads and token.title and (reading.of(Role.SURNAME) or not reading.known)
    ):
        _accept(token, Role.SURNAME, Certainty.LIKELY)


def _may_be_surname(token: Token, reading: Reading, *, shouted: bool) -> bool:
    if token.title and not shouted:
        return not reading.place or bool(reading.of(Role.SURNAME))
    return bool(reading.of(Role.SURNAME)) and reading.ordinary_share < 0.5


# Neighbours


def _touch(text: str, left: Token, right: Token) -> bool:
    """Whether only space lies between two words."""
    return bool(GAP.fullmatch(text[left.end : right.start]))


def _word_before(text: str, tokens: Sequence[Token], place: int) -> Token | None:
    if not place:
        return None
    gap = text[tokens[place - 1].end : tokens[place].start]
    return tokens[place - 1] if re.fullmatch(r"\.?[ \t\u00a0]{1,3}[«\"“]?|[«\"“]", gap) else None


def _of_a_place(text: str, tokens: Sequence[Token], place: int) -> bool:
    """Whether a street, a square or a school is named after somebody here."""
    token = tokens[place]
    before = _word_before(text, tokens, place)
    if before is not None and before.lower in PLACES and not before.role and not _by_name(tokens, place - 1):
        return True
    if (
        before is not None
        and before.title
        and _of_a_place(text, tokens, place - 1)
        and _touch(text, before, token)
    ):
        return True
    if (
        place + 1 < len(tokens)
        and _touch(text, token, tokens[place + 1])
        and tokens[place + 1].lower in PLACES_AFTER
    ):
        return True
    # «на Кирова, 8», «по Чехова 12»: a street without the word.
    said = before is not None and before.lower in ("на", "по", "до", "с", "со", "у", "от")
    if said and re.match(r",?[ \u00a0](?:д\. ?|дом )?\d{1,3}(?:\D|$)", text[token.end :]):
        return any(form.role == Role.SURNAME and form.case == "gent" for form in token.reading.forms)
    dated = re.search(r"\d[ \u00a0]$", text[max(0, token.start - 2) : token.start])
    return bool(dated) and token.lower in ("марта", "мая")


def _by_name(tokens: Sequence[Token], place: int) -> bool:
    """Whether «имени» stands in «по имени»."""
    return tokens[place].lower == "имени" and place > 0 and tokens[place - 1].lower == "по"


def _of_a_house(text: str, tokens: Sequence[Token], place: int) -> bool:
    """Whether the word stands in the quoted name of a shop, a film, a firm."""
    token = tokens[place]
    opening = max(text.rfind(mark, max(0, token.start - 60), token.start) for mark in '«“"')
    if opening >= 0 and not re.search(r"[»”\"\n]", text[opening + 1 : token.start]):
        closing = re.search(r"[»”\"\n]", text[token.end : token.end + 60])
        inside = text[opening + 1 : token.end + closing.start()] if closing else ""
        if inside and len(inside.split()) <= 3 and not re.search(r"[.!?,…]", inside):
            before = WORD.findall(text[max(0, opening - 30) : opening])
            noun = bool(re.search(r"[А-Яа-яЁё][ \u00a0]$", text[max(0, opening - 2) : opening])) and bool(
                before
            )
            return noun and before[-1].lower() not in CALLED and before[-1].lower() not in PEOPLE
    before_token = _word_before(text, tokens, place)
    return before_token is not None and before_token.lower in HOUSES


def _as_a_town(text: str, tokens: Sequence[Token], place: int, reading: Reading) -> bool:
    """Whether a word stands as a town or a thing does: «во Владимир», «на Марс»."""
    before = _word_before(text, tokens, place)
    if before is None:
        return False
    if reading.place and before.lower in ("в", "во", "из", "под", "через", "до"):
        return True
    return (
        before.lower in ("продают", "купил", "купила", "шоколадку", "планету", "планета", "на")
        and tokens[place].lower == "марс"
    )


def _introduced(text: str, tokens: Sequence[Token], place: int) -> int:
    """Whether the words before say that a person follows: 1 for kin and callings, 2 for «по фамилии», «тов.»."""
    token = tokens[place]
    before = tokens[place - 1] if place else None
    if before is None or (before.sentence != token.sentence and not _abbreviated(text, token.start)):
        return 0
    gap = text[before.end : token.start]
    if not re.fullmatch(r"\.?[ \t\u00a0]{1,3}[«\"“]?|, ?", gap):
        return 0
    if before.lower in CALLED and "," not in gap:
        return 2
    if before.lower in PEOPLE:
        # After a comma only a capital speaks for it: «мой муж, Геннадий,».
        return 0 if "," in gap and not token.title else 2 if "," not in gap else 1
    if (
        place > 1
        and tokens[place - 2].lower in CALLED
        and before.lower in ("его", "её", "ее", "меня", "мастера", "моего", "мою", "сына", "дочь", "дочку")
    ):
        return 1
    if place > 1 and before.lower in ("моя", "мой", "моей", "моему", "мою") and tokens[place - 2].role:
        return 1
    return 0


def _next_is_patronymic(text: str, tokens: Sequence[Token], place: int) -> bool:
    if place + 1 >= len(tokens) or not _touch(text, tokens[place], tokens[place + 1]):
        return False
    follower = tokens[place + 1]
    return bool(follower.reading.of(Role.PATRONYMIC)) and follower.reading.name_share > 0.4


def _acts(text: str, tokens: Sequence[Token], place: int) -> bool:
    """Whether the word at the head of a sentence does what only people do, or bears a patronymic or a surname."""
    if _next_is_patronymic(text, tokens, place):
        return True
    token = tokens[place]
    follower = (
        tokens[place + 1] if place + 1 < len(tokens) and _touch(text, token, tokens[place + 1]) else None
    )
    if follower is not None and follower.title and follower.reading.of(Role.SURNAME):
        return True
    if follower is not None and follower.lower == "и" and place + 2 < len(tokens) and tokens[place + 2].title:
        return bool(tokens[place + 2].reading.of(Role.GIVEN))
    genders = {form.gender for form in token.reading.forms if form.case in ("nomn", "")}
    for other in tokens[place + 1 : place + 6]:
        if other.sentence != token.sentence:
            break
        if other.reading.speech == "VERB":
            mine = other.reading.genders
            agrees = not mine or "" in genders or bool(mine & genders)
            return agrees and other.reading.lemma in DOES
    return False


# Mentions


def _mentions(text: str, tokens: Sequence[Token]) -> Iterator[Finding]:
    """Yield the names found, words of one name together."""
    group: list[Token] = []
    for token in tokens:
        if token.role is None:
            continue
        if group and not (_touch(text, group[-1], token) and _go_together(group, token)):
            yield _mention(text, group)
            group = []
        group.append(token)
    if group:
        yield _mention(text, group)


def _go_together(group: Sequence[Token], token: Token) -> bool:
    roles = [each.role for each in group]
    if len(group) >= 4 or (token.role in roles and token.role != Role.SURNAME):
        return False
    return roles.count(Role.SURNAME) < 2


def _mention(text: str, group: Sequence[Token]) -> Finding:
    parts = [Part(each.start, each.end, each.text, each.role or Role.GIVEN, each.forms) for each in group]
    certainty = max(each.certainty for each in group)
    return _finding(text, group[0].start, group[-1].end, parts, certainty)


def _finding(text: str, start: int, end: int, parts: Sequence[Part], certainty: Certainty) -> Finding:
    return Finding(start, end, Kind.NAME, text[start:end], certainty, parts=tuple(parts), language="ru")
