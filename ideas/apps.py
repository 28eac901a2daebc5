"""Ideas: themes, highlights, what the company made of them, and what it told the narrators."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class IdeasConfig(AppConfig):
    """Themes and ideas that stand on passages of stories."""

    name = "ideas"
    verbose_name = _("Themes and ideas")

    def ready(self) -> None:
        """Wire the app to what other apps offer."""
        from consent.narrator import registry as narrator_registry
        from ideas import erasing, erasing_help, signals  # noqa: F401
        from ideas.answering import ANSWERS
        from ideas.documents import IdeaSource, ThemeSource
        from ideas.journal import WhatChanged
        from ideas.layer import CodingLayer
        from ideas.models import EmpathyCardTask
        from ideas.services import thinking
        from ideas.vocabulary import ThemesOfStories
        from search import registry as search_registry
        from stories import layers, vocabularies

        EmpathyCardTask.decisions = {"approve": thinking.approve, "reject": thinking.send_back}
        erasing.register_all()
        erasing_help.register_all()
        layers.register_part(ANSWERS)
        layers.register_layer(CodingLayer())
        vocabularies.register_vocabulary(ThemesOfStories())
        search_registry.register(ThemeSource())
        search_registry.register(IdeaSource())
        narrator_registry.register_section(WhatChanged())
