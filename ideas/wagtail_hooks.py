"""Themes in Wagtail's admin, and what ideas write into the log."""

from django.http import HttpRequest
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.admin.viewsets.base import ViewSet
from wagtail.log_actions import LogActionRegistry
from wagtail.permissions import register_permission_policy
from wagtail.snippets.models import register_snippet

from ideas.idea_viewset import IdeaViewSet, ReviewPolicy
from ideas.loop_report import POLICY, LoopReport
from ideas.models import Idea
from ideas.viewsets import ThemeViewSet

register_permission_policy(Idea, ReviewPolicy(Idea))
register_snippet(IdeaViewSet)


@hooks.register("register_admin_viewset")
def theme_screens() -> ViewSet:
    """The codebook."""
    return ThemeViewSet()


class LoopMenuItem(MenuItem):
    """The report on the loop, for those who may read it."""

    def is_shown(self, request: HttpRequest) -> bool:
        """Whether the report would answer."""
        return POLICY.user_has_any_permission(request.user, ["view"])


@hooks.register("register_admin_urls")
def loop_report_addresses() -> list[URLPattern]:
    """The report with its results."""
    view, results = LoopReport.as_view(), LoopReport.as_view(results_only=True)
    return [
        path("reports/loop/", view, name="loop_report"),
        path("reports/loop/results/", results, name="loop_report_results"),
    ]


@hooks.register("register_reports_menu_item")
def loop_report_item() -> MenuItem:
    """The report in the menu."""
    return LoopMenuItem(
        LoopReport.page_title, reverse("loop_report"), name="loop-report", icon_name="resubmit", order=1300
    )


@hooks.register("register_log_actions")
def log_actions(actions: LogActionRegistry) -> None:
    """What ideas write into the log; ids and states only."""
    actions.register_action("ideas.coded", _("Code a passage"), _("Passage coded"))
    actions.register_action("ideas.uncoded", _("Take a coding off"), _("Coding taken off"))
    actions.register_action("ideas.refused", _("Refuse a proposal"), _("Proposed theme refused"))
    actions.register_action("ideas.confirmed", _("Confirm a passage"), _("Passage confirmed"))
    actions.register_action("ideas.dropped", _("Let a passage go"), _("Passage let go"))
    actions.register_action("ideas.answered", _("Answer a theme"), _("Theme answered"))
    actions.register_action("ideas.moved", _("Move an idea"), _("Idea moved"))
    actions.register_action("ideas.premortem", _("Keep a pre-mortem"), _("Pre-mortem kept"))
    actions.register_action("ideas.merged", _("Merge"), _("Another one was merged into this one"))
    actions.register_action(
        "ideas.split", _("Split a theme"), _("Part of the theme became a theme of its own")
    )
    actions.register_action("ideas.unmerged", _("Undo a merge"), _("Merge undone"))
    actions.register_action("ideas.told", _("Tell a member"), _("Member told what became of her words"))
