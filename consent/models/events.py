"""The consent ledger: append-only, hash-chained. The database itself refuses UPDATE and DELETE."""

import hashlib
import json
from datetime import UTC
from typing import Any, NoReturn

from django.db import models
from django.utils.translation import gettext_lazy as _

from club.models import Member
from consent.enums import PAUSE_EVENTS, Category, EventKind, Purpose
from consent.models.approvals import Approval
from consent.models.consents import Consent
from consent.models.grants import Grant


class LedgerClosed(Exception):
    """Somebody tried to change or delete what the ledger holds."""


class ConsentEvent(models.Model):
    """One fact about consent. Holds codes and digests only, nothing personal, so that it may be kept for years."""

    at = models.DateTimeField(_("when"))
    kind = models.CharField(_("what"), max_length=10, choices=EventKind.choices)
    member = models.ForeignKey(
        Member, verbose_name=_("narrator"), on_delete=models.PROTECT, related_name="events"
    )
    consent = models.ForeignKey(
        Consent, verbose_name=_("consent"), null=True, on_delete=models.PROTECT, related_name="events"
    )
    grant = models.ForeignKey(
        Grant, verbose_name=_("grant"), null=True, on_delete=models.PROTECT, related_name="events"
    )
    approval = models.ForeignKey(
        Approval, verbose_name=_("approval"), null=True, on_delete=models.PROTECT, related_name="events"
    )
    purpose = models.CharField(_("purpose"), max_length=10, choices=Purpose.choices, blank=True)
    category = models.CharField(_("category"), max_length=12, choices=Category.choices, blank=True)
    wording_sha256 = models.CharField(_("wording"), max_length=64, blank=True)
    # No foreign key: an employee's row must never reach into the ledger.
    actor_id = models.BigIntegerField(_("recorded by"), null=True)
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("ledger entry")
        verbose_name_plural = _("consent ledger")
        ordering = ["pk"]
        indexes = [
            models.Index(fields=["grant", "kind", "at"], name="consent_event_grant"),
            models.Index(fields=["approval", "kind", "at"], name="consent_event_approval"),
            models.Index(fields=["member", "at"], name="consent_event_member"),
            models.Index(
                fields=["member", "id"],
                condition=models.Q(kind__in=[kind.value for kind in PAUSE_EVENTS]),
                name="consent_event_pause",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.get_kind_display()}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk and not kwargs.get("force_insert"):
            raise LedgerClosed("The consent ledger is append-only.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise LedgerClosed("The consent ledger is append-only.")

    def payload(self) -> str:
        """Canonical JSON of what the hash covers, microseconds and UTC included."""
        return json.dumps(
            {
                "at": self.at.astimezone(UTC).isoformat(timespec="microseconds"),
                "kind": str(self.kind),
                "member": self.member_id,
                "consent": self.consent_id,
                "grant": self.grant_id,
                "approval": self.approval_id,
                "purpose": str(self.purpose),
                "category": str(self.category),
                "wording": self.wording_sha256,
                "actor": self.actor_id,
            },
            sort_keys=True,
            separators=(",", ":"),
        )

    def chained(self, previous_hash: str) -> str:
        """SHA-256 over the previous entry's hash and this entry's payload."""
        return hashlib.sha256(f"{previous_hash}\n{self.payload()}".encode()).hexdigest()
