"""Stories: what the clients told, who may read it, and how it comes in."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class StoriesConfig(AppConfig):
    """Story pages, capture, import and export, visibility, media."""

    name = "stories"
    verbose_name = _("Stories")

    def ready(self) -> None:
        from consent import registry as consent_registry
        from consent.narrator import registry as narrator_registry
        from search import registry as search_registry
        from stories import checks, erasing, signals  # noqa: F401
        from stories.documents import StorySource
        from stories.masking.queries import mask_query
        from stories.narrating import Readers, StoryWordings
        from stories.services import publishing

        search_registry.register(StorySource())
        search_registry.register_mask(mask_query)
        consent_registry.on_clearance_change(publishing.clearance_changed)
        consent_registry.on_approval(publishing.wording_approved)
        erasing.register_all()
        narrator_registry.register_wordings(StoryWordings())
        narrator_registry.register_notes(Readers())
