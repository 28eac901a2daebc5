"""The survey of two questions, and the tick of a mentor or manager for the first client met alone."""

from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from club.permissions import employee
from onboarding import scoring
from onboarding.services import outcomes, reviewing

TEXTS = {
    outcomes.ABLE: gettext_lazy("I can do my work with clients."),
    outcomes.BROUGHT_IN: gettext_lazy("I was brought in well."),
}


@require_http_methods(["GET", "POST"])
def survey(request: HttpRequest) -> HttpResponse:
    """Two questions after 30, 60 and 90 days; counted together with the others', shown to nobody singly."""
    user = employee(request)
    found = outcomes.open_survey(user)
    if found is None:
        raise Http404
    given = {name: scoring.number(request.POST.get(name), 1, 5) for name in TEXTS}
    missing = request.method == "POST" and None in given.values()
    if request.method == "POST" and not missing:
        outcomes.answer(found, {name: mark or 0 for name, mark in given.items()}, by=user)
        messages.success(request, _("Thank you. It is counted together with the others'."))
        return redirect("onboarding:track")
    context = {"day": found.day, "questions": questions(given, missing), "missing": missing}
    return render(request, "onboarding/survey.html", context, status=422 if missing else 200)


def questions(given: dict[str, int | None], missing: bool) -> list[dict[str, Any]]:
    """Return the questions with what was chosen."""
    return [
        {
            "name": name,
            "text": text,
            "error": missing and given[name] is None,
            "marks": [{"value": mark, "checked": given[name] == mark} for mark in range(1, 6)],
        }
        for name, text in TEXTS.items()
    ]


@require_POST
def contact(request: HttpRequest, enrolment: UUID) -> HttpResponse:
    """The mentor or manager says when one's own newcomer first met a client alone."""
    user = employee(request)
    row = get_object_or_404(reviewing.mentees(user), uuid=enrolment)
    text = "" if request.POST.get("do") == "undo" else str(request.POST.get("on") or "?")
    try:
        outcomes.unaided(row, date.fromisoformat(text) if text else None, by=user)
    except ValidationError as error:
        messages.error(request, error.messages[0])
    except ValueError:
        messages.error(request, _("This is no day. Write it like 2026-03-02."))
    else:
        messages.success(request, _("Noted.") if text else _("Taken back."))
    return redirect("onboarding:people")
