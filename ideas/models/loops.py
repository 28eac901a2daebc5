"""Closing the loop: the member whose words were used is told what became of them, and says whether it is right."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from club.models import Member
from ideas.enums import Verdict
from ideas.models.ideas import Idea
from ideas.models.themes import Theme


class LoopClosure(models.Model):
    """A note for a member's host to pass on, when she was told, and what she said; never sent by itself."""

    idea = models.ForeignKey(Idea, null=True, on_delete=models.PROTECT, related_name="closures")
    theme = models.ForeignKey(Theme, null=True, on_delete=models.PROTECT, related_name="closures")
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="closures")
    draft = models.TextField(_("note"), max_length=2000)
    made_at = models.DateTimeField(auto_now_add=True)
    told_at = models.DateTimeField(_("told at"), null=True)
    told_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    verdict = models.CharField(_("verdict"), max_length=6, choices=Verdict.choices, blank=True)
    verdict_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(idea__isnull=False, theme=None) | Q(idea=None, theme__isnull=False),
                name="ideas_closure_one_subject",
            ),
            models.UniqueConstraint(fields=["idea", "member"], name="ideas_closure_idea_once"),
            models.UniqueConstraint(fields=["theme", "member"], name="ideas_closure_theme_once"),
        ]

    def __str__(self) -> str:
        return f"{self.idea_id or self.theme_id}: {self.member_id}"
