"""A review: something learned comes back in another client's story. Only one's own card, only when it is due."""

from dataclasses import replace
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from club.models import User
from club.permissions import employee
from onboarding import scoring, told
from onboarding.enums import Phase, StepKind, Unlock
from onboarding.learning import DEFAULT_MINUTES, ModuleView, MyTrack, StepView
from onboarding.models import Attempt, Competency, Event, ReviewCard
from onboarding.progress import Place
from onboarding.services import learning, spacing
from onboarding.services.learning import Shown
from onboarding.showing import StepPage, context, substitute
from onboarding.structure import Module, structured
from onboarding.views.learner import entered


def waiting(user: User) -> list[dict[str, Any]]:
    """Return what has come back for this person: its name and address."""
    cards = spacing.due_for(user)
    names = {
        each.pk: each.label for each in Competency.objects.filter(pk__in=[c.competency_id for c in cards])
    }
    return [
        {"title": names.get(card.competency_id, ""), "url": reverse("onboarding:recall", args=[card.pk])}
        for card in cards
    ]


@require_http_methods(["GET", "POST"])
def recall(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Ask it, take the answer, show what really happened."""
    user = employee(request)
    card = spacing.own_cards(user).filter(pk=pk).first()
    if card is None:
        raise Http404
    if card.due_at > timezone.now():
        return after(request, user, card)
    [card] = spacing.placed([card], user)
    if card.module_key is None or card.step is None:
        return render(request, "onboarding/recall_none.html", {"card": card})
    page = page_of(card, user, (card.module_key, card.step))
    if page is None or page.story is None:
        raise Http404
    draft = learning.draft_of(card.enrolment, page.shown.place)
    page.draft = draft
    if request.method == "POST":
        return answered(request, user, card, page)
    return shown(request, user, page, card)


def shown(
    request: HttpRequest, user: User, page: StepPage, card: ReviewCard, answer: scoring.Answer | None = None
) -> HttpResponse:
    """Show a review, or what came of it."""
    status = 422 if answer else 200
    found = {**context(page, user, answer), "recall": card}
    return render(request, "onboarding/recall.html", found, status=status)


def after(request: HttpRequest, user: User, card: ReviewCard) -> HttpResponse:
    """Show what came of the last time, and when it comes back."""
    event = spacing.last_of(card)
    if event is None or event.module_key is None or event.step is None:
        return render(request, "onboarding/recall_none.html", {"card": card})
    page = page_of(card, user, (event.module_key, event.step))
    if page is None or page.story is None:
        return render(request, "onboarding/recall_none.html", {"card": card})
    page.attempt = attempt_of(event)
    return shown(request, user, page, card)


def attempt_of(event: Event) -> Attempt:
    """Return the answer of an entry as pages show answers; it is not of the track and never kept as one."""
    return Attempt(
        kind=event.data["kind"],
        response=event.data["response"],
        score=event.data["score"],
        loyalty=event.data["loyalty"],
        version=event.version,
        submitted_at=event.occurred_at,
    )


def page_of(card: ReviewCard, user: User, place: Place) -> StepPage | None:
    """Return a step as a page of its own, outside any track; its story comes through the gate now."""
    language = (get_language() or card.employee.language)[:2]
    found = substitute(*place, language)
    if found is None:
        return None
    step, version, revision, value = found
    step = replace(step, key={**step.key, "other": False})
    address = reverse("onboarding:recall", args=[card.pk])
    module = Module(place[0], version, 0, Phase.WEEK, 0, 0, True, Unlock.FREE, (step,))
    name = Competency.objects.filter(pk=card.competency_id).first()
    view = ModuleView(module, name.label if name else "", "", None, revision_id=revision)
    minutes = value.get("minutes") or DEFAULT_MINUTES
    view.steps = [StepView(step, 1, value.get("title", ""), minutes, address, None)]
    structure = structured(place[0], 0, 0, (module,))
    track = MyTrack(card.enrolment, structure, _("My track"), "", language, [view], timezone.localdate())
    story = told.story_for(user, step.story)
    what = Shown(place, step, version, revision)
    token = f"{card.pk}.{card.number}.{step.id}"
    return StepPage(track, view, view.steps[0], what, value, story, token=token)


def answered(request: HttpRequest, user: User, card: ReviewCard, page: StepPage) -> HttpResponseBase:
    """Take an answer, an unfinished one, or one more choice; a form of another time changes nothing."""
    path, place = learning.path_so_far(page.draft), page.shown.place
    if request.POST.get("keep"):
        learning.keep_draft(card.enrolment, place, {"form": entered(request), "path": path})
        return (
            JsonResponse({"saved": True}) if request.POST["keep"] == "auto" else redirect("onboarding:track")
        )
    here = scoring.scene_after(page.shown.step, path) if page.kind == StepKind.DECISION else None
    if request.POST.get("token") != page.token or str(request.POST.get("scene") or "") != (here or ""):
        return redirect(page.view.url)
    answer = scoring.read(page.shown.step, request.POST, page.value, path=page.changes, so_far=path)
    if answer.errors:
        page.draft = {"form": entered(request), "path": path}
        return shown(request, user, page, card, answer)
    if answer.to_go:
        learning.keep_draft(card.enrolment, place, {"path": answer.response["path"], "form": {}})
        return redirect(f"{page.view.url}#scene")
    spacing.recall(card, page.shown.step, page.shown.version_id, answer, by=user)
    return redirect(f"{page.view.url}#after")
