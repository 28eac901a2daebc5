"""Packages for other systems, and the door through which their links lead to one's own track."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET

from club.permissions import employee
from onboarding import packages
from onboarding.learning import enrolments_of, is_inside, track_of
from onboarding.views.hr import for_hr


@require_GET
def launch(request: HttpRequest, track: UUID, module: UUID | None = None) -> HttpResponse:
    """Lead to what is next in a module of one's own; what the other system adds to the address is not read."""
    row = enrolments_of(employee(request)).filter(track_key=track).first()
    if row is None:
        return redirect("onboarding:track")
    home = f"{reverse('onboarding:track')}?on={row.uuid}"
    if module is None or not is_inside(row):
        return redirect(home)
    view = track_of(row, texts_of=UUID(int=0)).module(module)
    step = (view.next or (view.steps[0] if view.steps else None)) if view else None
    return redirect(step.url if step else home)


@for_hr
@require_GET
def cmi5_zip(request: HttpRequest, track: UUID) -> HttpResponse:
    """The thin package of a track."""
    version = packages.newest(track)
    if version is None:
        raise Http404
    response = HttpResponse(packages.package(version), content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="cmi5-{str(track)[:8]}-{version.number}.zip"'
    return response
