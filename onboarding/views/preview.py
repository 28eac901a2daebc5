"""Drafts as a newcomer would see them; reached only through Wagtail's guarded preview views."""

from typing import Any
from uuid import UUID, uuid4

from csp.constants import SELF
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.clickjacking import xframe_options_sameorigin

from club.permissions import employee
from onboarding import told
from onboarding.compiling import compile_module
from onboarding.enums import Phase, Unlock
from onboarding.learning import ModuleView, MyTrack, StepView
from onboarding.models import Employee, Enrolment, ModulePage, TrackPage
from onboarding.services.learning import Shown
from onboarding.showing import StepPage, context
from onboarding.structure import Module, steps_of, structured


@xframe_options_sameorigin
def module_preview(request: HttpRequest, page: ModulePage) -> HttpResponse:
    """Every step of a draft under each other; nothing of it is kept."""
    user = employee(request)
    raw = [{**step, "id": step.get("id") or str(uuid4())} for step in page.raw_steps()]
    steps = steps_of(compile_module(raw))
    module = Module(page.translation_key, 0, 0, Phase.WEEK, 0, 0, True, Unlock.FREE, steps)
    values = {step["id"]: step["value"] for step in raw}
    view = ModuleView(module, page.title, "", None, texts=values)
    view.steps = [
        StepView(
            step,
            number,
            values[str(step.id)].get("title") or "",
            values[str(step.id)].get("minutes") or 5,
            "#",
            None,
        )
        for number, step in enumerate(steps, start=1)
    ]
    enrolment = Enrolment(
        uuid=UUID(int=0), employee=Employee(name=user.get_full_name()), anchor=timezone.localdate()
    )
    track = MyTrack(
        enrolment,
        structured(page.translation_key, 0, 0, (module,)),
        page.title,
        "",
        page.language,
        [view],
        timezone.localdate(),
    )
    shown = [step_context(track, view, each, user) for each in view.steps]
    return framed(
        render(request, "onboarding/preview.html", {"module": page, "steps": shown, "preview": True})
    )


def step_context(track: MyTrack, module: ModuleView, view: StepView, user: Any) -> dict[str, Any]:
    """Return the context of one step as it is before anybody answers."""
    shown = Shown((module.module.key, view.step.id), view.step, 0, None)
    story = told.story_for(user, view.step.story)
    page = StepPage(track, module, view, shown, module.texts[str(view.step.id)], story)
    return context(page, user)


@xframe_options_sameorigin
def track_preview(request: HttpRequest, page: TrackPage) -> HttpResponse:
    """The order of modules of a draft."""
    return framed(render(request, "onboarding/track_preview.html", {"track": page, "items": page.placed}))


def framed(response: HttpResponse) -> HttpResponse:
    """Let the editor show it in a frame of its own page."""
    response._csp_replace = {"frame-ancestors": [SELF]}  # type: ignore[attr-defined]  # django-csp reads it
    return response
