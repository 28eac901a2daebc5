"""Consents: who agreed to which text, when, until when, and what proves it."""

import secrets

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from club.models import Member
from consent.enums import Method
from consent.models.texts import ConsentText


def evidence_path(instance: models.Model, filename: str) -> str:
    """Return a random name in private storage; nothing of the uploaded name is kept but a known extension."""
    extension = filename.rsplit(".", 1)[-1].lower() if "." in filename else ""
    known = (
        extension
        if extension in {"pdf", "jpg", "jpeg", "png", "webp", "mp3", "m4a", "ogg", "wav", "mp4"}
        else "bin"
    )
    return f"evidence/{secrets.token_hex(16)}.{known}"


class Consent(models.Model):
    """One act of consent: the bundle of grants that a narrator gave with one document."""

    member = models.ForeignKey(
        Member, verbose_name=_("narrator"), on_delete=models.PROTECT, related_name="consents"
    )
    text = models.ForeignKey(
        ConsentText, verbose_name=_("text agreed to"), on_delete=models.PROTECT, related_name="consents"
    )
    controller = models.CharField(_("who may use the stories"), max_length=200)
    supersedes = models.ForeignKey(
        "self",
        verbose_name=_("replaces"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="successors",
    )
    valid_from = models.DateTimeField(_("valid from"))
    valid_until = models.DateTimeField(_("valid until"), null=True, blank=True)
    method = models.CharField(_("how it was given"), max_length=12, choices=Method.choices)
    conditions = models.TextField(_("conditions in the narrator's words"), blank=True)
    evidence = models.FileField(_("evidence file"), upload_to=evidence_path, blank=True)
    evidence_sha256 = models.CharField(max_length=64, blank=True, editable=False)
    evidence_reference = models.CharField(_("where the evidence is"), max_length=300, blank=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("recorded by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
    )
    created_at = models.DateTimeField(_("recorded at"), auto_now_add=True)

    class Meta:
        verbose_name = _("consent")
        verbose_name_plural = _("consents")
        ordering = ["-valid_from", "-pk"]
        permissions = [("withdraw_consent", _("Can record a withdrawal"))]

    def __str__(self) -> str:
        return f"{self.member.code}, {self.valid_from:%Y-%m-%d}"
