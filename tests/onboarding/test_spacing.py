"""Reviews: what was learned comes back in another client's story, once each, and the ledger says it all again."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from consent.services import pause, withdraw
from onboarding import ledger, spacing
from onboarding.enums import NoticeKind, NoticeState, StepKind
from onboarding.models import Event, Notice, ReviewCard
from onboarding.services import notices
from onboarding.services import spacing as service
from onboarding.spacing import AGAIN, GOOD, HARD, Review
from tests.factories import make_story, make_user
from tests.onboarding.making import (
    decision_step,
    make_competency,
    make_employee,
    make_enrolment,
    make_module,
    make_track,
    task_step,
)
from tests.onboarding.test_learning import signed_in, url

LEARNED = datetime(2026, 3, 2, 12, tzinfo=UTC)


def test_intervals_are_those_of_fsrs_at_ninety_five_percent() -> None:
    """Measured once with fsrs 6.3.2, all good: 1, 3, 8, 19, 43, then never more than 60 days."""
    reviews: list[Review] = []
    days, at = [], LEARNED
    for _time in range(6):
        card = spacing.card_of(1, LEARNED, reviews)
        days.append((card.due - at).days)
        at = card.due
        reviews.append(Review(int(GOOD), at))
    assert days == [1, 3, 8, 19, 43, 60]


@given(st.lists(st.tuples(st.integers(1, 3), st.integers(1, 70)), max_size=6))
@settings(max_examples=25)
def test_a_card_made_anew_is_the_same_and_a_miss_never_makes_the_wait_longer(
    given_: list[tuple[int, int]],
) -> None:
    reviews, at = [], LEARNED
    for rating, wait in given_:
        at += timedelta(days=wait)
        reviews.append(Review(rating, at))
    card = spacing.card_of(1, LEARNED, reviews)
    assert card == spacing.card_of(1, LEARNED, reviews)
    later = max(at, card.due)
    waits = [spacing.card_of(1, LEARNED, [*reviews, Review(int(r), later)]).due for r in (AGAIN, HARD, GOOD)]
    assert waits == sorted(waits) and 0 <= spacing.expected(card, later) <= 1


def test_how_it_went() -> None:
    assert spacing.rating_of(StepKind.DECISION, {}, 0.9) == GOOD
    assert spacing.rating_of(StepKind.DECISION, {}, 0.5) == HARD
    assert spacing.rating_of(StepKind.DECISION, {}, 0.1) == AGAIN
    assert spacing.rating_of(StepKind.DECISION, {}, None) == GOOD
    assert [spacing.rating_of(StepKind.PREDICT, {"error": e}, None) for e in (0.5, 1.5, 3)] == [
        GOOD,
        HARD,
        AGAIN,
    ]


class World:
    """A newcomer who has learned something in one story; two other clients' stories train the same."""

    def __init__(self) -> None:
        self.stories = [make_story(title=f"Story {n} zyxkanarek") for n in range(3)]
        self.steps = [decision_step(story) for story in self.stories]
        self.modules = [make_module(step, task_step(required=False)) for step in self.steps]
        make_module(decision_step(make_story(), competency=make_competency("other").pk))
        self.user = make_user("newcomer", email="n@warm-house.example")
        person = make_employee(self.user, start_date=timezone.localdate())
        self.row = make_enrolment(make_track(self.modules[0]), person)
        self.client = signed_in(self.user)

    def decide(self, address: str, step: dict[str, Any], number: int = 0, *, form: str = "t") -> None:
        """Take an option in every scene: the one most experts would take, or another."""
        for scene in step["value"]["scenes"]:
            options = scene["value"]["options"]
            chosen = options[number if number < len(options) else -1]["id"]
            self.client.post(address, {"token": form, "scene": scene["id"], "option": chosen})

    def learn(self) -> ReviewCard:
        self.decide(url(self.row, self.modules[0], self.steps[0]), self.steps[0])
        now = timezone.now()
        service.run(now)
        return ReviewCard.objects.get()

    def come(self, card: ReviewCard) -> None:
        """Let the card come back now."""
        ReviewCard.objects.filter(pk=card.pk).update(
            due_at=timezone.now() - timedelta(minutes=1), learned_at=card.learned_at - timedelta(days=1)
        )

    def at(self, card: ReviewCard) -> int:
        """Which of the modules stands there."""
        card.refresh_from_db()
        return [module.translation_key for module in self.modules].index(card.module_key)


@pytest.mark.django_db
def test_what_was_learned_comes_back_in_another_clients_story() -> None:
    world = World()
    card = world.learn()
    assert card.due_at > timezone.now() and card.competency_id == make_competency().pk
    address = reverse("onboarding:recall", args=[card.pk])
    assert "Nothing to come back" in world.client.get(address).content.decode()
    assert address not in world.client.get("/onboarding/").content.decode()

    world.come(card)
    assert address in world.client.get("/onboarding/").content.decode()
    assert "zyxkanarek" not in world.client.get("/onboarding/").content.decode(), "a review names no story"
    page = world.client.get(address).content.decode()
    first = world.at(card)
    assert first in (1, 2) and "What do you do?" in page and 'value="other"' not in page
    assert world.at(card) == first, "it stands there until it is answered"
    token = f"{card.pk}.0.{card.step}"
    for _click in range(2):
        world.decide(address, world.steps[first], form=token)
    event = Event.objects.get(verb="recalled")
    assert event.data["rating"] == int(GOOD) and 0 < event.data["expected"] <= 1
    card.refresh_from_db()
    assert (card.number, card.step) == (1, None) and card.due_at > timezone.now()
    after = world.client.get(address)
    assert "It comes back on" in after.content.decode() and "What followed" in after.content.decode()
    world.row.refresh_from_db()
    assert world.row.percent == 100 and not list(ledger.differences())

    world.come(card)
    world.client.get(address)
    second = world.at(card)
    assert {first, second} == {1, 2}, "one she has not met while there is one"
    token = f"{card.pk}.1.{card.step}"
    world.client.post(address, {"token": "old", "scene": world.steps[second]["value"]["scenes"][0]["id"], "option": "x"})  # fmt: skip
    world.decide(address, world.steps[second], 1, form=token)
    assert Event.objects.filter(verb="recalled").latest("pk").data["rating"] < int(GOOD)
    world.come(card)
    world.client.get(address)
    assert world.at(card) == 0, "then the one she met longest ago, never the same twice in a row"
    assert signed_in(make_user("newcomer")).get(address).status_code == 404


@pytest.mark.django_db
def test_a_hidden_story_never_comes_back_and_a_form_of_it_changes_nothing() -> None:
    world = World()
    card = world.learn()
    world.come(card)
    address = reverse("onboarding:recall", args=[card.pk])
    world.client.get(address)
    first = world.at(card)
    token = f"{card.pk}.0.{card.step}"
    withdraw(member=world.stories[first].member)
    world.decide(address, world.steps[first], form=token)
    assert not Event.objects.filter(verb="recalled").exists()
    world.client.get(address)
    second = world.at(card)
    assert second not in (0, first)
    pause(member=world.stories[second].member)
    page = world.client.get(address).content.decode()
    assert "Nothing to come back" in page and "zyxkanarek" not in page
    assert address not in world.client.get("/onboarding/").content.decode()
    assert service.due_for(world.user) == []


@pytest.mark.django_db
def test_one_reminder_each_time_and_none_where_another_mail_said_it(mailoutbox: list[Any]) -> None:
    world = World()
    card = world.learn()
    before = timezone.now()
    world.come(card)
    for minute in range(5):
        service.run(before + timedelta(minutes=minute))
    made = Notice.objects.get(kind=NoticeKind.RECALL)
    card.refresh_from_db()
    assert card.is_offered and made.send_at > made.planned_for
    Notice.objects.update(send_at=before)
    Notice.objects.exclude(kind=NoticeKind.RECALL).update(state=NoticeState.DROPPED)
    notices.deliver()
    assert [mail.body.count("comes back") for mail in mailoutbox] == [1]
    assert "zyxkanarek" not in mailoutbox[0].body
    later = timezone.now() + timedelta(minutes=1)
    Notice.objects.filter(pk=made.pk).update(state=NoticeState.WAITING, attempts=0, send_at=later)
    notices.tell(NoticeKind.REVIEWED, "another", recipient=world.user, enrolment=world.row, at=before)
    notices.deliver()
    assert len(mailoutbox) == 2 and "Besides, 1 thing" in mailoutbox[1].body
    Notice.objects.filter(pk=made.pk).update(send_at=before)
    notices.deliver()
    made.refresh_from_db()
    assert len(mailoutbox) == 2 and made.state == NoticeState.DROPPED
    withdrawn = [withdraw(member=story.member) for story in world.stories]
    assert withdrawn and service.run(timezone.now() + timedelta(days=9)) == 0


@pytest.mark.django_db
def test_what_was_waived_is_not_learned_and_cards_follow_from_the_ledger() -> None:
    world = World()
    card = world.learn()
    assert list(service.differences()) == []
    ReviewCard.objects.filter(pk=card.pk).update(due_at=card.due_at + timedelta(days=1))
    assert len(list(service.differences())) == 1
    story = make_story()
    row = make_enrolment(
        make_track(make_module(decision_step(story, competency=make_competency("third").pk)))
    )
    withdraw(member=story.member)
    row.refresh_from_db()
    service.run()
    assert row.percent == 100 and not ReviewCard.objects.filter(employee=row.employee).exists()
