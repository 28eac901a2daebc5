"""Configuration of the search app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SearchConfig(AppConfig):
    """Search over documents that other apps register."""

    name = "search"
    verbose_name = _("Search")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the checks and the administrators' report; keep titles of promoted pages out of histories."""
        from search import checks, signals  # noqa: F401
        from search.index_report import admin_views  # noqa: F401 - registers its hooks
