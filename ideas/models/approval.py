"""The step of Wagtail's workflow in which an idea is approved: nobody passes it without an empathy card."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from wagtail.forms import TaskStateCommentForm
from wagtail.models import Task, TaskState

from club.models import User
from ideas.enums import IdeaState
from ideas.models.ideas import EmpathyCard, Idea


def newest_card(user: User, idea: Idea) -> EmpathyCard | None:
    """Return the newest card that this person filled in since the idea came to where it stands."""
    cards = EmpathyCard.objects.filter(idea=idea, by=user)
    if idea.moved_at:
        cards = cards.filter(at__gte=idea.moved_at)
    return cards.order_by("-pk").first()


class ReasonForm(TaskStateCommentForm):
    """Why: the reason becomes that of the decision."""

    comment = forms.CharField(label=_("Why"), widget=forms.Textarea({"rows": 3}), max_length=2000)


class EmpathyCardTask(Task):
    """Lets an idea through only with the empathy card of the one who approves it.

    What a button of the admin does here is what the board's own page does: ``decisions`` holds the services, put there
    when the app starts, so that there is one road however somebody comes to it.
    """

    decisions: dict[str, Callable[..., Any]] = {}

    class Meta:
        verbose_name = _("empathy card")
        verbose_name_plural = _("empathy cards")

    @classmethod
    def get_description(cls) -> str:
        return str(
            _("Whoever approves the idea has read three real stories and answered three questions before.")
        )

    def user_can_access_editor(self, obj: Idea, user: User) -> bool:
        return user.has_perm("ideas.decide_idea")

    def get_actions(self, obj: Idea, user: User) -> list[tuple[str, Any, bool]]:
        """Offer "approve" only to who may decide and has filled in the card."""
        if not user.has_perm("ideas.decide_idea") or obj.state != IdeaState.REVIEW:
            return []
        actions = [("reject", _("Not yet: back to the noted ones"), True)]
        if newest_card(user, obj) is not None:
            actions.append(("approve", _("Approve: plan it"), True))
        return actions

    def get_form_for_action(self, action: str) -> type[forms.Form]:
        return ReasonForm

    def on_action(self, task_state: TaskState, user: User, action_name: str, **kwargs: Any) -> None:
        """Decide as the idea's own page does; refused when the page would refuse."""
        if action_name not in self.decisions:
            raise PermissionDenied
        idea = task_state.workflow_state.content_object
        try:
            self.decisions[action_name](user=user, idea=idea, reason=kwargs.get("comment", ""))
        except ValidationError as error:
            raise PermissionDenied(" ".join(error.messages)) from error

    def get_task_states_user_can_moderate(self, user: User, **kwargs: Any) -> QuerySet[TaskState]:
        if user.has_perm("ideas.decide_idea"):
            return self.task_states.filter(status=TaskState.STATUS_IN_PROGRESS)
        return TaskState.objects.none()
