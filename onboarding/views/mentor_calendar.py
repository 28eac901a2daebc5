"""The calendar of a mentor or manager: the page where its secret address is made, the address, a file."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from club.models import User
from club.permissions import employee
from onboarding.models import MentorKey
from onboarding.services import mentor_calendars
from onboarding.views.calendar import CALENDAR


def helper(request: HttpRequest) -> User:
    """Return who asks as a mentor or manager; others have no such calendar."""
    user = employee(request)
    if not mentor_calendars.helps(user):
        raise Http404
    return user


@require_http_methods(["GET", "POST"])
def page(request: HttpRequest) -> HttpResponse:
    """Make a secret address, shown this once, or close it."""
    user, address = helper(request), ""
    if request.POST.get("do") == "close":
        mentor_calendars.close(user)
        messages.success(request, _("The address opens nothing any more."))
        return redirect("onboarding:mentor_calendar")
    if request.method == "POST":
        token = mentor_calendars.new_key(user)
        address = settings.KB_BASE_URL.rstrip("/") + reverse("onboarding:mentor_calendar_feed", args=[token])
    has_key = MentorKey.objects.filter(user=user).exists()
    context = {"address": address, "has_key": has_key, "of_mentor": True}
    return render(request, "onboarding/calendar.html", context)


@require_safe
def download(request: HttpRequest) -> HttpResponse:
    """The calendar as it is now, as a file."""
    response = HttpResponse(mentor_calendars.feed(helper(request)), content_type=CALENDAR)
    response["Content-Disposition"] = 'attachment; filename="newcomers.ics"'
    return response


@require_safe
@login_not_required
def feed(request: HttpRequest, token: str) -> HttpResponse:
    """The calendar for whoever has the secret: days and neutral titles. It signs nobody in."""
    user = mentor_calendars.owner_of(token)
    if user is None:
        raise Http404
    return HttpResponse(mentor_calendars.feed(user), content_type=CALENDAR)
