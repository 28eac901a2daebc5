"""What is looked for here, without who looked."""

from uuid import uuid4

from django.db import models
from django.utils.translation import gettext_lazy as _


class LoggedQuery(models.Model):
    """One search. It holds no person and no address; its hour is all that is known of when.

    ``text`` is folded, and what names or identifies somebody is masked before it comes here. Rows go after
    ``KB_SEARCH_LOG_DAYS``.
    """

    key = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    hour = models.DateTimeField(_("hour"), db_index=True)
    text = models.CharField(_("searched for"), max_length=200)
    total = models.PositiveIntegerField(_("results"))
    stage = models.CharField(_("stage"), max_length=10)
    engine = models.CharField(_("engine"), max_length=20)
    language = models.CharField(_("language"), max_length=2)
    took_ms = models.FloatField(_("time taken, ms"))
    clicked_rank = models.PositiveSmallIntegerField(_("rank of the opened result"), null=True, blank=True)

    class Meta:
        verbose_name = _("search made")
        verbose_name_plural = _("searches made")
        default_permissions = ("view",)
        indexes = [models.Index(fields=["text"], name="search_logged_text")]

    def __str__(self) -> str:
        return str(self.key)
