"""Approvals: the narrator said yes to these very words and pictures. Written once, never changed."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from club.models import Member
from consent.enums import Method


class Approval(models.Model):
    """A narrator's yes to one exact wording, named by the SHA-256 of her words and images."""

    member = models.ForeignKey(
        Member, verbose_name=_("narrator"), on_delete=models.PROTECT, related_name="approvals"
    )
    wording_sha256 = models.CharField(_("wording"), max_length=64)
    approved_at = models.DateTimeField(_("approved at"))
    method = models.CharField(_("how"), max_length=12, choices=Method.choices)
    evidence_reference = models.CharField(_("where the evidence is"), max_length=300, blank=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("recorded by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
    )

    class Meta:
        verbose_name = _("approval of a wording")
        verbose_name_plural = _("approvals of wordings")
        ordering = ["-approved_at", "-pk"]
        indexes = [models.Index(fields=["wording_sha256", "member"], name="consent_approval_ask")]

    def __str__(self) -> str:
        return f"{self.member_id}: {self.wording_sha256[:12]}"
