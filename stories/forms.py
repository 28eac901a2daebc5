"""Forms of stories."""

from datetime import date
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from club.models import Member
from consent.enums import ENDING_EVENTS
from consent.models import ConsentEvent
from consent.querysets import in_force
from stories.models import StoryNote

MAX_WORDS = 20_000


def still_with_us() -> QuerySet[Member]:
    """Return the figures an employee may be told of: whoever took everything back is not named any more."""
    gone = Exists(ConsentEvent.objects.filter(member_id=OuterRef("pk"), kind__in=ENDING_EVENTS).order_by())
    allows = Exists(in_force(timezone.now()).filter(member_id=OuterRef("pk")))
    return Member.objects.filter(~gone | allows).order_by("persona_name")


class CaptureForm(forms.ModelForm):
    """What an employee notes in two minutes."""

    member = forms.ModelChoiceField(
        Member.objects.none(),
        label=_("A member of the club"),
        required=False,
        empty_label=_("someone we do not know yet"),
        help_text=_("If you know the figure. Otherwise say below who told it, without a real name."),
    )

    class Meta:
        model = StoryNote
        fields = ["title", "told", "member", "who", "when", "touchpoint", "language"]
        widgets = {
            "told": forms.Textarea(attrs={"rows": 9}),
            "when": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        }
        labels = {
            "title": _("What would you call it"),
            "told": _("What was told"),
            "who": _("Who told it"),
            "when": _("When it happened"),
            "touchpoint": _("Where it touched us"),
            "language": _("Language of the words"),
        }
        help_texts = {
            "told": _("In the client's own words, as near as you remember."),
            "who": _("A description, not a name: “a mother from building 3”."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, message in (
            ("title", _("Give it a name, a few words are enough.")),
            ("told", _("Write what was told.")),
        ):
            self.fields[name].required = True
            self.fields[name].error_messages["required"] = message
        cast(forms.CharField, self.fields["told"]).max_length = MAX_WORDS * 8
        cast(forms.ModelChoiceField, self.fields["member"]).queryset = still_with_us()
        cast(forms.ModelChoiceField, self.fields["touchpoint"]).empty_label = _("not sure")
        if not self.initial.get("language"):
            self.initial["language"] = "en" if (get_language() or "").startswith("en") else "ru"

    def clean_when(self) -> date | None:
        """A story lies in the past."""
        when = self.cleaned_data["when"]
        if when and when > timezone.localdate():
            raise ValidationError(_("This day has not come yet. Check the date."))
        return when

    def clean_told(self) -> str:
        """Words without control characters."""
        return self.cleaned_data["told"].replace("\x00", "").strip()

    def clean(self) -> dict[str, Any]:
        """Somebody must have told it."""
        super().clean()
        cleaned = self.cleaned_data
        if not cleaned.get("member") and not cleaned.get("who"):
            self.add_error("who", _("Say who told it: choose a member above or describe the person here."))
        return cleaned
