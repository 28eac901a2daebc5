"""People who learn, and the rules that bring them onto a track."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Employee(models.Model):
    """Somebody who works here or soon will. Known by the number HR gave; an account may come later."""

    hr_id = models.CharField(_("number in HR"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=120)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        verbose_name=_("account"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="employment",
    )
    department = models.CharField(_("department"), max_length=80, blank=True)
    role = models.CharField(_("role"), max_length=80, blank=True)
    location = models.CharField(_("location"), max_length=80, blank=True)
    start_date = models.DateField(_("first day"))
    time_zone = models.CharField(_("time zone"), max_length=40, default="Europe/Moscow")
    country = models.CharField(_("country of the calendar"), max_length=2, default="RU")
    language = models.CharField(_("language"), max_length=5, choices=settings.LANGUAGES, default="ru")
    mentor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("mentor"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="mentees",
    )
    manager = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("manager"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="reports",
    )
    has_left = models.BooleanField(_("has left"), default=False)

    class Meta:
        verbose_name = _("newcomer")
        verbose_name_plural = _("newcomers")
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name or self.hr_id


class AssignmentRule(models.Model):
    """Who goes onto a track by itself. An empty field means anyone."""

    name = models.CharField(_("name"), max_length=120)
    track_key = models.UUIDField(_("track"))
    department = models.CharField(_("department"), max_length=80, blank=True)
    role = models.CharField(_("role"), max_length=80, blank=True)
    location = models.CharField(_("location"), max_length=80, blank=True)
    starts_from = models.DateField(_("first day on or after"), null=True, blank=True)
    starts_until = models.DateField(_("first day on or before"), null=True, blank=True)
    is_active = models.BooleanField(_("in force"), default=True)

    class Meta:
        verbose_name = _("rule")
        verbose_name_plural = _("rules")
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name
