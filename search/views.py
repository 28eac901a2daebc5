"""The search page, its JSON, and the road to an opened result."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseRedirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_POST, require_safe

from search import registry
from search.engines.base import EngineHit
from search.enums import Purpose
from search.pages import listing, whole_number
from search.services import noting
from search.services.searching import load, may_search


class AfterwardsResponse(HttpResponse):
    """A response that does something when it has been sent, so that nobody waits for it."""

    def __init__(self, *args: Any, afterwards: Callable[[], None] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.afterwards = afterwards

    def close(self) -> None:
        """Close, after what was left to do."""
        todo, self.afterwards = self.afterwards, None
        if todo is not None:
            todo()
        super().close()


@require_safe
@login_required
@cache_control(private=True, no_store=True)
def results(request: HttpRequest) -> HttpResponse:
    """The page of hits; without a text it browses everything the reader may see."""
    page = listing(request, base_url=reverse("search:results"))
    note = noting.noted(page.query, page.result, get_language() or "")
    context = {"listing": page, "note": note}
    body = render_to_string("search/results.html", context, request)
    return AfterwardsResponse(body, afterwards=(lambda: noting.write(note)) if note else None)


@require_POST
@login_required
def clicked(request: HttpRequest) -> HttpResponse:
    """Note that a result was opened: ``key`` of the search and ``rank`` of the result. Whose it was is not noted."""
    try:
        key = UUID(request.POST.get("key", ""))
    except ValueError:
        return HttpResponseBadRequest()
    noting.opened(key, whole_number(request.POST.get("rank", "").lstrip("0"), 0))
    return HttpResponse(status=204)


@require_safe
@login_required
@cache_control(private=True, no_store=True)
def open_result(request: HttpRequest, kind: str, object_id: int) -> HttpResponse:
    """Lead to a thing by its number: links in letters and feeds must not say what it is. Denied equals missing."""
    known = any(found.kind == kind for found in registry.sources())
    if not known or not may_search(request.user):
        raise Http404
    loaded = load(request.user, Purpose.READ, [EngineHit(kind, object_id, 0.0)], timezone.now())
    if not loaded:
        raise Http404
    return HttpResponseRedirect(next(iter(loaded.values())).url)
