"""HR's pages that look: the report, item analysis, steps without a twin, words that repeat a story taken back."""

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from io import BytesIO
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods
from openpyxl import Workbook

from club.permissions import employee
from onboarding import charts, outcomes, reports
from onboarding.enums import Redaction
from onboarding.models import Competency, Enrolment, Quotation
from onboarding.reports import Filters
from onboarding.services.endings import decide
from onboarding.services.entries import RUN
from onboarding.survival import Point
from stories.importing.readers.cells import guarded

View = Callable[..., HttpResponseBase]
TABLE_DAYS = (7, 14, 21, 30, 45, 60, 90)


def for_hr(view: View) -> View:
    """Answer those who run tracks; for others there is no such page."""

    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.has_perm(RUN):
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


def filters_of(request: HttpRequest) -> Filters:
    """Return what is looked at; what makes no sense is left out."""
    track = None
    try:
        track = UUID(request.GET.get("track", ""))
    except ValueError:
        track = None
    version = request.GET.get("version", "")
    return Filters(
        track,
        request.GET.get("month", "")[:7],
        request.GET.get("department", "").replace("\0", "")[:80],
        int(version) if version.isascii() and version.isdigit() and len(version) < 6 else None,
    )


@for_hr
@require_GET
def dashboard(request: HttpRequest) -> HttpResponse:
    """Who is stuck and why, how far they got, how long it takes."""
    filters = filters_of(request)
    found = reports.dashboard(filters)
    names = found["titles"]
    context = {
        **found,
        **chart_of(found),
        "filters": filters,
        "heading": names.get(filters.track) if filters.track else "",
        **choices(names, filters),
        "query": request.GET.urlencode(),
        "bars": [mark_safe(charts.bar(stage.share)) for stage in found["funnel"]],  # noqa: S308 - numbers only
    }
    return render(request, "onboarding/hr/dashboard.html", context)


def choices(names: dict[UUID, str], filters: Filters) -> dict[str, Any]:
    """Return what one may look at: tracks that people are on, versions of the chosen one, months, departments."""
    rows = Enrolment.objects.order_by().values_list(
        "track_key", "anchor__year", "anchor__month", "employee__department", "version__major"
    )
    known = list(rows.distinct())
    tracks = sorted(
        ((key, names.get(key, "")) for key in {row[0] for row in known}), key=lambda pair: pair[1]
    )
    return {
        "tracks": tracks,
        "months": sorted({f"{row[1]}-{row[2]:02}" for row in known}, reverse=True),
        "departments": sorted({row[3] for row in known if row[3]}),
        "versions": sorted({row[4] for row in known if row[0] == filters.track}),
    }


def chart_of(found: dict[str, Any]) -> dict[str, Any]:
    """Return the drawing of the time to finish, and its table."""
    points = [] if found["few_people"] else found["points"]
    words = (
        _("Share finished by day. Half have finished by day %(day)d, %(share)d percent so far."),
        _("Share finished by day. Half have not finished yet."),
        _("days since the first step"),
    )
    return dict(zip(("time_chart", "time_table"), curve(points, found["half"], words, "km"), strict=True))


def curve(
    points: Sequence[Point], middle: float | None, words: tuple[str, str, str], name: str
) -> tuple[str, list[dict[str, Any]]]:
    """Return the drawing of a share by day, and its table. ``words``: with a half, without one, the axis."""
    if not points:
        return "", []
    told = {"day": int(middle), "share": round(100 * points[-1].share)} if middle is not None else {}
    title = words[0] % told if told else words[1]
    half = _("half by day %(day)d") % told if told else ""
    rows = [(each.day, each.share, each.low, each.high) for each in points]
    drawn = partial(charts.survival, rows, title=title, axis=words[2], half=half, name=name)
    drawing = "".join(drawn(narrow=narrow) for narrow in (False, True))
    table = []
    for day in (day for day in TABLE_DAYS if day <= max(30, points[-1].day)):
        past = [each for each in points if each.day <= day]
        last = past[-1] if past else None
        inside = next((each.inside for each in points if each.day > day), 0)
        table.append(
            {
                "day": day,
                "share": round(100 * last.share) if last else 0,
                "low": round(100 * last.low) if last else 0,
                "high": round(100 * last.high) if last else 0,
                "inside": inside,
            }
        )
    return mark_safe(drawing), table  # noqa: S308 - charts escape every word


@for_hr
@require_GET
def item_analysis(request: HttpRequest) -> HttpResponse:
    """Questions and decisions, on first attempts."""
    filters = filters_of(request)
    splits = reports.decisions(filters)
    for split in splits:
        for line in split.options:
            line["bar"] = mark_safe(charts.bar(line["share"]))  # noqa: S308 - numbers only
    found = {
        "items": reports.items(filters),
        "splits": splits,
        "enough": reports.ENOUGH,
        "feedback": reports.feedback(),
    }
    return render(request, "onboarding/hr/items.html", found)


@for_hr
@require_GET
def people_csv(request: HttpRequest) -> StreamingHttpResponse:
    """The people of the report as CSV."""
    return as_csv(with_outcomes(filters_of(request)), "learning")


def as_csv(table: Iterable[list[str]], name: str) -> StreamingHttpResponse:
    """Return a table as a file that a spreadsheet opens; no cell of it is a formula."""
    writer = csv.writer(Echo())
    rows = (writer.writerow([guarded(cell) for cell in row]) for row in table)
    response = StreamingHttpResponse(
        ("\ufeff" + row if n == 0 else row for n, row in enumerate(rows)),
        content_type="text/csv; charset=utf-8",
    )
    response["Content-Disposition"] = f'attachment; filename="{name}-{timezone.localdate()}.csv"'
    return response


def with_outcomes(filters: Filters) -> Iterator[list[str]]:
    """Yield the people of the report with what came of it: that they answered, never what."""
    rows, today = reports.table(filters), timezone.localdate()
    by_id = {person.hr_id: person for person in outcomes.people(filters).values()}
    for number, row in enumerate(rows):
        yield row + (outcomes.cells(by_id.get(row[0]), today) if number else list(outcomes.COLUMNS))


class Echo:
    """A file that gives back what is written to it."""

    def write(self, value: str) -> str:
        return value


@for_hr
@require_GET
def people_xlsx(request: HttpRequest) -> HttpResponse:
    """The same as a workbook, what came of it on a second sheet."""
    book = Workbook(write_only=True)
    filters = filters_of(request)
    for name, rows in (("learning", with_outcomes(filters)), ("outcomes", outcomes.table(filters))):
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append([guarded(cell) for cell in row])
    content = BytesIO()
    book.save(content)
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    response = HttpResponse(content.getvalue(), content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="learning-{timezone.localdate()}.xlsx"'
    return response


@for_hr
@require_GET
def twins(request: HttpRequest) -> HttpResponse:
    """Required steps that could not be replaced at once if their story were taken back."""
    names = {each.pk: each.label for each in Competency.objects.all()}
    rows = [{**row, "competency": names.get(row["competency"], "")} for row in reports.without_twin()]
    return render(request, "onboarding/hr/twins.html", {"rows": rows})


@for_hr
@require_http_methods(["GET", "POST"])
def quotations(request: HttpRequest) -> HttpResponse:
    """Words of newcomers that repeat a story taken back: removed or kept, by a person. The story is not shown."""
    if request.method == "POST":
        row = get_object_or_404(Quotation, pk=request.POST.get("pk") or 0, state=Redaction.OPEN)
        state = Redaction.REMOVED if request.POST.get("do") == "remove" else Redaction.KEPT
        decide(row, state, by=employee(request))
        messages.success(request, _("Removed.") if state == Redaction.REMOVED else _("Kept."))
        return redirect("hr:quotations")
    rows = (
        Quotation.objects.filter(state=Redaction.OPEN).select_related("words").order_by("found_at", "pk")[:50]
    )
    return render(request, "onboarding/hr/quotations.html", {"rows": rows})
