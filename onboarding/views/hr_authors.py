"""HR's pages about what authors mended: answers marked anew, a translation begun."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from club.permissions import employee
from onboarding import reports
from onboarding.models import ModulePage, TrackPage
from onboarding.services import authoring, regrading
from onboarding.views.hr import for_hr


@for_hr
@require_GET
def regrade_list(request: HttpRequest) -> HttpResponse:
    """Quizzes whose key was changed after people had answered."""
    found = regrading.candidates()
    names = reports.module_titles()
    labels = reports.titles_of({version.key for version, _step, _count in found}) if found else {}
    rows = [
        {
            "module": names.get(version.key, ""),
            "step": labels.get(str(step.id), ""),
            "answers": count,
            "url": reverse("hr:regrade", args=[version.key, step.id]),
        }
        for version, step, count in found
    ]
    return render(request, "onboarding/hr/regrade_list.html", {"rows": rows})


@for_hr
@require_http_methods(["GET", "POST"])
def regrade(request: HttpRequest, module: UUID, step: UUID) -> HttpResponse:
    """Who would change is shown first; then, if HR agrees, it is done."""
    found = regrading.preview((module, step))
    if found is None:
        raise Http404
    if request.method == "POST":
        count = regrading.regrade((module, step), by=employee(request))
        messages.success(request, _("Answers marked anew: %(count)d. Nobody lost a step.") % {"count": count})
        return redirect("hr:regrade_list")
    names, labels = reports.module_titles(), reports.titles_of({module})
    context = {"preview": found, "module": names.get(module, ""), "step": labels.get(str(step), "")}
    return render(request, "onboarding/hr/regrade.html", context)


def translatable(request: HttpRequest, pk: int) -> ModulePage | TrackPage:
    """Return a module or track that one may translate; anything else is not there."""
    page = ModulePage.objects.filter(pk=pk).first() or TrackPage.objects.filter(pk=pk).first()
    if page is None or not authoring.may_write(employee(request)):
        raise Http404
    return page


@for_hr
@require_http_methods(["GET", "POST"])
def translate(request: HttpRequest, pk: int) -> HttpResponse:
    """Begin a translation: a draft with the same steps, so that progress is shared; or open the one there is."""
    page = translatable(request, pk)
    language = "en" if page.language == "ru" else "ru"
    if request.method == "POST":
        made = authoring.translate(page, language, by=employee(request))
        return redirect(reverse("wagtailadmin_pages:edit", args=[made.pk]))
    known = authoring.translation_of(page, language)
    return render(request, "onboarding/hr/translate.html", {"page": page, "known": known, "to": language})
