"""Searches that a person keeps and wants to be told about."""

from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class SavedSearch(models.Model):
    """A search somebody keeps. ``query`` is the part of its address after the question mark.

    ``known`` holds kind and id of what was found before, so that only new things are told; never a title. While
    ``letter_due_at`` is set a letter waits to be sent: the row is the outbox of its own letters.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="saved_searches", verbose_name=_("whose")
    )
    name = models.CharField(_("name"), max_length=100)
    query = models.CharField(_("search"), max_length=1000)
    by_mail = models.BooleanField(_("tell me by mail"), default=False)
    created_at = models.DateTimeField(_("created at"), default=timezone.now)
    checked_at = models.DateTimeField(_("looked at last"), default=timezone.now)
    known: Any = models.JSONField(_("found before"), default=list)
    letter_due_at = models.DateTimeField(_("letter due at"), null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)

    class Meta:
        verbose_name = _("saved search")
        verbose_name_plural = _("saved searches")
        default_permissions = ()
        ordering = ["-created_at", "-pk"]
        constraints = [models.UniqueConstraint(fields=["user", "query"], name="search_saved_once")]
        indexes = [
            models.Index(
                fields=["letter_due_at"],
                name="search_saved_letters",
                condition=models.Q(letter_due_at__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"{self.pk}"


class FeedKey(models.Model):
    """The secret of one person's feeds; only its hash is kept."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="feed_key", verbose_name=_("whose")
    )
    token_sha256 = models.CharField(_("hash of the secret"), max_length=64, unique=True)
    created_at = models.DateTimeField(_("created at"), default=timezone.now)

    class Meta:
        verbose_name = _("key of feeds")
        verbose_name_plural = _("keys of feeds")
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.pk}"
