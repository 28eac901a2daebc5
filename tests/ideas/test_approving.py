"""An idea under review is in Wagtail's workflow, and neither the board nor the admin passes it without the card."""

from collections.abc import Callable

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from wagtail.models import WorkflowState

from club.models import User
from ideas.models import Decision, EmpathyCardTask, Idea
from ideas.services import thinking
from tests.factories import make_user
from tests.ideas.world import make_idea, make_theme

pytestmark = pytest.mark.django_db
As = Callable[[str], Client]
CARD = {"notices": "The note", "loses": "Nothing", "doubts": "None"}


def under_review(user: User) -> Idea:
    """An idea that somebody put under review."""
    idea = make_idea(statement="Write why it stands.")
    idea.themes.add(make_theme())
    return thinking.move_idea(user=user, idea=idea, state="review")


def card(user: User, idea: Idea) -> None:
    """Fill in the empathy card."""
    thinking.fill_card(user=user, idea=idea, story_ids=[], answers=CARD)


def test_the_board_and_the_workflow_go_together() -> None:
    boss = make_user("administrator")
    idea = under_review(boss)
    state = WorkflowState.objects.get()
    assert (state.status, state.requested_by) == ("in_progress", boss)
    thinking.move_idea(user=boss, idea=idea, state="noted")
    state.refresh_from_db()
    assert state.status == "cancelled"
    idea = thinking.move_idea(user=boss, idea=idea, state="review")
    Idea.objects.filter(pk=idea.pk).update(title="A note by every lift", owner=boss)  # worded anew while under review
    card(boss, idea)
    thinking.decide(user=boss, idea=idea, state="planned", reason="It costs a sheet.")
    idea = Idea.objects.get()
    assert (idea.state, idea.title, idea.owner, idea.themes.count(), idea.live) == ("planned", "A note by every lift", boss, 1, True)
    newest = WorkflowState.objects.latest("pk")
    assert (newest.status, newest.task_states.get().comment) == ("approved", "It costs a sheet.")
    assert idea.get_latest_revision().content["title"] == "A note by every lift"
    thinking.move_idea(user=boss, idea=idea, state="in_progress")
    assert WorkflowState.objects.count() == 2


def test_the_step_demands_the_card_of_the_one_who_approves() -> None:
    boss, other = make_user("administrator"), make_user("marketer")
    idea = under_review(boss)
    step = idea.current_workflow_task_state
    task = step.task.specific
    assert isinstance(task, EmpathyCardTask)
    assert [name for name, _label, _more in task.get_actions(idea, boss)] == ["reject"]
    assert task.get_actions(idea, make_user("reader")) == []
    with pytest.raises(PermissionDenied, match=r"three stories|три истории"):
        task.on_action(step, boss, "approve", comment="Yes")
    card(other, idea)
    assert [name for name, _label, _more in task.get_actions(idea, boss)] == ["reject"]
    with pytest.raises(PermissionDenied):
        task.on_action(step, boss, "approve", comment="Yes")
    card(boss, idea)
    assert [name for name, _label, _more in task.get_actions(idea, boss)] == ["reject", "approve"]
    with pytest.raises(PermissionDenied):
        task.on_action(step, boss, "approve", comment=" ")
    task.on_action(step, boss, "approve", comment="Begin in autumn.")
    assert (Idea.objects.get().state, Decision.objects.get().reason) == ("planned", "Begin in autumn.")
    assert WorkflowState.objects.get().status == "approved"


def test_a_step_sent_back_is_noted_again_and_taken_up_where_it_was(as_: As) -> None:
    boss = make_user("administrator")
    idea = under_review(boss)
    step = idea.current_workflow_task_state
    step.task.specific.on_action(step, boss, "reject", comment="Ask the cleaners first.")
    assert (Idea.objects.get().state, WorkflowState.objects.get().status) == ("noted", "needs_changes")
    idea = thinking.move_idea(user=boss, idea=Idea.objects.get(), state="review")
    assert WorkflowState.objects.get().status == "in_progress"
    thinking.move_idea(user=boss, idea=idea, state="noted")
    assert WorkflowState.objects.get().status == "cancelled"


def test_the_admin_approves_by_the_same_road(as_: As) -> None:
    client = as_("administrator")
    idea = make_idea()
    client.post(f"/ideas/{idea.pk}/move/", {"state": "review"})
    edit = f"/admin/snippets/ideas/idea/edit/{idea.pk}/"
    assert client.get(edit).status_code == 200 and client.get("/admin/snippets/ideas/idea/").status_code == 200
    assert client.get("/admin/").status_code == 200 and client.get(f"/admin/snippets/ideas/idea/history/{idea.pk}/").status_code == 200
    step = Idea.objects.get().current_workflow_task_state.pk
    act = f"/admin/snippets/ideas/idea/workflow/action/{idea.pk}/approve/{step}/"
    client.post(act, {"comment": "Now"})
    assert Idea.objects.get().state == "review" and not Decision.objects.exists()
    client.post(f"/ideas/{idea.pk}/card/", CARD)
    client.post(act, {"comment": "Now"})
    assert (Idea.objects.get().state, Decision.objects.get().reason) == ("planned", "Now")
    assert as_("marketer").get("/admin/snippets/ideas/idea/add/").status_code == 302
