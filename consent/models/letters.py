"""Letters that are to be sent: rows of an outbox, written in the transaction of their cause."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.models import Revision

from club.models import Member
from consent.enums import LetterKind, LetterState


class Letter(models.Model):
    """One letter to a narrator or to an employee. Holds neither address, text nor link: all three are made when it
    leaves, so that the queue gives nothing away and a letter to somebody who has said no is never sent.
    """

    kind = models.CharField(_("kind"), max_length=20, choices=LetterKind.choices)
    member = models.ForeignKey(
        Member, verbose_name=_("about or to"), on_delete=models.PROTECT, related_name="letters"
    )
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("employee"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text=_("Nobody: the letter goes to the narrator herself."),
    )
    revision = models.ForeignKey(
        Revision,
        verbose_name=_("wording asked about"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("asked by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    state = models.CharField(
        _("state"), max_length=10, choices=LetterState.choices, default=LetterState.WAITING
    )
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    last_error = models.CharField(_("last error"), max_length=200, blank=True)
    created_at = models.DateTimeField(_("written at"))
    due_at = models.DateTimeField(_("to leave at"))
    sent_at = models.DateTimeField(_("left at"), null=True, blank=True)

    class Meta:
        verbose_name = _("letter")
        verbose_name_plural = _("letters")
        ordering = ["-created_at", "-pk"]
        indexes = [models.Index(fields=["state", "due_at"], name="consent_letter_due")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.get_state_display()}"
