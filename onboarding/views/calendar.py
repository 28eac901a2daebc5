"""A person's calendar: the page where she makes its secret address, the address itself, the time of a meeting."""

from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from club.permissions import employee
from onboarding.models import Employee
from onboarding.services import calendars
from onboarding.views.learner import own

CALENDAR = "text/calendar; charset=utf-8"


def person_of(request: HttpRequest) -> Employee:
    """Return who asks as a newcomer; others have no calendar."""
    person = Employee.objects.filter(user=employee(request), has_left=False).first()
    if person is None:
        raise Http404
    return person


@require_http_methods(["GET", "POST"])
def page(request: HttpRequest) -> HttpResponse:
    """Make a secret address, shown this once, or close it."""
    return secret(request, calendars, person_of(request), "onboarding:calendar")


def secret(request: HttpRequest, service: Any, owner: object, route: str, **more: object) -> HttpResponse:
    """Make or close the secret address of somebody's calendar, by the service that keeps it."""
    address = ""
    if request.POST.get("do") == "close":
        service.close(owner)
        messages.success(request, _("The address opens nothing any more."))
        return redirect(route)
    if request.method == "POST":
        token = service.new_key(owner)
        address = settings.KB_BASE_URL.rstrip("/") + reverse(f"{route}_feed", args=[token])
    context = {"address": address, "has_key": service.has_key(owner), **more}
    return render(request, "onboarding/calendar.html", context)


@require_safe
def download(request: HttpRequest) -> HttpResponse:
    """The calendar as it is now, as a file."""
    return as_file(calendars.feed(person_of(request)), "learning.ics")


def as_file(content: bytes, name: str) -> HttpResponse:
    """Return a calendar to be saved."""
    response = HttpResponse(content, content_type=CALENDAR)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@require_safe
@login_not_required
def feed(request: HttpRequest, token: str) -> HttpResponse:
    """The calendar for whoever has the secret: days and neutral titles. It signs nobody in."""
    person = calendars.owner_of(token)
    if person is None:
        raise Http404
    return HttpResponse(calendars.feed(person), content_type=CALENDAR)


@require_POST
def meeting_time(request: HttpRequest, enrolment: UUID, module: UUID, step: UUID) -> HttpResponse:
    """Note when a meeting is to be held, in the newcomer's own time."""
    row = own(request, enrolment)
    text = str(request.POST.get("when") or "").strip()
    try:
        zone = ZoneInfo(row.employee.time_zone)
        when = datetime.fromisoformat(text).replace(tzinfo=zone) if text else None
    except ValueError:
        when, text = None, "?"
    if text == "?" or (when and not timezone.now().year - 1 <= when.year <= timezone.now().year + 2):
        messages.error(request, _("This is no time. Write it like 2026-03-02 14:30."))
    elif not calendars.appoint(row, (module, step), when):
        raise Http404
    else:
        messages.success(request, _("Noted. Your calendar has it."))
    return redirect("onboarding:step", enrolment=row.uuid, module=module, step=step)
