"""“I would…”: the newcomer's page of her own words, and the page on which they are read and become ideas."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from club.permissions import employee
from onboarding.enums import Asking
from onboarding.models import Words
from onboarding.services import offering
from onboarding.views.mentor import step_titles

SHOWN = 100


def rows_of(found: list[Words], **facts: Any) -> list[dict[str, Any]]:
    """Return words with the title of their step and what became of them."""
    titles = step_titles([each.attempt.version_id for each in found])
    return [
        {
            "words": each,
            "title": titles.get(str(each.attempt.step), ""),
            "asked": getattr(each, "asking", None),
            **{name: fact(each) for name, fact in facts.items()},
        }
        for each in found
    ]


@require_http_methods(["GET", "POST"])
def said(request: HttpRequest) -> HttpResponse:
    """One's own words: whether they may become an idea, with one's name or without; a no at any time."""
    user = employee(request)
    if request.method == "POST":
        pk = request.POST.get("pk", "")
        words = get_object_or_404(offering.own(user), pk=int(pk) if pk.isdecimal() and len(pk) < 18 else 0)
        do = request.POST.get("do", "")
        offering.answer(words, yes=do in ("named", "unnamed"), named=do == "named", by=user)
        messages.success(
            request, _("Thank you. You can take it back here.") if do != "no" else _("They stay yours.")
        )
        return redirect("onboarding:said")
    return render(request, "onboarding/said.html", {"rows": rows_of(list(offering.own(user)[:SHOWN]))})


@require_GET
def answers(request: HttpRequest) -> HttpResponse:
    """Words that one may read: those of one's own newcomers, and those that may become an idea."""
    user = employee(request)
    found = list(offering.to_read(user)[:SHOWN])
    rows = rows_of(found, mentor=lambda each: offering.is_mentor(each, user))
    for row in rows:
        asked = row["asked"]
        row["agreed"] = asked is not None and asked.state == Asking.AGREED
        row["name"] = row["words"].attempt.enrolment.employee.name if row["mentor"] else ""
    return render(request, "onboarding/answers.html", {"rows": rows})


@require_POST
def act(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask the newcomer, or make an idea of what she agreed to."""
    user = employee(request)
    words = get_object_or_404(offering.to_read(user), pk=pk)
    try:
        if request.POST.get("do") == "ask":
            offering.ask(words, by=user)
            messages.success(request, _("She is asked."))
        else:
            idea = offering.make_idea(words, by=user)
            messages.success(request, _("It is an idea now."))
            if user.has_perm("ideas.view_idea"):
                return redirect("ideas:idea", pk=idea.pk)
    except ValidationError as error:
        messages.error(request, error.messages[0])
    return redirect("onboarding:answers")
