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
        from onboarding.findable import ModuleSource
        from onboarding.services import endings, finding
        from onboarding.xapi import telling
        from search import registry as search_registry

        search_registry.register(ModuleSource())
        registry.on_clearance_change(endings.clearance_changed)
        registry.on_clearance_change(finding.clearance_changed)
        ledger.on_append(telling.note_entries)
        erasing.register_all()
