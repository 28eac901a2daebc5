"""Pages of pre-mortems: ask the archive about a planned change, and read what it said before a decision."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from club.permissions import employee
from ideas.enums import Direction
from ideas.models import Idea, Premortem
from ideas.premortem import examine, replay
from ideas.services.premortems import keep
from ideas.views import FORM, READS_IDEAS, WRITES_IDEAS


class PlanForm(forms.Form):
    """A planned change, what it does, and which idea it belongs to."""

    change = forms.CharField(
        label=gettext_lazy("What are we about to change?"),
        min_length=20,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=gettext_lazy(
            "Paste the plan as it is: what will be different, for whom, from when. Name nobody."
        ),
    )
    direction = forms.ChoiceField(
        label=gettext_lazy("What does it do to what clients have now?"),
        choices=Direction.choices,
        initial=Direction.AUTO,
        required=False,
        widget=forms.RadioSelect,
    )
    idea = forms.ModelChoiceField(
        label=gettext_lazy("Keep it with the idea"),
        queryset=Idea.objects.none(),
        required=False,
        empty_label=gettext_lazy("Choose an idea"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["idea"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 - tells mypy
        field.queryset = Idea.objects.filter(merged_into=None).order_by("-pk")

    def clean_direction(self) -> str:
        """Nothing chosen means: read it from the words."""
        return self.cleaned_data["direction"] or Direction.AUTO


@WRITES_IDEAS
@FORM
def premortem(request: HttpRequest) -> HttpResponse:
    """Ask the archive about a plan; kept only when somebody says with which idea."""
    user, found = employee(request), None
    given = request.GET.get("idea", "")
    chosen = int(given) if given.isascii() and given.isdecimal() and len(given) < 10 else None
    form = PlanForm(request.POST or None, initial={"idea": chosen, "direction": Direction.AUTO})
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        if request.POST.get("act") == "keep":
            if data["idea"] is not None:
                made = keep(user=user, idea=data["idea"], change=data["change"], direction=data["direction"])
                messages.success(request, _("Kept. The next decision about this idea takes it along."))
                return redirect("ideas:kept_premortem", pk=made.pk)
            form.add_error("idea", _("Choose the idea that it belongs to."))
        found = examine(user, data["change"], data["direction"])
    said = {"form": form, "outcome": found, "back": reverse("ideas:board")}
    return render(request, "ideas/premortem.html", said, status=422 if form.errors else 200)


@READS_IDEAS
@require_GET
def kept(request: HttpRequest, pk: int) -> HttpResponse:
    """A kept pre-mortem: the plan as it was, and of its episodes those that may be shown now."""
    row = get_object_or_404(Premortem.objects.select_related("idea", "decision", "by"), pk=pk)
    said = {"kept": row, "outcome": replay(employee(request), row), "back": row.idea.get_absolute_url()}
    return render(request, "ideas/kept_premortem.html", said)
