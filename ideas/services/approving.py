"""An idea under review is an idea in Wagtail's workflow: both begin, pass and end together."""

from django.db import transaction
from wagtail.models import TaskState, WorkflowState

from club.models import User
from ideas.enums import IdeaState
from ideas.models import Idea


def follow(*, user: User, idea: Idea, old: str, reason: str = "") -> None:
    """Let the workflow follow a move of the board; the caller's transaction holds both."""
    if idea.state == IdeaState.REVIEW:
        begin(user=user, idea=idea)
    elif old == IdeaState.REVIEW and idea.state == IdeaState.PLANNED:
        passed(user=user, idea=idea, reason=reason)
    elif old == IdeaState.REVIEW:
        end(user=user, idea=idea)


@transaction.atomic
def begin(*, user: User, idea: Idea) -> WorkflowState | None:
    """Start the workflow, or go on with the one that asked for changes; None where no workflow is assigned."""
    workflow = idea.get_workflow()
    if workflow is None:
        return None
    idea.save_revision(user=user, changed=False, clean=False)
    state: WorkflowState | None = idea.current_workflow_state
    if state is None:
        return workflow.start(idea, user)
    if state.status == WorkflowState.STATUS_NEEDS_CHANGES:
        state.resume(user=user)
    return state


def passed(*, user: User, idea: Idea, reason: str) -> None:
    """Approve every step that waits: what is approved is the idea as it reads now."""
    state = idea.current_workflow_state or begin(user=user, idea=idea)
    if state is None:
        return
    if state.status == WorkflowState.STATUS_NEEDS_CHANGES:
        state.resume(user=user)
    revision = idea.save_revision(user=user, changed=False, clean=False)
    while state.status == WorkflowState.STATUS_IN_PROGRESS:
        task_state: TaskState = state.current_task_state
        task_state.revision = revision
        task_state.save(update_fields=["revision"])
        task_state.specific.approve(user=user, comment=reason)
        state.refresh_from_db()


def end(*, user: User, idea: Idea) -> None:
    """Cancel a workflow that runs; one that asked for changes waits for the next review."""
    state = idea.current_workflow_state
    if state is not None and state.status == WorkflowState.STATUS_IN_PROGRESS:
        state.cancel(user=user)


@transaction.atomic
def send_back(*, user: User, idea: Idea, reason: str) -> None:
    """Ask for changes: the step is refused with its reason."""
    state = idea.current_workflow_state
    if state is not None and state.status == WorkflowState.STATUS_IN_PROGRESS:
        state.current_task_state.specific.reject(user=user, comment=reason)
