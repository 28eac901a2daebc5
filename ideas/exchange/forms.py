"""Forms of the exchange page."""

from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from ideas.enums import FileForm
from ideas.exchange import xml


class TakeOutForm(forms.Form):
    """Which file to take out, and in which language its names are."""

    form = forms.ChoiceField(label=_("Which file?"), choices=FileForm.choices, widget=forms.RadioSelect)
    language = forms.ChoiceField(
        label=_("Names in"),
        choices=settings.LANGUAGES,
        required=False,
        help_text=_("Other programs know one name for a code. Brought back here, a code has both again."),
    )


class BringInForm(forms.Form):
    """A file to look at before anything is written."""

    file = forms.FileField(
        label=_("File"),
        help_text=_(
            "A codebook (QDC or CSV) or a project (QDPX) of QualCoder, Taguette, ATLAS.ti, MAXQDA, NVivo."
        ),
        widget=forms.ClearableFileInput(attrs={"accept": ".qdc,.qdpx,.csv,.tsv,.xml,.qde"}),
        error_messages={"empty": _("This file is empty."), "required": _("Choose a file.")},
    )

    def clean_file(self) -> UploadedFile[Any]:
        """Refuse what is too large to be read."""
        file = self.cleaned_data["file"]
        if file.size > xml.MOST_BYTES:
            raise ValidationError(xml.too_large())
        return file


class ApplyForm(forms.Form):
    """The seal of a preview, and what to do with themes that are here already."""

    seal = forms.CharField(widget=forms.HiddenInput, strip=False)
    update = forms.BooleanField(
        label=_("Take over what the file says otherwise of themes that are here already"),
        required=False,
        help_text=_("Not chosen: they stay as they are. What the file leaves empty takes nothing away."),
    )
