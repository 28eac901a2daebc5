"""Onboarding: newcomers learn from clients' stories, HR runs tracks, progress is never lost."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OnboardingConfig(AppConfig):
    """Tracks, modules, steps, enrolments, the ledger of progress, reviews, HR's reports."""

    name = "onboarding"
    verbose_name = _("Learning")

    def ready(self) -> None:
        from consent import registry
        from onboarding import erasing, ledger, signals  # noqa: F401
        from onboarding.services import endings
        from onboarding.xapi import telling

        registry.on_clearance_change(endings.clearance_changed)
        ledger.on_append(telling.note_entries)
        erasing.register_all()
