"""Admin screens of the club.

Other apps add to them without the club knowing of it, through hooks named here:

- ``construct_member_queryset(queryset, request)`` returns the queryset with what its columns need;
- ``register_member_column()`` returns a column of the list;
- ``register_member_filter()`` returns a pair of name and filter;
- ``register_member_section(member, request)`` returns a component of the member's card, or None.
"""

from collections.abc import Sequence
from typing import Any

from django.urls import URLPattern, path
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from wagtail.admin.viewsets.chooser import ChooserViewSet
from wagtail.admin.viewsets.model import ModelViewSet, ModelViewSetGroup

from club import admin_views as views
from club.models import Member, Stratum


class OfferingViewSet(ModelViewSet):
    """A viewset with only the views it names: what is not offered has no address."""

    offered: Sequence[str] = ("index", "index_results", "inspect")
    inspect_view_enabled = True
    copy_view_enabled = False
    add_to_reference_index = True
    form_fields: list[str] = []

    def get_urlpatterns(self) -> list[URLPattern]:
        """Return the addresses of the offered views."""
        return [pattern for pattern in super().get_urlpatterns() if pattern.name in self.offered]

    def get_common_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        """Tell the views only of addresses that exist."""
        suffix = "_url_name"
        return {
            name: None if name.endswith(suffix) and name.removesuffix(suffix) not in self.offered else value
            for name, value in super().get_common_view_kwargs(**kwargs).items()
        }

    def register_admin_url_finder(self) -> None:
        """Point other screens here only if something can be edited."""
        if "edit" in self.offered:
            super().register_admin_url_finder()


class MemberViewSet(OfferingViewSet):
    """Members: added, changed, looked at, never deleted."""

    model = Member
    icon = "group"
    url_prefix = "club/members"
    url_namespace = "club_members"
    offered = ("index", "index_results", "add", "edit", "inspect", "history", "history_results")
    index_view_class = views.MemberIndexView
    inspect_view_class = views.MemberCardView
    inspect_template_name = "club/admin/member.html"
    form_fields = [
        "persona_name",
        "kind",
        "code",
        "language",
        "client_since",
        "stratum",
        "season",
        "hosts",
        "hair",
        "dress",
    ]
    search_fields = ["persona_name", "code"]
    ordering = "persona_name"

    @property
    def identity_view(self) -> Any:
        """The page of a member's name and contacts."""
        return self.construct_view(views.IdentityView, inspect_url_name=self.get_url_name("inspect"))

    def get_urlpatterns(self) -> list[URLPattern]:
        """Add the identity page."""
        return [*super().get_urlpatterns(), path("<int:pk>/identity/", self.identity_view, name="identity")]

    def formfield_for_dbfield(self, db_field: Any, **kwargs: Any) -> Any:
        """Give dates Wagtail's picker and hosts checkboxes."""
        return super().formfield_for_dbfield(db_field, **views.WIDGETS.get(db_field.name, {}), **kwargs)


class StratumViewSet(OfferingViewSet):
    """The parts of the customer base."""

    model = Stratum
    icon = "order"
    url_prefix = "club/strata"
    url_namespace = "club_strata"
    offered = ("index", "index_results", "add", "edit", "inspect", "history", "history_results")
    list_display = ["name", "base_size", "target"]
    form_fields = ["code", "name_ru", "name_en", "rule_ru", "rule_en", "base_size", "target"]
    inspect_view_fields = ["code", "name_ru", "name_en", "rule_ru", "rule_en", "base_size", "target"]
    ordering = "code"


class ClubGroup(ModelViewSetGroup):
    """The club in the menu."""

    menu_label = _("Club")
    menu_icon = "group"
    menu_name = "club"
    menu_order = 120

    @cached_property
    def items(self) -> tuple[ModelViewSet, ...]:
        """The screens of the group."""
        return (MemberViewSet(), StratumViewSet())


class MemberChooserViewSet(ChooserViewSet):
    """Choosing a narrator by figure or code."""

    model = Member
    icon = "group"
    name = "member_chooser"
    choose_one_text = _("Choose a member")
    choose_another_text = _("Choose another member")
    edit_item_text = _("Edit this member")
    choose_view_class = views.MemberChooseView
    choose_results_view_class = views.MemberChooseResultsView
    chosen_view_class = views.MemberChosenView
    per_page = 12

    def get_urlpatterns(self) -> list[URLPattern]:
        """One member at a time; new ones are added on their own screen."""
        return [
            pattern
            for pattern in super().get_urlpatterns()
            if pattern.name not in ("chosen_multiple", "create")
        ]


member_chooser = MemberChooserViewSet()
