"""Which themes a text is like, learnt from passages that people coded, and from what they refused.

Each theme has a profile, the sum of its passages as weighted stems of length one; a text goes to the themes whose
profiles lie nearest to it (Rocchio 1971, "Relevance feedback in information retrieval"; as a classifier: Manning,
Raghavan, Schütze 2008, "Introduction to Information Retrieval", 14.2). Weights are (1 + ln tf) · ln((1 + N) / df). What
was refused for a theme pushes away whatever is like it. Made anew with every question of what the gate lets through:
nothing learnt is kept.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from search import analysis

LIMIT = 3
# How strongly a refused passage pushes its like away: what is said in the same words is not proposed again.
PUSH = 1.0
SHORTEST = 3  # a stem shorter than this tells nothing

Vector = dict[str, float]


@dataclass(frozen=True, slots=True)
class Example:
    """A text with what a person said of it; ``key`` names it."""

    key: int
    theme: int
    stems: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Guess:
    """A theme that a text may speak for, how near it lies (0 to 1), and the example most like the text."""

    theme: int
    score: float
    like: int
    alike: float


def stems_of(text: str) -> Counter[str]:
    """Return the stems of the words that say something, counted."""
    told = map(analysis.word, analysis.words(text))
    return Counter([each.stem for each in told if not each.is_stop and len(each.stem) >= SHORTEST])


class Likeness:
    """Profiles of themes, made of examples and refusals; ``around`` are texts that show which stems are common."""

    def __init__(
        self,
        examples: Sequence[Example],
        refused: Iterable[Example] = (),
        around: Iterable[Mapping[str, int]] = (),
    ) -> None:
        self.examples = examples
        texts = [*(each.stems for each in examples), *around]
        self.rarity, self.greatest = rarity(texts), math.log(1 + len(texts))
        self.vectors = [self.vector(each.stems) for each in examples]
        self.holding: dict[str, list[tuple[int, float]]] = defaultdict(list)
        self.profiles: dict[str, dict[int, float]] = defaultdict(dict)
        self.squares: dict[int, float] = defaultdict(float)
        self.refused: dict[int, list[Vector]] = defaultdict(list)
        for place, (example, vector) in enumerate(zip(examples, self.vectors, strict=True)):
            for stem, weight in vector.items():
                self.holding[stem].append((place, weight))
                themes = self.profiles[stem]
                themes[example.theme] = themes.get(example.theme, 0.0) + weight
        for themes in self.profiles.values():
            for theme, weight in themes.items():
                self.squares[theme] += weight * weight
        for example in refused:
            self.refused[example.theme].append(self.vector(example.stems))

    def telling(self, stems: Iterable[str]) -> float:
        """Return how much stems tell together, in stems that occur in one text only."""
        return sum(self.rarity.get(stem, 0.0) for stem in stems) / self.greatest if self.greatest else 0.0

    def vector(self, stems: Mapping[str, int]) -> Vector:
        """Return weighted stems of length one; empty for a text without a known stem."""
        weights = {
            stem: (1 + math.log(count)) * self.rarity[stem]
            for stem, count in stems.items()
            if stem in self.rarity
        }
        length = math.sqrt(sum(weight * weight for weight in weights.values()))
        return {stem: weight / length for stem, weight in weights.items()} if length else {}

    def guess(
        self,
        stems: Mapping[str, int],
        *,
        limit: int = LIMIT,
        floor: float = 0.0,
        without: Collection[int] = (),
    ) -> list[Guess]:
        """Return the nearest themes, best first, at most ``limit`` and none below ``floor``.

        ``without`` are places of examples that count as if they were not there.
        """
        vector = self.vector(stems)
        near = self.nearest(vector, without)
        scores = self.distances(vector, without)
        found = [
            Guess(theme, score, *near[theme])
            for theme, dot in scores.items()
            if theme in near and (score := dot - self.pushed(theme, vector)) > floor
        ]
        return sorted(found, key=lambda each: (-each.score, each.theme))[:limit]

    def nearest(self, vector: Vector, without: Collection[int] = ()) -> dict[int, tuple[int, float]]:
        """Return for every theme the key of the example most like a text, and how like it is."""
        best: dict[int, tuple[int, float]] = {}
        for place, dot in self.alike(vector).items():
            example = self.examples[place]
            if place not in without and dot > best.get(example.theme, (0, 0.0))[1]:
                best[example.theme] = (example.key, dot)
        return best

    def alike(self, vector: Vector) -> dict[int, float]:
        """Return the cosine between a text and every example that shares a stem with it, by its place."""
        dots: dict[int, float] = defaultdict(float)
        for stem, weight in vector.items():
            for place, own in self.holding.get(stem, ()):
                dots[place] += weight * own
        return dots

    def distances(self, vector: Vector, without: Collection[int] = ()) -> dict[int, float]:
        """Return the cosine between a text and each theme's profile."""
        dots: dict[int, float] = defaultdict(float)
        for stem, weight in vector.items():
            for theme, own in self.profiles.get(stem, {}).items():
                dots[theme] += weight * own
        squares = dict(self.squares)
        for place in without:
            self.leave_out(place, vector, dots, squares)
        return {
            theme: dot / math.sqrt(squares[theme]) for theme, dot in dots.items() if squares[theme] > 1e-9
        }

    def leave_out(
        self, place: int, vector: Vector, dots: dict[int, float], squares: dict[int, float]
    ) -> None:
        """Take one example out of the sums: |p − e|² = |p|² − 2 p·e + 1."""
        own, theme = self.vectors[place], self.examples[place].theme
        if not own:
            return
        dots[theme] -= sum(weight * vector.get(stem, 0.0) for stem, weight in own.items())
        both = sum(weight * self.profiles[stem][theme] for stem, weight in own.items())
        squares[theme] += 1 - 2 * both

    def pushed(self, theme: int, vector: Vector) -> float:
        """Return how much refusals of a theme lower it for a text: by the one most like it."""
        alike = (
            sum(weight * each.get(stem, 0.0) for stem, weight in vector.items())
            for each in self.refused.get(theme, ())
        )
        return PUSH * max(alike, default=0.0)


def rarity(told: Sequence[Mapping[str, int]]) -> dict[str, float]:
    """Return how much each stem tells apart: ln((1 + N) / df)."""
    held = Counter(stem for each in told for stem in each)
    return {stem: math.log((1 + len(told)) / count) for stem, count in held.items()}
