"""Proposed themes that a person refused for a passage: from them the proposals learn."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from ideas.models.themes import Theme
from stories.models import StoryPage


class Refusal(models.Model):
    """“This passage does not speak for that theme”: where the passage lies, and a digest of its words.

    The words themselves are read from the published story, through the gate, whenever something is learnt from them.
    Once they read otherwise the refusal says nothing any more.
    """

    theme = models.ForeignKey(Theme, on_delete=models.PROTECT, related_name="refusals")
    story = models.ForeignKey(StoryPage, on_delete=models.PROTECT, related_name="refusals")
    block_id = models.CharField(max_length=64)
    start = models.PositiveIntegerField()
    end = models.PositiveIntegerField()
    digest = models.CharField(max_length=32)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="refusals"
    )
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("refused proposal")
        verbose_name_plural = _("refused proposals")
        constraints = [
            models.UniqueConstraint(
                fields=["theme", "story", "block_id", "digest"], name="ideas_refusal_once"
            ),
            models.CheckConstraint(condition=models.Q(end__gt=models.F("start")), name="ideas_refusal_span"),
        ]

    def __str__(self) -> str:
        return f"{self.story_id}: {self.start}–{self.end} ≠ {self.theme_id}"
