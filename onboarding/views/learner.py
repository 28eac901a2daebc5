"""The newcomer's pages: my track, a step, the checklist. Everything is fetched through one's own enrolment."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from club.models import User
from club.permissions import employee
from onboarding import scoring
from onboarding.enums import Phase, StepKind
from onboarding.learning import ModuleView, MyTrack, enrolments_of, is_inside, titled, track_of
from onboarding.models import Enrolment
from onboarding.services import learning, outcomes
from onboarding.showing import StepPage, context, page_for

# Fields that an unfinished answer may hold, and how much of it.
KEPT = ("p", "q-", "text", "other", "option", "confirmed")
MOST_FIELDS, LONGEST = 120, 4000


def to_my_track(request: HttpRequest) -> HttpResponse:
    """Lead to one's own track."""
    return redirect("onboarding:track")


def own(request: HttpRequest, enrolment: UUID) -> Enrolment:
    """Return one's own enrolment; anybody else's is not there."""
    row = titled(enrolments_of(employee(request))).filter(uuid=enrolment).first()
    if row is None:
        raise Http404
    return row


@require_GET
def my_track(request: HttpRequest) -> HttpResponse:
    """What is next, why something is locked, how long it takes."""
    from onboarding.views import recalling

    rows: list[Any] = list(titled(enrolments_of(employee(request))))
    chosen = next((row for row in rows if str(row.uuid) == request.GET.get("on")), next(iter(rows), None))
    if chosen is None:
        return render(request, "onboarding/nothing.html")
    track = track_of(chosen)
    others = [{"row": row, "title": row.track_title} for row in rows if row.pk != chosen.pk]
    beside: dict[str, Any] = {"others": others, "coming_back": recalling.waiting(employee(request))}
    beside["survey"] = outcomes.open_survey(employee(request))
    return render(request, "onboarding/track.html", {**track_context(track), **beside})


def track_context(track: MyTrack) -> dict[str, Any]:
    """Return what the pages of a whole track show."""
    phases: list[dict[str, Any]] = []
    for module in track.modules:
        label = Phase(module.module.phase).label
        if not phases or phases[-1]["label"] != label:
            phases.append({"label": label, "modules": []})
        phases[-1]["modules"].append(module)
    return {
        "track": track,
        "enrolment": track.enrolment,
        "phases": phases,
        "next_step": track.next,
        "next_module": module_of(track, track.next.url) if track.next else None,
        "steps_done": track.done_count,
        "step_count": len(track.steps),
        "days_before": max(0, (track.enrolment.anchor - track.today).days),
    }


def module_of(track: MyTrack, url: str) -> ModuleView | None:
    """Return the module that a step is in."""
    return next((module for module in track.modules for step in module.steps if step.url == url), None)


@require_GET
def checklist(request: HttpRequest, enrolment: UUID) -> HttpResponse:
    """The whole track on a sheet to print; no client's word is on it."""
    return render(request, "onboarding/checklist.html", track_context(track_of(own(request, enrolment))))


@require_http_methods(["GET", "POST"])
def step(request: HttpRequest, enrolment: UUID, module: UUID, step: UUID) -> HttpResponseBase:
    """One step: shown, answered, or locked with what is missing."""
    user, row = employee(request), own(request, enrolment)
    page = page_for(row, user, module, step)
    if page is None or not is_inside(row):
        raise Http404
    if page.view.locked:
        return locked(request, row, module, step)
    if request.method == "POST":
        return answered(request, user, page)
    if page.view.state is None or page.view.state.seen_at is None:
        learning.open_step(row, page.shown.place, page.shown.version_id, by=user)
    again = request.GET.get("again") == "1"
    return render(request, "onboarding/step.html", context(page, user, again=again))


def locked(request: HttpRequest, row: Enrolment, module: UUID, step: UUID) -> HttpResponse:
    """Say what is missing, and lead to it."""
    track = track_of(row)
    view = track.step(module, step)
    return render(
        request, "onboarding/locked.html", {"view": view, "track": track, "module": track.module(module)}
    )


def answered(request: HttpRequest, user: User, page: StepPage) -> HttpResponseBase:
    """Take an answer, an unfinished answer, or one more choice of a decision."""
    row, place = page.track.enrolment, page.shown.place
    path, words = learning.path_so_far(page.draft), page.draft.get("words", {})
    kept = {"form": entered(request), "path": path, "words": words}
    if request.POST.get("keep"):
        learning.keep_draft(row, place, kept)
        return (
            JsonResponse({"saved": True}) if request.POST["keep"] == "auto" else redirect("onboarding:track")
        )
    if page.is_gone:
        return redirect(page.view.url)
    if page.kind == StepKind.DECISION and stale(request, page):
        return redirect(page.view.url)
    answer = scoring.read(page.shown.step, request.POST, page.value, path=page.changes, so_far=path)
    if answer.errors:
        page.draft = kept
        return render(request, "onboarding/step.html", context(page, user, answer, again=True), status=422)
    if answer.to_go:
        so_far = {"path": answer.response["path"], "form": {}, "words": {**words, **answer.words}}
        learning.keep_draft(row, place, so_far)
        return redirect(f"{page.view.url}#scene")
    answer.words = {**words, **answer.words}
    token = str(request.POST.get("token") or page.token)[:60]
    learning.send_answer(row, page.shown, answer, token=token, by=user)
    return redirect(f"{page.view.url}#after")


def stale(request: HttpRequest, page: StepPage) -> bool:
    """Whether the scene that was answered is decided already: a second click, the back button, another tab."""
    here = scoring.scene_after(page.shown.step, learning.path_so_far(page.draft))
    return str(request.POST.get("scene") or "") != (here or "")


def entered(request: HttpRequest) -> dict[str, list[str]]:
    """Return the fields of an answer as they were entered, within bounds."""
    names = [name for name in request.POST if name.startswith(KEPT)][:MOST_FIELDS]
    return {name: [value[:LONGEST] for value in request.POST.getlist(name)[:20]] for name in names}


@require_POST
def to_author(request: HttpRequest, enrolment: UUID, module: UUID, step: UUID) -> HttpResponse:
    """A word to the author of a step."""
    row = own(request, enrolment)
    track = track_of(row, texts_of=module)
    view = track.step(module, step)
    if view is None or view.locked:
        raise Http404
    text = str(request.POST.get("feedback") or "").strip()
    if text:
        learning.tell_author(row, (module, step), text)
        messages.success(request, _("Thank you. The author reads it."))
    else:
        messages.error(request, _("Write a few words first."))
    return redirect(reverse("onboarding:step", args=[row.uuid, module, step]))
