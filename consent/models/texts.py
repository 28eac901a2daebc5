"""The exact texts that people consent to."""

import hashlib
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from consent.enums import Law


class ConsentText(models.Model):
    """One version of a consent text in one language under one law; never changes once somebody agreed to it."""

    law = models.CharField(_("law"), max_length=10, choices=Law.choices)
    language = models.CharField(_("language"), max_length=5, choices=settings.LANGUAGES)
    version = models.PositiveSmallIntegerField(_("version"), default=1)
    title = models.CharField(_("title"), max_length=200)
    body = models.TextField(_("text"))
    sha256 = models.CharField(max_length=64, editable=False)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    class Meta:
        verbose_name = _("consent text")
        verbose_name_plural = _("consent texts")
        ordering = ["law", "language", "-version"]
        unique_together = [("law", "language", "version")]

    def __str__(self) -> str:
        return f"{self.title} ({self.get_law_display()}, {self.language}, {self.version})"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk and self.is_used and self.digest() != self.sha256:
            raise ValidationError(_("A consent text that is in use never changes."))
        self.sha256 = self.digest()
        super().save(*args, **kwargs)

    def digest(self) -> str:
        """SHA-256 of title and body as UTF-8."""
        return hashlib.sha256(f"{self.title}\n\n{self.body}".encode()).hexdigest()

    @property
    def is_used(self) -> bool:
        """Whether somebody has agreed to this text."""
        return bool(self.pk) and self.consents.exists()

    def clean(self) -> None:
        if self.is_used and self.digest() != self.sha256:
            raise ValidationError(
                _(
                    "People have agreed to this text, so it cannot change. "
                    "Save a new version; a changed text needs new consent."
                )
            )
