"""Forms of the office: recording a demand that came by letter or telephone, and what was done about it."""

from datetime import date, datetime, time
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.admin.widgets import AdminDateInput

from club.models import Member
from club.viewsets import member_chooser
from consent.enums import Channel, DemandKind, Law

# What comes through her own page records itself.
CHANNELS = [choice for choice in Channel.choices if choice[0] != Channel.LINK]
LAWS = [
    ("", _("the law of her latest consent")),
    (Law.RU_152.value, Law.RU_152.label),
    (Law.GDPR.value, Law.GDPR.label),
]
NOON = time(12)


def moment_of(day: date) -> datetime:
    """Return a moment of the day a demand came in: now if that is today, else noon."""
    if day == timezone.localdate():
        return timezone.now()
    return timezone.make_aware(datetime.combine(day, NOON))


class DemandForm(forms.Form):
    """A demand as somebody took it down. Nothing is chosen beforehand but today."""

    member = forms.ModelChoiceField(
        Member.objects.filter(erased_at=None),
        label=_("Narrator"),
        widget=member_chooser.widget_class,
        help_text=_("The figure's name or the code; her real name does not belong here."),
    )
    kind = forms.ChoiceField(
        label=_("What she demands"), choices=DemandKind.choices, widget=forms.RadioSelect
    )
    channel = forms.ChoiceField(label=_("How it came"), choices=CHANNELS, widget=forms.RadioSelect)
    received_on = forms.DateField(
        label=_("The day it came"),
        widget=AdminDateInput,
        help_text=_("The term is counted from the day after."),
    )
    law = forms.ChoiceField(label=_("Law"), choices=LAWS, required=False)
    words = forms.CharField(
        label=_("In her own words"),
        required=False,
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Copy only what is needed to do it."),
    )

    def clean_received_on(self) -> date:
        """A demand has come in already."""
        day: date = self.cleaned_data["received_on"]
        if day > timezone.localdate():
            raise ValidationError(_("A demand cannot come in later than today. Check the day."))
        return day

    def to_record(self) -> dict[str, Any]:
        """Return the arguments of the service."""
        data = self.cleaned_data
        return {
            "member": data["member"],
            "kind": DemandKind(data["kind"]),
            "channel": Channel(data["channel"]),
            "words": data["words"],
            "at": moment_of(data["received_on"]),
            "law": Law(data["law"]) if data["law"] else None,
        }


class OutcomeForm(forms.Form):
    """What was done about a demand."""

    outcome = forms.CharField(
        label=_("What was done"),
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("What was done, and how she was told. No names: this note outlives an erasure."),
    )
