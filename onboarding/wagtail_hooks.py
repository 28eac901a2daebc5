"""Learning in Wagtail's admin: screens, what is not deleted, the way from a story to a module."""

from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from wagtail import hooks
from wagtail.admin import messages
from wagtail.admin.viewsets.base import ViewSet
from wagtail.admin.widgets import Button
from wagtail.snippets.models import register_snippet

from onboarding.models import LearningIndexPage, ModulePage, ModuleVersion, TrackPage, TrackVersion
from onboarding.services.authoring import may_write
from onboarding.services.entries import RUN
from onboarding.viewsets import CompetencyViewSet, ModuleListing, TrackListing

register_snippet(CompetencyViewSet)


@hooks.register("register_admin_viewset")
def learning_screens() -> list[ViewSet]:
    """Lists of modules and tracks."""
    return [ModuleListing(), TrackListing()]


def was_published(page: Any) -> bool:
    """Whether people may have gone through a page."""
    versions = {ModulePage: ModuleVersion, TrackPage: TrackVersion}.get(type(page))
    if versions is None:
        return isinstance(page, LearningIndexPage)
    return bool(versions._default_manager.filter(key=page.translation_key).exists())


@hooks.register("before_delete_page")
def archive_instead(request: HttpRequest, page: Any) -> HttpResponse | None:
    """What people have gone through is taken off and kept: its versions hold their progress."""
    if not was_published(page):
        return None
    if page.live and not isinstance(page, LearningIndexPage):
        page.unpublish(user=request.user)
    messages.warning(
        request, _("People have learned with this page, so it is kept. It was taken off instead.")
    )
    return redirect(reverse("wagtailadmin_explore", args=[page.get_parent().pk]))


@hooks.register("register_page_header_buttons")
def translation_button(page: Any, user: Any, view_name: str, next_url: str | None = None) -> Iterator[Button]:
    """Translate a module or a track."""
    known = isinstance(page, ModulePage | TrackPage) and page.pk
    if known and user.has_perm(RUN) and may_write(user):
        url = reverse("hr:translate", args=[page.pk])
        yield Button(_("Translate"), url, icon_name="globe", priority=66)
