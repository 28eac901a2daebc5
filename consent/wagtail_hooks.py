"""Consent in Wagtail's admin: its screens, and what it adds to those of the club and to the dashboard."""

from collections.abc import Mapping
from typing import Any

import django_filters
from django import forms
from django.db.models import OuterRef, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.ui.components import Component
from wagtail.admin.ui.tables import BaseColumn, StatusTagColumn

from club.models import Member
from consent.admin_views import REGISTER, is_good, label_rows, last_day, status_of
from consent.models import Consent
from consent.reports import Standing, standing_of_consent, standing_of_member
from consent.viewsets import ConsentGroup

MEMBER_STANDINGS = [choice for choice in Standing.choices if choice[0] != Standing.REPLACED]


@hooks.register("register_admin_viewset")
def consent_screens() -> ConsentGroup:
    """Register, texts, ledger."""
    return ConsentGroup()


@hooks.register("construct_member_queryset")
def member_standings(members: QuerySet[Member], request: HttpRequest) -> QuerySet[Member]:
    """Compute every member's standing with the list."""
    return members.annotate(consent_standing=standing_of_member(OuterRef("pk")))


@hooks.register("register_member_column")
def member_column() -> BaseColumn:
    """State of consent in the list of members."""
    return StatusTagColumn(
        "consent",
        label=_("Consent"),
        accessor=lambda member: status_of(member.consent_standing),
        primary=lambda member: is_good(member.consent_standing),
    )


@hooks.register("register_member_filter")
def member_filter() -> tuple[str, django_filters.Filter]:
    """Filter members by the state of their consent."""
    return "consent_standing", django_filters.ChoiceFilter(
        label=_("Consent"), choices=MEMBER_STANDINGS, empty_label=_("All"), widget=forms.RadioSelect
    )


class MemberConsents(Component):
    """The consents of a member on her card."""

    template_name = "consent/admin/member_consents.html"

    def __init__(self, member: Member, may_record: bool) -> None:
        self.member = member
        self.may_record = may_record

    def get_context_data(self, parent_context: Mapping[str, Any]) -> dict[str, Any]:
        """Load the consents with their states."""
        consents = list(
            Consent.objects.filter(member=self.member)
            .prefetch_related("grants")
            .annotate(state=standing_of_consent())
        )
        label_rows(consents)
        for consent in consents:
            consent.is_good = is_good(consent.state)
            consent.until = last_day(consent)
        return {"consents": consents, "member": self.member, "may_record": self.may_record}


@hooks.register("register_member_section", order=10)
def member_consents(member: Member, request: HttpRequest) -> Component | None:
    """Consents on the member's card, for those who may see the register."""
    if not request.user.has_perm("consent.view_consent"):
        return None
    return MemberConsents(member, request.user.has_perm("consent.add_consent"))


class EndingConsents(Component):
    """How many consents end soon, on the dashboard."""

    template_name = "consent/admin/count_panel.html"
    order = 130

    def get_context_data(self, parent_context: Mapping[str, Any]) -> dict[str, Any]:
        """Count them with one query."""
        count = (
            Consent.objects.annotate(state=standing_of_consent())
            .filter(state=Standing.EXPIRING)
            .order_by()
            .count()
        )
        return {
            "id": "ending-consents",
            "heading": _("Consents that end within 60 days"),
            "icon": "calendar-alt",
            "count": count,
            "url": f"{reverse(f'{REGISTER}:index')}?state={Standing.EXPIRING}",
            "nothing": _("None. Every consent in force lasts longer."),
            "action": _("Ask for renewal"),
        }


@hooks.register("construct_homepage_panels")
def ending_consents(request: HttpRequest, panels: list[Component]) -> None:
    """Show it to those who can ask for a renewal."""
    if request.user.has_perm("consent.add_consent"):
        panels.append(EndingConsents())
