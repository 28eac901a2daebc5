"""How many of the customer base a theme may concern: the silent thousand.

A club is a small sample of a known base. Each heard member stands for ``N_h / n_h`` customers of her stratum
(post-stratification: Holt and Smith 1979, "Post Stratification", JRSS A 142). The weighted share has about as much to
say as ``n_eff = (Σw)² / Σw²`` plain answers (Kish 1965, "Survey Sampling", 11.7; Kish 1992, Journal of Official
Statistics 8). The interval is Wilson's (1927, "Probable inference, the law of succession, and statistical inference",
JASA 22) with that number for n, as Korn and Graubard (1998, Survey Methodology 24) use an effective size in an
interval for small weighted counts; it never leaves 0…1 and holds where the normal interval collapses (Brown, Cai and
DasGupta 2001, Statistical Science 16).
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

Z = 1.959963984540054  # 97.5 % point of the normal distribution: a 95 % interval
MARKS = 1000


@dataclass(frozen=True, slots=True)
class Cell:
    """One stratum: customers in the base, members heard, members who said it."""

    stratum: int
    base: int
    heard: int
    said: int


@dataclass(frozen=True, slots=True)
class Estimate:
    """Customers of the base whom it may concern, with a 95 % interval.

    ``said`` of ``heard`` members; ``covered`` of ``base`` customers are spoken for. ``only`` is the stratum if all
    voices come from one of several: the estimate then stops at its border.
    """

    point: float
    low: float
    high: float
    said: int
    heard: int
    n_eff: float
    covered: int
    base: int
    only: int | None = None

    @property
    def per_mark(self) -> float:
        """Customers that one of the thousand marks stands for."""
        return self.base / MARKS


def kish(weights: Iterable[float]) -> float:
    """Return the effective size of a weighted sample: ``(Σw)² / Σw²``; 0 for an empty one."""
    given = list(weights)
    squares = sum(weight * weight for weight in given)
    return sum(given) ** 2 / squares if squares else 0.0


def kish_of(groups: Sequence[tuple[int, float]]) -> float:
    """Return the effective size of groups of (members, weight of each)."""
    squares = sum(count * weight * weight for count, weight in groups)
    return sum(count * weight for count, weight in groups) ** 2 / squares if squares else 0.0


def wilson(share: float, n: float, z: float = Z) -> tuple[float, float]:
    """Return the score interval of a share seen in ``n`` answers; the whole range when nobody answered."""
    if n <= 0:
        return 0.0, 1.0
    denominator = 1 + z * z / n
    middle = (share + z * z / (2 * n)) / denominator
    half = z / denominator * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return max(0.0, middle - half), min(1.0, middle + half)


def estimate(cells: Sequence[Cell]) -> Estimate | None:
    """Return how many customers it may concern; None where nobody was heard or no base is known.

    Strata in which nobody was heard are not spoken for. If all voices come from one stratum while others were heard or
    not, the estimate covers that stratum alone.
    """
    known = [cell for cell in cells if cell.base > 0]
    spoken = [cell for cell in known if cell.said > 0]
    only = spoken[0] if len(spoken) == 1 and len(known) > 1 else None
    used = [only] if only else [cell for cell in known if cell.heard > 0]
    covered = sum(cell.base for cell in used)
    if not covered:
        return None
    share = sum(cell.base * cell.said / cell.heard for cell in used) / covered
    n_eff = kish_of([(cell.heard, cell.base / cell.heard) for cell in used])
    low, high = wilson(share, n_eff)
    return Estimate(
        point=share * covered,
        low=low * covered,
        high=high * covered,
        said=sum(cell.said for cell in used),
        heard=sum(cell.heard for cell in used),
        n_eff=n_eff,
        covered=covered,
        base=sum(cell.base for cell in known),
        only=only.stratum if only else None,
    )


def rounded(customers: float) -> int:
    """Return a number of customers no more exact than an estimate is: two leading figures, at least in tens."""
    if customers < 10:
        return round(customers)
    step = max(10.0, 10.0 ** (len(str(int(customers))) - 2))
    step = step / 2 if step > 10 else step
    return int(round(customers / step) * step)


@dataclass(frozen=True, slots=True)
class Marks:
    """A thousand marks, each a thousandth of the base: surely, likely, possibly, not them, not heard there."""

    surely: int
    likely: int
    possibly: int
    others: int
    unheard: int


def thousand(found: Estimate) -> Marks:
    """Return the marks of an estimate; they always add up to a thousand."""
    places = [found.low, found.point, found.high, found.covered]
    edges = [min(MARKS, round(place / found.base * MARKS)) for place in places]
    low, point, high, covered = edges
    return Marks(low, point - low, high - point, covered - high, MARKS - covered)
