"""Forms of themes and ideas."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from club.models import Member, User
from ideas.enums import Criterion, IdeaKind, IdeaState, Importance, ThemeKind
from ideas.models import EmpathyCard, FollowUp, Idea, Theme
from ideas.querysets import Tree
from ideas.texts import Span

FEELINGS = [
    (-3, _("−3, humiliated")), (-2, _("−2, hurt")), (-1, _("−1, uneasy")), (0, _("0, even")), (1, _("+1, calm")),
    (2, _("+2, relieved")), (3, _("+3, heard")),
]  # fmt: skip
INDENT = "\u2003"  # shows the tree inside a list


def themes_in_order(tree: Tree | None = None) -> list[tuple[int, str]]:
    """Return the standing themes as choices, those below indented."""
    return [(theme.pk, INDENT * depth + theme.label) for theme, depth in (tree or Tree.load()).walk()]


class CodingForm(forms.Form):
    """What a passage speaks for."""

    block = forms.CharField(widget=forms.HiddenInput, max_length=64)
    start = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0)
    end = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0)
    sentences = forms.MultipleChoiceField(
        label=_("Which sentences?"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("From the first to the last chosen one; what lies between them comes along."),
    )
    themes = forms.MultipleChoiceField(label=_("Themes"), required=False, widget=forms.CheckboxSelectMultiple)
    new_theme = forms.CharField(
        label=_("or a new theme, in the client's words"), required=False, max_length=120
    )
    new_theme_kind = forms.ChoiceField(
        label=_("It is"), choices=ThemeKind.choices, required=False, initial=ThemeKind.WEAKNESS
    )
    ideas = forms.MultipleChoiceField(
        label=_("Evidence for ideas"), required=False, widget=forms.CheckboxSelectMultiple
    )
    new_idea = forms.CharField(label=_("or a new idea"), required=False, max_length=140)
    new_idea_kind = forms.ChoiceField(
        label=_("Kind of the idea"), choices=IdeaKind.choices, required=False, initial=IdeaKind.SERVICE
    )
    valence = forms.TypedChoiceField(
        label=_("What does the client feel here?"),
        choices=FEELINGS,
        coerce=int,
        initial=0,
        widget=forms.RadioSelect,
    )
    importance = forms.TypedChoiceField(
        label=_("How much does it matter?"),
        choices=Importance.choices,
        coerce=int,
        initial=Importance.USEFUL,
        widget=forms.RadioSelect,
    )
    memo = forms.CharField(
        label=_("Memo"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("For colleagues. Name nobody."),
    )

    def __init__(
        self, *args: Any, spans: list[tuple[str, str]], chosen: Span | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.chosen = chosen
        self.choices("themes", themes_in_order())
        standing = Idea.objects.filter(merged_into=None).exclude(state=IdeaState.DECLINED)
        self.choices("ideas", [(pk, title) for pk, title in standing.values_list("pk", "title")[:200]])
        self.choices("sentences", spans)
        if chosen:
            del self.fields["sentences"]

    def choices(self, name: str, values: list[tuple[Any, str]]) -> None:
        """Offer values in a field."""
        field = self.fields[name]
        assert isinstance(field, forms.MultipleChoiceField)  # noqa: S101 - tells mypy
        field.choices = values

    def clean(self) -> dict[str, Any]:
        """Find the passage and something it speaks for."""
        data = super().clean() or {}
        if not any(data.get(name) for name in ("themes", "ideas", "new_theme", "new_idea")):
            raise ValidationError(
                _("Say what the passage speaks for: choose a theme or an idea, or name a new one.")
            )
        if not self.chosen and not data.get("sentences"):
            self.add_error("sentences", _("Choose at least one sentence."))
        return data

    def span(self) -> Span:
        """Return the chosen passage."""
        if self.chosen:
            return self.chosen
        edges = [int(edge) for each in self.cleaned_data["sentences"] for edge in each.split("-")]
        return Span(min(edges), max(edges))

    def chosen_themes(self) -> QuerySet[Theme]:
        """Return the chosen themes."""
        return Theme.objects.filter(pk__in=self.cleaned_data["themes"])

    def chosen_ideas(self) -> QuerySet[Idea]:
        """Return the chosen ideas."""
        return Idea.objects.filter(pk__in=self.cleaned_data["ideas"])


class IdeaForm(forms.ModelForm):
    """An idea as people write it."""

    themes = forms.MultipleChoiceField(label=_("Themes"), required=False, widget=forms.CheckboxSelectMultiple)

    class Meta:
        model = Idea
        fields = ("title", "kind", "statement", "owner", "due")
        widgets = {
            "statement": forms.Textarea(attrs={"rows": 4}),
            "due": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["themes"]
        assert isinstance(field, forms.MultipleChoiceField)  # noqa: S101 - tells mypy
        field.choices = themes_in_order()
        if self.instance.pk:
            self.initial["themes"] = list(self.instance.themes.values_list("pk", flat=True))
        name_owners(self.fields["owner"])


def people_who_think() -> QuerySet[User]:
    """Return the employees who can keep themes and ideas."""
    able = User.objects.filter(is_active=True, groups__permissions__codename="change_idea")
    return able.distinct().order_by("first_name", "last_name", "username")


def name_owners(field: forms.Field) -> None:
    """Offer who can keep an idea, by name."""
    assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 - tells mypy
    field.queryset = people_who_think()
    field.label_from_instance = called  # type: ignore[method-assign,assignment]


def called(person: User) -> str:
    """Return what an employee is called; the account's name where there is no other."""
    return person.get_full_name() or person.get_username()


class ScoreForm(forms.Form):
    """Marks 1 to 5 by criterion; an empty one takes a mark back."""

    def __init__(self, *args: Any, own: Mapping[str, int | None], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for criterion in Criterion:
            self.fields[criterion] = forms.TypedChoiceField(
                label=criterion.label,
                required=False,
                coerce=int,
                empty_value=None,
                choices=[("", "—"), *((n, str(n)) for n in range(1, 6))],
                initial=own.get(criterion) or "",
            )


class DecisionForm(forms.Form):
    """What is decided, why, and which passages that overrules."""

    state = forms.ChoiceField(label=_("We decide"), widget=forms.RadioSelect)
    reason = forms.CharField(
        label=_("Why"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Told to those who asked for it. Name nobody."),
    )
    overrules = forms.MultipleChoiceField(
        label=_("Passages that this overrules"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(
        self, *args: Any, states: list[tuple[str, str]], passages: list[tuple[int, str]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        for name, values in (("state", states), ("overrules", passages)):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)  # noqa: S101 - tells mypy
            field.choices = values
        if not passages:
            del self.fields["overrules"]


class CardForm(forms.ModelForm):
    """Imagine you are the client."""

    class Meta:
        model = EmpathyCard
        fields = ("notices", "loses", "doubts")
        widgets = {name: forms.Textarea(attrs={"rows": 3}) for name in fields}


class FollowUpForm(forms.ModelForm):
    """A promise with a name and a day."""

    class Meta:
        model = FollowUp
        fields = ("text", "owner", "due")
        widgets = {"due": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        name_owners(self.fields["owner"])


class SupportForm(forms.Form):
    """A voice on behalf of a member who asked for it."""

    member = forms.ModelChoiceField(
        label=_("On behalf of"), queryset=Member.objects.filter(erased_at=None), empty_label=_("Choose whom")
    )


class MergeForm(forms.Form):
    """Where a theme or an idea goes."""

    into = forms.ChoiceField(label=_("Goes into"))

    def __init__(self, *args: Any, choices: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["into"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - tells mypy
        field.choices = [("", _("Choose")), *choices]


class AnswerForm(forms.Form):
    """The company's answer to a theme."""

    answer = forms.CharField(
        label=_("Our answer"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_(
            "Written once, shown on every story it concerns. Name nobody. Empty takes the answer back."
        ),
    )


class SplitForm(forms.Form):
    """Passages that become a theme of their own."""

    name_ru = forms.CharField(label=_("Name in Russian"), required=False, max_length=120)
    name_en = forms.CharField(label=_("Name in English"), required=False, max_length=120)
    codings = forms.MultipleChoiceField(
        label=_("Passages of the new theme"), widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, passages: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["codings"]
        assert isinstance(field, forms.MultipleChoiceField)  # noqa: S101 - tells mypy
        field.choices = passages

    def clean(self) -> dict[str, Any]:
        """Ask for a name in one language."""
        data = super().clean() or {}
        if not data.get("name_ru") and not data.get("name_en"):
            self.add_error("name_ru", _("Give the theme a name in at least one language."))
        return data
