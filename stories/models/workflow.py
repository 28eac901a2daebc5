"""Workflow tasks: four eyes, and the narrator's approval. Neither yields to a superuser."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.models import AbstractGroupApprovalTask, Page, Revision, Task, TaskState, WorkflowState

from club.models import User


def changed_last(story: Page, user: User) -> bool:
    """Whether this person was the last to change what the story says.

    The editor saves a revision of its own when somebody approves from it and a block was stored in another spelling:
    saying again what a colleague has said makes nobody its author.
    """
    revisions = story.revisions.order_by("-created_at", "-pk").iterator(chunk_size=5)
    newer = next(revisions, None)
    while newer is not None and newer.user_id == user.pk:
        older = next(revisions, None)
        if older is None or older.user_id is None or older.as_object().said() != newer.as_object().said():
            return True
        newer = older
    return False


def keep_up(task_state: TaskState, latest: Revision) -> None:
    """Let a step speak of the latest revision if that says the same: an approval of it is one of these words."""
    if latest.pk != task_state.revision_id and latest.as_object().said() == task_state.revision.as_object().said():
        task_state.revision = latest
        task_state.save(update_fields=["revision"])


class SecondReaderTask(AbstractGroupApprovalTask):
    """A colleague other than the last editor reads the story before the narrator is asked."""

    class Meta:
        verbose_name = _("second reader")
        verbose_name_plural = _("second readers")

    @classmethod
    def get_description(cls) -> str:
        return str(_("Somebody other than the last editor reads the story and lets it through."))

    def get_actions(self, obj: Page, user: User) -> list[tuple[str, Any, bool]]:
        """Offer nothing to the person whose words these last were."""
        actions = super().get_actions(obj, user)
        if changed_last(obj, user):
            return [action for action in actions if action[0] == "reject"]
        return actions

    def on_action(self, task_state: TaskState, user: User, action_name: str, **kwargs: Any) -> Any:
        """Refuse an approval by the last editor, also when it does not come from the buttons."""
        story = task_state.revision.content_object
        if action_name == "approve" and changed_last(story, user):
            raise PermissionDenied
        if action_name == "approve":
            keep_up(task_state, story.get_latest_revision())
        return super().on_action(task_state, user, action_name, **kwargs)


class ConsentTask(Task):
    """Lets a revision through only when its narrator has approved exactly these words and pictures."""

    class Meta:
        verbose_name = _("narrator's approval")
        verbose_name_plural = _("narrators' approvals")

    @classmethod
    def get_description(cls) -> str:
        return str(_("The story waits here until the narrator's approval of this exact wording is recorded."))

    def start(self, workflow_state: WorkflowState, user: User | None = None) -> TaskState:
        """Begin, and go on at once where the approval is there already."""
        task_state = super().start(workflow_state, user=user)
        if task_state.revision.as_object().wording_is_approved():
            # Not approve(): the workflow itself goes on when a task comes back finished from start().
            task_state.status, task_state.finished_at, task_state.finished_by = (
                TaskState.STATUS_APPROVED,
                timezone.now(),
                user,
            )
            task_state.save()
        return task_state

    def user_can_access_editor(self, obj: Page, user: User) -> bool:
        return user.has_perm("stories.change_storypage")

    def get_actions(self, obj: Page, user: User) -> list[tuple[str, Any, bool]]:
        """Offer "approve" only when the approval is on record, to whoever may edit stories."""
        if not user.has_perm("stories.change_storypage"):
            return []
        actions = [("reject", _("Request changes"), True)]
        if obj.get_latest_revision_as_object().wording_is_approved():
            actions.append(("approve", _("The narrator approved: publish"), False))
        return actions

    def on_action(self, task_state: TaskState, user: User, action_name: str, **kwargs: Any) -> Any:
        """Refuse an approval without the narrator's."""
        if action_name == "approve" and not task_state.revision.as_object().wording_is_approved():
            raise PermissionDenied
        return super().on_action(task_state, user, action_name, **kwargs)

    def get_task_states_user_can_moderate(self, user: User, **kwargs: Any) -> QuerySet[TaskState]:
        if user.has_perm("stories.change_storypage"):
            return self.task_states.filter(status=TaskState.STATUS_IN_PROGRESS)
        return TaskState.objects.none()
