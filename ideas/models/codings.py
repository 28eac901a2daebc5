"""Codings: a passage speaks for a theme or for an idea."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ideas.enums import Importance, Origin
from ideas.models.highlights import Highlight
from ideas.models.ideas import Idea
from ideas.models.themes import Theme

VALENCES = (-3, 3)


class Coding(models.Model):
    """A person's judgement: this passage is about this theme, or is evidence for this idea."""

    highlight = models.ForeignKey(Highlight, on_delete=models.PROTECT, related_name="codings")
    theme = models.ForeignKey(Theme, null=True, on_delete=models.PROTECT, related_name="codings")
    idea = models.ForeignKey(Idea, null=True, on_delete=models.PROTECT, related_name="codings")
    coder = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="codings"
    )
    valence = models.SmallIntegerField(_("feeling, −3 to 3"), default=0)
    importance = models.PositiveSmallIntegerField(
        _("importance"), choices=Importance.choices, default=Importance.USEFUL
    )
    memo = models.TextField(_("memo"), max_length=1000, blank=True)
    origin = models.CharField(max_length=10, choices=Origin.choices, default=Origin.PERSON)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("coding")
        verbose_name_plural = _("codings")
        constraints = [
            models.CheckConstraint(
                condition=Q(theme__isnull=False, idea=None) | Q(theme=None, idea__isnull=False),
                name="ideas_coding_one_target",
            ),
            models.CheckConstraint(condition=Q(valence__range=VALENCES), name="ideas_coding_valence"),
            models.CheckConstraint(condition=Q(importance__range=(0, 3)), name="ideas_coding_importance"),
            models.UniqueConstraint(fields=["highlight", "theme"], name="ideas_coding_theme_once"),
            models.UniqueConstraint(fields=["highlight", "idea"], name="ideas_coding_idea_once"),
        ]

    def __str__(self) -> str:
        return f"{self.highlight_id} → {self.theme_id or self.idea_id}"
