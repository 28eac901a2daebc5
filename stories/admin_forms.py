"""Forms of the story screens."""

from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_slug
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms.models import WagtailAdminModelForm

from club.permissions import group_label
from consent.enums import Method
from consent.forms import METHOD_CHOICES
from stories.models import Tag


class AudienceForm:
    """Joins the page form: nobody takes a story away from herself, least of all while it saves by itself."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "audience_groups" in self.fields:
            self.fields["audience_groups"].label_from_instance = group_label

    def clean(self) -> dict[str, Any]:
        """Refuse an audience that the editor does not belong to."""
        cleaned = super().clean()
        groups, user = self.cleaned_data.get("audience_groups"), self.for_user
        if (
            groups
            and not user.is_superuser
            and not user.groups.filter(pk__in=[group.pk for group in groups]).exists()
        ):
            self.add_error(
                "audience_groups",
                _("You are in none of these groups and would lose this story from sight. Add one of yours."),
            )
        return cleaned


class ApprovalForm(forms.Form):
    """The narrator said yes to these very words; ``digest`` names the words that the keeper saw."""

    digest = forms.RegexField(r"^[0-9a-f]{64}$", widget=forms.HiddenInput)
    method = forms.ChoiceField(label=_("How she said yes"), choices=METHOD_CHOICES)
    evidence_reference = forms.CharField(
        label=_("Where the evidence is"),
        max_length=300,
        help_text=_(
            "For instance “Signed printout, folder 12, sheet 4” or “Recording of 3 March, minute 12”."
        ),
    )
    seen = forms.BooleanField(label=_("She has seen exactly this wording"))

    def approved_by(self) -> Method:
        """Return how she said yes."""
        return Method(self.cleaned_data["method"])


class TagForm(WagtailAdminModelForm):
    """A tag: names for readers, a code for the editor and for addresses."""

    class Meta:
        model = Tag
        fields = ["name_ru", "name_en", "name"]
        labels = {"name": _("code")}
        help_texts = {"name": _("What editors type and addresses carry: Latin letters, digits, hyphens.")}

    def clean_name(self) -> str:
        """Hold the code to what an address can carry."""
        name = self.cleaned_data["name"].strip().lower()
        validate_slug(name)
        return name


class MergeForm(forms.Form):
    """Into which tag another one goes."""

    target = forms.ModelChoiceField(Tag.objects.none(), label=_("Merge into"), empty_label="—")

    def __init__(self, *args: Any, source: Tag, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.source = source
        cast(forms.ModelChoiceField, self.fields["target"]).queryset = Tag.objects.exclude(pk=source.pk)

    def clean_target(self) -> Tag:
        """Refuse the tag itself."""
        target = self.cleaned_data["target"]
        if target == self.source:
            raise ValidationError(_("A tag cannot be merged with itself."))
        return target
