"""Grants: what exactly a consent allows. Written once; the database refuses to change or delete them."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from club.models import Member
from consent.enums import Category, Credit, Purpose
from consent.models.consents import Consent


class Grant(models.Model):
    """Permission of one member for one purpose and one category during ``[valid_from, valid_until)``."""

    consent = models.ForeignKey(
        Consent, verbose_name=_("consent"), on_delete=models.PROTECT, related_name="grants"
    )
    member = models.ForeignKey(
        Member, verbose_name=_("narrator"), on_delete=models.PROTECT, related_name="grants"
    )
    purpose = models.CharField(_("purpose"), max_length=10, choices=Purpose.choices)
    category = models.CharField(
        _("category"), max_length=12, choices=Category.choices, default=Category.WORDS
    )
    credit = models.CharField(_("named as"), max_length=12, choices=Credit.choices, default=Credit.PSEUDONYM)
    valid_from = models.DateTimeField(_("valid from"))
    valid_until = models.DateTimeField(_("valid until"), null=True, blank=True)

    class Meta:
        verbose_name = _("grant")
        verbose_name_plural = _("grants")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["consent", "purpose", "category"], name="consent_grant_once"),
            models.CheckConstraint(
                condition=models.Q(valid_until__isnull=True)
                | models.Q(valid_until__gt=models.F("valid_from")),
                name="consent_grant_term",
            ),
        ]
        indexes = [
            models.Index(fields=["member", "purpose", "category", "valid_from"], name="consent_grant_ask")
        ]

    def __str__(self) -> str:
        return f"{self.get_purpose_display()}, {self.get_category_display()}"
