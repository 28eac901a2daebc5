"""When something learned is asked again: pure functions of what the ledger holds, by FSRS (``fsrs`` 6).

Retention 0.95 with whole days only: after "good" 1, 3, 8, 19 and 43 days, never more than 60. Nothing is drawn by
chance, so a card made anew from its reviews is the same card.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, time
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from fsrs import Card, Rating, Scheduler

from onboarding.enums import StepKind
from onboarding.reminders import MORNING

SCHEDULER = Scheduler(
    desired_retention=0.95, learning_steps=(), relearning_steps=(), maximum_interval=60, enable_fuzzing=False
)
GOOD, HARD, AGAIN = Rating.Good, Rating.Hard, Rating.Again
# A decision: share of agreement with the experts. A predicted line: mean distance to the client's, in points.
AGREES, PARTLY = 0.8, 0.5
NEAR, NEARLY = 1.0, 2.0


class Review(NamedTuple):
    """One time that something was asked again."""

    rating: int
    at: datetime


def card_of(number: int, learned_at: datetime, reviews: Iterable[Review]) -> Card:
    """Return the card that learning and all reviews since come to."""
    card, _log = SCHEDULER.review_card(Card(card_id=number), GOOD, learned_at.astimezone(UTC))
    for review in reviews:
        card, _log = SCHEDULER.review_card(card, Rating(review.rating), review.at.astimezone(UTC))
    return card


def morning_of(card: Card, zone: str) -> datetime:
    """Return the moment it comes back: the morning of its day where the person lives."""
    place = ZoneInfo(zone)
    return datetime.combine(card.due.astimezone(place).date(), MORNING, place).astimezone(UTC)


def expected(card: Card, at: datetime) -> float:
    """Return the share with which it is still known at a moment, 0 to 1."""
    return round(float(SCHEDULER.get_card_retrievability(card, at.astimezone(UTC))), 4)


def rating_of(kind: str, response: dict[str, Any], score: float | None) -> Rating:
    """Return how well it went; where no expert was asked, whoever decided knows it."""
    if kind == StepKind.PREDICT:
        error = float(response.get("error") or 0)
        return GOOD if error <= NEAR else HARD if error <= NEARLY else AGAIN
    if score is None:
        return GOOD
    return GOOD if score >= AGREES else HARD if score >= PARTLY else AGAIN


def is_morning(at: datetime, zone: str) -> bool:
    """Whether mails may leave: from the morning on, where the person lives."""
    return at.astimezone(ZoneInfo(zone)).time() >= time(MORNING.hour)
