"""The mentor's and manager's pages: own newcomers, reflections that wait, tasks to confirm."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from club.permissions import employee
from onboarding.compiling import items
from onboarding.enums import REFLECTIONS, Redaction, Verdict
from onboarding.learning import module_texts, page_of, raw_steps
from onboarding.models import Attempt, ModuleState
from onboarding.services import outcomes, reviewing
from onboarding.structure import structures

MARKS = ((0, gettext_lazy("not there yet")), (1, gettext_lazy("partly")), (2, gettext_lazy("yes")))


class ReviewForm(forms.Form):
    """Marks by the rubric, a word, a verdict; nothing is chosen beforehand."""

    verdict = forms.ChoiceField(
        label=gettext_lazy("What happens now"),
        choices=Verdict.choices,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose what happens now.")},
    )
    comment = forms.CharField(
        label=gettext_lazy("A word to the newcomer"),
        max_length=2000,
        widget=forms.Textarea,
        error_messages={"required": gettext_lazy("Write a word to the newcomer.")},
    )


@require_GET
def people(request: HttpRequest) -> HttpResponse:
    """One's own newcomers: where each stands, what is overdue. Completion only, no choices, no reflections."""
    rows = list(reviewing.mentees(employee(request)).order_by("employee__name", "pk"))
    plans = structures({row.version for row in rows})
    late = overdue_of([row.pk for row in rows])
    titles = {key: page.title if (page := page_of(key)) else "" for key in {row.track_key for row in rows}}
    met, today = outcomes.contacts([row.employee_id for row in rows]), timezone.localdate()
    table = [
        {
            "row": row,
            "met": met.get(row.employee_id),
            "started": row.employee.start_date <= today,
            "title": titles[row.track_key],
            "late": late.get(row.pk, 0),
            "modules": len(plans[row.version_id].modules),
            "as_mentor": row.employee.mentor_id == request.user.pk,
            "quiet": quiet_days(row),
        }
        for row in rows
    ]
    waits = reviewing.waiting_for(employee(request)).count()
    confirm = list(reviewing.to_confirm(employee(request)))
    return render(
        request,
        "onboarding/people.html",
        {"people": table, "waits": waits, "confirm": confirm_rows(confirm), "today": today},
    )


def quiet_days(row: Any) -> int | None:
    """Return the days since the last step of somebody who is inside; None for who has finished."""
    if row.completed_at or row.last_event_at is None:
        return None
    return int((timezone.now() - row.last_event_at).days)


def overdue_of(ids: list[int]) -> dict[int, int]:
    """Return how many modules of each are overdue."""
    rows = ModuleState.objects.filter(
        enrolment_id__in=ids, done_at=None, due_on__lt=timezone.localdate()
    ).values_list("enrolment_id", flat=True)
    found: dict[int, int] = {}
    for pk in rows:
        found[pk] = found.get(pk, 0) + 1
    return found


def confirm_rows(states: list[Any]) -> list[dict[str, Any]]:
    """Return tasks and meetings with their titles."""
    titles = step_titles([state.version_id or 0 for state in states] + versions_of(states))
    return [{"state": state, "title": titles.get(str(state.step), "")} for state in states]


def versions_of(states: list[Any]) -> list[int]:
    """Return the versions under which the steps were answered."""
    rows = Attempt.objects.filter(step__in=[state.step for state in states]).order_by()
    return list(rows.values_list("version_id", flat=True).distinct())


def step_titles(versions: list[int]) -> dict[str, str]:
    """Return the titles of the steps of some versions, in the active language."""
    texts = module_texts([pk for pk in versions if pk], language())
    return {
        str(step["id"]): step["value"].get("title", "")
        for text in texts.values()
        for step in raw_steps(text.content)
    }


def language() -> str:
    """Return the active language."""
    from django.utils.translation import get_language

    return (get_language() or "en")[:2]


@require_POST
def confirm(request: HttpRequest, pk: int) -> HttpResponse:
    """A task is done, a meeting was held."""
    state = get_object_or_404(reviewing.to_confirm(employee(request)), pk=pk)
    reviewing.confirm(state, by=employee(request))
    messages.success(request, _("Confirmed."))
    return redirect("onboarding:people")


@require_GET
def reviews(request: HttpRequest) -> HttpResponse:
    """Reflections that wait for this mentor, and those she has read."""
    user = employee(request)
    waiting = list(reviewing.waiting_for(user))
    read = list(reviewing.reflections_for(user).exclude(review=None).order_by("-review__at")[:20])
    titles = step_titles([each.version_id for each in (*waiting, *read)])
    rows = [
        [{"attempt": each, "title": titles.get(str(each.step), "")} for each in found]
        for found in (waiting, read)
    ]
    return render(request, "onboarding/reviews.html", {"waiting": rows[0], "read": rows[1]})


@require_http_methods(["GET", "POST"])
def review(request: HttpRequest, pk: int) -> HttpResponse:
    """One reflection of one's own newcomer."""
    user = employee(request)
    attempt = reviewing.reflections_for(user).filter(pk=pk, kind__in=REFLECTIONS).first()
    if attempt is None:
        raise Http404
    value = value_of(attempt)
    criteria = [
        {"id": key, "text": text, "name": f"mark-{key}"} for key, text in items(value.get("criteria"))
    ]
    form = ReviewForm(request.POST or None)
    marks = marks_of(request, criteria)
    known = getattr(attempt, "review", None)
    if request.method == "POST" and known is None and form.is_valid():
        reviewing.review(
            attempt,
            marks=marks,
            by=user,
            verdict=Verdict(form.cleaned_data["verdict"]),
            comment=form.cleaned_data["comment"],
        )
        messages.success(request, _("Sent. The newcomer sees it at the step."))
        return redirect("onboarding:reviews")
    hidden = attempt.words.filter(quotations__state__in=(Redaction.OPEN, Redaction.REMOVED)).exists()
    found = {
        "attempt": attempt,
        "value": value,
        "criteria": criteria,
        "marks": MARKS,
        "form": form,
        "known": known,
        "chosen": marks,
        "words": reviewing.words_of(attempt).get("text"),
        "hidden": hidden,
    }
    return render(request, "onboarding/review.html", found, status=422 if form.errors else 200)


def value_of(attempt: Attempt) -> dict[str, Any]:
    """Return the words of the step that was answered."""
    text = module_texts([attempt.version_id], language()).get(attempt.version_id)
    steps = {str(step["id"]): step["value"] for step in raw_steps(text.content)} if text else {}
    if str(attempt.step) in steps:
        return dict(steps[str(attempt.step)])
    same = [step["value"] for step in raw_steps(text.content) if step["type"] == attempt.kind] if text else []
    return dict(same[0]) if same else {}


def marks_of(request: HttpRequest, criteria: list[dict[str, Any]]) -> dict[str, int]:
    """Return the marks that were given, by criterion."""
    given = {each["id"]: request.POST.get(each["name"]) for each in criteria}
    return {key: int(mark) for key, mark in given.items() if mark in ("0", "1", "2")}
