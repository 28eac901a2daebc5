"""Withdrawal of a member cited in 100 codings: counts, weights and exports are exact at once, the idea keeps its decision."""

from collections.abc import Callable

import pytest
from django.test import Client

from consent.enums import Purpose
from consent.services import withdraw
from ideas.models import Coding, Decision, Departure, Idea
from ideas.querysets import ground
from ideas.services import loops
from kb_site.evidence_measuring import cite, evidence, seen
from tests.factories import make_member
from tests.ideas.world import RANG, make_idea, make_theme, mark, marketer, stratum, told

pytestmark = pytest.mark.django_db


def test_withdrawal_of_a_member_cited_in_a_hundred_codings_is_exact_at_once(as_: Callable[[str], Client]) -> None:
    user, part = marketer(), stratum("settled", 6000)
    themes = [make_theme(f"Theme {number}") for number in range(4)]
    ideas = [make_idea(f"Idea {number}", state="shipped") for number in range(2)]
    for number in range(6):
        story = told(make_member(stratum=part if number % 2 else stratum(f"part-{number}", 900)))
        mark(user, story, RANG, *themes[: number % 4 + 1], *ideas, valence=-2)
    Decision.objects.create(idea=ideas[0], state="shipped", reason="In every house.")
    her = told(make_member(stratum=part))
    for idea in ideas:
        loops.open_loop(user=user, idea=idea)
    before = seen(user)
    first = mark(user, her, RANG, themes[0])
    ids = [theme.pk for theme in themes], [idea.pk for idea in ideas]
    assert cite(her.member, ground(user), *ids) == 100
    first.highlight.overruled_by.add(Decision.objects.get())
    loops.open_loop(user=user, idea=ideas[0])
    cited = seen(user)
    assert sum(cited.passages.values()) == sum(before.passages.values()) + 100
    assert all(getattr(cited, name) != getattr(before, name) for name in ("people", "estimates", "exports", "loop"))
    withdraw(member=her.member, purpose=Purpose.IDEAS)
    assert seen(user) == before
    page = as_("administrator").get(ideas[0].get_absolute_url(), headers={"Accept-Language": "en"})
    assert page.context["is_lost"] and "evidence withdrawn" in page.content.decode()
    assert [row["decision"].reason for row in page.context["decisions"]] == ["In every house."]
    assert [row.member for row in page.context["closures"]] and her.member not in [row.member for row in page.context["closures"]]
    assert Departure.objects.order_by("pk").last().member_ids and her.member.pk not in Departure.objects.order_by("pk").last().member_ids


def test_the_measurement_says_so_and_leaves_nothing() -> None:
    user, theme, idea = marketer(), make_theme(), make_idea()
    for _number in range(3):
        mark(user, told(), RANG, theme, idea)
    report = evidence(user)
    assert report["codings"] == 100 and all(report["exact"].values()) and report["decisions_kept"]
    assert report["ideas_marked_withdrawn"] == "1 of 1" and report["passages_before"] - report["passages_after"] == 100
    assert (Coding.objects.count(), Departure.objects.count(), Idea.objects.count()) == (6, 0, 1)


def test_where_nobody_is_cited_there_is_nothing_to_measure() -> None:
    with pytest.raises(LookupError):
        evidence(marketer())
