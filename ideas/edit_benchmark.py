"""The edit benchmark: synthetic texts in both languages, highlights, random edits that know where each passage went.

Edits: a typo, a word put in, a word taken out, a name changed throughout, a new paragraph, a sentence moved out of a
passage's neighbourhood, and the quotation copied to another place of the text (a lead, a summary). Some passages are
deleted whole, some of those with a copy left elsewhere. Right: the highlight covers at least four fifths of where the
passage is and covers little else; a passage of which less than three fifths is left, or that is less than three
fifths of what reads in its place now, has changed too much, and right is to ask a person. Silently wrong: it stands as
evidence and is not right.
"""

import random
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from ideas.enums import STANDING
from ideas.mapping import Changes, Mapped
from ideas.texts import Span, sentences

RIGHT, CHANGED, GONE = 0.8, 0.6, 0.3
RU_TEXT = (
    "диспетчер обещал мастера в течение дня и я отпросилась с работы но никто не пришёл и никто не позвонил "
    "вечером соседка сказала что у них та же история с батареей третий год подряд поэтому она держит дома "
    "запасной вентиль начальник участка извинился деньги вернули только осадок остался потому что мне нужна "
    "была не скидка а час приезда лифт стоял до ночи ребёнка несли на руках на девятый этаж а объявление "
    "повесили уже после того как его починили"
)
RU = RU_TEXT.split()
EN_TEXT = (
    "the dispatcher promised a plumber within the day so I left work early but nobody came and nobody rang "
    "that evening my neighbour says it is the same story with her radiator every winter which is why she keeps "
    "a spare valve at home the manager apologised and the money came back although what I wanted was an hour "
    "and not a discount on the bill the lift stood still until night and we carried the pram to the ninth "
    "floor while the notice went up after the repair"
)
EN = EN_TEXT.split()


@dataclass
class Sheet:
    """A text as a list of characters with their own identities, so that the truth survives every edit."""

    letters: list[tuple[int, str]]
    next_id: int

    @classmethod
    def of(cls, text: str) -> "Sheet":
        """Give every character an identity."""
        return cls(list(enumerate(text)), len(text))

    @property
    def text(self) -> str:
        """The text as it reads now."""
        return "".join(letter for _id, letter in self.letters)

    def put(self, at: int, text: str) -> None:
        """Put new characters in."""
        fresh = [(self.next_id + n, letter) for n, letter in enumerate(text)]
        self.letters[at:at] = fresh
        self.next_id += len(text)

    def swap(self, start: int, end: int, text: str) -> None:
        """Put other characters in the place of some; they stand for them, so they take over their identities."""
        ids = [each for each, _letter in self.letters[start:end]]
        self.letters[start:end] = [(ids[min(n, len(ids) - 1)], letter) for n, letter in enumerate(text)]

    def take(self, start: int, end: int) -> None:
        """Take characters out."""
        del self.letters[start:end]


@dataclass
class Tally:
    """What came out of a run."""

    total: int = 0
    right: int = 0
    asked: int = 0
    silently_wrong: int = 0
    deleted: int = 0
    reanchored: int = 0
    states: Counter[str] = field(default_factory=Counter)

    def as_dict(self) -> dict[str, object]:
        """Return the figures as plain data."""
        return {
            "highlights": self.total,
            "right": self.right,
            "right_share": round(self.right / max(1, self.total), 4),
            "asked_a_person": self.asked,
            "silently_wrong": self.silently_wrong,
            "deleted_passages": self.deleted,
            "deleted_and_reanchored": self.reanchored,
            "states": dict(self.states),
        }


def invented(words: list[str], chance: random.Random, length: int) -> str:
    """Return a text of sentences and paragraphs, about ``length`` characters."""
    parts: list[str] = []
    while sum(map(len, parts)) < length:
        said = chance.choices(words, k=chance.randint(5, 16))
        parts.append(" ".join(said).capitalize() + chance.choice((". ", ". ", "? ", ".\n\n")))
    return "".join(parts).strip()


def edits(words: list[str]) -> list[Callable[[Sheet, random.Random], None]]:
    """Return the kinds of edits."""

    def word_at(sheet: Sheet, chance: random.Random) -> tuple[int, int]:
        text = sheet.text
        at = chance.randrange(len(text))
        start = text.rfind(" ", 0, at) + 1
        end = text.find(" ", start)
        return start, end if end > 0 else len(text)

    def typo(sheet: Sheet, chance: random.Random) -> None:
        at = chance.randrange(len(sheet.letters))
        sheet.swap(at, at + 1, chance.choice("аеиоstn"))

    def insert(sheet: Sheet, chance: random.Random) -> None:
        start, _end = word_at(sheet, chance)
        sheet.put(start, " ".join(chance.choices(words, k=chance.randint(1, 5))) + " ")

    def delete(sheet: Sheet, chance: random.Random) -> None:
        start, end = word_at(sheet, chance)
        sheet.take(start, min(end + 1, len(sheet.letters)))

    def rename(sheet: Sheet, chance: random.Random) -> None:
        old, new = chance.choice([word for word in words if len(word) > 3]), chance.choice(words).capitalize()
        for match in reversed(list(re.finditer(rf"\b{old}\b", sheet.text))):
            sheet.swap(match.start(), match.end(), new)

    def paragraph(sheet: Sheet, chance: random.Random) -> None:
        at = chance.choice([span.start for span in sentences(sheet.text)])
        sheet.put(at, invented(words, chance, 120) + "\n\n")

    return [typo, insert, delete, rename, paragraph]


def truth(sheet: Sheet, ids: set[int]) -> Span:
    """Return where the characters of a passage lie now; an empty span when none is left."""
    places = [at for at, (each, _letter) in enumerate(sheet.letters) if each in ids]
    return Span(places[0], places[-1] + 1) if places else Span(0, 0)


def overlap(one: Span, other: Span) -> float:
    """Return the share of common characters in all characters of two spans (Jaccard)."""
    common = max(0, min(one.end, other.end) - max(one.start, other.start))
    union = (one.end - one.start) + (other.end - other.start) - common
    return common / union if union else 0.0


def run(highlights: int = 1000, seed: int = 11, per_text: int = 10, length: int = 3000) -> Tally:
    """Return the tally over ``highlights`` passages, half in each language, each text edited 3 to 10 times."""
    chance, tally = random.Random(seed), Tally()  # noqa: S311 - an experiment, no secret
    while tally.total < highlights:
        words = RU if (tally.total // per_text) % 2 else EN
        one_text(words, chance, tally, min(per_text, highlights - tally.total), length)
    return tally


def one_text(words: list[str], chance: random.Random, tally: Tally, count: int, length: int) -> None:
    """Mark passages of one text, copy one of them elsewhere, delete one, edit, map, and judge."""
    old = invented(words, chance, length)
    marked = [passage(old, chance) for _ in range(count)]
    sheet = Sheet.of(old)
    ids = [set(range(span.start, span.end)) for span in marked]
    gone = chance.randrange(count) if chance.random() < 0.5 else -1
    if gone >= 0:
        # The passage leaves; half the time its words stay somewhere else.
        quote = old[marked[gone].start : marked[gone].end]
        sheet.take(marked[gone].start, marked[gone].end)
        if chance.random() < 0.5:
            far = 0 if marked[gone].start > len(sheet.letters) // 2 else len(sheet.letters)
            sheet.put(far, f"\n\n{quote}\n\n")
    copied = old[marked[0].start : marked[0].end]
    sheet.put(0, f"{copied}\n\n")
    kinds = edits(words)
    for _edit in range(chance.randint(3, 10)):
        chance.choice(kinds)(sheet, chance)
    changes = Changes(old, sheet.text)
    for index, span in enumerate(marked):
        kept = len(ids[index] & {each for each, _letter in sheet.letters})
        judge(tally, changes.carry(span), truth(sheet, ids[index]), kept, span)


def passage(text: str, chance: random.Random) -> Span:
    """Return a sentence, a part of one or two together."""
    found = sentences(text)
    first = chance.randrange(len(found))
    span = Span(found[first].start, found[min(first + chance.randrange(2), len(found) - 1)].end)
    if chance.random() < 0.3:
        cut = text.find(" ", span.start + (span.end - span.start) // 2)
        span = Span(span.start, cut) if span.start + 12 < cut < span.end else span
    return span


def judge(tally: Tally, mapped: Mapped, real: Span, kept: int, old: Span) -> None:
    """Count one highlight: where it went, where its passage is, how many of its characters are left, where it was."""
    state, found = mapped.state, mapped.span
    tally.total += 1
    tally.states[state] += 1
    left = kept / max(1, old.end - old.start)
    if left < GONE:
        tally.deleted += 1
        tally.reanchored += state in STANDING
        tally.right += state not in STANDING
        return
    changed = left < CHANGED or (old.end - old.start) < CHANGED * (real.end - real.start)
    right = overlap(found, real) >= RIGHT
    if state in STANDING:
        tally.right += right
        tally.silently_wrong += not right
    else:
        tally.asked += 1
        tally.right += changed
