"""Admin screens of consent.

Other apps add to them through hooks named here:

- ``register_consent_section(consent, request)`` returns a component of a consent's page, or None;
- ``describe_withdrawal(member)`` returns sentences that say what a withdrawal does at once.
"""

from typing import Any

from django.urls import URLPattern, path
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from wagtail.admin.viewsets.model import ModelViewSet, ModelViewSetGroup

from club.viewsets import OfferingViewSet
from consent import admin_views as views
from consent.forms import ConsentTextForm
from consent.models import Consent, ConsentEvent, ConsentText


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
        """Add withdrawing and renewing."""
        withdraw = self.construct_view(views.WithdrawView)
        renew = self.construct_view(views.RecordConsentView)
        return [
            *super().get_urlpatterns(),
            path("<int:pk>/withdraw/", withdraw, name="withdraw"),
            path("<int:pk>/renew/", renew, name="renew"),
        ]


class ConsentTextViewSet(OfferingViewSet):
    """The texts people agree to."""

    model = ConsentText
    icon = "doc-full"
    menu_label = _("Texts")
    url_prefix = "consent/texts"
    url_namespace = views.TEXTS
    offered = ("index", "index_results", "add", "edit", "inspect")
    index_view_class = views.ConsentTextIndexView
    add_view_class = views.ConsentTextCreateView
    edit_view_class = views.ConsentTextEditView
    inspect_view_class = views.ConsentTextInspectView
    inspect_template_name = "consent/admin/text.html"

    def get_form_class(self, for_update: bool = False) -> type[ConsentTextForm]:
        """Return the form of a text."""
        return ConsentTextForm


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
        return (ConsentViewSet(), ConsentTextViewSet(), LedgerViewSet())
