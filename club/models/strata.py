"""The parts of the customer base that the club stands for."""

from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _


class Stratum(models.Model):
    """A part of the customer base: who belongs to it, how many there are, how many the club would like to know."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name_ru = models.CharField(_("name in Russian"), max_length=120)
    name_en = models.CharField(_("name in English"), max_length=120)
    rule_ru = models.TextField(_("who belongs here, in Russian"), blank=True)
    rule_en = models.TextField(_("who belongs here, in English"), blank=True)
    base_size = models.PositiveIntegerField(_("customers in the base"), default=0)
    target = models.PositiveIntegerField(_("members wanted"), default=0)

    class Meta:
        verbose_name = _("stratum")
        verbose_name_plural = _("strata")
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """Name in the active language."""
        return self.name_en if (get_language() or "").startswith("en") else self.name_ru
