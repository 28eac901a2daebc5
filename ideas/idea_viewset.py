"""Ideas in Wagtail's admin: where their workflow is seen, approved and looked back upon.

They are noted, worded, moved and merged on their own pages; here is their review only.
"""

from typing import Any

from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel
from wagtail.admin.ui.tables import Column, UserColumn
from wagtail.permission_policies import ModelPermissionPolicy
from wagtail.snippets.views.snippets import SnippetViewSet

from ideas.models import Idea

OFFERED = frozenset({"change"})


class ReviewPolicy(ModelPermissionPolicy):
    """Looking and reviewing; nothing is added, deleted or published from here past the workflow."""

    def user_has_permission(self, user: Any, action: str) -> bool:
        return action in OFFERED and super().user_has_permission(user, action)

    def user_has_any_permission(self, user: Any, actions: Any) -> bool:
        return super().user_has_any_permission(user, OFFERED.intersection(actions))


class IdeaViewSet(SnippetViewSet):
    """The reviews of ideas."""

    model = Idea
    icon = "snippet"
    menu_label = _("Reviews of ideas")
    menu_name = "ideas"
    menu_order = 141
    add_to_admin_menu = True
    copy_view_enabled = False
    list_display = [
        "title",
        "get_kind_display",
        Column("get_state_display", label=_("State")),
        UserColumn("owner"),
    ]
    list_filter = ["kind", "state"]
    search_fields = ["title", "statement"]
    search_backend_name = None
    list_per_page = 50
    panels = [
        FieldPanel("title", read_only=True),
        FieldPanel("statement", read_only=True),
        FieldRowPanel([FieldPanel("kind", read_only=True), FieldPanel("state", read_only=True)]),
    ]
