"""The site: settings, addresses, home page, roles, demonstration, serving."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class KbSiteConfig(AppConfig):
    """What ties the apps together; nothing imports it."""

    name = "kb_site"
    verbose_name = _("Site")

    def ready(self) -> None:
        from club.permissions import label_groups
        from consent.texts.operator import on_operator
        from kb_site import erasing, roles
        from kb_site.company import details

        label_groups(dict(roles.NAMES.values()))
        on_operator(details)
        erasing.register_all()
