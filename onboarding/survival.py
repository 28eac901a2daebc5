"""Time to finish with people still inside: the estimator of Kaplan and Meier (1958), J. Am. Stat. Assoc. 53.

The interval is Greenwood's on the scale log(−log S), as Kalbfleisch and Prentice (1980) give it: it stays in 0 to 1.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from math import exp, log, sqrt

from ideas import estimating
from ideas.estimating import Z


@dataclass(frozen=True, slots=True)
class Point:
    """The share that has finished by a day, with its interval, and how many were still inside before it."""

    day: float
    share: float
    low: float
    high: float
    inside: int


def finished_by(spans: Iterable[tuple[float, bool]]) -> list[Point]:
    """Return a point for every day on which somebody finished. ``spans`` are (days, finished?) of each person."""
    rows = sorted(spans)
    inside, survival, spread, points = len(rows), 1.0, 0.0, []
    index = 0
    while index < len(rows):
        day, ended, gone = rows[index][0], 0, 0
        while index < len(rows) and rows[index][0] == day:
            ended += rows[index][1]
            gone += 1
            index += 1
        if ended:
            survival *= 1 - ended / inside
            spread += ended / (inside * (inside - ended)) if inside > ended else 0.0
            points.append(point(day, survival, spread, inside))
        inside -= gone
    return points


def point(day: float, survival: float, spread: float, inside: int) -> Point:
    """Return a point with its interval."""
    if not 0 < survival < 1:
        return Point(day, 1 - survival, 1 - survival, 1 - survival, inside)
    width = Z * sqrt(spread) / log(survival)
    bounds = sorted(survival ** exp(sign * width) for sign in (-1, 1))
    return Point(day, 1 - survival, 1 - bounds[1], 1 - bounds[0], inside)


def day_of(points: list[Point], share: float) -> float | None:
    """Return the first day by which a share has finished; None if it has not come to that."""
    return next((each.day for each in points if each.share >= share - 1e-9), None)


def interval_of(points: list[Point], share: float) -> tuple[float | None, float | None]:
    """Return the interval of that day: where the bounds of the curve cross the share (Brookmeyer and Crowley, 1982)."""
    early = next((each.day for each in points if each.high >= share - 1e-9), None)
    late = next((each.day for each in points if each.low >= share - 1e-9), None)
    return early, late


def wilson(successes: float, n: int) -> tuple[float, float]:
    """Return Wilson's 95 % interval of a share."""
    return estimating.wilson(successes / n if n else 0.0, n)
