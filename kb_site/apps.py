"""The site: settings, addresses, home page, roles, demonstration, serving."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class KbSiteConfig(AppConfig):
    """What ties the apps together; nothing imports it."""

    name = "kb_site"
    verbose_name = _("Site")
