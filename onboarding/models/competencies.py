"""What a moment of truth trains."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from stories.models.vocabulary import Bilingual


class Competency(Bilingual):
    """Something one learns to do for a client: joins steps of different stories, so that one can replace another."""

    slug = models.SlugField(_("code"), max_length=60, unique=True)
    description_ru = models.TextField(_("description in Russian"), blank=True)
    description_en = models.TextField(_("description in English"), blank=True)

    class Meta:
        verbose_name = _("competency")
        verbose_name_plural = _("competencies")
        ordering = ["slug"]
