"""Files that left the house with codes or passages; whoever takes her words back is told which to ask for."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from ideas.enums import FileForm


class Departure(models.Model):
    """A file that somebody took out: its form, how much was in it, and whose words. Ids only."""

    form = models.CharField(_("form"), max_length=14, choices=FileForm.choices)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("who"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    at = models.DateTimeField(_("when"), auto_now_add=True)
    themes = models.PositiveIntegerField(_("themes"), default=0)
    passages = models.PositiveIntegerField(_("passages"), default=0)
    # Whose words were in it; empty for a codebook, which holds the company's words only.
    member_ids = models.JSONField(default=list)

    class Meta:
        verbose_name = _("file taken out")
        verbose_name_plural = _("files taken out")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.form} {self.at:%Y-%m-%d}"
