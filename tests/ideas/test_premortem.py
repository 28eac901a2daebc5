"""Pre-mortems: whom a plan pleases and hurts, what it repeats, and that only references of it are kept."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from consent.enums import Purpose
from consent.services import withdraw
from ideas.antipatterns import AntiPattern, planned
from ideas.antipatterns import told as lived
from ideas.enums import Direction, Side
from ideas.models import Decision, Finding, Premortem
from ideas.premortem import examine, replay, side_of
from ideas.services.premortems import keep
from search.services import drain
from stories.models import StoryPage
from tests.factories import episode, make_member, make_story, make_user
from tests.ideas.world import make_idea, make_theme, mark, marketer, stratum

LATE = "The plumber never named the hour and I waited all evening by the door."
KIND = "The plumber named the hour himself and came on the minute in the evening."
BROKEN = "They promised a free visit in the evening. Then they cancelled it again."
GIVES = "We will let every plumber name the hour of the evening visit."
TAKES = "We cancel the free evening visit of the plumber."

As = Callable[[str], Client]


def lived_story(said: str, feeling: int, **member: Any) -> StoryPage:
    """A published and indexed story of one episode."""
    return make_story(make_member(**member), body=[episode(happened=said, feeling=feeling, loyalty=feeling)])


@pytest.mark.parametrize(
    ("tone", "takes", "side"),
    [(-1, False, Side.PLEASE), (1, False, Side.HURT), (-1, True, Side.HURT), (1, True, Side.HURT), (0, True, Side.OPEN),
     (None, False, Side.OPEN)],
)  # fmt: skip
def test_a_side_follows_from_how_the_episode_ended_and_what_the_plan_does(tone: int | None, takes: bool, side: Side) -> None:
    assert side_of(tone, takes) == side


@pytest.mark.parametrize(
    ("plan", "pattern"),
    [
        ("We cancel the discount for pensioners.", AntiPattern.PROMISE_TAKEN_BACK),
        ("Отменяем скидку для пенсионеров.", AntiPattern.PROMISE_TAKEN_BACK),
        ("Бонусные баллы сгорают через год.", AntiPattern.PROMISE_TAKEN_BACK),
        ("Каждый месяц обзвоним всех клиентов.", AntiPattern.BY_TIMETABLE),
        ("A birthday greeting with a discount coupon.", AntiPattern.OFFER_IN_GREETING),
        ("Отвечать будет робот по шаблону.", AntiPattern.TEMPLATE_CARE),
        ("Заявки принимает только единый колл-центр.", AntiPattern.PASSED_ON),
        ("New customers get a discount and a gift.", AntiPattern.STRANGERS_FIRST),
        ("Клиентов снова попросим заполнить форму и подтвердить адрес.", AntiPattern.ASKED_AGAIN),
        ("All clients fill in a questionnaire.", AntiPattern.ASKED_FOR_NOTHING),
    ],
)
def test_the_library_knows_a_pattern_by_the_words_of_a_plan(plan: str, pattern: AntiPattern) -> None:
    assert pattern in {each.pattern for each in planned([plan], taking=False)}


def test_a_plan_that_takes_owes_a_notice_and_a_kind_plan_repeats_nothing() -> None:
    assert [each.pattern for each in planned([TAKES], taking=True)][:2] == [AntiPattern.PROMISE_TAKEN_BACK, AntiPattern.NOBODY_TOLD]
    warned = [TAKES, "We write a letter to everyone before."]
    assert AntiPattern.NOBODY_TOLD not in {each.pattern for each in planned(warned, taking=True)}
    assert planned(["We name the hour."], taking=False) == []
    assert lived(["They promised.", "They cancelled it again."], [AntiPattern.PROMISE_TAKEN_BACK]) == {AntiPattern.PROMISE_TAKEN_BACK: 0}


@pytest.mark.django_db
def test_the_archive_says_whom_a_plan_pleases_and_hurts_in_strata_and_what_it_repeats() -> None:
    old, user = stratum("settled", 6000), marketer()
    for _ in range(2):
        lived_story(LATE, -2, stratum=old)
    lived_story(KIND, 3)
    lived_story(BROKEN, -3, stratum=old)
    theme, coded = make_theme("Name the hour"), lived_story(LATE, 0)
    mark(user, coded, LATE, theme)
    drain()
    given = {group.side: group for group in examine(user, GIVES).groups}
    assert given[Side.PLEASE].people >= 2 and given[Side.HURT].people == 1 and given[Side.OPEN].people == 1
    assert given[Side.PLEASE].strata == [{"name": "settled", "people": given[Side.PLEASE].people}]
    taken = examine(user, TAKES)
    assert {group.side for group in taken.groups} == {Side.HURT, Side.OPEN}
    promise = taken.patterns[0]
    assert (promise.label, promise.people, promise.sentence) == (str(AntiPattern.PROMISE_TAKEN_BACK.label), 1, TAKES)
    assert "promised a free visit" in promise.quotes[0].words
    assert [each for each, _people in examine(user, GIVES).themes] == [theme]
    assert {group.side for group in examine(user, GIVES, Direction.TAKES).groups} == {Side.HURT, Side.OPEN}
    assert examine(user, "Ж!").groups == []


@pytest.mark.django_db
def test_a_kept_one_holds_references_goes_with_the_decision_and_loses_what_is_withdrawn(as_: As) -> None:
    stories = [lived_story(LATE, -2), lived_story(BROKEN, -3)]
    drain()
    boss, idea = make_user("administrator"), make_idea()
    kept = keep(user=boss, idea=idea, change=TAKES, direction=Direction.AUTO)
    assert {row.story_id for row in Finding.objects.all()} == {story.pk for story in stories}
    client = as_("administrator")
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    assert "waits for a decision" in client.get(f"/ideas/{idea.pk}/").content.decode()
    client.post(f"/ideas/{idea.pk}/decide/", {"state": "declined", "reason": "They would lose it."})
    kept.refresh_from_db()
    assert kept.decision == Decision.objects.get()
    address = f"/ideas/premortems/{kept.pk}/"
    page = as_("reader").get(address).content.decode()
    assert "cancelled it again" in page and address in client.get(f"/ideas/{idea.pk}/").content.decode()
    before = replay(boss, kept)
    withdraw(member=stories[1].member, purpose=Purpose.IDEAS)
    after = replay(boss, kept)
    assert (before.people, before.gone, after.people, after.gone) == (2, False, 1, True)
    page = client.get(address).content.decode()
    assert "cancelled it again" not in page and stories[1].member.persona_name not in page
    assert TAKES in page and "Some of what was found then" in page


@pytest.mark.django_db
def test_the_page_asks_keeps_and_refuses_with_a_message(as_: As) -> None:
    lived_story(LATE, -2)
    drain()
    client, idea = as_("marketer"), make_idea()
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    address = "/ideas/premortem/"
    assert client.get(f"{address}?idea={idea.pk}").status_code == 200 and client.get(f"{address}?idea=²").status_code == 200
    assert client.post(address, {"change": "short"}).status_code == 422
    assert client.post(address, {"change": f"{GIVES}\x00"}).status_code == 422
    asked = client.post(address, {"change": GIVES, "act": "ask"})
    assert "Would please" in asked.content.decode() and not Premortem.objects.exists()
    assert "Choose the idea" in client.post(address, {"change": GIVES, "act": "keep"}).content.decode()
    kept = client.post(address, {"change": GIVES, "direction": "gives", "act": "keep", "idea": idea.pk})
    assert kept.url == f"/ideas/premortems/{Premortem.objects.get().pk}/"
    assert as_("reader").post(address, {"change": GIVES}).status_code == 403
