"""Forms of consent texts: which text it is, then every element that its law asks for."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms.models import WagtailAdminModelForm

from consent.enums import Law, TextScope
from consent.models import ConsentText
from consent.texts.checking import check, unresolved
from consent.texts.operator import PLACEHOLDERS
from consent.texts.requirements import Element, elements_of
from consent.texts.templates import SLOT, composed

PREFIX = "element_"


class SlotForm(forms.ModelForm):
    """What a text is about: the law, inside or outside the company, which category, which language."""

    law = forms.ChoiceField(label=_("Law"), choices=Law.choices, widget=forms.RadioSelect)
    scope = forms.ChoiceField(label=_("About"), choices=TextScope.choices, widget=forms.RadioSelect)
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES, widget=forms.RadioSelect)

    class Meta:
        model = ConsentText
        fields = SLOT

    def clean(self) -> dict[str, Any]:
        """A document about distribution is about one category, one about use inside about none."""
        cleaned = super().clean() or self.cleaned_data
        outside = cleaned.get("scope") == TextScope.DISTRIBUTION
        if outside and cleaned.get("law") in (Law.RU_152, Law.GDPR) and not cleaned.get("category"):
            self.add_error(
                "category",
                _(
                    "Choose the category: each has a document of its own (152-ФЗ, 10.1(1), 10.1(9); GDPR, 7(2))."
                ),
            )
        if not outside and cleaned.get("category"):
            self.add_error("category", _("Only a document about distribution is about one category."))
        return cleaned

    def validate_unique(self) -> None:
        """The version is chosen when the text is written, so there is nothing to compare yet."""


def slot_of(text: ConsentText) -> dict[str, str]:
    """Return what a text is a version of."""
    return {name: getattr(text, name) for name in SLOT}


def help_of(element: Element) -> str:
    """Say why an element is asked for, and what it must name."""
    named = ", ".join(str(mention.label) for mention in element.mentions)
    asked = _("Asked for by %(article)s.") % {"article": element.article} if element.article else ""
    return f"{asked} {_('It names: %(what)s.') % {'what': named} if named else ''}".strip()


class ConsentTextForm(WagtailAdminModelForm):
    """One version of a consent text, element by element; the body is composed from them."""

    class Meta:
        model = ConsentText
        fields = [*SLOT, "title"]
        widgets = {name: forms.HiddenInput for name in SLOT}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in SLOT:
            self.fields[name].disabled = self.instance.pk is not None
        self.slot = self._slot()
        stored: Mapping[str, str] = self.initial.get("elements") or self.instance.elements or self._plain()
        for element in elements_of(self.slot["law"], self.slot["scope"]):
            self.fields[PREFIX + element.key] = forms.CharField(
                label=str(element.label),
                required=False,
                strip=True,
                initial=stored.get(element.key, ""),
                help_text=help_of(element),
                widget=forms.Textarea(attrs={"rows": 4, "lang": self.slot["language"]}),
            )

    def _slot(self) -> dict[str, str]:
        """Return what the text is about: of a stored one that never changes."""
        if self.instance.pk:
            return slot_of(self.instance)
        source = self.data if self.is_bound else self.initial
        return {name: str(source.get(name) or "") for name in SLOT}

    def _plain(self) -> dict[str, str]:
        """Return the body of a text whose law asks for nothing by name."""
        return {"text": self.instance.body} if self.instance.pk else {}

    def elements(self) -> dict[str, str]:
        """Return what was written."""
        return {
            name.removeprefix(PREFIX): str(value or "")
            for name, value in self.cleaned_data.items()
            if name.startswith(PREFIX)
        }

    def clean(self) -> dict[str, Any]:
        """Say of each element what is missing and which article asks for it."""
        cleaned = super().clean() or self.cleaned_data
        for problem in check(
            self.elements(), law=self.slot["law"], scope=self.slot["scope"], category=self.slot["category"]
        ):
            self.add_error(PREFIX + problem.key, problem.message)
        if gaps := unresolved(cleaned.get("title", "")):
            self.add_error("title", _("The title still has a gap: %(gaps)s.") % {"gaps": ", ".join(gaps)})
        return cleaned

    def _post_clean(self) -> None:
        """Compose the body before Django looks whether a text in use would change."""
        if not self.errors:
            for name, value in composed(self.slot, self.cleaned_data["title"], self.elements()).items():
                setattr(self.instance, name, value)
        super()._post_clean()

    @transaction.atomic
    def save(self, commit: bool = True) -> ConsentText:
        """Save it as the next version of its kind; new words have been read by no lawyer yet."""
        text: ConsentText = self.instance
        if text.pk is None:
            newest = ConsentText.objects.filter(**self.slot).aggregate(top=Max("version"))["top"]
            text.version = (newest or 0) + 1
        if text.sha256 != text.digest():
            text.is_template = True
        return super().save(commit)

    @property
    def gaps(self) -> list[dict[str, Any]]:
        """What the placeholders stand for and which setting fills them."""
        return [
            {"name": f"{{{name}}}", "label": label, "setting": setting}
            for name, (label, setting) in PLACEHOLDERS.items()
        ]


class ConfirmForm(forms.Form):
    """That a lawyer has read a text."""

    note = forms.CharField(
        label=_("Who has read it, and where that is written down"),
        max_length=300,
        help_text=_(
            "For instance “Legal department, letter 12 of 3 March”. It stands in the history of the text."
        ),
    )


def add_errors(form: forms.Form, error: ValidationError) -> None:
    """Show what a service refused."""
    for message in error.messages:
        form.add_error(None, message)
