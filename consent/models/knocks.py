"""Knocks at narrators' pages: what the limits on guessing and on asking for links count."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Knock(models.Model):
    """One attempt that counts against a limit. ``key`` is a keyed hash of what is limited (never an address in clear);
    rows older than the longest window are deleted as new ones come.
    """

    key = models.CharField(max_length=64, editable=False)
    at = models.DateTimeField(_("when"))

    class Meta:
        verbose_name = _("knock")
        verbose_name_plural = _("knocks")
        ordering = ["-at"]
        indexes = [models.Index(fields=["key", "at"], name="consent_knock_count")]

    def __str__(self) -> str:
        return self.key[:12]
