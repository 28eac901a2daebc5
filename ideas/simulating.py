"""Do the intervals hold? Clubs drawn from a base in which the truth is known, and how often the interval covers it."""

import random
from dataclasses import dataclass

from ideas.estimating import Cell, estimate


@dataclass(frozen=True, slots=True)
class World:
    """A base by strata: customers, the share whom it concerns, members of a club."""

    name: str
    base: tuple[int, ...]
    shares: tuple[float, ...]
    club: tuple[int, ...]

    @property
    def truth(self) -> float:
        """Customers whom it concerns."""
        return sum(size * share for size, share in zip(self.base, self.shares, strict=True))


BASE = (6100, 1400, 1550, 350, 600)
WORLDS = (
    World("in proportion, shares alike", BASE, (0.30, 0.30, 0.30, 0.30, 0.30), (61, 14, 16, 4, 6)),
    World("in proportion, shares apart", BASE, (0.20, 0.35, 0.45, 0.30, 0.25), (61, 14, 16, 4, 6)),
    World("small strata asked more", BASE, (0.25, 0.30, 0.35, 0.30, 0.40), (48, 16, 16, 8, 8)),
    World("small club", BASE, (0.30, 0.40, 0.35, 0.30, 0.30), (24, 6, 6, 4, 4)),
    World("rare", BASE, (0.10, 0.12, 0.15, 0.10, 0.12), (72, 18, 18, 6, 8)),
)


def club(world: World, chance: random.Random) -> list[Cell]:
    """Return one club: in each stratum some members, of whom each is concerned with the stratum's share."""
    cells = []
    for number, (base, share, heard) in enumerate(zip(world.base, world.shares, world.club, strict=True)):
        concerned = round(base * share)
        drawn = chance.sample(range(base), heard)  # without replacement, as people are
        cells.append(Cell(number, base, heard, sum(each < concerned for each in drawn)))
    return cells


def coverage(world: World, clubs: int, seed: int = 5) -> float:
    """Return the share of clubs whose interval holds the truth; clubs with voices from one stratum ask for it alone."""
    chance = random.Random(seed)  # noqa: S311 - an experiment, no secret
    held = counted = 0
    truth = sum(round(size * share) for size, share in zip(world.base, world.shares, strict=True))
    for _club in range(clubs):
        found = estimate(club(world, chance))
        if found is None or found.only is not None:
            continue
        counted += 1
        held += found.low <= truth <= found.high
    return held / counted


def run(clubs: int = 2000) -> dict[str, float]:
    """Return the coverage of each world and over all of them."""
    found = {world.name: coverage(world, clubs) for world in WORLDS}
    return {**found, "all": sum(found.values()) / len(found)}
