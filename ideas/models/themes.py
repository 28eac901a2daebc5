"""Themes: a tree of codes in words a client would use."""

import uuid
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from ideas.enums import Colour, ThemeKind, ThemeState
from stories.models.vocabulary import label_of
from stories.slugs import latin


class Theme(models.Model):
    """Something that clients keep telling us: a strength, a weakness or a need; never deleted, only merged."""

    guid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    slug = models.SlugField(_("code"), max_length=80, unique=True, blank=True)
    name_ru = models.CharField(_("name in Russian"), max_length=120, blank=True)
    name_en = models.CharField(_("name in English"), max_length=120, blank=True)
    description = models.TextField(
        _("description"), max_length=4000, blank=True, help_text=_("One sentence: what people go through.")
    )
    synonyms = models.TextField(
        _("other words for it"),
        max_length=600,
        blank=True,
        help_text=_("One a line. Search finds the theme by them."),
    )
    kind = models.CharField(
        _("what it is"), max_length=10, choices=ThemeKind.choices, default=ThemeKind.WEAKNESS
    )
    colour = models.CharField(_("colour"), max_length=7, choices=Colour.choices, default=Colour.MOSS)
    state = models.CharField(_("state"), max_length=10, choices=ThemeState.choices, default=ThemeState.OPEN)
    parent = models.ForeignKey(
        "self",
        verbose_name=_("belongs under"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="children",
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("kept by"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="kept_themes",
    )
    answer = models.TextField(
        _("our answer"),
        max_length=2000,
        blank=True,
        help_text=_("Written once, shown on every story it concerns. Name nobody."),
    )
    answered_at = models.DateTimeField(_("answered at"), null=True, blank=True, editable=False)
    merged_into = models.ForeignKey(
        "self", null=True, blank=True, editable=False, on_delete=models.PROTECT, related_name="merged"
    )
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    class Meta:
        verbose_name = _("theme")
        verbose_name_plural = _("themes")
        ordering = ["slug"]
        permissions = [("code_story", _("Can code passages of stories"))]

    def __str__(self) -> str:
        return self.label

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Give a new theme a code made of its name."""
        if not self.slug:
            self.slug = free_slug(self.name_en or self.name_ru)
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        """Return the address of its page."""
        return reverse("ideas:theme", args=[self.slug])

    @property
    def label(self) -> str:
        """Name in the active language, or the one there is."""
        return label_of(self.name_ru, self.name_en) or self.slug

    def clean(self) -> None:
        super().clean()
        if not (self.name_ru or self.name_en):
            raise ValidationError({"name_ru": _("Give the theme a name in at least one language.")})
        above, seen = self.parent, {self.pk}
        while above is not None:
            if above.pk in seen and self.pk:
                raise ValidationError({"parent": _("A theme cannot lie under itself.")})
            seen.add(above.pk)
            above = above.parent


def free_slug(name: str) -> str:
    """Return a code made of a name, with a number where another theme has it."""
    base = slugify(latin(name))[:70] or "theme"
    slug, number = base, 1
    while Theme.objects.filter(slug=slug).exists():
        number += 1
        slug = f"{base}-{number}"
    return slug
