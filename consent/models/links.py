"""The narrator's own link: the key to her page, without an account."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.models import Revision

from club.models import Member
from consent.enums import Channel


class ApprovalLink(models.Model):
    """One secret address given to one narrator. Only the SHA-256 of its token is kept, so that no copy of the
    database opens anybody's page; a lost link is replaced by a fresh one.
    """

    member = models.ForeignKey(
        Member, verbose_name=_("narrator"), on_delete=models.PROTECT, related_name="links"
    )
    token_sha256 = models.CharField(max_length=64, unique=True, editable=False)
    revision = models.ForeignKey(
        Revision,
        verbose_name=_("wording asked about"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    wording_sha256 = models.CharField(_("wording"), max_length=64, blank=True)
    channel = models.CharField(_("given by"), max_length=10, choices=Channel.choices)
    created_at = models.DateTimeField(_("made at"))
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("made by"), null=True, blank=True, on_delete=models.PROTECT
    )
    expires_at = models.DateTimeField(_("opens until"))
    revoked_at = models.DateTimeField(_("closed at"), null=True, blank=True)
    uses = models.PositiveIntegerField(_("times opened"), default=0)
    last_used_at = models.DateTimeField(_("last opened"), null=True, blank=True)

    class Meta:
        verbose_name = _("narrator's link")
        verbose_name_plural = _("narrators' links")
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.member_id}: {self.created_at:%Y-%m-%d}"
