"""Names in Latin letters: given names of a list, titles, initials, and words that people stand beside.

There is no dictionary of English names to ask, so what is not in the lists is found by its neighbours: ``Mr Xander``,
``my wife Xochitl``, ``spoke with Tran``. Names that are also words (Mark, Will, Hope) count where a person acts.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from stories.masking.findings import Certainty, Finding, Form, Kind, Part, Role
from stories.masking.lexicon import english_given, english_surnames, english_words, words

WORD = re.compile(r"[A-Za-zÀ-ÖØ-öø-ÿ]+(?:['’][A-ZÀ-Ö][A-Za-zÀ-ÿ]+|-[A-ZÀ-Ö][A-Za-zÀ-ÿ]+|-[a-zà-ÿ]+)*")
GAP = re.compile(r"[ \t\u00a0]{1,3}")
ENDS = re.compile(r"(?:^|[.!?…\n:][\"”’)]*|[\n“\"(•*])\s*[“\"(]?\s*(?:[-–—] ?)?$")
TITLES = words("around_en.txt", "titles")
DOTTED = words("around_en.txt", "dotted")
KIN = words("around_en.txt", "kin")
STRONG = re.compile(
    r"\b(?:names? (?:is|was)|named|by the name of|dear|sincerely,?|regards,?|yours truly,?|signed by|"
    r"(?:man|lady|woman|girl|guy|boy|gentleman|someone|somebody|person|agent|rep|representative|manager|"
    r"supervisor) called|"
    r"(?:spoke|speak|talked|talk|spoken) (?:with|to)|dealt with)\s+$",
    re.I,
)
ACTS = words("around_en.txt", "acts")
SPEAKS = ACTS - frozenset(
    [
        "was",
        "is",
        "has",
        "had",
        "did",
        "does",
        "will",
        "would",
        "could",
        "can",
        "never",
        "always",
        "also",
        "then",
        "and",
        "set",
        "put",
        "made",
    ]
)
# After these a capital names a firm, a street or a law.
FIRMS = words("around_en.txt", "firms")
# With an 's these are shops.
BRANDS = words("around_en.txt", "brands")
CALENDAR_BEFORE = words("around_en.txt", "calendar_before")
# Capitals that are no names: they stand where a name could.
NOT_NAMES = words("around_en.txt", "not_names")
STATES = frozenset(("U.S.", "U.K.", "D.C.", "N.Y.", "L.A.", "P.O.", "N.A.", "E.U.", "U.N.", "A.M.", "P.M."))
REGIONS = frozenset(["south", "north", "west", "east", "new"])
SLAVIC = re.compile(r"[a-zà-ÿ]{3,}(?:ova?|eva?|enko|sk[iy]|skaya|vich|dze|shvili|sson)$")
INITIALS = re.compile(r"(?<![\w.])((?:[A-Z]\. ?){1,3})([A-Z][a-zà-ÿ]+(?:['’-][A-Z]?[a-zà-ÿ]+)*)")


@dataclass(slots=True)
class Token:
    """A Latin word of the text."""

    start: int
    end: int
    text: str
    opens: bool = False
    sentence: int = 0
    role: Role | None = None
    certainty: Certainty = Certainty.LIKELY
    gender: str = ""

    @property
    def lower(self) -> str:
        return self.text.lower().replace("’", "'")

    @property
    def capital(self) -> bool:
        return self.text[0].isupper() and (len(self.text) == 1 or not self.text.isupper())

    @property
    def first(self) -> str:
        """The first half of a double name."""
        return self.lower.split("-")[0]


def names(text: str) -> Iterator[Finding]:
    """Yield mentions of people in Latin words."""
    tokens = list(_tokens(text))
    if not tokens:
        return
    shouting = _shouting(tokens)
    for place, token in enumerate(tokens):
        _judge(text, tokens, place, shouted=token.sentence in shouting)
    for place in range(len(tokens)):
        _join(text, tokens, place)
    _initialled(text, tokens)
    yield from _mentions(text, tokens)


def _tokens(text: str) -> Iterator[Token]:
    sentence, last, previous = 0, 0, ""
    for match in WORD.finditer(text):
        gap = text[last : match.start()]
        ended = bool(ENDS.search(text[max(0, match.start() - 6) : match.start()]))
        short = gap.strip() == "." and (previous in DOTTED or len(previous) == 1)
        opens = ended and not short
        if opens and re.search(r"[.!?…\n]", gap):
            sentence += 1
        last, previous = match.end(), match.group().lower()
        yield Token(match.start(), match.end(), match.group(), opens, sentence)


def _shouting(tokens: Sequence[Token]) -> set[int]:
    sizes: dict[int, list[int]] = {}
    for token in tokens:
        size = sizes.setdefault(token.sentence, [0, 0])
        size[0] += len(token.text)
        size[1] += len(token.text) if token.text.isupper() else 0
    return {sentence for sentence, (whole, loud) in sizes.items() if whole > 8 and loud > whole * 0.7}


def _accept(token: Token, role: Role, certainty: Certainty, gender: str = "") -> None:
    token.role, token.certainty, token.gender = role, certainty, gender


def _judge(text: str, tokens: Sequence[Token], place: int, *, shouted: bool) -> None:
    """Decide whether a word is a name by itself."""
    token = tokens[place]
    if len(token.text) < 2 or (token.lower in TITLES and not _after_title(text, tokens, place)):
        return
    capital = token.capital and not shouted
    given, word = english_given(), english_words()
    if (
        _after_title(text, tokens, place)
        and (capital or shouted)
        and token.lower not in NOT_NAMES - {"may", "christian"}
    ):
        if not _of_a_firm(text, tokens, place):
            _accept(
                token,
                Role.SURNAME if token.lower not in given else Role.GIVEN,
                Certainty.SURE,
                given.get(token.lower, ""),
            )
        return
    if token.lower in given or (token.first in given and capital):
        gender = given.get(token.lower, given.get(token.first, ""))
        if (capital or len(token.text) > 3) and not _of_a_firm(text, tokens, place):
            _accept(token, Role.GIVEN, Certainty.SURE if capital else Certainty.LIKELY, gender)
    elif token.lower in word:
        what, gender = word[token.lower]
        if _is_person(text, tokens, place, what, capital=capital) and not _of_a_firm(text, tokens, place):
            _accept(token, Role.GIVEN, Certainty.LIKELY, gender)
    elif capital and not token.opens and SLAVIC.search(token.lower) and _after_capital(text, tokens, place):
        _accept(tokens[place - 1], Role.GIVEN, Certainty.POSSIBLE)
        _accept(token, Role.SURNAME, Certainty.LIKELY)
    elif (
        capital
        and token.lower not in NOT_NAMES | FIRMS
        and _spoken_of(text, tokens, place)
        and not _of_a_firm(text, tokens, place)
    ):
        role = Role.SURNAME if token.lower in english_surnames() else Role.GIVEN
        _accept(token, role, Certainty.POSSIBLE)


def _before(text: str, token: Token, size: int = 40) -> str:
    return text[max(0, token.start - size) : token.start]


def _neighbour(text: str, tokens: Sequence[Token], place: int, step: int) -> Token | None:
    other = place + step
    if not 0 <= other < len(tokens):
        return None
    left, right = (tokens[place], tokens[other]) if step > 0 else (tokens[other], tokens[place])
    return tokens[other] if GAP.fullmatch(text[left.end : right.start]) else None


def _after_title(text: str, tokens: Sequence[Token], place: int) -> bool:
    if not place:
        return False
    before = tokens[place - 1]
    gap = text[before.end : tokens[place].start]
    return (
        before.lower in TITLES
        and bool(re.fullmatch(r"\.?[ \u00a0]{1,2}", gap))
        and (before.text[0].isupper() or before.lower in DOTTED)
    )


def _after_capital(text: str, tokens: Sequence[Token], place: int) -> bool:
    """Whether a word with a capital that could be a given name stands right before: «Damyan Yordanov»."""
    before = _neighbour(text, tokens, place, -1)
    return (
        before is not None
        and before.capital
        and len(before.text) > 2
        and before.lower not in NOT_NAMES | FIRMS | TITLES
    )


def _of_a_firm(text: str, tokens: Sequence[Token], place: int) -> bool:
    """Whether the word belongs to the name of a firm or a street: «Chase Bank», «Grant Street», «Johnson & Johnson»."""
    token = tokens[place]
    around = text[max(0, token.start - 3) : token.start], text[token.end : token.end + 3]
    if (
        re.search(r"& ?$", around[0])
        or re.match(r" ?&", around[1])
        or re.search(r"\bSt\. $", _before(text, token))
    ):
        return True
    if token.lower in BRANDS and re.match(r"['’]s\b", text[token.end :]):
        return True
    if re.match(r"['’]s\s[A-Z]", text[token.end : token.end + 5]) or (
        re.match(r"['’]s\s", text[token.end :])
        and re.match(
            r"\s*(?:" + "|".join(("Hospital", "Diner", "Pizza", "Club", "Bank")) + ")", text[token.end + 2 :]
        )
    ):
        follower = tokens[place + 1] if place + 1 < len(tokens) else None
        # «Wendy's», «Jerry's Diner»; a person's things are written small.
        return follower is None or follower.text[0].isupper() or follower.lower == "s"
    for step in (1, 2, 3):
        other = tokens[place + step] if place + step < len(tokens) else None
        if (
            other is None
            or other.sentence != token.sentence
            or not GAP.fullmatch(text[tokens[place + step - 1].end : other.start])
        ):
            break
        if not other.text[0].isupper():
            break
        if other.lower in FIRMS:
            return True
    before = _neighbour(text, tokens, place, -1)
    return (
        before is not None
        and before.text[0].isupper()
        and before.lower in FIRMS - {"st", "service", "services", "bank"}
        and not before.opens
    )


def _speaks(text: str, tokens: Sequence[Token], place: int, verbs: frozenset[str]) -> bool:
    follower = _neighbour(text, tokens, place, 1)
    if follower is None:
        return False
    if follower.lower == "from" or (
        follower.lower == "and" and place + 2 < len(tokens) and tokens[place + 2].capital
    ):
        return (
            tokens[place].opens is False
            or follower.lower == "from"
            or tokens[place + 2].lower in {**english_given(), **english_words()}
        )
    return follower.lower in verbs


def _spoken_of(text: str, tokens: Sequence[Token], place: int) -> bool:
    """Whether the words before introduce a person."""
    token, before = tokens[place], _before(text, tokens[place])
    if STRONG.search(before):
        return True
    previous = tokens[place - 1] if place else None
    if previous is None or token.opens:
        return False
    gap = text[previous.end : token.start]
    if previous.lower in KIN and GAP.fullmatch(gap):
        return True
    if previous.lower in KIN and gap in (", ", " ,", " - "):
        # «My husband, Wasiu,»: framed on both sides.
        return bool(re.match(r"(?:['’]s)?\s?[,.]|\s[A-Z][a-z]+,", text[token.end :]))
    return False


def _is_person(text: str, tokens: Sequence[Token], place: int, what: str, *, capital: bool) -> bool:
    """Whether a word that is also something else is a person here."""
    token = tokens[place]
    if _spoken_of(text, tokens, place):
        return capital or bool(STRONG.search(_before(text, token)))
    if not capital:
        return False
    before = _neighbour(text, tokens, place, -1)
    follower = _neighbour(text, tokens, place, 1)
    surname = (
        follower is not None
        and follower.capital
        and follower.lower in english_surnames()
        and follower.lower not in FIRMS
    )
    possessive = bool(re.match(r"['’]s\b", text[token.end :]))
    if what == "firm":
        return surname
    if before is not None and (
        before.lower in REGIONS or (before.capital and not before.opens and before.role is None)
    ):
        return before is not None and before.lower in TITLES | KIN
    if what == "word":
        if token.opens:
            return (
                surname
                or _speaks(text, tokens, place, SPEAKS)
                or (possessive and token.lower in ("mark", "bill", "jack", "frank", "will", "rob", "ray"))
            )
        return follower is None or not follower.capital or surname or follower.lower in NOT_NAMES
    if (
        before is not None and before.lower in CALENDAR_BEFORE - {"from", "by", "of", "before", "after"}
    ) or re.match(r"\s\d", text[token.end :]):
        return False
    if re.match(r",\s+(?:[A-Z]{2}\b|[A-Z][a-z]+)", text[token.end :]) and what == "place":
        return False
    told = bool(re.search(r"\b(?:told|asked|met|thanked|called)\s+$", _before(text, token)))
    return surname or told or _speaks(text, tokens, place, SPEAKS)


def _join(text: str, tokens: Sequence[Token], place: int) -> None:
    """Take in the surname behind a given name, and the given name before a surname."""
    token = tokens[place]
    if token.role is not None:
        return
    before = _neighbour(text, tokens, place, -1)
    if before is None and place:
        gap = text[tokens[place - 1].end : token.start]
        middle = re.fullmatch(r"\. ", gap) and len(tokens[place - 1].text) == 1
        if middle and place > 1 and tokens[place - 2].role == Role.GIVEN and token.capital:
            _accept(tokens[place - 1], Role.INITIAL, Certainty.SURE)
            _accept(token, Role.SURNAME, Certainty.SURE)
        return
    if before is None or before.role not in (Role.GIVEN, Role.SURNAME) or token.lower in FIRMS:
        return
    known = token.lower in english_surnames()
    if token.text.isupper() and len(token.text) > 1 and before.text.isupper() and known:
        _accept(token, Role.SURNAME, Certainty.LIKELY)
    elif (
        token.capital and len(token.text) > 1 and not token.opens and (known or token.lower not in NOT_NAMES)
    ):
        if before.role == Role.GIVEN or known:
            _accept(token, Role.SURNAME, Certainty.SURE if known else Certainty.LIKELY)
    elif not token.capital and known and before.text.islower() and token.lower not in ORDINARY:
        _accept(token, Role.SURNAME, Certainty.LIKELY)


ORDINARY = words("around_en.txt", "ordinary")


def _initialled(text: str, tokens: Sequence[Token]) -> None:
    """Note surnames with initials before them: «J. R. Miller»."""
    by_start = {token.start: place for place, token in enumerate(tokens)}
    for match in INITIALS.finditer(text):
        place = by_start.get(match.start(2))
        if place is None or tokens[place].lower in NOT_NAMES | FIRMS or _of_a_firm(text, tokens, place):
            continue
        surname = tokens[place]
        letters = [token for token in tokens[max(0, place - 3) : place] if token.start >= match.start()]
        if match.group(1).replace(" ", "") in STATES:
            continue
        if len(letters) == 1 and surname.lower not in english_surnames() and surname.role is None:
            continue
        for letter in letters:
            _accept(letter, Role.INITIAL, Certainty.SURE)
        _accept(surname, Role.SURNAME, Certainty.SURE)


# Mentions


def _mentions(text: str, tokens: Sequence[Token]) -> Iterator[Finding]:
    group: list[Token] = []
    for token in tokens:
        if token.role is None:
            continue
        if group and not re.fullmatch(r"\.?[ \t\u00a0]{1,2}", text[group[-1].end : token.start]):
            yield _mention(text, group)
            group = []
        group.append(token)
    if group:
        yield _mention(text, group)


def _mention(text: str, group: Sequence[Token]) -> Finding:
    parts = tuple(
        Part(
            each.start,
            each.end,
            each.text,
            each.role or Role.GIVEN,
            (Form(each.role or Role.GIVEN, each.lower, each.gender),),
        )
        for each in group
    )
    start, end = group[0].start, group[-1].end
    return Finding(
        start,
        end,
        Kind.NAME,
        text[start:end],
        max(each.certainty for each in group),
        parts=parts,
        language="en",
    )
