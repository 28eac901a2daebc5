"""Forms of the narrator's page. Nothing is ticked beforehand, nothing is blamed, nothing she wrote is lost."""

from collections.abc import Sequence
from datetime import date
from itertools import groupby
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from consent.enums import INTERNAL_PURPOSES, Category, Credit, Purpose
from consent.narrator.answering import Choice, years_from
from consent.narrator.registry import Wording
from consent.narrator.suggesting import normal

LONGEST_PASSAGE = 20_000
LONGEST_WORDS = 5_000
PURPOSES = {
    Purpose.READ: (_("Employees may read it"), _("So that they know what it was like.")),
    Purpose.TRAIN: (
        _("Newcomers may learn from it"),
        _("They talk the story over in their first weeks of work."),
    ),
    Purpose.IDEAS: (_("It may help to invent what to put right"), _("Your words become an argument.")),
    Purpose.PROMOTE: (_("It may be shown outside the company"), _("A magazine, the site, an advertisement.")),
}
CATEGORIES = {
    Category.WORDS: (_("Your words"), ""),
    Category.IMAGE: (_("The photos on this page"), _("Without your yes they stay hidden; the words do not.")),
    Category.VOICE: (_("A recording of your voice"), _("Only if there is one, or you make one with us.")),
    Category.LIFE_EVENT: (
        _("What it says about family and health"),
        _("Such things are kept only if you allow it."),
    ),
}
# The same, of whatever story.
HERS = {
    Category.WORDS: _("your words"),
    Category.IMAGE: _("your photos"),
    Category.VOICE: _("the recording of your voice"),
    Category.LIFE_EVENT: _("what you told about family and health"),
}
CREDITS = {
    Credit.FIRST_NAME: _("By my first name, without the surname"),
    Credit.INITIALS: _("By my initials"),
    Credit.FULL_NAME: _("By my full name"),
}
TERMS = (1, 2)
RIGHT_ANSWER = "gone"
ANSWERS = (
    ("stays", _("Nothing: what is agreed holds to the end of the term.")),
    (RIGHT_ANSWER, _("I take the story back on this page, and it is gone at once. Nobody asks why.")),
    ("letter", _("I write a letter with the reason, and the company decides.")),
)


def terms() -> list[tuple[int, date]]:
    """Return what she may choose from: years, and the last day of each."""
    today = timezone.localdate()
    return [(years, years_from(today, years)) for years in TERMS]


class AgreeForm(forms.Form):
    """What a narrator allows, until when, how she is named, and one question that she understood it."""

    purposes = forms.MultipleChoiceField(
        error_messages={
            "required": _(
                "Nothing is ticked, and a consent to nothing is none. Tick what you allow, or take “Not now”."
            )
        }
    )
    categories = forms.MultipleChoiceField(required=False)
    years = forms.TypedChoiceField(
        coerce=int, error_messages={"required": _("Choose until which day. You may take it back any day before.")}
    )
    credit = forms.ChoiceField(error_messages={"required": _("Choose how your story is signed.")})
    question = forms.ChoiceField(
        choices=ANSWERS,
        error_messages={"required": _("One more thing: choose an answer here, so that we know we put it plainly.")},
    )

    def __init__(self, *args: Any, has_photos: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offered = [each for each in Category if each != Category.WORDS]
        if not has_photos:
            self.offered.remove(Category.IMAGE)
        self._choices("purposes", [purpose.value for purpose in INTERNAL_PURPOSES])
        self._choices("categories", [category.value for category in self.offered])
        self._choices("years", list(TERMS))
        self._choices("credit", Credit.values)

    def _choices(self, name: str, values: Sequence[Any]) -> None:
        cast(forms.ChoiceField, self.fields[name]).choices = [(value, value) for value in values]

    def clean_question(self) -> str:
        """A wrong answer is ours to explain, and hers to give once more."""
        answer = self.cleaned_data["question"]
        if answer != RIGHT_ANSWER:
            raise ValidationError(
                _(
                    "It is better for you than that, and we did not say it plainly enough: you may take the story back "
                    "on this page any day. It is gone at once, and nobody asks why. Choose once more, please; "
                    "everything else you chose is still here."
                )
            )
        return answer

    def choice(self) -> Choice:
        """Return what she chose."""
        data = self.cleaned_data
        more = [Category(value) for value in data["categories"]]
        return Choice(
            purposes=tuple(Purpose(value) for value in data["purposes"]),
            categories=(Category.WORDS, *more),
            credit=Credit(data["credit"]),
            until=years_from(timezone.localdate(), data["years"]),
            offered=frozenset((Category.WORDS, *self.offered)),
        )

    def chosen(self, name: str) -> set[str]:
        """Return what is ticked in a field, for drawing it again."""
        if not self.is_bound:
            return set()
        return set(cast(Any, self.data).getlist(name))

    def purpose_rows(self) -> list[dict[str, Any]]:
        """Return the purposes for the template."""
        return _rows([(p.value, *PURPOSES[p]) for p in INTERNAL_PURPOSES], self.chosen("purposes"))

    def category_rows(self) -> list[dict[str, Any]]:
        """Return the categories for the template."""
        return _rows([(c.value, *CATEGORIES[c]) for c in self.offered], self.chosen("categories"))

    def answer_rows(self) -> list[dict[str, Any]]:
        """Return the answers to the question for the template."""
        return _rows([(value, label, "") for value, label in ANSWERS], self.chosen("question"))


def _rows(choices: Sequence[tuple[str, Any, Any]], chosen: set[str]) -> list[dict[str, Any]]:
    return [
        {"value": value, "label": label, "why": why, "checked": value in chosen}
        for value, label, why in choices
    ]


class ChangeForm(forms.Form):
    """What she wants changed: each passage as it is, to be written over, and a free field."""

    words = forms.CharField(required=False, max_length=LONGEST_WORDS, widget=forms.Textarea(attrs={"rows": 4}))

    def __init__(self, *args: Any, wording: Wording, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.paths = {f"passage-{n}": passage.path for n, passage in enumerate(wording.passages)}
        self.names = {f"passage-{n}": passage.part for n, passage in enumerate(wording.passages)}
        for n, passage in enumerate(wording.passages):
            rows = max(2, min(14, len(passage.text) // 34 + passage.text.count("\n") + 2))
            self.fields[f"passage-{n}"] = forms.CharField(
                label=passage.label,
                initial=passage.text,
                required=False,
                max_length=LONGEST_PASSAGE,
                widget=forms.Textarea(attrs={"rows": rows, "lang": wording.language}),
            )

    def texts(self) -> dict[str, str]:
        """Return what she wrote, by path; a passage that was not sent is not among them."""
        return {path: self.cleaned_data[name] for name, path in self.paths.items() if name in self.data}

    def parts(self) -> list[dict[str, Any]]:
        """Return the fields part by part for the template; what she changed, or what has an error, is unfolded."""
        found: list[dict[str, Any]] = []
        for part, names in groupby(self.paths, key=self.names.__getitem__):
            rows = [self[name] for name in names]
            found.append({"name": part, "fields": rows, "open": any(self._is_busy(row) for row in rows)})
        return found

    def _is_busy(self, field: forms.BoundField) -> bool:
        return self.is_bound and bool(field.errors or normal(str(field.value() or "")) != normal(str(field.initial)))


class WordsForm(forms.Form):
    """Something in her own words."""

    words = forms.CharField(
        max_length=LONGEST_WORDS,
        widget=forms.Textarea(attrs={"rows": 6}),
        error_messages={"required": _("Write what is wrong, in your own words.")},
    )


class OutsideForm(forms.Form):
    """The separate consent to leave the company: each category has its own document and its own tick."""

    categories = forms.MultipleChoiceField(
        error_messages={"required": _("Nothing is ticked. If you do not want this, just go back.")}
    )
    years = forms.TypedChoiceField(
        coerce=int, error_messages={"required": _("Choose until which day. You may take it back any day before.")}
    )
    credit = forms.ChoiceField(error_messages={"required": _("Choose how your story is signed.")})
    conditions = forms.CharField(required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 4}))

    def __init__(self, *args: Any, categories: Sequence[Category], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        values: dict[str, list[Any]] = {
            "categories": [c.value for c in categories],
            "years": list(TERMS),
            "credit": list(Credit.values),
        }
        for name, allowed in values.items():
            cast(forms.ChoiceField, self.fields[name]).choices = [(value, value) for value in allowed]

    def chosen(self, name: str) -> set[str]:
        """Return what is ticked in a field, for drawing it again."""
        return set(cast(Any, self.data).getlist(name)) if self.is_bound else set()


class NarrowForm(forms.Form):
    """Which of the things she allowed end now: whole purposes, whole categories."""

    lines = forms.MultipleChoiceField(
        error_messages={"required": _("Tick what you no longer allow, then press the button.")}
    )

    def __init__(self, *args: Any, lines: Sequence[tuple[str, Any]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(forms.ChoiceField, self.fields["lines"]).choices = lines

    def pairs(self, allowed: Sequence[tuple[Purpose, Category]]) -> list[tuple[Purpose, Category]]:
        """Return those of the allowed pairs that end."""
        ticked = set(self.cleaned_data["lines"])
        return [
            (purpose, category)
            for purpose, category in allowed
            if f"purpose:{purpose.value}" in ticked or f"category:{category.value}" in ticked
        ]
