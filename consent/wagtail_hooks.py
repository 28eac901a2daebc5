"""Consent in Wagtail's admin: its screens, and what it adds to those of the club and to the dashboard."""

from collections.abc import Mapping
from typing import Any

import django_filters
from django import forms
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.ui.components import Component
from wagtail.admin.ui.tables import BaseColumn, StatusTagColumn
from wagtail.log_actions import LogActionRegistry, LogFormatter
from wagtail.models import ModelLogEntry

from club.models import Member
from consent.admin_views import REGISTER, is_good, label_rows, last_day, status_of
from consent.models import Consent, Demand
from consent.office.admin_views import BOARD, COPY_MADE
from consent.office.words import is_late, left_of
from consent.reports import Standing, standing_of_consent, standing_of_member
from consent.texts.confirming import CONFIRMED
from consent.viewsets import ConsentGroup

MEMBER_STANDINGS = [choice for choice in Standing.choices if choice[0] != Standing.REPLACED]


@hooks.register("register_admin_viewset")
def consent_screens() -> ConsentGroup:
    """Register, texts, ledger."""
    return ConsentGroup()


@hooks.register("construct_member_queryset")
def member_standings(members: QuerySet[Member], request: HttpRequest) -> QuerySet[Member]:
    """Compute every member's standing with the list."""
    return members.annotate(consent_standing=standing_of_member("pk"))


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


class OpenDemands(Component):
    """How many demands wait, on the dashboard; those overdue are said first."""

    template_name = "consent/admin/count_panel.html"
    order = 120

    def get_context_data(self, parent_context: Mapping[str, Any]) -> dict[str, Any]:
        """Count them with one query."""
        late = Count("pk", filter=Q(due_on__lt=timezone.localdate()))
        found = Demand.objects.filter(done_at=None).order_by().aggregate(open=Count("pk"), late=late)
        return {
            "id": "open-demands",
            "heading": _("Overdue demands") if found["late"] else _("Demands that wait"),
            "icon": "warning" if found["late"] else "tasks",
            "count": found["late"] or found["open"],
            "url": reverse(f"{BOARD}:index"),
            "nothing": _("None. Nobody waits for an answer."),
            "action": _("See what is due"),
        }


@hooks.register("construct_homepage_panels")
def open_demands(request: HttpRequest, panels: list[Component]) -> None:
    """Show it to those who answer demands."""
    if request.user.has_perm("consent.change_demand"):
        panels.append(OpenDemands())


class MemberDemands(Component):
    """What a member has demanded, on her card."""

    template_name = "consent/admin/member_demands.html"

    def __init__(self, member: Member, may_record: bool) -> None:
        self.member = member
        self.may_record = may_record

    def get_context_data(self, parent_context: Mapping[str, Any]) -> dict[str, Any]:
        """Load the demands, open ones first."""
        rows = Demand.objects.filter(member=self.member).order_by("-received_at", "-pk")
        demands = [{"demand": demand, "left": left_of(demand), "late": is_late(demand)} for demand in rows]
        return {"demands": demands, "member": self.member, "may_record": self.may_record}


@hooks.register("register_member_section", order=20)
def member_demands(member: Member, request: HttpRequest) -> Component | None:
    """Demands on the member's card, for those who may see them."""
    if not request.user.has_perm("consent.view_demand"):
        return None
    may_record = member.erased_at is None and request.user.has_perm("consent.add_demand")
    return MemberDemands(member, may_record)


@hooks.register("register_log_actions")
def log_actions(actions: LogActionRegistry) -> None:
    """What the history of texts and demands tells beside Wagtail's own."""

    @actions.register_action(CONFIRMED)
    class TextConfirmed(LogFormatter):
        label = _("A lawyer has read it")

        def format_message(self, log_entry: ModelLogEntry) -> str:
            return _now("A lawyer has read it: %(note)s") % {"note": log_entry.data.get("note", "")}

    actions.register_action(COPY_MADE, _("Copy made"), _("A copy of everything about the narrator was made"))
