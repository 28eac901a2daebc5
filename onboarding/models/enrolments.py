"""Who is on which track, and how far: projections of the ledger, which can be made anew from it at any time."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from onboarding.enums import By, Source, Status
from onboarding.models.people import AssignmentRule, Employee
from onboarding.models.versions import TrackVersion


class Enrolment(models.Model):
    """One person on one track."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    employee = models.ForeignKey(
        Employee, verbose_name=_("newcomer"), on_delete=models.PROTECT, related_name="enrolments"
    )
    track_key = models.UUIDField()
    version = models.ForeignKey(
        TrackVersion, verbose_name=_("version"), on_delete=models.PROTECT, related_name="enrolments"
    )
    source = models.CharField(_("how"), max_length=10, choices=Source.choices)
    rule = models.ForeignKey(
        AssignmentRule,
        verbose_name=_("rule"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="enrolments",
    )
    anchor = models.DateField(_("first day"))
    status = models.CharField(_("state"), max_length=12, choices=Status.choices, default=Status.INVITED)
    created_at = models.DateTimeField(_("invited at"))
    started_at = models.DateTimeField(_("began at"), null=True)
    completed_at = models.DateTimeField(_("finished at"), null=True)
    percent = models.PositiveSmallIntegerField(_("percent"), default=0)
    last_event_at = models.DateTimeField(_("last step at"), null=True)

    class Meta:
        verbose_name = _("enrolment")
        verbose_name_plural = _("enrolments")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["employee", "track_key"], name="onboarding_enrolled_once"),
            models.CheckConstraint(condition=models.Q(percent__lte=100), name="onboarding_percent"),
        ]
        indexes = [models.Index(fields=["track_key", "status"], name="onboarding_enrolment_track")]
        permissions = [("run_tracks", _("Can run tracks and see newcomers' progress"))]

    def __str__(self) -> str:
        return f"{self.employee_id}: {self.track_key}"


class StepState(models.Model):
    """How far somebody is in one step."""

    enrolment = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="steps")
    module_key = models.UUIDField()
    step = models.UUIDField()
    seen_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    by = models.CharField(max_length=10, choices=By.choices, blank=True)
    version_id = models.BigIntegerField(null=True)
    instead_module = models.UUIDField(null=True)
    instead_step = models.UUIDField(null=True)
    story_ended = models.BooleanField(default=False)
    swaps = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = _("state of a step")
        verbose_name_plural = _("states of steps")
        constraints = [
            models.UniqueConstraint(fields=["enrolment", "module_key", "step"], name="onboarding_step_once")
        ]

    def __str__(self) -> str:
        return f"{self.enrolment_id}/{self.step}"


class ModuleState(models.Model):
    """How far somebody is in one module, and when it is due."""

    enrolment = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="modules")
    module_key = models.UUIDField()
    due_on = models.DateField(null=True)
    opened_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    # When the next reminder is to be thought of, and how often its calendar entry has changed; not of the ledger.
    remind_at = models.DateTimeField(null=True)
    sequence = models.PositiveIntegerField(default=0)
    # When it was seen that what the module trains is learned; not of the ledger.
    learned_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("state of a module")
        verbose_name_plural = _("states of modules")
        constraints = [
            models.UniqueConstraint(fields=["enrolment", "module_key"], name="onboarding_module_once")
        ]
        indexes = [
            models.Index(
                fields=["remind_at"], condition=models.Q(remind_at__isnull=False), name="onboarding_remind"
            ),
            models.Index(
                fields=["done_at"],
                condition=models.Q(done_at__isnull=False, learned_at=None),
                name="onboarding_to_learn",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.enrolment_id}/{self.module_key}"


class Draft(models.Model):
    """An answer that is not sent yet: it waits on the server, for any device and either language."""

    enrolment = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="drafts")
    module_key = models.UUIDField()
    step = models.UUIDField()
    data = models.JSONField(default=dict)
    saved_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["enrolment", "module_key", "step"], name="onboarding_draft_once")
        ]

    def __str__(self) -> str:
        return f"{self.enrolment_id}/{self.step}"


class CohortMove(models.Model):
    """HR moved people to a new version: who did it, when, how many."""

    track_key = models.UUIDField()
    to_version = models.ForeignKey(TrackVersion, on_delete=models.PROTECT, related_name="+")
    moved = models.PositiveIntegerField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("move of a cohort")
        verbose_name_plural = _("moves of cohorts")
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.track_key}: {self.moved}"
