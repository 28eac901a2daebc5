"""Reminders of consents that come to their end: each is given once."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from consent.models.consents import Consent


class Reminder(models.Model):
    """The note that hosts and keepers were told, so many days before, that a consent ends."""

    consent = models.ForeignKey(
        Consent, verbose_name=_("consent"), on_delete=models.PROTECT, related_name="reminders"
    )
    days_before = models.PositiveSmallIntegerField(_("days before"))
    given_at = models.DateTimeField(_("given at"))

    class Meta:
        verbose_name = _("reminder")
        verbose_name_plural = _("reminders")
        ordering = ["-given_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["consent", "days_before"], name="consent_reminder_once")
        ]

    def __str__(self) -> str:
        return f"{self.consent_id}: {self.days_before}"
