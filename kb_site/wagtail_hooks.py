"""What of Wagtail's own screens this house does not offer."""

from django.http import HttpRequest
from wagtail import hooks
from wagtail.admin.menu import MenuItem

CLOSED_REPORTS = {"page-types-usage"}


@hooks.register("construct_reports_menu")
def hide_closed_reports(request: HttpRequest, menu_items: list[MenuItem]) -> None:
    """Leave out reports whose addresses are closed."""
    menu_items[:] = [item for item in menu_items if item.name not in CLOSED_REPORTS]
