"""Ideas: what clients' stories ask the company to make, change or say, and what people decided about it."""

from typing import Any

from django.conf import settings
from django.contrib.contenttypes.fields import GenericRelation
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from wagtail.models import DraftStateMixin, Revision, RevisionMixin, WorkflowMixin

from club.models import Member
from ideas.enums import Criterion, IdeaKind, IdeaState
from ideas.models.highlights import Highlight
from ideas.models.themes import Theme


class Idea(WorkflowMixin, DraftStateMixin, RevisionMixin, models.Model):
    """A proposal that stands on passages; its state moves over a board, its merges can be undone."""

    title = models.CharField(_("idea"), max_length=140)
    statement = models.TextField(
        _("what we would do"), max_length=2000, blank=True, help_text=_("Name nobody: the passages speak.")
    )
    kind = models.CharField(_("kind"), max_length=12, choices=IdeaKind.choices)
    state = models.CharField(_("state"), max_length=12, choices=IdeaState.choices, default=IdeaState.NOTED)
    themes = models.ManyToManyField(Theme, verbose_name=_("themes"), blank=True, related_name="ideas")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("owner"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="owned_ideas",
    )
    due = models.DateField(_("due"), null=True, blank=True)
    merged_into = models.ForeignKey(
        "self", null=True, blank=True, editable=False, on_delete=models.PROTECT, related_name="merged"
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        editable=False,
        on_delete=models.SET_NULL,
        related_name="noted_ideas",
    )
    created_at = models.DateTimeField(_("noted at"), auto_now_add=True)
    changed_at = models.DateTimeField(_("changed at"), auto_now=True)
    moved_at = models.DateTimeField(_("in this state since"), null=True, editable=False)
    # Set when evidence was destroyed with its owner: the idea stays, and says so.
    evidence_lost_at = models.DateTimeField(null=True, editable=False)

    _revisions = GenericRelation(
        "wagtailcore.Revision", content_type_field="base_content_type", object_id_field="object_id"
    )

    # Where an idea stands and who keeps it belong to the idea, not to one wording of it: no revision brings them back.
    BOARD_COLUMNS = (
        "state", "moved_at", "merged_into_id", "owner_id", "due", "created_by_id", "created_at", "evidence_lost_at",
    )  # fmt: skip

    class Meta:
        verbose_name = _("idea")
        verbose_name_plural = _("ideas")
        ordering = ["-pk"]
        permissions = [
            ("support_idea", _("Can support ideas")),
            ("score_idea", _("Can score ideas")),
            ("decide_idea", _("Can decide about ideas")),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        """Return the address of its page."""
        return reverse("ideas:idea", args=[self.pk])

    def with_content_json(self, content: dict[str, Any]) -> "Idea":
        """Return the idea in the words of a revision, standing where it stands now."""
        worded: Idea = super().with_content_json(content)
        for name in self.BOARD_COLUMNS:
            setattr(worded, name, getattr(self, name))
        return worded

    def publish(self, revision: Revision, user: Any = None, **kwargs: Any) -> None:
        """Publish what the workflow let through: who may decide about ideas may do so."""
        may = user is None or user.has_perm("ideas.decide_idea")
        super().publish(revision, user=user, **{**kwargs, "skip_permission_checks": may})


class Support(models.Model):
    """One voice for an idea: an employee's own, or given on behalf of a member who asked for it."""

    idea = models.ForeignKey(Idea, on_delete=models.PROTECT, related_name="supports")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="idea_supports"
    )
    member = models.ForeignKey(Member, null=True, on_delete=models.PROTECT, related_name="idea_supports")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["idea", "by"], condition=models.Q(member=None), name="ideas_support_own_once"
            ),
            models.UniqueConstraint(
                fields=["idea", "member"],
                condition=models.Q(member__isnull=False),
                name="ideas_support_for_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.idea_id}: {self.member_id or self.by_id}"


class Score(models.Model):
    """What one person thinks of an idea by one criterion, 1 to 5."""

    idea = models.ForeignKey(Idea, on_delete=models.PROTECT, related_name="scores")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="idea_scores"
    )
    criterion = models.CharField(max_length=16, choices=Criterion.choices)
    value = models.PositiveSmallIntegerField()
    at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["idea", "by", "criterion"], name="ideas_score_once"),
            models.CheckConstraint(condition=models.Q(value__range=(1, 5)), name="ideas_score_range"),
        ]

    def __str__(self) -> str:
        return f"{self.idea_id}: {self.criterion} {self.value}"


class EmpathyCard(models.Model):
    """“Imagine you are the client”: what a decider wrote after three real stories, before an idea is approved."""

    idea = models.ForeignKey(Idea, on_delete=models.PROTECT, related_name="cards")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="empathy_cards"
    )
    at = models.DateTimeField(auto_now_add=True)
    # Ids only: a story that is taken back leaves nothing here.
    story_ids = models.JSONField(default=list)
    notices = models.TextField(_("What will the client notice first?"), max_length=600)
    loses = models.TextField(_("What will the client lose, and who tells them?"), max_length=600)
    doubts = models.TextField(_("Which of the three would object, and why?"), max_length=600)

    def __str__(self) -> str:
        return f"{self.idea_id}: {self.at:%Y-%m-%d}"


class Decision(models.Model):
    """What was decided about an idea and why; stays when its evidence goes."""

    idea = models.ForeignKey(Idea, on_delete=models.PROTECT, related_name="decisions")
    state = models.CharField(_("decided"), max_length=12, choices=IdeaState.choices)
    reason = models.TextField(_("reason"), max_length=2000)
    overrules = models.ManyToManyField(Highlight, blank=True, related_name="overruled_by")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="idea_decisions"
    )
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.idea_id}: {self.state}"


class FollowUp(models.Model):
    """Something a person promised to do about an idea, by a day."""

    idea = models.ForeignKey(Idea, on_delete=models.PROTECT, related_name="follow_ups")
    text = models.CharField(_("what is to be done"), max_length=240)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("who"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="idea_follow_ups",
    )
    due = models.DateField(_("by when"))
    done_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering = ["done_at", "due", "pk"]

    def __str__(self) -> str:
        return self.text
