"""Forgetting, with proof: runs of the erasers, their steps, and the mark that survives a restored backup."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from club.models import Member
from consent.models.demands import Demand


class ErasureRun(models.Model):
    """One forgetting of one member over every surface. The member's row stays behind, empty, for the ledger's sake."""

    member = models.ForeignKey(
        Member, verbose_name=_("narrator"), on_delete=models.PROTECT, related_name="erasures"
    )
    demand = models.ForeignKey(
        Demand,
        verbose_name=_("demand"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="erasures",
    )
    started_at = models.DateTimeField(_("begun at"))
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("begun by"), null=True, blank=True, on_delete=models.PROTECT
    )
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)
    is_clean = models.BooleanField(_("nothing was found afterwards"), null=True, blank=True)
    traces = models.JSONField(_("ids of what was destroyed"), default=dict)
    scan = models.JSONField(_("what was searched byte by byte"), default=dict)
    copies_out = models.JSONField(_("copies that had left before"), default=list)

    class Meta:
        verbose_name = _("erasure")
        verbose_name_plural = _("erasures")
        ordering = ["-started_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.member_id}: {self.started_at:%Y-%m-%d %H:%M}"


class ErasureStep(models.Model):
    """What one eraser found, destroyed and could not find any more."""

    run = models.ForeignKey(
        ErasureRun, verbose_name=_("erasure"), on_delete=models.PROTECT, related_name="steps"
    )
    surface = models.CharField(_("surface"), max_length=60)
    found = models.PositiveIntegerField(_("found"), default=0)
    destroyed = models.PositiveIntegerField(_("destroyed"), default=0)
    remaining = models.PositiveIntegerField(_("remaining"), default=0)
    at = models.DateTimeField(_("done at"))
    proof = models.JSONField(_("proof"), default=dict)

    class Meta:
        verbose_name = _("step of an erasure")
        verbose_name_plural = _("steps of an erasure")
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.surface}: {self.destroyed}"


class Tombstone(models.Model):
    """A keyed hash of somebody who was forgotten, by which a restored backup or an import knows her again."""

    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(_("made at"))

    class Meta:
        verbose_name = _("tombstone")
        verbose_name_plural = _("tombstones")
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.digest[:12]
