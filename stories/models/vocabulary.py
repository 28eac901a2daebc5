"""The company's own words for sorting stories: touchpoints in the order a client meets them, product lines, tags."""

from typing import Any

from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from taggit.models import TagBase


def label_of(name_ru: str, name_en: str) -> str:
    """Return the name in the active language, or the one there is."""
    english = (get_language() or "").startswith("en")
    return (name_en or name_ru) if english else (name_ru or name_en)


class Bilingual(models.Model):
    """A thing with a name in both languages."""

    name_ru = models.CharField(_("name in Russian"), max_length=120)
    name_en = models.CharField(_("name in English"), max_length=120)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """Name in the active language, or the one there is."""
        return label_of(self.name_ru, self.name_en)


class Touchpoint(Bilingual):
    """A place where clients meet the company: a moment of truth on the map, in order."""

    slug = models.SlugField(_("code"), max_length=60, unique=True)
    description_ru = models.TextField(_("description in Russian"), blank=True)
    description_en = models.TextField(_("description in English"), blank=True)
    order = models.PositiveSmallIntegerField(_("order"), default=0)

    class Meta:
        verbose_name = _("touchpoint")
        verbose_name_plural = _("touchpoints")
        ordering = ["order", "slug"]


class ProductLine(Bilingual):
    """What the story is about, in the company's catalogue."""

    slug = models.SlugField(_("code"), max_length=60, unique=True)

    class Meta:
        verbose_name = _("product line")
        verbose_name_plural = _("product lines")
        ordering = ["slug"]


class Tag(TagBase):
    """A controlled tag. ``name`` is the code people type in the editor; what readers see is the label."""

    free_tagging = False
    name_ru = models.CharField(_("name in Russian"), max_length=120)
    name_en = models.CharField(_("name in English"), max_length=120, blank=True)
    label = Bilingual.label

    class Meta:
        verbose_name = _("tag")
        verbose_name_plural = _("tags")
        ordering = ["name_ru"]

    def __str__(self) -> str:
        return self.label

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self.name:  # type: ignore[has-type]  # a field of taggit's, which is untyped
            self.name = self.slug or self.name_ru
        super().save(*args, **kwargs)
