"""Counting people behind the cells of facets, exactly and without looking at every document of frequent values.

People are asked for only up to ``PEOPLE``: a sample settles a frequent value at once, and what it leaves open are rare
values, which have few documents to look at.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from search.engines.base import PEOPLE, Cell, ordered

SAMPLE = 1000

Seen = Mapping[str, tuple[int, int]]  # value → (documents, people)


def most_frequent(counts: Mapping[str, int], most: int, chosen: Sequence[str]) -> dict[str, int]:
    """The ``most`` most frequent values of a facet and the chosen ones: no others are counted further."""
    if len(counts) <= most:
        return dict(counts)
    best = sorted(counts, key=lambda value: (-counts[value], value))[:most]
    return {value: counts[value] for value in (*best, *chosen) if value in counts}


@dataclass(slots=True)
class Settled:
    """What is known of the people of each facet's values, and which values are still open."""

    people: dict[str, dict[str, int]] = field(default_factory=dict)
    open: dict[str, list[str]] = field(default_factory=dict)

    def learn(self, name: str, seen: Seen) -> None:
        """Take exact numbers of people."""
        self.people.setdefault(name, {}).update({value: people for value, (_count, people) in seen.items()})

    def cells(self, name: str, counts: Mapping[str, int]) -> tuple[Cell, ...]:
        """The cells of a facet; nothing may be open any more."""
        known = self.people.get(name, {})
        return ordered(Cell(value, count, min(known[value], PEOPLE)) for value, count in counts.items())


def settle(counts: Mapping[str, Mapping[str, int]], sampled: Mapping[str, Seen]) -> Settled:
    """Settle what a sample shows: enough people, or every document of the value."""
    settled = Settled()
    for name, values in counts.items():
        seen = sampled.get(name, {})
        known = {
            value: people
            for value, (count, people) in seen.items()
            if people >= PEOPLE or count == values.get(value)
        }
        settled.people[name] = known
        if left := [value for value in values if value not in known]:
            settled.open[name] = left
    return settled
