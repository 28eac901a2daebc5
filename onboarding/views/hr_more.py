"""HR's second page of figures."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_GET

from onboarding import charts, more_figures, reports
from onboarding.views.hr import choices, filters_of, for_hr


@for_hr
@require_GET
def figures(request: HttpRequest) -> HttpResponse:
    """What came of reminders, meetings, practice and surveys."""
    filters = filters_of(request)
    found = more_figures.figures(filters)
    tracks, months, departments = choices(reports.titles())
    bars = [mark_safe(charts.bar(each.percent / 100 if each.enough else 0)) for each in found["shares"]]  # noqa: S308
    context = {
        **found,
        "rows": list(zip(found["shares"], bars, strict=True)),
        "filters": filters,
        "tracks": tracks,
        "months": months,
        "departments": departments,
    }
    return render(request, "onboarding/hr/figures.html", context)
