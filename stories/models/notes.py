"""Notes: what an employee jotted down before it becomes a draft story."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from club.models import Member
from stories.models.vocabulary import Touchpoint


class StoryNote(models.Model):
    """The autosaved state of one employee's capture form: one unfinished note each, gone when it becomes a draft."""

    author = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        verbose_name=_("noted by"),
        on_delete=models.PROTECT,
        related_name="story_note",
    )
    title = models.CharField(_("title"), max_length=200, blank=True)
    told = models.TextField(_("what was told"), blank=True)
    who = models.CharField(_("who told it"), max_length=120, blank=True)
    member = models.ForeignKey(
        Member, verbose_name=_("narrator"), null=True, blank=True, on_delete=models.SET_NULL
    )
    when = models.DateField(_("when"), null=True, blank=True)
    touchpoint = models.ForeignKey(
        Touchpoint, verbose_name=_("touchpoint"), null=True, blank=True, on_delete=models.SET_NULL
    )
    language = models.CharField(_("language"), max_length=5, choices=settings.LANGUAGES, blank=True)
    updated_at = models.DateTimeField(_("updated at"), auto_now=True)

    class Meta:
        verbose_name = _("unfinished note")
        verbose_name_plural = _("unfinished notes")

    def __str__(self) -> str:
        return self.title or str(_("Unfinished note"))
