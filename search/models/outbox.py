"""Changes that the index has still to learn."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Outbox(models.Model):
    """One change of one findable thing, written in the transaction that made the change.

    Rows are only added: a change that happens while another of the same thing is being indexed has a row of
    its own and is not lost. The drainer takes all rows of a thing together. A row that fails again and again
    is parked; while any row of a thing that ``hides`` exists, parked or not, searches leave the thing out. A change
    that can only show more (a consent was given) does not hide what is shown already.
    """

    kind = models.CharField(_("kind"), max_length=40)
    object_id = models.PositiveBigIntegerField(_("object id"))
    hides = models.BooleanField(_("left out of searches until indexed"), default=True)
    created_at = models.DateTimeField(_("created at"), default=timezone.now)
    due_at = models.DateTimeField(_("due at"), default=timezone.now)
    lease_until = models.DateTimeField(_("leased until"), null=True, blank=True)
    lease_owner = models.CharField(_("leased by"), max_length=40, blank=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    error = models.CharField(_("last error"), max_length=200, blank=True)
    parked_at = models.DateTimeField(_("parked at"), null=True, blank=True)

    class Meta:
        verbose_name = _("change to index")
        verbose_name_plural = _("changes to index")
        indexes = [
            models.Index(fields=["kind", "object_id"], name="search_outbox_thing"),
            models.Index(
                fields=["due_at"], name="search_outbox_due", condition=models.Q(parked_at__isnull=True)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind}:{self.object_id}"
