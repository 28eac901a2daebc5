"""Ideas: themes, highlights, what the company made of them, and what it told the narrators."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class IdeasConfig(AppConfig):
    """Themes and ideas that stand on passages of stories."""

    name = "ideas"
    verbose_name = _("Themes and ideas")

    def ready(self) -> None:
        """Wire the app to what other apps offer."""
        from ideas import erasing, signals  # noqa: F401
        from ideas.answering import ANSWERS
        from ideas.layer import CodingLayer
        from stories import layers

        erasing.register_all()
        layers.register_part(ANSWERS)
        layers.register_layer(CodingLayer())
