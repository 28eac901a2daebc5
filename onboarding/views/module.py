"""A module as every reader may meet it: what it teaches, its steps, and the way in for whom it is meant."""

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from club.models import User
from club.permissions import employee
from onboarding.enums import StepKind
from onboarding.findable import open_modules, published
from onboarding.learning import enrolments_of, track_of
from onboarding.models import ModulePage, TrackPage
from stories.querysets import may_read


@require_GET
def module(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a published module while all its stories may be taught with; otherwise it is not there."""
    user = employee(request)
    if not may_read(user):
        raise PermissionDenied
    page = next(iter(open_modules(published([pk]))), None)
    if page is None:
        raise Http404
    steps = [
        {
            "title": step["value"].get("title") or StepKind(step["type"]).label,
            "kind": StepKind(step["type"]).label,
            "minutes": step["value"].get("minutes") or 0,
        }
        for step in page.raw_steps()
    ]
    tracks = TrackPage.objects.filter(live=True, items__module__translation_key=page.translation_key)
    return render(
        request,
        "onboarding/module.html",
        {
            "page": page,
            "steps": steps,
            "minutes": sum(step["minutes"] for step in steps),
            "tracks": list(tracks.distinct().order_by("title").values_list("title", flat=True)),
            "way_in": way_in(user, page),
            "edit": edit_address(user, page),
        },
    )


def way_in(user: User, page: ModulePage) -> str:
    """Return the address of one's own next step in this module; empty for whoever has it on no track."""
    for enrolment in enrolments_of(user):
        found = track_of(enrolment).module(page.translation_key)
        if found is not None and found.steps:
            waiting = (step for step in found.steps if not step.passed and not step.locked)
            return next(waiting, found.steps[0]).url if not found.locked else reverse("onboarding:track")
    return ""


def edit_address(user: User, page: ModulePage) -> str:
    """Return where an author changes it; empty for everybody else."""
    may = user.has_perm("wagtailadmin.access_admin") and page.permissions_for_user(user).can_edit()
    return reverse("wagtailadmin_pages:edit", args=[page.pk]) if may else ""
