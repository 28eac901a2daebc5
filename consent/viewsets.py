"""Admin screens of consent.

Other apps add to them through hooks named here:

- ``register_consent_section(consent, request)`` returns a component of a consent's page, or None;
- ``describe_withdrawal(member)`` returns sentences that say what a withdrawal does at once.
"""

from typing import Any

from django.http import HttpRequest
from django.urls import URLPattern, path
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from wagtail.admin.menu import MenuItem
from wagtail.admin.viewsets.base import ViewSet
from wagtail.admin.viewsets.model import ModelViewSet, ModelViewSetGroup

from club.viewsets import OfferingViewSet
from consent import admin_views as views
from consent.erasing.admin_views import ErasureViewSet
from consent.models import Consent, ConsentEvent, ConsentText, Demand
from consent.narrator.viewsets import LetterViewSet, SuggestionViewSet
from consent.office import admin_views as office
from consent.texts import admin_views as texts
from consent.texts.forms import ConsentTextForm


class ConsentViewSet(OfferingViewSet):
    """The register: recorded, shown, withdrawn, renewed; never edited, copied or deleted."""

    model = Consent
    icon = "clipboard-list"
    menu_label = _("Register")
    url_prefix = "consent/register"
    url_namespace = views.REGISTER
    offered = ("index", "index_results", "add", "inspect")
    index_view_class = views.ConsentIndexView
    add_view_class = views.RecordConsentView
    inspect_view_class = views.ConsentInspectView
    inspect_template_name = "consent/admin/consent.html"
    create_template_name = "consent/admin/record.html"
    filterset_class = views.ConsentFilterSet
    list_export = views.ConsentIndexView.list_export
    export_headings = views.ConsentIndexView.export_headings
    export_filename = "consents"
    ordering = "-valid_from"

    def get_add_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        """Leave the form to the view: a consent is recorded by a service, not by a model form."""
        return kwargs

    def get_urlpatterns(self) -> list[URLPattern]:
        """Add withdrawing, renewing and the receipt."""
        withdraw = self.construct_view(views.WithdrawView)
        renew = self.construct_view(views.RecordConsentView)
        return [
            *super().get_urlpatterns(),
            path("<int:pk>/withdraw/", withdraw, name="withdraw"),
            path("<int:pk>/renew/", renew, name="renew"),
            path("<int:pk>/receipt/", self.construct_view(views.ReceiptView), name="receipt"),
        ]


class ConsentTextViewSet(OfferingViewSet):
    """The texts people agree to."""

    model = ConsentText
    icon = "doc-full"
    menu_label = _("Texts")
    url_prefix = "consent/texts"
    url_namespace = texts.TEXTS
    offered = ("index", "index_results", "add", "edit", "inspect", "history", "history_results")
    index_view_class = texts.ConsentTextIndexView
    add_view_class = texts.ConsentTextCreateView
    edit_view_class = texts.ConsentTextEditView
    inspect_view_class = texts.ConsentTextInspectView
    inspect_template_name = "consent/admin/text.html"
    create_template_name = "consent/admin/text_form.html"
    edit_template_name = "consent/admin/text_form.html"
    filterset_class = texts.TextFilterSet
    ordering = ("law", "-scope", "category", "language", "-version")

    def get_form_class(self, for_update: bool = False) -> type[ConsentTextForm]:
        """Return the form of a text."""
        return ConsentTextForm

    def get_urlpatterns(self) -> list[URLPattern]:
        """Add comparing and a lawyer's confirmation."""
        return [
            *super().get_urlpatterns(),
            path("<int:pk>/compare/", self.construct_view(texts.CompareTextsView), name="compare"),
            path("<int:pk>/confirm/", self.construct_view(texts.ConfirmTextView), name="confirm"),
        ]


class BoardItem(MenuItem):
    """The board in the menu."""

    def is_shown(self, request: HttpRequest) -> bool:
        """For those who answer demands."""
        return bool(request.user.has_perm("consent.change_demand"))


class BoardViewSet(ViewSet):
    """What is due: one page."""

    name = office.BOARD
    icon = "tasks"
    menu_label = _("What is due")
    url_prefix = "consent/board"
    menu_item_class = BoardItem

    def get_urlpatterns(self) -> list[URLPattern]:
        """Return the one address."""
        return [path("", self.construct_view(office.BoardView), name="index")]


class DemandViewSet(OfferingViewSet):
    """Demands: recorded, shown, done; never edited or deleted."""

    model = Demand
    icon = "tasks"
    menu_label = _("Demands")
    url_prefix = "consent/demands"
    url_namespace = office.DEMANDS
    offered = ("index", "index_results", "add", "inspect")
    index_view_class = office.DemandIndexView
    add_view_class = office.RecordDemandView
    inspect_view_class = office.DemandInspectView
    inspect_template_name = "consent/admin/demand.html"
    create_template_name = "consent/admin/demand_form.html"
    filterset_class = office.DemandFilterSet
    list_export = office.DemandIndexView.list_export
    export_headings = office.DemandIndexView.export_headings
    export_filename = "demands"
    ordering = ("is_done", "due_on", "pk")

    def get_add_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        """Leave the form to the view: a demand is recorded by a service."""
        return kwargs

    def get_urlpatterns(self) -> list[URLPattern]:
        """Add noting what was done, and making the copy."""
        return [
            *super().get_urlpatterns(),
            path("<int:pk>/done/", self.construct_view(office.FulfilView), name="fulfil"),
            path("<int:pk>/copy/", self.construct_view(office.CopyView), name="copy"),
        ]


class LedgerViewSet(OfferingViewSet):
    """The ledger: a list and nothing else."""

    model = ConsentEvent
    icon = "history"
    menu_label = _("Ledger")
    url_prefix = "consent/ledger"
    url_namespace = views.LEDGER
    offered = ("index", "index_results")
    index_view_class = views.LedgerView
    filterset_class = views.LedgerFilterSet
    ordering = "-pk"
    list_per_page = 50


class ConsentGroup(ModelViewSetGroup):
    """Consent in the menu."""

    menu_label = _("Consent")
    menu_icon = "clipboard-list"
    menu_name = "consent"
    menu_order = 110

    @cached_property
    def items(self) -> tuple[ModelViewSet, ...]:
        """The screens of the group."""
        return (
            BoardViewSet(),
            ConsentViewSet(),
            SuggestionViewSet(),
            DemandViewSet(),
            ErasureViewSet(),
            ConsentTextViewSet(),
            LetterViewSet(),
            LedgerViewSet(),
        )
