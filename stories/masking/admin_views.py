"""Names in Wagtail's admin: the list of what waits, the side-by-side screen of one story, the check of the editor."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView
from wagtail import hooks
from wagtail.admin import messages
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.components import Component
from wagtail.admin.ui.tables import BaseColumn, Column, DateColumn, NumberColumn, TitleColumn
from wagtail.admin.ui.tables.pages import PageStatusColumn
from wagtail.admin.userbar import ContentCheckerItem
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.admin.viewsets.base import ViewSet
from wagtail.admin.viewsets.pages import PageListingViewSet
from wagtail.admin.widgets.button import Button
from wagtail.log_actions import LogActionRegistry
from wagtail.models import Page

from club.permissions import employee
from stories import admin_views as views
from stories.models import StoryPage
from stories.services import masking

LISTING = "names_list"
RULE = "names-in-wording"


def may_look_through(user: Any) -> bool:
    """Whether a user edits stories."""
    return user.has_perm(masking.CHANGE)


# The list


class NamesFilterSet(views.StoryFilterSet):
    """The filters of the list of stories."""


class NamesIndexView(views.StoryIndexView):
    """Stories whose latest words nobody has looked through and in which the machine finds, or may find, names."""

    any_permission_required = {"change"}
    page_title = _("Names to look through")
    nothing = _("No wording waits to be looked through for names.")
    index_url_name = f"{LISTING}:index"
    list_export: list[str] = []

    def user_has_any_permission(self, permissions: Any) -> bool:
        """Only those who edit stories: the list says in which of them somebody is named."""
        return may_look_through(self.request.user)

    @cached_property
    def show_export_buttons(self) -> bool:
        """Nothing leaves from here."""
        return False

    def get_add_url(self) -> str | None:
        """Nothing begins here."""
        return None

    @cached_property
    def columns(self) -> list[BaseColumn]:
        """Title, narrator, how many places, status, updated."""
        title = self._get_title_column_class(TitleColumn)
        return [
            title(
                "title",
                label=_("Title"),
                accessor="get_admin_display_title",
                get_url=self.get_edit_url,
                sort_key="title",
            ),
            Column(
                "member", label=_("Narrator"), accessor="member.persona_name", sort_key="member__persona_name"
            ),
            NumberColumn("names_found", label=_("Places found"), accessor=places_of, sort_key="names_found"),
            PageStatusColumn("status", label=_("Status"), sort_key="live"),
            DateColumn(
                "latest_revision_created_at",
                label=_("Updated"),
                sort_key="latest_revision_created_at",
                width="9%",
            ),
            Column("language", label=_("Language"), sort_key="language", width="7%"),
        ]

    def get_base_queryset(self) -> QuerySet[StoryPage]:
        """Return what waits, within the user's audience."""
        return super().get_base_queryset().filter(masking.unread_q(views.draft_digests()))

    def get_edit_url(self, instance: StoryPage) -> str:
        """Lead to the side-by-side screen."""
        return reverse("story_names", args=[instance.pk])


def places_of(story: StoryPage) -> Any:
    """Return how many places were found; nothing where the machine has not come by yet."""
    scanned = story.names_scanned_sha256 and (
        story.has_unpublished_changes or story.names_scanned_sha256 == story.wording_sha256
    )
    return story.names_found if scanned else "…"


class NamesMenuItem(MenuItem):
    """The list in the menu, for editors."""

    def is_shown(self, request: HttpRequest) -> bool:
        """Whether the list would answer."""
        return may_look_through(request.user)


class NamesListingViewSet(PageListingViewSet):
    """The list of what waits to be looked through."""

    model = StoryPage
    icon = "glasses"
    name = LISTING
    url_prefix = "names"
    menu_label = _("Names")
    menu_order = 105
    menu_item_class = NamesMenuItem
    add_to_admin_menu = True
    index_view_class = NamesIndexView
    filterset_class = NamesFilterSet

    def get_index_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        """Leave the columns to the view."""
        return {**super().get_index_view_kwargs(**kwargs), "columns": self.UNDEFINED}


# One story


class StoryNamesView(WagtailAdminTemplateMixin, TemplateView):
    """The words and what they would be, side by side; each person found with a decision."""

    template_name = "stories/masking/story.html"
    page_title = _("Names")
    header_icon = "glasses"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer 404 to whoever does not edit this story or is outside its audience."""
        user = employee(request)
        if not may_look_through(user) or views.is_hidden(user, kwargs["pk"]):
            raise Http404
        found = masking.open_story(kwargs["pk"])
        if found is None or not found.permissions_for_user(user).can_edit():
            raise Http404
        self.story = found
        self.digest = found.digest()
        return super().dispatch(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show how it would be, or save what is decided."""
        if "preview" in request.POST:
            return self.render_to_response(self.get_context_data(data=request.POST))
        try:
            changed = masking.look_through(
                story_id=self.story.pk,
                digest=request.POST.get("digest", ""),
                data=request.POST,
                by=employee(request),
            )
        except ValidationError as problem:
            for message in problem.messages:
                messages.error(request, message)
            return self.render_to_response(self.get_context_data(data=request.POST), status=422)
        messages.success(request, self._said(changed))
        return redirect(f"{LISTING}:index")

    def _said(self, changed: bool) -> str:
        title = masking.open_story(self.story.pk) or self.story
        if changed:
            return _now("“%(title)s” is saved with the changes; its older versions are deleted.") % {
                "title": title
            }
        return _now("“%(title)s” is looked through; its words stay as they are.") % {"title": title}

    def get_page_subtitle(self) -> str:
        """The title of the latest draft."""
        return self.story.title or str(_("Untitled story"))

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        """Lead back to the list."""
        return [
            *self.breadcrumbs_items,
            {"url": reverse(f"{LISTING}:index"), "label": _("Names to look through")},
            {"url": "", "label": self.page_title, "sublabel": self.get_page_subtitle()},
        ]

    def get_context_data(self, *, data: Mapping[str, Any] | None = None, **kwargs: Any) -> dict[str, Any]:
        """Gather the review and where one may go."""
        return {
            **super().get_context_data(**kwargs),
            "story": self.story,
            "digest": self.digest,
            "review": masking.review_of(self.story, data),
            "checked": masking.checked_digest(self.story.pk) == self.digest,
            "edit_url": reverse("wagtailadmin_pages:edit", args=[self.story.pk]),
        }


# The dashboard and the editor


class NamesPanel(Component):
    """How many stories wait, on the dashboard."""

    template_name = "consent/admin/count_panel.html"
    order = 130

    def __init__(self, user: Any) -> None:
        self.user = user

    def get_context_data(self, parent_context: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Count."""
        rows = masking.waiting(views.draft_digests())
        rows = rows.exclude(pk__in=views.hidden_from(self.user).values("pk"))
        return {
            "id": "names",
            "icon": "glasses",
            "heading": _("Names to look through"),
            "action": _("Look them through"),
            "nothing": _("No wording waits to be looked through for names."),
            "count": rows.order_by().count(),
            "url": reverse(f"{LISTING}:index"),
        }


class NamesCheck(ContentCheckerItem):
    """Wagtail's checks of the preview, with one more: do these words name somebody?

    The preview marks such words for editors; any element with that mark breaks the rule.
    """

    axe_run_only = [*ContentCheckerItem.axe_run_only, RULE]
    # No element with the mark bears a title, so the check that asks for one fails for each.
    axe_custom_rules = [
        *ContentCheckerItem.axe_custom_rules,
        {
            "id": RULE,
            "impact": "serious",
            "selector": "[data-named]",
            "tags": ["best-practice"],
            "any": ["non-empty-title"],
            "enabled": True,
        },
    ]
    axe_messages = {
        **ContentCheckerItem.axe_messages,
        RULE: {
            "error_name": _("These words name somebody"),
            "help_text": _("Look the names through before the story is published"),
        },
    }


@hooks.register("construct_wagtail_userbar")
def names_check(request: HttpRequest, items: list[Any], page: Page | None) -> None:
    """Put our check in the place of Wagtail's, for stories."""
    if isinstance(page, StoryPage) or (page is None and getattr(request, "in_preview_panel", False)):
        items[:] = [
            NamesCheck(in_editor=item.in_editor) if isinstance(item, ContentCheckerItem) else item
            for item in items
        ]


@hooks.register("register_page_header_buttons")
def names_button(page: Page, user: Any, view_name: str, next_url: str | None = None) -> list[Button]:
    """The way from the editor to the side-by-side screen."""
    if not isinstance(page, StoryPage) or not page.pk or not may_look_through(user):
        return []
    return [Button(_("Names"), url=reverse("story_names", args=[page.pk]), icon_name="glasses", priority=15)]


@hooks.register("construct_homepage_panels")
def names_panel(request: HttpRequest, panels: list[Component]) -> None:
    """The count on the dashboard of those who edit stories."""
    if may_look_through(request.user):
        panels.append(NamesPanel(request.user))


@hooks.register("register_admin_viewset")
def names_screens() -> list[ViewSet]:
    """The list."""
    return [NamesListingViewSet()]


@hooks.register("register_admin_urls")
def names_pages() -> list[Any]:
    """The side-by-side screen."""
    return [path("stories/<int:pk>/names/", StoryNamesView.as_view(), name="story_names")]


@hooks.register("register_log_actions")
def log_actions(actions: LogActionRegistry) -> None:
    """What looking through writes into the log: numbers and keyed marks only."""
    actions.register_action(
        masking.MASKED, _("Replace names"), _("Names in the words were replaced; the source is deleted")
    )
    actions.register_action(
        masking.CHECKED, _("Look through for names"), _("Somebody looked the words through for names")
    )
