"""What narrators demand of the company, with the day by which the law wants it done."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from club.models import Member
from consent.enums import Channel, DemandKind, Law


class Demand(models.Model):
    """One demand of a narrator: stop, correct, copy, erase. ``due_on`` is computed from ``rule`` when it comes in."""

    member = models.ForeignKey(
        Member, verbose_name=_("narrator"), on_delete=models.PROTECT, related_name="demands"
    )
    kind = models.CharField(_("what she demands"), max_length=10, choices=DemandKind.choices)
    law = models.CharField(_("law"), max_length=10, choices=Law.choices)
    rule = models.CharField(_("rule of the term"), max_length=40)
    words = models.TextField(_("in her own words"), blank=True)
    channel = models.CharField(_("came by"), max_length=10, choices=Channel.choices)
    received_at = models.DateTimeField(_("received at"))
    due_on = models.DateField(_("due on"))
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("recorded by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    done_at = models.DateTimeField(_("done at"), null=True, blank=True)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("done by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    outcome = models.TextField(_("what was done"), blank=True)

    class Meta:
        verbose_name = _("demand")
        verbose_name_plural = _("demands")
        ordering = ["due_on", "pk"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.due_on:%Y-%m-%d}"
