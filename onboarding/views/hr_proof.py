"""HR's page of proof: certificates, taking one back, packages for other systems, statements that could not be sent."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import Count, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from club.models import User
from club.permissions import employee
from onboarding import certificates, reports
from onboarding.enums import Delivery
from onboarding.models import Award, Statement, TrackVersion
from onboarding.services import awarding
from onboarding.views.hr import for_hr
from onboarding.views.proof import certificate_page
from onboarding.xapi import delivering

PAGE = 50


def rows() -> QuerySet[Award]:
    """Return awards with what a line of them shows."""
    return Award.objects.select_related("enrolment__employee", "version", "revocation")


@for_hr
@require_GET
def awards(request: HttpRequest) -> HttpResponse:
    """All certificates, newest first, by name or number if one looks for one."""
    wanted = request.GET.get("q", "").replace("\0", "").strip()[:80]
    found = rows().filter(pk__in=matching(wanted)) if wanted else rows()
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "wanted": wanted, "tracks": tracks(), **statements()}
    return render(request, "onboarding/hr/awards.html", context)


def matching(wanted: str) -> list[int]:
    """Return awards whose number or name has a text in it; SQLite itself folds no Cyrillic letters."""
    looked_for = folded(wanted)
    known = Award.objects.order_by().values_list("pk", "number", "enrolment__employee__name")
    return [pk for pk, number, name in known if looked_for in folded(f"{number} {name}")]


def folded(text: str) -> str:
    """Return a text as two are compared."""
    return " ".join(text.casefold().replace("ё", "е").split())


def tracks() -> list[tuple[UUID, str]]:
    """Return the published tracks with their titles."""
    names = reports.titles()
    published = set(TrackVersion.objects.order_by().values_list("key", flat=True))
    return sorted(((key, names.get(key, "")) for key in published), key=lambda pair: pair[1])


def statements() -> dict[str, Any]:
    """Return how the statements stand: where they go, how many, and those that were given up."""
    counts = dict(Statement.objects.order_by().values_list("state").annotate(n=Count("pk")))
    return {
        "statements_on": bool(settings.KB_XAPI_URL),
        "to_file": settings.KB_XAPI_URL == "file",
        "sent": counts.get(Delivery.SENT, 0),
        "waiting": counts.get(Delivery.WAITING, 0),
        "given_up": counts.get(Delivery.PARKED, 0),
        "parked": delivering.parked().order_by("pk")[:20],
    }


def by_number(number: str) -> Award:
    """Return an award by its number."""
    found = rows().filter(number=number).first()
    if found is None:
        raise Http404
    return found


@for_hr
@require_http_methods(["GET", "POST"])
def award(request: HttpRequest, number: str) -> HttpResponse:
    """One award: what it says, taking it back with a reason, giving it anew."""
    found = by_number(number)
    error = ""
    if request.method == "POST":
        try:
            return changed(request, found, employee(request))
        except ValidationError as problem:
            error = problem.messages[0]
    context = {
        **certificates.sheet(found),
        "error": error,
        "reason": request.POST.get("reason", ""),
        "later": rows().filter(enrolment=found.enrolment, edition__gt=found.edition).first(),
        "taken_by": taken_by(found),
    }
    return render(request, "onboarding/hr/award.html", context, status=422 if error else 200)


def changed(request: HttpRequest, found: Award, by: User) -> HttpResponse:
    """Do what the form asks; raises ``ValidationError``."""
    if request.POST.get("do") == "anew":
        made = awarding.give_anew(found, by=by)
        if made is not None:
            messages.success(request, _("Given anew. Certificate and badge have a new number."))
            return redirect("hr:award", number=made.number)
        return redirect("hr:award", number=found.number)
    awarding.revoke(found, request.POST.get("reason", ""), by=by)
    messages.success(request, _("Taken back. The page behind the code says so from now on."))
    return redirect("hr:award", number=found.number)


def taken_by(found: Award) -> str:
    """Return who took an award back."""
    entry = found.revocation_or_none
    person = User.objects.filter(pk=entry.actor_id).first() if entry and entry.actor_id else None
    return (person.get_full_name() or person.get_username()) if person else ""


@for_hr
@require_GET
def certificate(request: HttpRequest, number: str) -> HttpResponse:
    """The certificate of somebody, to print."""
    return certificate_page(request, by_number(number))


@require_POST
@for_hr
def retry(request: HttpRequest) -> HttpResponse:
    """Try statements that were given up again."""
    count = delivering.retry_parked()
    told = ngettext("%(count)d statement is tried again.", "%(count)d statements are tried again.", count)
    messages.success(request, told % {"count": count})
    return redirect("hr:awards")
