"""The HTTP API: the same search as on the page, as JSON. What it cannot understand it refuses with a reason."""

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, JsonResponse, QueryDict
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from search import registry, services
from search.enums import Sort
from search.pages import read_query
from search.plan import DEPTH_LIMIT, TEXT_LIMIT
from search.results import as_json
from search.services import noting
from search.views import AfterwardsResponse

DEFAULT_LIMIT = 10
LARGEST_LIMIT = 50
SUGGESTIONS = 8
PLAIN = ("q", "limit", "page", "sort", "literal")


class Refused(Exception):
    """A parameter that makes no sense: its name, and a sentence that says what to write instead."""

    def __init__(self, parameter: str, message: str) -> None:
        super().__init__(message)
        self.parameter = parameter
        self.message = message


class JsonAfterwards(AfterwardsResponse):
    """JSON that does something when it has been sent."""

    def __init__(self, data: Mapping[str, Any], **kwargs: Any) -> None:
        super().__init__(JsonResponse(data).content, content_type="application/json", **kwargs)


@require_safe
@login_required
@cache_control(private=True, no_store=True)
def search(request: HttpRequest) -> JsonAfterwards | JsonResponse:
    """Hits as JSON: ``q`` as in the search field, ``limit``, ``page``, ``sort``, ``literal``, ``kind``, facets."""
    try:
        limit = number(request.GET, "limit", DEFAULT_LIMIT, LARGEST_LIMIT)
        check(request.GET, limit)
    except Refused as refusal:
        return refused(refusal)
    query = read_query(request.GET, size=limit)
    found = services.search(request.user, query)
    pages = max(-(-min(found.total, DEPTH_LIMIT) // limit), 1)
    note = noting.noted(query, found, get_language() or "")
    answer = as_json(found) | {"page": query.page, "pages": pages, "limit": limit}
    return JsonAfterwards(answer, afterwards=(lambda: noting.write(note)) if note else None)


@require_safe
@login_required
@cache_control(private=True, no_store=True)
def suggest(request: HttpRequest) -> JsonResponse:
    """Titles and values that complete ``q``, with a sentence that says how many there are."""
    try:
        limit = number(request.GET, "limit", SUGGESTIONS, LARGEST_LIMIT)
        known_only(request.GET, ("q", "limit"))
    except Refused as refusal:
        return refused(refusal)
    found = services.suggest(request.user, request.GET.get("q", "")[:TEXT_LIMIT], limit)
    status = ngettext("%(n)s suggestion", "%(n)s suggestions", len(found)) % {"n": len(found)}
    rows = [{"kind": each.kind, "group": each.group, "label": each.label, "url": each.url} for each in found]
    return JsonResponse({"suggestions": rows, "status": status if rows else _("No suggestions")})


def check(params: QueryDict, limit: int) -> None:
    """Raise ``Refused`` for the first parameter of a search that makes no sense."""
    known_only(params, (*PLAIN, *services.BESIDE_FACETS, *registry.facet_names()))
    if len(params.get("q", "")) > TEXT_LIMIT:
        raise Refused("q", _("At most %(n)s characters can be searched for.") % {"n": TEXT_LIMIT})
    number(params, "page", 1, max(DEPTH_LIMIT // limit, 1))
    one_of(params, "sort", Sort.values)
    one_of(params, "literal", ("0", "1"))
    one_of(params, services.KIND, [found.kind for found in registry.sources()])


def known_only(params: QueryDict, known: tuple[str, ...]) -> None:
    """Refuse a parameter that nobody knows."""
    for name in params:
        if name not in known:
            raise Refused(
                name, _("There is no such parameter. Known are: %(names)s.") % {"names": ", ".join(known)}
            )


def one_of(params: QueryDict, name: str, allowed: Any) -> None:
    """Refuse a value outside a closed list."""
    if any(value not in allowed for value in params.getlist(name)):
        raise Refused(name, _("Write one of: %(values)s.") % {"values": ", ".join(allowed)})


def number(params: QueryDict, name: str, default: int, largest: int) -> int:
    """A whole number from 1 to ``largest``; raises ``Refused`` for anything else."""
    text = params.get(name, str(default))
    if text.isascii() and text.isdigit() and len(text) < 10 and 1 <= int(text) <= largest:
        return int(text)
    raise Refused(name, _("Write a whole number from 1 to %(n)s.") % {"n": largest})


def refused(refusal: Refused) -> JsonResponse:
    """The answer to a request that makes no sense."""
    return JsonResponse({"error": {"parameter": refusal.parameter, "message": refusal.message}}, status=400)
