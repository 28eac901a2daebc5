"""The club in Wagtail's admin."""

from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.viewsets.base import ViewSet
from wagtail.log_actions import LogActionRegistry

from club.viewsets import ClubGroup, member_chooser


@hooks.register("register_admin_viewset")
def club_screens() -> ClubGroup:
    """Members and strata."""
    return ClubGroup()


@hooks.register("register_admin_viewset")
def member_chooser_screens() -> ViewSet:
    """Choosing a member."""
    return member_chooser


@hooks.register("register_log_actions")
def log_actions(actions: LogActionRegistry) -> None:
    """What the club writes into the log; never whose name it was."""
    actions.register_action("club.identity_recorded", _("Record identity"), _("Name and contacts recorded"))
    actions.register_action("club.identity_read", _("Read identity"), _("Name and contacts looked at"))
