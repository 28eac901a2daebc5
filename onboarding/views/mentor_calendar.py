"""The calendar of a mentor or manager: the page where its secret address is made, the address, a file."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods, require_safe

from club.models import User
from club.permissions import employee
from onboarding.services import mentor_calendars
from onboarding.views.calendar import CALENDAR, as_file, secret


def helper(request: HttpRequest) -> User:
    """Return who asks as a mentor or manager; others have no such calendar."""
    user = employee(request)
    if not mentor_calendars.helps(user):
        raise Http404
    return user


@require_http_methods(["GET", "POST"])
def page(request: HttpRequest) -> HttpResponse:
    """Make a secret address, shown this once, or close it."""
    return secret(request, mentor_calendars, helper(request), "onboarding:mentor_calendar", of_mentor=True)


@require_safe
def download(request: HttpRequest) -> HttpResponse:
    """The calendar as it is now, as a file."""
    return as_file(mentor_calendars.feed(helper(request)), "newcomers.ics")


@require_safe
@login_not_required
def feed(request: HttpRequest, token: str) -> HttpResponse:
    """The calendar for whoever has the secret: days and neutral titles. It signs nobody in."""
    user = mentor_calendars.owner_of(token)
    if user is None:
        raise Http404
    return HttpResponse(mentor_calendars.feed(user), content_type=CALENDAR)
