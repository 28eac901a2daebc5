"""The search page and its JSON."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from search import services
from search.pages import listing, read_query, whole_number
from search.plan import TEXT_LIMIT
from search.results import as_json

DEFAULT_LIMIT = 10
LARGEST_LIMIT = 50
SUGGESTIONS = 8


@require_safe
@login_required
@cache_control(private=True, no_store=True)
def results(request: HttpRequest) -> HttpResponse:
    """The page of hits; without a text it browses everything the reader may see."""
    page = listing(request, base_url=reverse("search:results"))
    return render(request, "search/results.html", {"listing": page})


@require_safe
@login_required
@cache_control(private=True, no_store=True)
def api_search(request: HttpRequest) -> JsonResponse:
    """Hits as JSON: ``q``, ``limit`` (1 to 50), ``page``, ``sort``, ``literal``, facet names repeated."""
    limit = min(whole_number(request.GET.get("limit", ""), DEFAULT_LIMIT), LARGEST_LIMIT)
    found = services.search(request.user, read_query(request.GET, size=limit))
    return JsonResponse(as_json(found))


@require_safe
@login_required
@cache_control(private=True, no_store=True)
def api_suggest(request: HttpRequest) -> JsonResponse:
    """Titles that complete ``q``, as JSON."""
    limit = min(whole_number(request.GET.get("limit", ""), SUGGESTIONS), LARGEST_LIMIT)
    found = services.suggest(request.user, request.GET.get("q", "")[:TEXT_LIMIT], limit)
    return JsonResponse(
        {"suggestions": [{"kind": each.kind, "label": each.label, "url": each.url} for each in found]}
    )
