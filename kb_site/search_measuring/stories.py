"""Made-up stories: paragraphs of the install's own narratives, put together anew, with synthetic facets.

Story ``n`` is the same whenever it is asked for and is made when it is asked for, so that a hundred thousand of them
take no memory.
"""

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

from kb_site.import_measuring import narratives
from search import layout
from search.documents import Document, Window
from search.enums import EVERYONE
from stories.querysets import for_index

KIND = "measured"
FACETS = ("touchpoint", "outcome", "product", "tag", "year")
SHORTEST_PARAGRAPH = 120
DAY = 86_400
TYPES = {"touchpoint": 12, "product": 8, "tag": 60, "year": 6}


@dataclass(frozen=True, slots=True)
class Told:
    """What a hit shows of a made-up story."""

    title: str
    url: str
    external_id: str
    text: str
    card: object = None


def paragraphs() -> list[tuple[str, str]]:
    """Paragraphs of the live stories with their language; invented ones where there are too few stories."""
    found = [
        (language, part)
        for text, language in for_index().order_by("pk").values_list("plain_text", "language")
        for part in text.split("\n")
        if len(part) >= SHORTEST_PARAGRAPH
    ]
    if len(found) < 100:
        found += [("en", part) for row in narratives(400) for part in row["text"].split("\n\n")]
    return found


@dataclass
class Recombined:
    """A source of ``count`` made-up stories; ``edited`` holds the numbers whose words were changed."""

    count: int
    pool: list[tuple[str, str]]
    edited: dict[int, str] = field(default_factory=dict)

    kind = KIND
    label: Any = "Measured"
    template = "search/hit.html"
    facets = FACETS

    def ids(self) -> Iterable[int]:
        """All numbers."""
        return range(1, self.count + 1)

    def documents(self, ids: Sequence[int]) -> Iterable[Document]:
        """Make the stories of these numbers."""
        return [self.document(number) for number in ids if 1 <= number <= self.count]

    def fingerprints(self, ids: Sequence[int] | None = None) -> Iterable[tuple[int, str]]:
        """The state of each."""
        return [(number, self.edited.get(number, "1")) for number in (self.ids() if ids is None else ids)]

    def hits(self, user: Any, purpose: str, ids: Sequence[int], at: datetime) -> Mapping[int, Told]:
        """What is shown of these numbers."""
        return {number: self.told(number) for number in ids}

    def fallback(self, user: Any, purpose: str, text: str, limit: int) -> Mapping[int, Told]:
        """A few, as the database would list while the engine is away."""
        return {number: self.told(number) for number in range(1, min(limit, self.count) + 1)}

    def facet_labels(self, facet: str, values: Sequence[str]) -> Mapping[str, str]:
        """Values as they are."""
        return {value: value for value in values}

    def facet_title(self, facet: str) -> str:
        """The facet as it is."""
        return facet

    def told(self, number: int) -> Told:
        """Title and text of a number."""
        title, _language, text = self.words(number)
        return Told(title, f"/measured/{number}/", f"m-{number}", text)

    def words(self, number: int) -> tuple[str, str, str]:
        """Title, language and text of a number: two to five paragraphs of one language."""
        chance = random.Random(number)  # noqa: S311 - made-up text, no secret
        language, first = chance.choice(self.pool)
        parts = [first]
        for other, part in chance.sample(self.pool, min(12, len(self.pool))):
            if other == language and len(parts) < 2 + number % 4:
                parts.append(part)
        start = chance.choice(parts).split()
        title = " ".join(start[: chance.randint(3, 7)])
        return f"{title} {self.edited.get(number, '')}".strip(), language, "\n\n".join(parts)

    def document(self, number: int) -> Document:
        """The whole document of a number."""
        title, language, text = self.words(number)
        chance = random.Random(-number)  # noqa: S311
        facets = {name: _values(name, kinds, chance) for name, kinds in TYPES.items()}
        facets["outcome"] = (chance.choice(("rising", "falling", "flat")),)
        return Document(
            kind=KIND, object_id=number, external_id=f"m-{number}", url=f"/measured/{number}/", language=language,
            title=title, body=text, fingerprint=self.edited.get(number, "1"), facets=facets,
            person=f"M-{chance.randint(1, max(self.count // 3, 1))}",
            date=1_600_000_000 + chance.randint(0, 2000) * DAY,
            audience=("0",) if number % 10 == 0 else (EVERYONE,),
            visible={"read": Window(0, 1 if number % 50 == 0 else None)},
        )  # fmt: skip


def _values(name: str, kinds: int, chance: random.Random) -> tuple[str, ...]:
    """One value, or a few tags; small numbers are much more frequent."""
    drawn = {min(int(chance.paretovariate(0.6)), kinds) for _ in range(3 if name == "tag" else 1)}
    return tuple(f"{name}-{number}" for number in sorted(drawn))


VARIANTS = ("passage", "typo", "keywords", "keywords, typo", "other layout")


@lru_cache(maxsize=4)
def questions(source_count: int, pool: tuple[tuple[str, str], ...], each: int) -> list[tuple[str, str]]:
    """Known-item questions about made-up stories, (variant, text), ``each`` of every variant."""
    chance = random.Random(11)  # noqa: S311
    source = Recombined(source_count, list(pool))
    found = []
    for _ in range(each):
        words = chance.choice(source.words(chance.randint(1, source_count))[2].split("\n\n")).split()
        start = chance.randint(0, max(len(words) - 8, 0))
        passage = words[start : start + 8]
        keywords = sorted(set(passage), key=len)[-3:]
        texts = (passage, _slip(passage, chance), keywords, _slip(keywords, chance))
        found += [(name, " ".join(text)) for name, text in zip(VARIANTS, texts, strict=False)]
        found.append((VARIANTS[-1], layout.swap(" ".join(passage))))
    return found


def _slip(words: Sequence[str], chance: random.Random) -> list[str]:
    """The words with two neighbouring letters of the longest one swapped."""
    longest = max(words, key=len)
    place = chance.randint(0, max(len(longest) - 2, 0))
    slipped = longest[:place] + longest[place : place + 2][::-1] + longest[place + 2 :]
    return [slipped if word == longest else word for word in words]
