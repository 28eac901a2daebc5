"""Merging and splitting: undone they leave no trace, and people count once over them."""

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.forms import model_to_dict
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ideas.idea_page import context
from ideas.models import Coding, Idea, Merge, Theme
from ideas.querysets import Tree, ground, theme_marks
from ideas.services import merging, thinking
from tests.factories import make_member, make_user
from tests.ideas.world import RANG, THANKED, WAITED, make_idea, make_theme, mark, marketer, told

pytestmark = pytest.mark.django_db


def snapshot() -> list[Any]:
    """Everything of themes, ideas and codings, but for the times of changes."""
    rows = [(type(row).__name__, model_to_dict(row)) for model in (Theme, Idea, Coding) for row in model.objects.order_by("pk")]
    merges = [(row.merged_into_id, row.pk) for row in (*Theme.objects.order_by("pk"), *Idea.objects.order_by("pk"))]
    return [rows, merges]


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=5))
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_undoing_every_merge_brings_back_exactly_what_was(steps: list[tuple[int, int]]) -> None:
    Merge.objects.all().delete()
    Idea.objects.all().delete()
    user = marketer()
    ideas = [make_idea(f"Idea {number}", state=state) for number, state in enumerate(("noted", "review", "planned", "parked"))]
    before, done = snapshot(), []
    for one, other in steps:
        rows = [Idea.objects.get(pk=ideas[each].pk) for each in (one, other)]
        try:
            done.append(merging.merge_ideas(user=user, idea=rows[0], into=rows[1]))
        except ValidationError:
            continue
    for record in reversed(done):
        merging.undo(user=user, record=record)
    assert snapshot() == before


def test_themes_merge_and_split_and_come_back() -> None:
    user, story = marketer(), told()
    one, other = make_theme("One"), make_theme("Other")
    first, second = mark(user, story, WAITED, one), mark(user, story, RANG, one)
    mark(user, story, RANG, other)
    before = snapshot()
    merged = merging.merge_themes(user=user, theme=other, into=one)
    tree = Tree.load()
    family = [each.pk for each in tree.closure(tree.by_id[one.pk])]
    assert set(family) == {one.pk, other.pk}
    assert {each.highlight for each in theme_marks(family, ground(user))} == {first.highlight_id, second.highlight_id}
    with pytest.raises(ValidationError):
        merging.merge_themes(user=user, theme=one, into=Theme.objects.get(pk=other.pk))
    merging.undo(user=user, record=merged)
    assert snapshot() == before
    with pytest.raises(ValidationError):
        merging.undo(user=user, record=merged)

    record = merging.split_theme(user=user, theme=one, codings=[second], name_ru="", name_en="Part")
    assert Coding.objects.get(pk=second.pk).theme == record.theme != one
    merging.undo(user=user, record=record)
    assert Coding.objects.get(pk=second.pk).theme == one
    assert Theme.objects.get(name_en="Part").merged_into == one


def test_a_theme_cannot_go_into_one_below_it_nor_into_itself() -> None:
    user, top = marketer(), make_theme("Top")
    below = make_theme("Below", parent=top)
    for theme, into in ((top, below), (top, top)):
        with pytest.raises(ValidationError):
            merging.merge_themes(user=user, theme=theme, into=into)
    with pytest.raises(PermissionDenied):
        merging.merge_themes(user=make_user("reader"), theme=below, into=top)


def test_people_count_once_over_merged_ideas() -> None:
    user, other = marketer(), marketer()
    member, story = make_member(), told()
    one, two = make_idea("One"), make_idea("Two")
    mark(user, story, RANG, one)
    mark(user, story, THANKED, two)
    for idea in (one, two):
        thinking.support(user=user, idea=idea)
        thinking.support(user=user, idea=idea, member=member)
        thinking.support(user=user, idea=idea, member=story.member)
    thinking.support(user=other, idea=two)
    merging.merge_ideas(user=user, idea=two, into=one)
    seen = context(user, Idea.objects.get(pk=one.pk))
    assert (seen["people"], seen["passage_count"]) == (1, 2)
    assert seen["voices"] == {"employees": 2, "members": 2, "own": True}
