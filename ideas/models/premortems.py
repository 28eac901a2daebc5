"""Pre-mortems: whom of the archive a planned change would touch, kept beside the decision it was made for."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from ideas.antipatterns import AntiPattern
from ideas.enums import Direction, Side
from ideas.models.ideas import Decision, Idea
from stories.models import StoryPage


class Premortem(models.Model):
    """A planned change in the company's own words, and what the archive said to it when it was asked.

    Only references are kept (``Finding``): who reads it later is shown what the gate lets through at that moment.
    """

    idea = models.ForeignKey(Idea, on_delete=models.PROTECT, related_name="premortems")
    # Set by the decision that it was made for.
    decision = models.ForeignKey(Decision, null=True, on_delete=models.PROTECT, related_name="premortems")
    change = models.TextField(_("planned change"), max_length=4000)
    direction = models.CharField(max_length=6, choices=Direction.choices, default=Direction.AUTO)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="premortems"
    )
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("pre-mortem")
        verbose_name_plural = _("pre-mortems")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.idea_id}: {self.at:%Y-%m-%d}"


class Finding(models.Model):
    """An episode that the change would touch: where it is, on which side; no words of it."""

    premortem = models.ForeignKey(Premortem, on_delete=models.PROTECT, related_name="findings")
    story = models.ForeignKey(StoryPage, on_delete=models.PROTECT, related_name="premortem_findings")
    block_id = models.CharField(max_length=64)
    side = models.CharField(max_length=6, choices=Side.choices)
    pattern = models.CharField(max_length=24, choices=AntiPattern.choices, blank=True)

    class Meta:
        verbose_name = _("finding of a pre-mortem")
        verbose_name_plural = _("findings of pre-mortems")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["premortem", "story", "block_id", "pattern"], name="ideas_finding_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.premortem_id}: {self.story_id} {self.side}"
