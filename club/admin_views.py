"""Views behind the club's admin screens."""

from collections.abc import Sequence
from typing import Any

import django_filters
from django import forms
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.views.generic import FormView
from wagtail import hooks
from wagtail.admin import messages
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import BaseColumn, Column, StatusTagColumn, TitleColumn
from wagtail.admin.views import generic
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.admin.views.generic.chooser import ChooseResultsView, ChooseView, ChosenView
from wagtail.admin.widgets import AdminDateInput
from wagtail.admin.widgets.button import HeaderButton

from club.enums import MemberKind, Season
from club.forms import SEARCHED, IdentityForm, MemberChooserFilterForm, words_q
from club.models import Member, Stratum, User
from club.permissions import employee, user_can_see_identity
from club.sealing import SealBroken
from club.services import read_identity, record_identity


class HostsField(forms.ModelMultipleChoiceField):
    """Employees by their names."""

    def label_from_instance(self, user: Any) -> str:
        return user.get_full_name() or user.get_username()


# How single fields of the member form differ from Django's own.
WIDGETS: dict[str, dict[str, Any]] = {
    "client_since": {"widget": AdminDateInput},
    "hosts": {"widget": forms.CheckboxSelectMultiple, "form_class": HostsField},
}


class MemberFilterSet(WagtailFilterSet):
    """Filters that the club itself knows; other apps add theirs."""

    kind = django_filters.ChoiceFilter(
        label=_("Who"), choices=MemberKind.choices, empty_label=_("All"), widget=forms.RadioSelect
    )
    season = django_filters.ChoiceFilter(
        label=_("Season"), choices=Season.choices, empty_label=_("All"), widget=forms.RadioSelect
    )
    stratum = django_filters.ModelChoiceFilter(
        label=_("Stratum"), queryset=Stratum.objects.all(), empty_label=_("All"), widget=forms.RadioSelect
    )

    class Meta:
        model = Member
        fields: list[str] = []


class MemberIndexView(generic.IndexView):
    """The list of members with what the other apps say of them."""

    any_permission_required = ["add", "change", "view"]
    add_item_label = _("Add a member")

    @cached_property
    def columns(self) -> list[BaseColumn]:
        """The club's own columns, then those of other apps."""
        title = self._get_title_column_class(TitleColumn)
        own = [
            title("persona_name", label=_("Figure"), sort_key="persona_name", get_url=self.get_inspect_url),
            Column("code", label=_("Code"), sort_key="code", width="11%"),
            Column("stratum", label=_("Stratum"), accessor="stratum", sort_key="stratum__code"),
            Column("season", label=_("Season"), accessor="get_season_display", sort_key="season"),
        ]
        return [*own, *(make() for make in hooks.get_hooks("register_member_column"))]

    @cached_property
    def filterset_class(self) -> type[WagtailFilterSet]:
        """The club's own filters and those of other apps."""
        others = dict(make() for make in hooks.get_hooks("register_member_filter"))
        meta = type("Meta", (MemberFilterSet.Meta,), {})
        return type("AllMemberFilterSet", (MemberFilterSet,), {**others, "Meta": meta})

    def get_base_queryset(self) -> QuerySet[Member]:
        """Load what every column needs in one query."""
        members = super().get_base_queryset().select_related("stratum")
        for construct in hooks.get_hooks("construct_member_queryset"):
            members = construct(members, self.request)
        return members

    def search_queryset(self, queryset: QuerySet[Member]) -> QuerySet[Member]:
        """Find by figure's name or code."""
        return queryset.filter(words_q(SEARCHED, self.search_query)) if self.is_searching else queryset


class MemberCardView(generic.InspectView):
    """The member's card: who colleagues know, and what the other apps hold of her."""

    template_name = "club/admin/member.html"
    page_title = _("Member")
    any_permission_required = ["add", "change", "view"]

    def get_object(self, queryset: QuerySet[Member] | None = None) -> Member:
        """Load the member with her stratum."""
        members = Member.objects.select_related("stratum").prefetch_related("hosts")
        return get_object_or_404(members, pk=self.pk)

    @cached_property
    def header_buttons(self) -> list[HeaderButton]:
        """Identity, for those who may see it only."""
        if not user_can_see_identity(self.request.user, self.object):
            return []
        url = reverse("club_members:identity", args=[self.object.pk])
        return [HeaderButton(_("Name and contacts"), url=url, icon_name="key")]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Gather the sections of the card."""
        sections = [make(self.object, self.request) for make in hooks.get_hooks("register_member_section")]
        context = super().get_context_data(**kwargs)
        shown = [section for section in sections if section is not None]
        for section in shown:
            context["media"] = context.get("media", forms.Media()) + section.media
        return {**context, "member": self.object, "sections": shown, "hosts": list(self.object.hosts.all())}


class IdentityView(WagtailAdminTemplateMixin, FormView):
    """Who a member is: for her hosts and the data protection officer; for others the page is not there."""

    model = Member
    form_class = IdentityForm
    template_name = "club/admin/identity.html"
    page_title = _("Name and contacts")
    header_icon = "key"
    inspect_url_name = ""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer strangers as if the member were not there."""
        self.member = get_object_or_404(Member, pk=kwargs["pk"])
        if not user_can_see_identity(request.user, self.member):
            raise Http404
        return super().dispatch(request, *args, **kwargs)

    def get_initial(self) -> dict[str, str]:
        """Open the record; a record that no key opens is shown empty with a warning."""
        if self.request.method != "GET":
            return {}
        try:
            return read_identity(member=self.member, by=employee(self.request))
        except SealBroken:
            messages.error(
                self.request, _("The stored record cannot be opened with the keys of this install.")
            )
            return {}

    def form_valid(self, form: IdentityForm) -> HttpResponse:
        """Keep the record."""
        record_identity(member=self.member, data=form.cleaned_data, by=employee(self.request))
        messages.success(self.request, _("Name and contacts are kept, encrypted."))
        return redirect(self.get_success_url())

    def get_success_url(self) -> str:
        """Return to the page itself: a host need not be a keeper who may see the list."""
        return reverse("club_members:identity", args=[self.member.pk])

    def get_page_subtitle(self) -> str:
        """The figure, not the name: this ends up in the browser's history."""
        return str(self.member)

    def get_breadcrumbs_items(self) -> Sequence[dict[str, Any]]:
        """Lead back to the card."""
        items = [*self.breadcrumbs_items]
        if self.request.user.has_perm("club.view_member"):
            items += [
                {"url": reverse("club_members:index"), "label": _("Members")},
                {"url": reverse(self.inspect_url_name, args=[self.member.pk]), "label": str(self.member)},
            ]
        return [*items, {"url": "", "label": self.page_title, "sublabel": str(self.member)}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the member."""
        return {**super().get_context_data(**kwargs), "member": self.member}


def may_look_up_members(user: User | AnonymousUser) -> bool:
    """Whoever names narrators somewhere in the admin may look them up."""
    needed = ("club.view_member", "consent.add_consent", "stories.change_storypage")
    return any(user.has_perm(permission) for permission in needed)


class MemberDoorMixin:
    """The door of the member chooser."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Keep out those who name no narrators anywhere."""
        if not may_look_up_members(request.user):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)


class MemberChooseMixin(MemberDoorMixin):
    """Columns and search of the member chooser."""

    filter_form_class = MemberChooserFilterForm

    def get_object_list(self) -> QuerySet[Member]:
        """All members with their strata; who was forgotten tells no new story."""
        return Member.objects.filter(erased_at=None).select_related("stratum")

    @property
    def columns(self) -> list[BaseColumn]:
        """Figure, stratum, season."""
        return [
            *super().columns,
            Column("stratum", label=_("Stratum"), accessor="stratum"),
            StatusTagColumn("season", label=_("Season"), accessor="get_season_display"),
        ]


class MemberChooseView(MemberChooseMixin, ChooseView):
    """The chooser."""


class MemberChooseResultsView(MemberChooseMixin, ChooseResultsView):
    """The chooser's list as it is searched."""


class MemberChosenView(MemberDoorMixin, ChosenView):
    """The member that was chosen."""
