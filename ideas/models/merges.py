"""Merges and splits, kept so that they can be undone."""

from django.conf import settings
from django.db import models
from django.db.models import Q, TextChoices
from django.utils.translation import gettext_lazy as _

from ideas.models.ideas import Idea
from ideas.models.themes import Theme


class MergeKind(TextChoices):
    """What was done."""

    MERGE = "merge", _("merged")
    SPLIT = "split", _("split")


class Merge(models.Model):
    """One theme or idea went into another, or a part of a theme became a new one; what was before is kept in ids."""

    kind = models.CharField(max_length=6, choices=MergeKind.choices, default=MergeKind.MERGE)
    theme = models.ForeignKey(Theme, null=True, on_delete=models.PROTECT, related_name="merges")
    into_theme = models.ForeignKey(Theme, null=True, on_delete=models.PROTECT, related_name="merges_in")
    idea = models.ForeignKey(Idea, null=True, on_delete=models.PROTECT, related_name="merges")
    into_idea = models.ForeignKey(Idea, null=True, on_delete=models.PROTECT, related_name="merges_in")
    # State before a merge, ids of the codings that a split moved.
    before = models.JSONField(default=dict)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    undone_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(theme__isnull=False, into_theme__isnull=False, idea=None, into_idea=None)
                | Q(theme=None, into_theme=None, idea__isnull=False, into_idea__isnull=False),
                name="ideas_merge_of_one_sort",
            )
        ]

    def __str__(self) -> str:
        return f"{self.theme_id or self.idea_id} → {self.into_theme_id or self.into_idea_id}"
