"""Who has read what: the number that a narrator sees on her own page, and nothing more."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from stories.models.pages import StoryPage


class Reading(models.Model):
    """The first time an employee opened a story. Counted as people; never shown by name."""

    story = models.ForeignKey(StoryPage, null=True, on_delete=models.SET_NULL, related_name="readings")
    reader = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(_("first read at"))

    class Meta:
        verbose_name = _("reading")
        verbose_name_plural = _("readings")
        constraints = [models.UniqueConstraint(fields=["story", "reader"], name="stories_reading_once")]

    def __str__(self) -> str:
        return f"{self.story_id}: {self.reader_id}"
