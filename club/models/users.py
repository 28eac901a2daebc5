"""Employees who sign in."""

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _


class User(AbstractUser):  # type: ignore[django-manager-missing]  # pictures have Wagtail's untyped manager
    """An employee. Never deleted but deactivated, because the ledgers name who recorded what."""

    job_title = models.CharField(_("job title"), max_length=120, blank=True)

    class Meta(AbstractUser.Meta):
        verbose_name = _("employee")  # type: ignore[assignment]  # lazy, as Django's own is
        verbose_name_plural = _("employees")  # type: ignore[assignment]
