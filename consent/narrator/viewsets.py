"""Where the admin screens around the narrator's page are found."""

from typing import Any

from django.http import HttpRequest
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.ui.components import Component

from club.permissions import employee
from club.viewsets import OfferingViewSet
from consent.models import Letter, Suggestion
from consent.narrator import admin_views as views


class SuggestionViewSet(OfferingViewSet):
    """Changes that narrators ask for: listed; one is answered on a screen of its own."""

    model = Suggestion
    icon = "edit"
    menu_label = _("Asked changes")
    url_prefix = "consent/suggestions"
    url_namespace = views.SUGGESTIONS
    offered = ("index", "index_results", "inspect")
    index_view_class = views.SuggestionIndexView
    filterset_class = views.SuggestionFilterSet
    ordering = "-created_at"

    def get_urlpatterns(self) -> list[URLPattern]:
        """Put our own screen in the place of Wagtail's."""
        others = [pattern for pattern in super().get_urlpatterns() if pattern.name != "inspect"]
        return [*others, path("<int:pk>/", views.SuggestionView.as_view(), name="inspect")]


class LetterViewSet(OfferingViewSet):
    """The outbox: a list and nothing else."""

    model = Letter
    icon = "mail"
    menu_label = _("Letters")
    url_prefix = "consent/letters"
    url_namespace = views.LETTERS
    offered = ("index", "index_results")
    index_view_class = views.LetterIndexView
    filterset_class = views.LetterFilterSet
    ordering = "-created_at"


@hooks.register("register_admin_urls")
def asking_pages() -> list[Any]:
    """Asking a narrator about a wording."""
    return [path("consent/ask/<int:revision>/", views.AskView.as_view(), name="narrator_ask")]


@hooks.register("construct_homepage_panels")
def open_suggestions(request: HttpRequest, panels: list[Component]) -> None:
    """Show it to those who answer."""
    if request.user.has_perm("consent.view_suggestion"):
        panels.append(views.OpenSuggestions(employee(request)))
