"""Consent: texts, consents, grants, approvals and the ledger."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ConsentConfig(AppConfig):
    """The spine of the product."""

    name = "consent"
    verbose_name = _("Consent")

    def ready(self) -> None:
        from consent import checks  # noqa: F401
        from consent.erasing import erasers, members

        erasers.register_all()
        members.register_all()
