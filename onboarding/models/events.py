"""The ledger of learning: append-only, hash-chained per enrolment. The database itself refuses UPDATE and DELETE.

What people wrote in their own words lies in a table beside it, and the chain holds only its digest: words can be
forgotten, the ledger and its counts stay valid.
"""

import hashlib
import json
import uuid
from datetime import UTC
from typing import Any, NoReturn

from django.db import models
from django.utils.translation import gettext_lazy as _

from onboarding.enums import Redaction, Verb, Verdict
from onboarding.models.enrolments import Enrolment
from onboarding.models.versions import ModuleVersion


class LedgerClosed(Exception):
    """Somebody tried to change or delete what the ledger holds."""


class Closed(models.Model):
    """A row that is written once."""

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk and not kwargs.get("force_insert"):
            raise LedgerClosed("The ledger of learning is append-only.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise LedgerClosed("The ledger of learning is append-only.")


class Event(Closed):
    """One thing that happened to one enrolment. Ids and numbers only."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True)
    key = models.CharField(max_length=120, unique=True)  # who repeats a request names the same key
    enrolment = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="events")
    actor_id = models.BigIntegerField(
        null=True
    )  # no foreign key: an employee's row never reaches into the ledger
    verb = models.CharField(_("what"), max_length=12, choices=Verb.choices)
    module_key = models.UUIDField(null=True)
    step = models.UUIDField(null=True)
    version = models.ForeignKey(ModuleVersion, null=True, on_delete=models.PROTECT, related_name="+")
    data = models.JSONField(default=dict)
    words_sha256 = models.CharField(max_length=64, blank=True)
    occurred_at = models.DateTimeField(_("when"))
    recorded_at = models.DateTimeField(_("recorded"))
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("entry of the learning ledger")
        verbose_name_plural = _("ledger of learning")
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.occurred_at:%Y-%m-%d %H:%M} {self.get_verb_display()}"

    def payload(self) -> str:
        """Canonical JSON of what the hash covers, microseconds and UTC included."""
        return json.dumps(
            {
                "uuid": str(self.uuid),
                "key": self.key,
                "enrolment": self.enrolment_id,
                "actor": self.actor_id,
                "verb": str(self.verb),
                "module": str(self.module_key or ""),
                "step": str(self.step or ""),
                "version": self.version_id,
                "data": self.data,
                "words": self.words_sha256,
                "at": self.occurred_at.astimezone(UTC).isoformat(timespec="microseconds"),
            },
            sort_keys=True,
            separators=(",", ":"),
        )

    def chained(self, previous_hash: str) -> str:
        """SHA-256 over the previous entry's hash and this entry's payload."""
        return hashlib.sha256(f"{previous_hash}\n{self.payload()}".encode()).hexdigest()


class Attempt(Closed):
    """One answer to one step, never updated: what was shown, in which order, under which version, what was said."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True)
    enrolment = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="attempts")
    module_key = models.UUIDField()
    step = models.UUIDField()
    version = models.ForeignKey(ModuleVersion, on_delete=models.PROTECT, related_name="attempts")
    # The revision whose words were read, by its number: a substitute's is that of another module.
    revision_id = models.BigIntegerField(null=True)
    kind = models.CharField(max_length=20)
    number = models.PositiveSmallIntegerField()
    is_first = models.BooleanField()
    is_substitute = models.BooleanField(default=False)
    shown = models.JSONField(default=list)
    response = models.JSONField(default=dict)
    score = models.FloatField(null=True)
    loyalty = models.SmallIntegerField(null=True)
    submitted_at = models.DateTimeField()

    class Meta:
        verbose_name = _("attempt")
        verbose_name_plural = _("attempts")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["enrolment", "module_key", "step", "number"], name="onboarding_attempt_number"
            )
        ]
        indexes = [models.Index(fields=["module_key", "step", "is_first"], name="onboarding_attempt_step")]

    def __str__(self) -> str:
        return f"{self.enrolment_id}/{self.step} {self.number}"


class Words(models.Model):
    """What somebody wrote in an attempt. Can be forgotten: the ledger keeps the digest only."""

    attempt = models.ForeignKey(Attempt, on_delete=models.PROTECT, related_name="words")
    field = models.CharField(max_length=60)
    text = models.TextField(blank=True)
    sha256 = models.CharField(max_length=64)
    forgotten_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["attempt", "field"], name="onboarding_words_once")]

    def __str__(self) -> str:
        return f"{self.attempt_id}/{self.field}"


class Quotation(models.Model):
    """Words of a newcomer that repeat those of a story which was taken back; a person decides what becomes of them.

    Hidden from everyone else until then.
    """

    words = models.ForeignKey(Words, on_delete=models.PROTECT, related_name="quotations")
    story_id = models.BigIntegerField()
    overlap = models.PositiveSmallIntegerField()  # how many runs of words they share
    state = models.CharField(max_length=10, choices=Redaction.choices, default=Redaction.OPEN)
    found_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey("club.User", null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        verbose_name = _("quotation of a story taken back")
        verbose_name_plural = _("quotations of stories taken back")
        constraints = [
            models.UniqueConstraint(fields=["words", "story_id"], name="onboarding_quotation_once")
        ]

    def __str__(self) -> str:
        return f"{self.words_id}: {self.story_id}"


class ReflectionReview(models.Model):
    """What a reviewer said of a reflection."""

    attempt = models.OneToOneField(Attempt, on_delete=models.PROTECT, related_name="review")
    reviewer = models.ForeignKey("club.User", null=True, on_delete=models.SET_NULL, related_name="+")
    marks = models.JSONField(default=dict)
    comment = models.TextField(_("comment"), blank=True)
    verdict = models.CharField(_("verdict"), max_length=10, choices=Verdict.choices)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("review")
        verbose_name_plural = _("reviews")

    def __str__(self) -> str:
        return f"{self.attempt_id}: {self.verdict}"


class StepFeedback(models.Model):
    """What a newcomer tells the author of a step: something is wrong, unclear, or very good."""

    enrolment = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="feedback")
    module_key = models.UUIDField()
    step = models.UUIDField()
    text = models.TextField(_("what should change"), max_length=1000)
    at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("word to the author")
        verbose_name_plural = _("words to the author")
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.enrolment_id}/{self.step}"
