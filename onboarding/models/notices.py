"""Mails that are to be sent: rows of an outbox, written in the transaction of their cause."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from onboarding.enums import NoticeKind, NoticeState
from onboarding.models.enrolments import Enrolment


class Notice(models.Model):
    """One mail to one person. Holds neither address nor text: both are made when it leaves."""

    key = models.CharField(max_length=160, unique=True)  # the same thing is told once
    kind = models.CharField(_("kind"), max_length=12, choices=NoticeKind.choices)
    enrolment = models.ForeignKey(Enrolment, null=True, on_delete=models.PROTECT, related_name="notices")
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    module_key = models.UUIDField(null=True)
    due_on = models.DateField(null=True)
    state = models.CharField(
        _("state"), max_length=10, choices=NoticeState.choices, default=NoticeState.WAITING
    )
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.CharField(max_length=200, blank=True)
    planned_for = models.DateTimeField(_("meant for"))
    send_at = models.DateTimeField(_("to leave at"))
    sent_at = models.DateTimeField(_("left at"), null=True)

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        ordering = ["-planned_for", "-pk"]
        indexes = [models.Index(fields=["state", "send_at"], name="onboarding_notice_due")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.get_state_display()}"
