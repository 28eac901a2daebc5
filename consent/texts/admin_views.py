"""Screens of consent texts: list, writing element by element, comparing versions, a lawyer's confirmation."""

from typing import Any

import django_filters
from django import forms
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.views.generic import FormView, TemplateView
from wagtail.admin import messages
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import BaseColumn, Column, StatusTagColumn, TitleColumn
from wagtail.admin.views import generic
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.admin.widgets.button import HeaderButton

from club.permissions import employee
from consent.enums import Category, Law, TextScope
from consent.models import ConsentText
from consent.texts.checking import problems
from consent.texts.comparing import compare
from consent.texts.confirming import confirm
from consent.texts.forms import ConfirmForm, ConsentTextForm, SlotForm, add_errors, slot_of
from consent.texts.requirements import elements_of
from consent.texts.templates import SLOT, template_for

TEXTS = "consent_texts"


def number(text: str | None) -> int:
    """Return a whole number of a query string, 0 for anything else."""
    return int(text) if text and text.isdecimal() and text.isascii() and len(text) < 10 else 0


def about(text: ConsentText) -> str:
    """Say what a text is about: inside, or outside with its category."""
    scope = str(text.get_scope_display())
    return f"{scope}: {text.get_category_display()}" if text.category else scope


def state(text: ConsentText) -> str:
    """Say in a word or two whether one may ask people to agree to a text."""
    if problems(text):
        return _now("unfinished")
    return _now("template") if text.is_template else _now("ready")


class TextFilterSet(WagtailFilterSet):
    """Filters of the list of texts."""

    law = django_filters.ChoiceFilter(
        label=_("Law"), choices=Law.choices, empty_label=_("All"), widget=forms.RadioSelect
    )
    scope = django_filters.ChoiceFilter(
        label=_("About"), choices=TextScope.choices, empty_label=_("All"), widget=forms.RadioSelect
    )
    category = django_filters.ChoiceFilter(
        label=_("Category"), choices=Category.choices, empty_label=_("All"), widget=forms.RadioSelect
    )
    language = django_filters.ChoiceFilter(
        label=_("Language"),
        choices=ConsentText._meta.get_field("language").choices,
        empty_label=_("All"),
        widget=forms.RadioSelect,
    )
    is_template = django_filters.BooleanFilter(label=_("No lawyer has read it yet"))

    class Meta:
        model = ConsentText
        fields: list[str] = []


class ConsentTextIndexView(generic.IndexView):
    """The texts that people agree to."""

    any_permission_required = ["add", "change", "view"]
    add_item_label = _("Add a text")
    filterset_class = TextFilterSet

    @cached_property
    def columns(self) -> list[BaseColumn]:
        """Title, law, what about, language, version, state, how many agreed."""
        return [
            TitleColumn("title", label=_("Title"), get_url=self.get_inspect_url, sort_key="title"),
            Column("law", label=_("Law"), accessor="get_law_display", sort_key="law"),
            Column("scope", label=_("About"), accessor=about, sort_key="scope"),
            Column("language", label=_("Language"), accessor="get_language_display", sort_key="language"),
            Column("version", label=_("Version"), sort_key="version"),
            StatusTagColumn("state", label=_("State"), accessor=state, primary=is_ready),
            Column("agreed", label=_("Consents to it"), accessor="agreed"),
        ]

    def get_base_queryset(self) -> QuerySet[ConsentText]:
        """Count the consents to each text."""
        return ConsentText.objects.annotate(agreed=Count("consents"))


def is_ready(text: ConsentText) -> bool:
    """Whether a lawyer has read a text that lacks nothing."""
    return not text.is_template and not problems(text)


class ConsentTextCreateView(generic.CreateView):
    """A new text, or the next version of one (``?from=``): first what it is about, then its elements."""

    form_class = ConsentTextForm
    template_name = "consent/admin/text_form.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Ask what the text is about, unless the address says so."""
        if self.older or self.chosen.is_valid():
            return super().get(request, *args, **kwargs)
        return self.choose(self.chosen if self.is_chosen else SlotForm())

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Take a text about something there is; a form that lost its hidden fields begins again."""
        slot = SlotForm(request.POST)
        return super().post(request, *args, **kwargs) if slot.is_valid() else self.choose(slot)

    def choose(self, form: SlotForm) -> HttpResponse:
        """Show the first step."""
        self.object, self.form = None, ConsentTextForm()
        context = {**self.get_context_data(), "form": form}
        self.template_name = "consent/admin/text_choose.html"
        return self.render_to_response(context, status=422 if form.is_bound else 200)

    @cached_property
    def older(self) -> ConsentText | None:
        """The text that a new version begins with."""
        return ConsentText.objects.filter(pk=number(self.request.GET.get("from"))).first()

    @property
    def is_chosen(self) -> bool:
        """Whether the address says what the text is about."""
        return any(name in self.request.GET for name in SLOT)

    @cached_property
    def chosen(self) -> SlotForm:
        """What the address says the text is about."""
        return SlotForm(self.request.GET)

    def get_initial(self) -> dict[str, Any]:
        """Start from the older version, else from the template of this kind."""
        slot = (
            slot_of(self.older)
            if self.older
            else dict(self.chosen.cleaned_data)
            if self.is_chosen and self.chosen.is_valid()
            else {}
        )
        if not slot:
            return {}
        begun = self.older if self.older and self.older.elements else None
        template = None if begun else template_for(slot)
        words = (
            {"title": begun.title, "elements": begun.elements}
            if begun
            else template.filled()
            if template
            else {}
        )
        return {**slot, **words}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Say what the text is about and what it begins with."""
        context = super().get_context_data(**kwargs)
        slot = getattr(context["form"], "slot", {})
        return {
            **context,
            "about": ConsentText(**slot) if slot.get("law") else None,
            "older": self.older,
            "words": whole(self.older),
        }


def whole(text: ConsentText | None) -> str:
    """Return the words of a text that was written in one piece and whose law asks for elements."""
    return text.body if text and not text.elements and template_for(slot_of(text)) else ""


class ConsentTextEditView(generic.EditView):
    """Changing a text that nobody has agreed to yet; one in use is only shown."""

    template_name = "consent/admin/text_form.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Send a text in use to its read-only page."""
        text = get_object_or_404(ConsentText, pk=kwargs["pk"])
        if request.user.has_perm("consent.change_consenttext") and text.is_used:
            messages.warning(
                request, _now("People have agreed to this text, so it cannot change. Make a new version.")
            )
            return redirect(f"{TEXTS}:inspect", text.pk)
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Say what the text is about."""
        return {**super().get_context_data(**kwargs), "about": self.object, "words": whole(self.object)}

    def get_initial(self) -> dict[str, Any]:
        """Help with the template where the text was written in one piece."""
        template = template_for(slot_of(self.object))
        if self.object.elements or template is None:
            return {}
        return {"elements": template.filled()["elements"]}


class ConsentTextInspectView(generic.InspectView):
    """One text, as it was agreed to."""

    template_name = "consent/admin/text.html"
    page_title = _("Consent text")
    any_permission_required = ["add", "change", "view"]

    @cached_property
    def header_buttons(self) -> list[HeaderButton]:
        """Edit while nobody agreed; afterwards a new version; compare; a lawyer's confirmation."""
        user, text, buttons = self.request.user, self.object, []
        if user.has_perm("consent.change_consenttext") and not text.is_used:
            url = reverse(f"{TEXTS}:edit", args=[text.pk])
            buttons.append(HeaderButton(_("Edit"), url=url, icon_name="edit", priority=10))
        if user.has_perm("consent.add_consenttext"):
            url = f"{reverse(f'{TEXTS}:add')}?from={text.pk}"
            buttons.append(HeaderButton(_("New version"), url=url, icon_name="plus", priority=20))
        if text.is_template and user.has_perm("consent.confirm_consenttext"):
            url = reverse(f"{TEXTS}:confirm", args=[text.pk])
            buttons.append(HeaderButton(_("A lawyer has read it"), url=url, icon_name="check", priority=30))
        return buttons

    @cached_property
    def header_more_buttons(self) -> list[Any]:
        """Nothing hidden."""
        return []

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the number of consents, what is missing, and the other versions."""
        text = self.object
        return {
            **super().get_context_data(**kwargs),
            "text": text,
            "about": about(text),
            "agreed": text.consents.count(),
            "problems": problems(text),
            "parts": parts(text),
            "others": ConsentText.objects.filter(**slot_of(text)).exclude(pk=text.pk).order_by("-version"),
        }


def parts(text: ConsentText) -> list[dict[str, Any]]:
    """Return the elements of a text as the page shows them; none for a text without."""
    if not text.elements:
        return []
    return [
        {"label": element.label, "article": element.article, "text": text.elements.get(element.key, "")}
        for element in elements_of(text.law, text.scope)
    ]


class TextScreen(WagtailAdminTemplateMixin):
    """What the other screens of one text share."""

    model = ConsentText
    header_icon = "doc-full"
    required = "consent.view_consenttext"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Only for those who may."""
        if not request.user.has_perm(self.required):
            raise PermissionDenied
        self.text = get_object_or_404(ConsentText, pk=kwargs["pk"])
        return super().dispatch(request, *args, **kwargs)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        """Lead back to the text."""
        return [
            *self.breadcrumbs_items,
            {"url": reverse(f"{TEXTS}:index"), "label": _("Consent texts")},
            {"url": reverse(f"{TEXTS}:inspect", args=[self.text.pk]), "label": str(self.text)},
            {"url": "", "label": self.page_title},
        ]


class CompareTextsView(TextScreen, TemplateView):
    """Two versions of a text side by side; by default with the one before."""

    template_name = "consent/admin/text_compare.html"
    page_title = _("Compare versions")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Put the older version on the left."""
        others = ConsentText.objects.filter(**slot_of(self.text)).exclude(pk=self.text.pk)
        wanted = number(self.request.GET.get("with"))
        before = others.filter(version__lt=self.text.version).order_by("-version")
        other = (
            others.filter(pk=wanted).first()
            if wanted
            else before.first() or others.order_by("version").first()
        )
        old, new = sorted([self.text, other or self.text], key=lambda each: each.version)
        return {
            **super().get_context_data(**kwargs),
            "text": self.text,
            "old": old,
            "new": new,
            "others": others.order_by("-version"),
            "rows": list(compare(old, new)) if other else [],
        }


class ConfirmTextView(TextScreen, FormView):
    """Recording that a lawyer has read a text."""

    form_class = ConfirmForm
    template_name = "consent/admin/text_confirm.html"
    page_title = _("A lawyer has read it")
    required = "consent.confirm_consenttext"

    def form_valid(self, form: ConfirmForm) -> HttpResponse:
        """Clear the mark; what the service refuses comes back as an error of the form."""
        try:
            confirm(self.text, by=employee(self.request), note=form.cleaned_data["note"])
        except ValidationError as error:
            add_errors(form, error)
            return self.form_invalid(form)
        messages.success(
            self.request, _now("Recorded: a lawyer has read this text. The template's mark is gone.")
        )
        return redirect(f"{TEXTS}:inspect", self.text.pk)

    def form_invalid(self, form: ConfirmForm) -> HttpResponse:
        """Ask again."""
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Show what is confirmed."""
        return {**super().get_context_data(**kwargs), "text": self.text, "problems": problems(self.text)}
