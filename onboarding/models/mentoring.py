"""The calendar of those who help newcomers: its secret, and entries whose ids stay. Numbers and moments only."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from onboarding.enums import EntryKind
from onboarding.models.enrolments import Enrolment


class MentorKey(models.Model):
    """The secret of a mentor's or manager's calendar; only its hash is kept."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    token_sha256 = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()

    class Meta:
        verbose_name = _("key of a mentor's calendar")
        verbose_name_plural = _("keys of mentors' calendars")

    def __str__(self) -> str:
        return str(self.user_id)


class MentorEntry(models.Model):
    """One entry of the calendar of a mentor or manager: an id that stays, a number that rises with every change."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    enrolment = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=EntryKind.choices)
    place = models.CharField(max_length=80)  # a module and a step, or an attempt
    day = models.DateField()
    starts_at = models.DateTimeField(null=True)  # without one it is of the whole day
    sequence = models.PositiveIntegerField(default=0)
    is_cancelled = models.BooleanField(default=False)
    changed_at = models.DateTimeField()

    class Meta:
        verbose_name = _("entry of a mentor's calendar")
        verbose_name_plural = _("entries of mentors' calendars")
        ordering = ["day", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "enrolment", "kind", "place"], name="onboarding_mentor_entry_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.day}"
