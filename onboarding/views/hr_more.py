"""HR's second page of figures."""

from collections.abc import Iterable

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from onboarding import charts, more_figures, outcomes, reports
from onboarding.more_figures import Share
from onboarding.views.hr import as_csv, choices, curve, filters_of, for_hr


@for_hr
@require_GET
def figures(request: HttpRequest) -> HttpResponse:
    """What came of reminders, meetings, practice and surveys."""
    filters = filters_of(request)
    found, came = more_figures.figures(filters), outcomes.outcomes(filters)
    words = (
        _("First client met alone, by day. Half by day %(day)d, %(share)d percent so far."),
        _("First client met alone, by day. Half have not yet."),
        _("days since the first day"),
    )
    drawing, table = curve(came["points"], came["half"], words, "fc")
    context = {
        **found,
        **choices(reports.titles(), filters),
        "rows": with_bars(found["shares"]),
        "outcomes": {**came, "rows": with_bars(came["shares"]), "chart": drawing, "table": table},
        "filters": filters,
        "query": request.GET.urlencode(),
    }
    return render(request, "onboarding/hr/figures.html", context)


def with_bars(shares: Iterable[Share]) -> list[tuple[Share, str]]:
    """Return shares with their bars."""
    return [(each, mark_safe(charts.bar(each.percent / 100 if each.enough else 0))) for each in shares]  # noqa: S308


@for_hr
@require_GET
def outcomes_csv(request: HttpRequest) -> StreamingHttpResponse:
    """What came of it as CSV: figures of groups, few under five."""
    return as_csv(outcomes.table(filters_of(request)), "outcomes")
