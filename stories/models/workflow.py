"""Workflow tasks: four eyes, and the narrator's approval. Neither yields to a superuser."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.models import AbstractGroupApprovalTask, Page, Task, TaskState, WorkflowState

from club.models import User


class SecondReaderTask(AbstractGroupApprovalTask):
    """A colleague other than the last editor reads the story before the narrator is asked."""

    class Meta:
        verbose_name = _("second reader")
        verbose_name_plural = _("second readers")

    @classmethod
    def get_description(cls) -> str:
        return str(_("Somebody other than the last editor reads the story and lets it through."))

    def _is_last_editor(self, obj: Page, user: User) -> bool:
        latest = obj.get_latest_revision()
        return latest is not None and latest.user_id == user.pk

    def get_actions(self, obj: Page, user: User) -> list[tuple[str, Any, bool]]:
        """Offer nothing to the person whose words these last were."""
        actions = super().get_actions(obj, user)
        if self._is_last_editor(obj, user):
            return [action for action in actions if action[0] == "reject"]
        return actions

    def on_action(self, task_state: TaskState, user: User, action_name: str, **kwargs: Any) -> Any:
        """Refuse an approval by the last editor, also when it does not come from the buttons."""
        if action_name == "approve" and self._is_last_editor(task_state.revision.content_object, user):
            raise PermissionDenied
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
