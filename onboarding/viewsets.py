"""Admin screens of learning: modules, tracks, competencies."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext_lazy as _
from wagtail.admin.menu import MenuItem
from wagtail.admin.panels import FieldPanel
from wagtail.admin.views.pages.listing import IndexView
from wagtail.admin.viewsets.pages import PageListingViewSet
from wagtail.snippets.views.snippets import SnippetViewSet

from onboarding.models import Competency, ModulePage, TrackPage
from onboarding.services.entries import RUN


class RunItem(MenuItem):
    """A screen of those who run tracks."""

    def is_shown(self, request: HttpRequest) -> bool:
        """Whether it would answer."""
        return bool(request.user.has_perm(RUN))


class RunIndexView(IndexView):
    """Pages of learning; who edits other pages does not come here."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """For those who run tracks."""
        if not request.user.has_perm(RUN):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)


class ModuleListing(PageListingViewSet):
    """Modules."""

    model = ModulePage
    index_view_class = RunIndexView
    icon = "list-ul"
    name = "modules"
    url_prefix = "learning/modules"
    menu_label = _("Modules")
    menu_order = 120
    menu_item_class = RunItem
    add_to_admin_menu = True


class TrackListing(PageListingViewSet):
    """Tracks."""

    model = TrackPage
    index_view_class = RunIndexView
    icon = "arrow-right"
    name = "tracks"
    url_prefix = "learning/tracks"
    menu_label = _("Tracks")
    menu_order = 121
    menu_item_class = RunItem
    add_to_admin_menu = True


class CompetencyViewSet(SnippetViewSet):
    """What steps train."""

    model = Competency
    icon = "pick"
    copy_view_enabled = False
    menu_label = _("Competencies")
    menu_order = 122
    add_to_admin_menu = True
    search_backend_name = None
    search_fields = ["name_ru", "name_en", "slug"]
    list_display: list[Any] = ["label", "name_ru", "name_en"]
    panels = [
        FieldPanel("name_ru"),
        FieldPanel("name_en"),
        FieldPanel("slug"),
        FieldPanel("description_ru"),
        FieldPanel("description_en"),
    ]
