"""The exact texts that people consent to."""

import hashlib
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from consent.enums import Category, Law, TextScope

# What of a text stays as it was once somebody has agreed to it; the database holds it too.
FROZEN = ("law", "scope", "category", "language", "version", "title", "body", "elements", "sha256")


class ConsentText(models.Model):
    """One version of a consent text in one language under one law; never changes once somebody agreed to it."""

    law = models.CharField(_("law"), max_length=10, choices=Law.choices)
    scope = models.CharField(_("about"), max_length=12, choices=TextScope.choices, default=TextScope.INTERNAL)
    category = models.CharField(
        _("category"),
        max_length=12,
        choices=Category.choices,
        blank=True,
        help_text=_("For distribution: each category has a document of its own."),
    )
    language = models.CharField(_("language"), max_length=5, choices=settings.LANGUAGES)
    version = models.PositiveSmallIntegerField(_("version"), default=1)
    title = models.CharField(_("title"), max_length=200)
    body = models.TextField(_("text"))
    elements = models.JSONField(_("what the law asks for"), default=dict, blank=True)
    is_template = models.BooleanField(
        _("template: no lawyer has read it yet"),
        default=False,
        help_text=_("A template is a beginning, not advice: let a lawyer read it before people agree to it."),
    )
    sha256 = models.CharField(max_length=64, editable=False)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    class Meta:
        verbose_name = _("consent text")
        verbose_name_plural = _("consent texts")
        ordering = ["law", "-scope", "category", "language", "-version"]
        unique_together = [("law", "scope", "category", "language", "version")]
        permissions = [("confirm_consenttext", _("Can record that a lawyer has read a text"))]

    def __str__(self) -> str:
        return f"{self.title} ({self.get_law_display()}, {self.language}, {self.version})"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.is_changed_in_use():
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

    def is_changed_in_use(self) -> bool:
        """Whether somebody has agreed to what is stored and this object says something else."""
        if not self.is_used:
            return False
        stored = ConsentText.objects.filter(pk=self.pk).values(*FROZEN).get()
        return self.digest() != stored["sha256"] or any(
            getattr(self, name) != stored[name] for name in FROZEN if name != "sha256"
        )

    def clean(self) -> None:
        if self.is_changed_in_use():
            raise ValidationError(
                _(
                    "People have agreed to this text, so it cannot change. "
                    "Save a new version; a changed text needs new consent."
                )
            )
