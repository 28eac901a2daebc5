"""Stories in Wagtail's admin: screens, guards, panels of the dashboard, what the menu leaves out."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from wagtail import hooks
from wagtail.admin import messages
from wagtail.admin.admin_url_finder import finder_classes
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.components import Component
from wagtail.admin.ui.tables import BaseColumn, NumberColumn
from wagtail.admin.views.home import (
    RecentEditsPanel,
    UserObjectsInWorkflowModerationPanel,
    WorkflowObjectsToModeratePanel,
)
from wagtail.admin.viewsets.base import ViewSet
from wagtail.api.v2.router import WagtailAPIRouter
from wagtail.log_actions import LogActionRegistry
from wagtail.models import Page
from wagtail.permissions import register_permission_policy
from wagtail.snippets.models import register_snippet

from club.models import Member
from stories import admin_views as views
from stories.masking import admin_views as masking_screens  # noqa: F401 - registers its hooks
from stories.models import ProductLine, StoryPage, Tag, Touchpoint
from stories.viewsets import (
    BULK_ACTIONS,
    AudiencePolicy,
    AudienceURLFinder,
    GuardedPagesAPI,
    StoryListingViewSet,
    StoryPageViewSet,
    TreeViewSet,
    VocabularyGroup,
)

register_permission_policy(Page, AudiencePolicy("wagtailcore.Page"))
# Usage lists hold base pages; an exact class goes before Wagtail's own finder, whichever app is loaded first.
finder_classes.register(Page, AudienceURLFinder, exact_class=True)
finder_classes.register(StoryPage, AudienceURLFinder)
register_snippet(VocabularyGroup)
for bulk_action in BULK_ACTIONS:
    # After Wagtail's own, whose places they take.
    hooks.register("register_bulk_action", bulk_action, order=100)


@hooks.register("register_admin_viewset")
def story_screens() -> list[ViewSet]:
    """The list, the guarded screens of the page editor, the page tree."""
    return [StoryListingViewSet(), StoryPageViewSet(), TreeViewSet()]


@hooks.register("register_admin_urls")
def consent_pages() -> list[Any]:
    """The consent page of a story, and taking back an approval."""
    return [
        path("stories/<int:pk>/consent/", views.StoryConsentView.as_view(), name="story_consent"),
        path("stories/<int:pk>/consent/take-back/", views.TakeBackView.as_view(), name="story_take_back"),
    ]


@hooks.register("construct_admin_api")
def guarded_api(router: WagtailAPIRouter) -> None:
    """Put the guarded endpoint in the place of Wagtail's."""
    router.register_endpoint("pages", GuardedPagesAPI)


# Audiences


@hooks.register("construct_explorer_page_queryset")
def keep_from_explorer(parent: Page, pages: QuerySet[Page], request: HttpRequest) -> QuerySet[Page]:
    """Hide what is for others, and the explorer below it."""
    if views.is_unlisted(request.user, parent.pk):
        raise Http404
    return pages.exclude(pk__in=views.unlisted_for(request.user).values("pk"))


@hooks.register("construct_page_chooser_queryset")
def keep_from_chooser(pages: QuerySet[Page], request: HttpRequest) -> QuerySet[Page]:
    """Hide what is for others in the page chooser too, also as the place one looks into."""
    # The search behind the chooser fails at quotes on SQLite; it reads the query only after this.
    if '"' in request.GET.get("q", ""):
        asked = request.GET.copy()
        asked["q"] = str(asked["q"]).replace('"', " ").strip()
        request.GET = asked  # type: ignore[assignment]  # a request takes a changed copy as well
    parent = request.resolver_match.kwargs.get("parent_page_id") if request.resolver_match else None
    if parent and views.is_unlisted(request.user, parent):
        raise Http404
    return pages.exclude(pk__in=views.unlisted_for(request.user).values("pk"))


@hooks.register("before_edit_page")
@hooks.register("before_unpublish_page")
def keep_from_editor(request: HttpRequest, page: Page) -> None:
    """Stand behind the guarded screens a second time."""
    if views.is_unlisted(request.user, page.pk):
        raise Http404


@hooks.register("before_delete_page")
def refuse_deletion(request: HttpRequest, page: Page) -> HttpResponse | None:
    """Stories are unpublished, and erased only through erasure; no page that holds stories goes."""
    return views.refused(request, page, "delete") if views.holds_stories(page) else None


@hooks.register("before_copy_page")
def refuse_copy(request: HttpRequest, page: Page) -> HttpResponse | None:
    """A copy would carry a client's words outside her approval."""
    return views.refused(request, page, "copy") if views.holds_stories(page) else None


# Vocabulary


@hooks.register("before_delete_snippet")
def refuse_words_in_use(request: HttpRequest, instances: Iterable[Any]) -> HttpResponse | None:
    """A word that stories carry stays; say how many do."""
    words: list[Any] = [
        instance for instance in instances if isinstance(instance, (Tag, Touchpoint, ProductLine))
    ]
    in_use = views.words_in_use(words)
    for word, count in in_use:
        text = ngettext(
            "“%(word)s” stays: %(n)s story carries it, drafts counted.",
            "“%(word)s” stays: %(n)s stories carry it, drafts counted.",
            count,
        )
        messages.error(request, text % {"word": word.label, "n": count})
    return redirect(words[0].snippet_viewset.get_url_name("list")) if in_use else None


# Sections of other screens


@hooks.register("construct_member_queryset")
def count_stories(members: QuerySet[Member], request: HttpRequest) -> QuerySet[Member]:
    """Count a member's stories within the user's audience."""
    hidden = views.hidden_from(request.user).values("pk")
    return members.annotate(story_count=Count("stories", filter=~Q(stories__in=hidden), distinct=True))


@hooks.register("register_member_column", order=200)
def member_column() -> BaseColumn:
    """Number of stories in the list of members."""
    return NumberColumn(
        "stories", label=_("Stories"), accessor="story_count", sort_key="story_count", width="8%"
    )


@hooks.register("register_member_section", order=20)
def member_stories(member: Member, request: HttpRequest) -> Component:
    """Stories on the member's card."""
    return views.MemberStories(views.stories_of(member.pk, request.user), request.user)


@hooks.register("register_consent_section")
def consent_stories(consent: Any, request: HttpRequest) -> Component:
    """The stories that a consent clears, and whether each wording is approved."""
    return views.MemberStories(views.stories_of(consent.member_id, request.user), request.user)


@hooks.register("describe_withdrawal")
def withdrawal_consequences(member: Member) -> list[str]:
    """Say how many published stories it is about."""
    return [views.published_stories_of(member)]


# Dashboard


class ModerationPanel(WorkflowObjectsToModeratePanel):
    """Wagtail's panel of what waits for one's review, less what is for others."""

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        """Leave out hidden stories."""
        context = super().get_context_data(parent_context)
        hidden = hidden_ids(parent_context["request"])
        context["states"] = [state for state in context["states"] if state["obj"].pk not in hidden]
        return context


class OwnWorkflowPanel(UserObjectsInWorkflowModerationPanel):
    """Wagtail's panel of what one has submitted, less what is for others by now."""

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        """Leave out hidden stories."""
        context = super().get_context_data(parent_context)
        hidden = hidden_ids(parent_context["request"])
        context["workflow_states"] = [
            state for state in context["workflow_states"] if int(state.object_id) not in hidden
        ]
        return context


class OwnEditsPanel(RecentEditsPanel):
    """Wagtail's panel of one's latest edits, less what is for others by now."""

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        """Leave out hidden stories."""
        context = super().get_context_data(parent_context)
        hidden = hidden_ids(parent_context["request"])
        context["last_edits"] = [edit for edit in context["last_edits"] if edit[1].pk not in hidden]
        return context


def hidden_ids(request: HttpRequest) -> set[int]:
    """Return the ids of the stories that Wagtail's panels leave out."""
    return set(views.unlisted_for(request.user).values_list("pk", flat=True))


REPLACED: dict[str, Any] = {
    WorkflowObjectsToModeratePanel.name: ModerationPanel,
    UserObjectsInWorkflowModerationPanel.name: OwnWorkflowPanel,
    RecentEditsPanel.name: OwnEditsPanel,
}


def guarded_panel(panel: Component) -> Component:
    """Return our panel of the same name, or the panel itself."""
    own = REPLACED.get(getattr(panel, "name", ""))
    return own() if own else panel


@hooks.register("construct_homepage_panels")
def story_panels(request: HttpRequest, panels: list[Component]) -> None:
    """Replace Wagtail's panels by the guarded ones, and show each role what it can act on."""
    panels[:] = [guarded_panel(panel) for panel in panels]
    if request.user.has_perm("consent.add_approval"):
        panels.append(
            views.CountPanel(
                request.user,
                views.Stage.NARRATOR,
                110,
                icon="openquote",
                action=_("Show the stories"),
                heading=_("Waiting for the narrator's approval"),
                nothing=_("Nothing waits for a narrator."),
            )
        )
    if request.user.has_perm("stories.change_storypage"):
        panels.append(
            views.CountPanel(
                request.user,
                views.Stage.NOTED,
                120,
                icon="edit",
                action=_("Work on them"),
                heading=_("Notes newly captured"),
                nothing=_("No new notes."),
            )
        )


@hooks.register("construct_homepage_summary_items", order=1000)
def no_summary(request: HttpRequest, items: list[Component]) -> None:
    """Numbers of pages and images say nothing here."""
    items.clear()


# What the menu leaves out

UNUSED = {"documents", "snippets", "redirects"}


@hooks.register("construct_main_menu")
@hooks.register("construct_search")
def without_unused(request: HttpRequest, items: list[MenuItem]) -> None:
    """Documents are not used here; words have a menu of their own."""
    items[:] = [item for item in items if item.name not in UNUSED]


@hooks.register("construct_help_menu")
def without_links_abroad(request: HttpRequest, items: list[MenuItem]) -> None:
    """Leave out what leads to other sites."""
    items[:] = [item for item in items if not str(getattr(item, "url", "")).startswith("http")]


@hooks.register("register_log_actions")
def log_actions(actions: LogActionRegistry) -> None:
    """What stories write into the log; codes and numbers only."""
    actions.register_action("stories.captured", _("Capture a story"), _("Story captured from a note"))
    actions.register_action("stories.imported", _("Import a story"), _("Story imported from a file"))
    actions.register_action("stories.exported", _("Export stories"), _("Stories exported to a file"))
    actions.register_action("stories.tags_merged", _("Merge tags"), _("Another tag was merged into this one"))
