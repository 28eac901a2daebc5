"""Forms of the club's admin screens."""

from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms.choosers import BaseFilterForm

from club.models import Member

SEARCHED = ("persona_name", "code")


def words_q(fields: tuple[str, ...], text: str) -> Q:
    """Return a condition that any of the fields holds the text, whatever its case.

    SQLite folds the case of Latin letters only, so the usual spellings of a Cyrillic word are tried.
    """
    text = text.replace("\x00", "").strip()
    found = Q()
    for spelling in {text, text.lower(), text.upper(), text.capitalize()}:
        for field in fields:
            found |= Q(**{f"{field}__icontains": spelling})
    return found


class IdentityForm(forms.Form):
    """Who a member is. Stored encrypted; every look and every change is logged."""

    full_name = forms.CharField(label=_("Full name"), max_length=200)
    phone = forms.CharField(label=_("Phone"), max_length=60, required=False)
    email = forms.EmailField(label=_("E-mail"), max_length=200, required=False)
    address = forms.CharField(
        label=_("Address"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs["autocomplete"] = "off"


class MemberChooserFilterForm(BaseFilterForm):
    """Search in the member chooser: by figure's name or code, straight in the database."""

    q = forms.CharField(label=_("Figure's name or code"), required=False)

    def filter(self, objects: QuerySet[Member]) -> QuerySet[Member]:
        """Narrow the list to the words typed."""
        objects = super().filter(objects)
        self.search_query = self.cleaned_data.get("q", "")
        self.is_searching = bool(self.search_query)
        return objects.filter(words_q(SEARCHED, self.search_query)) if self.is_searching else objects
