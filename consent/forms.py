"""Forms of the consent screens. Nothing in them is ticked beforehand."""

from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.admin.widgets import AdminDateInput

from club.models import Member
from club.viewsets import member_chooser
from consent.enums import Category, Credit, Law, Method, Purpose
from consent.models import Consent, ConsentText
from consent.services import NewConsent, Permission
from consent.texts import covers, problems
from consent.texts.templates import SLOT

MAX_EVIDENCE = 20 * 1024 * 1024
SNIFFED = 16
# What a keeper can hold in her hands; a narrator's own link and imports record themselves.
METHODS = (Method.PAPER, Method.E_SIGNATURE, Method.RECORDED)
METHOD_CHOICES = [("", "—"), *[(method.value, method.label) for method in METHODS]]
PLAIN_PURPOSES = {
    Purpose.READ: _("Employees read her stories in the knowledge base."),
    Purpose.TRAIN: _("Her stories teach newcomers in their first weeks."),
    Purpose.IDEAS: _("Passages of her stories support ideas for products, service and advertising."),
    Purpose.PROMOTE: _(
        "Her stories may leave the company: advertising, magazine, talks. A consent of its own."
    ),
}


def looks_like(extension: str, head: bytes) -> bool:
    """Whether the first bytes of a file are those of its extension."""
    if extension in ("wav", "webp"):
        return head[:4] == b"RIFF" and head[8:12] == (b"WAVE" if extension == "wav" else b"WEBP")
    if extension in ("mp4", "m4a"):
        return head[4:8] == b"ftyp"
    starts: dict[str, tuple[bytes, ...]] = {
        "pdf": (b"%PDF-",),
        "jpg": (b"\xff\xd8\xff",),
        "jpeg": (b"\xff\xd8\xff",),
        "png": (b"\x89PNG\r\n\x1a\n",),
        "ogg": (b"OggS",),
        "mp3": (b"ID3", b"\xff\xfb", b"\xff\xf3", b"\xff\xf2"),
    }
    return head.startswith(starts.get(extension, ()))


def check_evidence(file: UploadedFile) -> None:
    """Refuse a file too large, of an unknown type, or not what its name says; raises ``ValidationError``."""
    if file.size is None or file.size > MAX_EVIDENCE:
        raise ValidationError(_("This file is larger than 20 MB. Keep it elsewhere and say below where."))
    extension = (file.name or "").rsplit(".", 1)[-1].lower()
    if extension not in {"pdf", "jpg", "jpeg", "png", "webp", "mp3", "m4a", "ogg", "wav", "mp4"}:
        raise ValidationError(
            _("Use a PDF, a picture (JPEG, PNG, WebP) or a recording (MP3, M4A, OGG, WAV, MP4).")
        )
    file.seek(0)
    head = file.read(SNIFFED)
    file.seek(0)
    if not looks_like(extension, head):
        raise ValidationError(_("The contents of this file are not what its name says. Check that it opens."))


def cell(purpose: Purpose, category: Category) -> str:
    """Return the name of one checkbox of the matrix."""
    return f"allow_{purpose.value}_{category.value}"


def latest_texts() -> QuerySet[ConsentText]:
    """Return the newest version of every text."""
    same = {name: OuterRef(name) for name in SLOT}
    newer = ConsentText.objects.filter(**same, version__gt=OuterRef("version")).order_by()
    return ConsentText.objects.exclude(Exists(newer))


def first_moment(day: date) -> datetime:
    """Return the beginning of a day in local time."""
    return timezone.make_aware(datetime.combine(day, time()))


def last_moment(day: date) -> datetime:
    """Return the last second of a day in local time: "until" includes the day itself."""
    return timezone.make_aware(datetime.combine(day, time(23, 59, 59)))


class TextChoiceField(forms.ModelChoiceField):
    """Texts by title, law, language and version, with the mark of those that no lawyer has read."""

    def label_from_instance(self, text: Any) -> str:
        return _("%(text)s — template") % {"text": text} if text.is_template else str(text)


class ConsentForm(forms.Form):
    """Recording what a narrator agreed to. ``renewing`` is an older consent of the same narrator."""

    member = forms.ModelChoiceField(
        Member.objects.all(),
        label=_("Narrator"),
        widget=member_chooser.widget_class,
        help_text=_("The figure's name or the code; her real name does not belong here."),
    )
    text = TextChoiceField(
        ConsentText.objects.none(),
        label=_("Text she agreed to"),
        empty_label="—",
        help_text=_("The newest version of each text."),
    )
    controller = forms.CharField(label=_("Who may use the stories"), max_length=200)
    method = forms.ChoiceField(label=_("How it was given"), choices=METHOD_CHOICES)
    valid_from = forms.DateField(label=_("Valid from"), widget=AdminDateInput)
    valid_until = forms.DateField(
        label=_("Valid until"),
        required=False,
        widget=AdminDateInput,
        help_text=_("The last day, this day included. Empty only if she set no end."),
    )
    credit = forms.ChoiceField(
        label=_("How she is named"),
        choices=Credit.choices,
        widget=forms.RadioSelect,
        help_text=_("Under every story, for all that is ticked above."),
    )
    conditions = forms.CharField(
        label=_("Conditions and prohibitions in her own words"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    evidence = forms.FileField(
        label=_("Evidence file"),
        required=False,
        validators=[check_evidence],
        help_text=_("The signed paper or the recording: PDF, picture or sound, up to 20 MB."),
    )
    evidence_reference = forms.CharField(
        label=_("Or where the evidence is kept"),
        required=False,
        max_length=300,
        help_text=_("For instance “Folder 12, sheet 4, archive room”. One of the two is needed."),
    )

    def __init__(self, *args: Any, renewing: Consent | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.renewing = renewing
        cast(forms.ModelChoiceField, self.fields["text"]).queryset = latest_texts()
        for purpose in Purpose:
            for category in Category:
                self.fields[cell(purpose, category)] = forms.BooleanField(
                    required=False, label=f"{purpose.label}: {category.label}"
                )
        if renewing:
            del self.fields["member"]

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield the matrix for the template: a purpose, its plain words, a checkbox for every category."""
        for purpose in Purpose:
            boxes = [self[cell(purpose, category)] for category in Category]
            yield {"label": purpose.label, "plain": PLAIN_PURPOSES[purpose], "boxes": boxes}

    @property
    def categories(self) -> list[Any]:
        """The headings of the matrix."""
        return [category.label for category in Category]

    def permissions(self) -> list[Permission]:
        """Return what was ticked."""
        credit = Credit(self.cleaned_data.get("credit") or Credit.PSEUDONYM)
        return [
            Permission(purpose, category, credit)
            for purpose in Purpose
            for category in Category
            if self.cleaned_data.get(cell(purpose, category))
        ]

    def clean_text(self) -> ConsentText:
        """Refuse a text from which something is missing: nobody can have agreed to a gap."""
        text: ConsentText = self.cleaned_data["text"]
        if found := problems(text):
            raise ValidationError(
                [_("This text is not finished yet:"), *(problem.message for problem in found)]
            )
        return text

    def clean(self) -> dict[str, Any]:
        """Keep apart what leaves the company and what stays, where the law says so (152-ФЗ art. 10.1)."""
        cleaned = super().clean() or self.cleaned_data
        text = cleaned.get("text")
        purposes = {line.purpose for line in self.permissions()}
        if text and text.law == Law.RU_152 and Purpose.PROMOTE in purposes and len(purposes) > 1:
            raise ValidationError(
                _("Leaving the company needs a consent of its own under 152-ФЗ: record it apart.")
            )
        if text and (
            wrong := [line for line in self.permissions() if not covers(text, line.purpose, line.category)]
        ):
            raise ValidationError(
                _("This text does not cover %(what)s. Choose the document about it and record it apart."),
                params={
                    "what": ", ".join(f"“{line.purpose.label}: {line.category.label}”" for line in wrong)
                },
            )
        return cleaned

    def to_record(self) -> NewConsent:
        """Return what the form says as the service takes it."""
        data = self.cleaned_data
        return NewConsent(
            member=self.renewing.member if self.renewing else data["member"],
            text=data["text"],
            controller=data["controller"],
            method=Method(data["method"]),
            permissions=self.permissions(),
            valid_from=first_moment(data["valid_from"]),
            valid_until=last_moment(data["valid_until"]) if data["valid_until"] else None,
            conditions=data["conditions"],
            evidence_reference=data["evidence_reference"],
            evidence=data["evidence"],
            supersedes=self.renewing,
        )


class WithdrawalForm(forms.Form):
    """What a narrator takes back: everything, one purpose or one category."""

    what = forms.ChoiceField(label=_("What she takes back"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, purposes: list[str], categories: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(forms.ChoiceField, self.fields["what"]).choices = [
            ("all", _("Everything: all her consents")),
            *(
                (f"purpose:{value}", _("Only this: %(what)s") % {"what": Purpose(value).label})
                for value in purposes
            ),
            *(
                (f"category:{value}", _("Only this: %(what)s") % {"what": Category(value).label})
                for value in categories
            ),
        ]

    def scope(self) -> dict[str, Any]:
        """Return the arguments of the withdrawal."""
        kind, _colon, value = self.cleaned_data["what"].partition(":")
        if kind == "purpose":
            return {"purpose": Purpose(value)}
        return {"category": Category(value)} if kind == "category" else {}
