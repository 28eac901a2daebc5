"""Admin screens of stories: list, guarded page screens, vocabulary, and the policy of audiences."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import PermissionDenied as ApiRefusal
from rest_framework.request import Request
from rest_framework.response import Response
from wagtail.admin.api.views import PagesAdminAPIViewSet
from wagtail.admin.menu import MenuItem
from wagtail.admin.panels import FieldPanel
from wagtail.admin.ui.tables import Column
from wagtail.admin.views.pages.bulk_actions.delete import DeleteBulkAction
from wagtail.admin.views.pages.bulk_actions.move import MoveBulkAction
from wagtail.admin.views.pages.bulk_actions.publish import PublishBulkAction
from wagtail.admin.views.pages.bulk_actions.unpublish import UnpublishBulkAction
from wagtail.admin.viewsets.pages import PageListingViewSet, PageViewSet
from wagtail.admin.widgets.button import Button
from wagtail.models import Page
from wagtail.permission_policies.pages import PagePermissionPolicy
from wagtail.snippets.views.snippets import IndexView as SnippetIndexView
from wagtail.snippets.views.snippets import SnippetViewSet, SnippetViewSetGroup

from club.models import User
from stories import admin_views as views
from stories.admin_forms import TagForm
from stories.models import ProductLine, StoryPage, Tag, Touchpoint

View = Callable[..., HttpResponse]
# What the editor never does to a story, whoever asks.
CLOSED_TO_API = {"copy", "create_alias", "copy_for_translation", "delete", "move"}


class AudiencePolicy(PagePermissionPolicy):
    """Wagtail's page permissions, less the stories whose audience an editor does not belong to."""

    def explorable_instances(self, user: User) -> QuerySet[Page]:
        """Pages in the explorer, searches, reports and the admin's API."""
        return super().explorable_instances(user).exclude(pk__in=views.unlisted_for(user).values("pk"))

    def instances_user_has_any_permission_for(self, user: User, actions: Iterable[str]) -> QuerySet[Page]:
        """Pages in reports."""
        pages = super().instances_user_has_any_permission_for(user, actions)
        return pages.exclude(pk__in=views.unlisted_for(user).values("pk"))

    def user_has_any_permission_for_instance(
        self, user: User, actions: Iterable[str], instance: Page
    ) -> bool:
        """Permissions on one page."""
        allowed = super().user_has_any_permission_for_instance(user, actions, instance)
        return allowed and not views.is_unlisted(user, instance.pk)


class AudienceURLFinder:
    """Where other screens link to when they name a story; nowhere for those outside its audience."""

    def __init__(self, user: User | None) -> None:
        self.user = user

    def get_edit_url(self, instance: Page) -> str | None:
        """Return the editor's address, or None: usage lists then say "private story"."""
        if self.user and views.is_unlisted(self.user, instance.pk):
            return None
        if self.user and not instance.permissions_for_user(self.user).can_edit():
            return None
        return reverse("wagtailadmin_pages:edit", args=[instance.pk])


def guarded(view: View) -> View:
    """Let a page view answer only for stories that the user may know of; else the page is not there."""

    def guarded_view(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        pk = kwargs.get("page_id") or kwargs.get("page_to_move_id") or kwargs.get("pk")
        if pk and views.is_unlisted(request.user, pk):
            raise Http404
        return view(request, *args, **kwargs)

    return guarded_view


def not_offered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
    """Answer for what stories do not have."""
    raise Http404


class StoryPageViewSet(PageViewSet):
    """Every admin screen of a story goes through here, so here they are guarded, each and all."""

    model = StoryPage
    index_view_class = views.ShelfView
    filterset_class = views.StoryFilterSet
    edit_view_class = views.StoryEditView
    add_view_class = views.StoryCreateView

    def get_index_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        """Leave the columns to the view."""
        return {**super().get_index_view_kwargs(**kwargs), "columns": self.UNDEFINED}

    def get_view_by_name(self, name: str) -> View:
        """Return the guarded view of that name."""
        if name in ("copy", "delete"):
            return guarded(views.refusing(name))
        if name in ("set_privacy", "convert_alias", "move", "move_confirm", "set_page_position"):
            return not_offered
        return guarded(super().get_view_by_name(name))


class TreeViewSet(PageViewSet):
    """The page tree above the shelf."""

    model = Page
    index_view_class = views.TreeView


class StoryMenuItem(MenuItem):
    """Stories in the menu, for editors and for those who record approvals."""

    def is_shown(self, request: HttpRequest) -> bool:
        """Whether the list would answer."""
        return request.user.has_perm("stories.change_storypage") or views.may_open_consent(request.user)


class StoryListingViewSet(PageListingViewSet):
    """The flat list of stories in the menu."""

    model = StoryPage
    icon = "openquote"
    name = views.LISTING
    url_prefix = "stories"
    menu_label = _("Stories")
    menu_order = 100
    menu_item_class = StoryMenuItem
    add_to_admin_menu = True
    index_view_class = views.StoryIndexView
    filterset_class = views.StoryFilterSet
    list_export = views.StoryIndexView.list_export
    export_headings = views.StoryIndexView.export_headings
    export_filename = "stories"

    def get_index_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        """Leave the columns to the view."""
        return {**super().get_index_view_kwargs(**kwargs), "columns": self.UNDEFINED}


# Roads around the page screens


class AudienceBulkMixin:
    """Bulk actions that neither list nor touch what the user may not reach."""

    closed_to_stories = False

    def get_actionable_objects(self) -> tuple[list[Page], dict[str, list[Page]]]:
        """Leave out hidden stories without a word."""
        objects, others = super().get_actionable_objects()
        hidden = set(views.unlisted_for(self.request.user).values_list("pk", flat=True))
        denied = [page for page in others["items_with_no_access"] if page.pk not in hidden]
        shown = [page for page in objects if page.pk not in hidden]
        if self.closed_to_stories:
            denied += [page for page in shown if views.holds_stories(page)]
            shown = [page for page in shown if not views.holds_stories(page)]
        return shown, {**others, "items_with_no_access": denied}


class PageBulkDelete(AudienceBulkMixin, DeleteBulkAction):
    """Deleting pages, never stories."""

    closed_to_stories = True


class PageBulkMove(AudienceBulkMixin, MoveBulkAction):
    """Moving pages, never stories."""

    closed_to_stories = True


class PageBulkPublish(AudienceBulkMixin, PublishBulkAction):
    """Publishing pages; a story only with its narrator's approval, which its permission tester asks for."""


class PageBulkUnpublish(AudienceBulkMixin, UnpublishBulkAction):
    """Taking pages off."""


BULK_ACTIONS = (PageBulkDelete, PageBulkMove, PageBulkPublish, PageBulkUnpublish)


class GuardedPagesAPI(PagesAdminAPIViewSet):
    """The admin's own API: whatever holds stories is neither copied, moved nor deleted through it."""

    def action_view(self, request: Request, pk: int, action_name: str) -> Response:
        """Refuse what the screens refuse."""
        if action_name in CLOSED_TO_API and views.holds_stories(self.get_object()):
            raise ApiRefusal(str(_("Stories are neither copied, moved nor deleted: unpublish them instead.")))
        return super().action_view(request, pk, action_name)


# Vocabulary


class WordIndexView(SnippetIndexView):
    """A list of words; found in the database, in any case."""

    searched: Sequence[str] = ("name_ru", "name_en", "slug")

    def search_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Find by name in either language or by code."""
        return (
            queryset.filter(views.words_q(tuple(self.searched), self.search_query))
            if self.is_searching
            else queryset
        )


class TagIndexView(WordIndexView):
    """Tags, with merging."""

    def get_list_more_buttons(self, instance: Tag) -> list[Any]:
        """Offer merging to those who may."""
        buttons = super().get_list_more_buttons(instance)
        if self.user_has_permission("change") and self.user_has_permission("delete"):
            url = reverse(instance.snippet_viewset.get_url_name("merge"), args=[instance.pk])
            buttons.append(
                Button(_("Merge into another tag"), url=url, icon_name="collapse-down", priority=25)
            )
        return buttons


class WordViewSet(SnippetViewSet):
    """What tags, touchpoints and product lines have in common."""

    index_view_class = WordIndexView
    copy_view_enabled = False
    search_fields = ["name_ru", "name_en", "slug"]
    search_backend_name = None
    list_per_page = 50


class TagViewSet(WordViewSet):
    """Controlled tags."""

    model = Tag
    icon = "tag"
    index_view_class = TagIndexView
    list_display = ["label", "name_ru", "name_en", Column("slug", label=_("Code"))]

    def get_form_class(self, for_update: bool = False) -> type[TagForm]:
        """Return the form with the checked code."""
        return TagForm

    def get_urlpatterns(self) -> list[URLPattern]:
        """Add merging."""
        merge = self.construct_view(views.MergeTagView, index_url_name=self.get_url_name("list"))
        return [*super().get_urlpatterns(), path("merge/<int:pk>/", merge, name="merge")]


class TouchpointViewSet(WordViewSet):
    """The map of moments of truth, in order."""

    model = Touchpoint
    icon = "crosshairs"
    ordering = "order"
    sort_order_field = "order"
    list_display = ["label", "name_ru", "name_en", "order", Column("slug", label=_("Code"))]
    panels = [
        FieldPanel("name_ru"),
        FieldPanel("name_en"),
        FieldPanel("slug"),
        FieldPanel("order"),
        FieldPanel("description_ru"),
        FieldPanel("description_en"),
    ]


class ProductLineViewSet(WordViewSet):
    """What the company sells."""

    model = ProductLine
    icon = "list-ul"
    list_display = ["label", "name_ru", "name_en", Column("slug", label=_("Code"))]
    panels = [FieldPanel("name_ru"), FieldPanel("name_en"), FieldPanel("slug")]


class VocabularyGroup(SnippetViewSetGroup):
    """The company's words in the menu."""

    menu_label = _("Vocabulary")
    menu_icon = "tag"
    menu_name = "vocabulary"
    menu_order = 130

    @cached_property
    def items(self) -> tuple[type[SnippetViewSet], ...]:
        """Tags, touchpoints, product lines."""
        return (TagViewSet, TouchpointViewSet, ProductLineViewSet)
