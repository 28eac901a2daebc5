"""The club of friends: members, their identities, the strata they stand for."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ClubConfig(AppConfig):
    """Members and employees."""

    name = "club"
    verbose_name = _("Club")
