"""What goes on beside a track: reviews, a calendar, words that may become an idea. Of numbers and moments only."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from onboarding.enums import Asking, EntryKind
from onboarding.models.enrolments import Enrolment
from onboarding.models.events import Words
from onboarding.models.people import Employee


class ReviewCard(models.Model):
    """Something one person has learned, and when it is asked again. Made anew from the ledger at any time."""

    employee = models.ForeignKey(Employee, on_delete=models.PROTECT, related_name="cards")
    # Under which it was learned: what comes of a review is an entry of its ledger.
    enrolment = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="cards")
    competency_id = models.BigIntegerField()
    learned_at = models.DateTimeField(_("learned at"))
    due_at = models.DateTimeField(_("comes back at"))
    number = models.PositiveSmallIntegerField(_("reviews"), default=0)
    # The step that stands there this time, and the due moment for which it was told.
    module_key = models.UUIDField(null=True)
    step = models.UUIDField(null=True)
    is_offered = models.BooleanField(default=False)
    told_for = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("review card")
        verbose_name_plural = _("review cards")
        ordering = ["due_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["employee", "competency_id"], name="onboarding_card_once")
        ]
        indexes = [models.Index(fields=["due_at"], name="onboarding_card_due")]

    def __str__(self) -> str:
        return f"{self.employee_id}/{self.competency_id}"


class CalendarKey(models.Model):
    """The secret of one person's calendar; only its hash is kept."""

    employee = models.OneToOneField(Employee, on_delete=models.PROTECT, related_name="calendar_key")
    token_sha256 = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()

    class Meta:
        verbose_name = _("key of a calendar")
        verbose_name_plural = _("keys of calendars")

    def __str__(self) -> str:
        return str(self.employee_id)


class CalendarEntry(models.Model):
    """One entry of one person's calendar: an id that stays, a number that rises with every change."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    employee = models.ForeignKey(Employee, on_delete=models.PROTECT, related_name="calendar")
    enrolment = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="calendar")
    kind = models.CharField(max_length=10, choices=EntryKind.choices)
    place = models.CharField(max_length=80)  # a module, a module and a step, or a competency
    day = models.DateField()
    starts_at = models.DateTimeField(null=True)  # without one it is of the whole day
    sequence = models.PositiveIntegerField(default=0)
    is_cancelled = models.BooleanField(default=False)
    changed_at = models.DateTimeField()
    mailed = models.IntegerField(default=-1)  # the sequence that a mail brought last

    class Meta:
        verbose_name = _("entry of a calendar")
        verbose_name_plural = _("entries of calendars")
        ordering = ["day", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["enrolment", "kind", "place"], name="onboarding_entry_once")
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.day}"


class AskedWords(models.Model):
    """A newcomer was asked whether her own words may become an idea; without her yes nobody sees them as one."""

    words = models.OneToOneField(Words, on_delete=models.PROTECT, related_name="asking")
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    asked_at = models.DateTimeField()
    state = models.CharField(_("state"), max_length=10, choices=Asking.choices, default=Asking.ASKED)
    named = models.BooleanField(_("with my name"), default=False)
    answered_at = models.DateTimeField(null=True)
    idea_id = models.BigIntegerField(null=True)

    class Meta:
        verbose_name = _("words asked for")
        verbose_name_plural = _("words asked for")
        ordering = ["-asked_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.words_id}: {self.get_state_display()}"


class HrToken(models.Model):
    """A secret by which HR's own system enrols people, in the name of who made it; only its hash is kept."""

    name = models.CharField(_("name"), max_length=80)
    token_sha256 = models.CharField(max_length=64, unique=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    made_at = models.DateTimeField(_("made at"))
    used_at = models.DateTimeField(_("last used"), null=True)
    closed_at = models.DateTimeField(_("closed at"), null=True)

    class Meta:
        verbose_name = _("key of HR's system")
        verbose_name_plural = _("keys of HR's system")
        ordering = ["-made_at", "-pk"]

    def __str__(self) -> str:
        return self.name
