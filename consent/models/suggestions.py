"""What a narrator asks to be changed in her wording before she agrees to it."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.models import Revision

from club.models import Member
from consent.enums import SuggestionState


class Suggestion(models.Model):
    """A narrator's corrections to one wording: passage by passage, and in her own words.

    ``passages`` is a list of ``{"path": str, "before": str, "after": str}``; what a path means is known to the app
    that showed the wording.
    """

    member = models.ForeignKey(
        Member, verbose_name=_("narrator"), on_delete=models.PROTECT, related_name="suggestions"
    )
    revision = models.ForeignKey(
        Revision,
        verbose_name=_("wording"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    wording_sha256 = models.CharField(max_length=64, blank=True)
    passages = models.JSONField(_("passages"), default=list)
    words = models.TextField(_("in her own words"), blank=True)
    state = models.CharField(
        _("state"), max_length=10, choices=SuggestionState.choices, default=SuggestionState.OPEN
    )
    created_at = models.DateTimeField(_("asked at"))
    answered_at = models.DateTimeField(_("answered at"), null=True, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("answered by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
    )
    answer = models.TextField(_("what we answer her"), blank=True)

    class Meta:
        verbose_name = _("asked change")
        verbose_name_plural = _("asked changes")
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.member_id}: {self.get_state_display()}"
