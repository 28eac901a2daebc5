"""Proof of what was learned: awards, what was taken back of them, statements for other systems.

No name is kept here: it is asked for where a certificate is drawn, so forgetting an employee reaches it.
"""

import uuid
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from onboarding.enums import Delivery
from onboarding.models.enrolments import Enrolment
from onboarding.models.events import Closed
from onboarding.models.versions import TrackVersion


class Award(models.Model):
    """A track that somebody finished: a certificate with a number, and a badge to carry elsewhere."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    # Whoever knows it sees whether the award stands: 192 random bits, printed on the certificate as a code to scan.
    token = models.CharField(max_length=32, unique=True)
    number = models.CharField(_("number"), max_length=20, unique=True)
    enrolment = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="awards")
    edition = models.PositiveSmallIntegerField(default=1)
    version = models.ForeignKey(
        TrackVersion, verbose_name=_("version"), on_delete=models.PROTECT, related_name="+"
    )
    title = models.CharField(_("track"), max_length=255)
    language = models.CharField(_("language"), max_length=5)
    # Makes the digest of the holder's number in the badge one of a kind.
    salt = models.CharField(max_length=32)
    awarded_at = models.DateTimeField(_("finished at"))
    made_at = models.DateTimeField(_("made at"))

    class Meta:
        verbose_name = _("award")
        verbose_name_plural = _("awards")
        ordering = ["-awarded_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["enrolment", "edition"], name="onboarding_award_edition")
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def is_revoked(self) -> bool:
        """Whether HR has taken it back."""
        return bool(self.revocation_or_none)

    @property
    def revocation_or_none(self) -> "Revocation | None":
        """The entry that took it back, if there is one."""
        found: Any = getattr(self, "revocation", None)
        return found if isinstance(found, Revocation) else None


class Revocation(Closed):
    """HR took an award back. Append-only; the reason may be emptied when somebody must be forgotten."""

    award = models.OneToOneField(Award, on_delete=models.PROTECT, related_name="revocation")
    reason = models.CharField(_("reason"), max_length=300)
    actor_id = models.BigIntegerField(null=True)  # no foreign key: no account's end reaches into this table
    at = models.DateTimeField(_("when"))

    class Meta:
        verbose_name = _("award taken back")
        verbose_name_plural = _("awards taken back")
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.award_id}: {self.at:%Y-%m-%d}"


class Statement(models.Model):
    """One xAPI statement on its way: ids and numbers. Its own id comes from the ledger, so it is made once."""

    uuid = models.UUIDField(unique=True)
    enrolment = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="statements")
    body = models.JSONField()
    state = models.CharField(_("state"), max_length=8, choices=Delivery.choices, default=Delivery.WAITING)
    send_at = models.DateTimeField()
    lease = models.UUIDField(null=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    sent_at = models.DateTimeField(null=True)
    last_error = models.CharField(_("last error"), max_length=80, blank=True)

    class Meta:
        verbose_name = _("statement")
        verbose_name_plural = _("statements")
        ordering = ["pk"]
        indexes = [
            models.Index(
                fields=["send_at"],
                condition=models.Q(state=Delivery.WAITING),
                name="onboarding_statement_due",
            ),
            models.Index(fields=["state"], name="onboarding_statement_state"),
        ]

    def __str__(self) -> str:
        return str(self.uuid)


class Telling(models.Model):
    """Whether the ledger of an enrolment has entries that were not told as statements yet."""

    enrolment = models.OneToOneField(Enrolment, on_delete=models.PROTECT, related_name="telling")
    is_behind = models.BooleanField(default=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["enrolment"], condition=models.Q(is_behind=True), name="onboarding_telling_behind"
            )
        ]

    def __str__(self) -> str:
        return str(self.enrolment_id)
