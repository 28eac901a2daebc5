"""Proof of learning: one's own certificate and badge, the page on which anybody sees whether an award stands."""

import unicodedata
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods

from consent.narrator.limits import address_of, too_many
from onboarding import certificates
from onboarding.badges import credentials
from onboarding.models import Award
from onboarding.services.awarding import award_of
from onboarding.views.learner import own

LOOKS, GUESSES = 120, 20  # an hour, from one address
HOUR = timedelta(hours=1)
BADGE_TYPE = "application/vc"


# One's own


def own_award(request: HttpRequest, enrolment: UUID) -> Award:
    """Return the award of one's own finished track; anything else is not there."""
    award = award_of(own(request, enrolment))
    if award is None:
        raise Http404
    return award


@require_GET
def certificate(request: HttpRequest, enrolment: UUID) -> HttpResponse:
    """The certificate, to look at and to print on one sheet."""
    award = own_award(request, enrolment)
    drawn = certificates.has_pdf() and not award.is_revoked
    pdf_url = reverse("onboarding:certificate_pdf", args=[enrolment]) if drawn else ""
    return certificate_page(request, award, pdf_url)


def certificate_page(request: HttpRequest, award: Award, pdf_url: str = "") -> HttpResponse:
    """Draw it, with the ways to what others see."""
    context = {
        **certificates.sheet(award),
        "pdf_url": pdf_url,
        "check_url": reverse("proof:verify", args=[award.token]),
        "badge_url": reverse("proof:badge", args=[award.token]),
    }
    return render(request, "onboarding/certificate.html", context)


@require_GET
def certificate_pdf(request: HttpRequest, enrolment: UUID) -> HttpResponse:
    """The same as PDF, where it can be drawn and the award stands."""
    award = own_award(request, enrolment)
    if award.is_revoked or not certificates.has_pdf():
        raise Http404
    response = HttpResponse(certificates.pdf(award), content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="certificate-{award.number}.pdf"'
    return response


# Anybody's


@login_not_required
@csrf_exempt  # asking changes nothing; without a referrer browsers send no origin to compare
@require_http_methods(["GET", "HEAD", "POST"])
def verify(request: HttpRequest, token: str) -> HttpResponse:
    """Whether an award stands. It names nobody; who reads a name on a sheet may ask whether it is that one."""
    if too_many("proof", address_of(request), most=LOOKS, within=HOUR):
        return render(request, "onboarding/proof_busy.html", status=429)
    award = by_token(token)
    if award is None:
        return quiet(render(request, "onboarding/proof_missing.html", status=404))
    context: dict[str, Any] = {"award": award, "revocation": award.revocation_or_none, "track": award.title}
    if request.method == "POST":
        asked = str(request.POST.get("name", ""))[:200].strip()
        if too_many("proof name", address_of(request), most=GUESSES, within=HOUR):
            return render(request, "onboarding/proof_busy.html", status=429)
        context |= {"asked": asked, "fits": bool(asked) and folded(asked) == folded(holder(award))}
    return quiet(render(request, "onboarding/proof.html", context))


def by_token(token: str) -> Award | None:
    """Return the award of an address."""
    rows = Award.objects.select_related("enrolment__employee", "version", "revocation")
    return rows.filter(token=token).first()


def holder(award: Award) -> str:
    """Return the name on the certificate."""
    return award.enrolment.employee.name


def folded(name: str) -> str:
    """Return a name as two are compared: case, ё, accents' forms, spaces and the order of its parts aside."""
    plain = unicodedata.normalize("NFKC", name).casefold().replace("ё", "е")
    return " ".join(sorted(plain.split()))


def quiet(response: HttpResponse) -> HttpResponse:
    """Keep the address out of other sites' logs and of our own; Django would log that of a 404."""
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex, nofollow"
    response._has_been_logged = True  # type: ignore[attr-defined]
    return response


@login_not_required
@require_GET
def badge(request: HttpRequest, token: str) -> HttpResponse:
    """The signed badge; one that was taken back is given out no more."""
    if too_many("proof", address_of(request), most=LOOKS, within=HOUR):
        return quiet(JsonResponse({"error": "too many requests"}, status=429))
    award = by_token(token)
    if award is None or award.is_revoked:
        return quiet(JsonResponse({"error": "no such badge"}, status=404 if award is None else 410))
    response = open_to_all(JsonResponse(credentials.credential(award), json_dumps_params=JSON))
    response["Content-Type"] = BADGE_TYPE
    response["Content-Disposition"] = f'attachment; filename="badge-{award.number}.json"'
    return quiet(response)


JSON = {"ensure_ascii": False, "indent": 1}


@login_not_required
@require_GET
def revoked(request: HttpRequest) -> HttpResponseBase:
    """The ids of badges that were taken back."""
    return open_to_all(JsonResponse(credentials.revocation_list()))


@login_not_required
@require_GET
def did(request: HttpRequest) -> HttpResponseBase:
    """Who the issuer is, and its public keys."""
    response = open_to_all(JsonResponse(dict(credentials.did_document())))
    response["Cache-Control"] = "public, max-age=3600"
    return response


def open_to_all(response: HttpResponse) -> HttpResponse:
    """Let checkers on other sites read an answer."""
    response["Access-Control-Allow-Origin"] = "*"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response
