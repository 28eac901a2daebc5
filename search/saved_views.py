"""Pages and feeds of saved searches."""

from contextlib import suppress
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required, login_required
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.feedgenerator import Rss201rev2Feed
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_POST, require_safe

from search import registry
from search.engines.base import EngineUnavailable
from search.models import FeedKey, SavedSearch
from search.services import saving

private = cache_control(private=True, no_store=True)


class SilentFeed(Rss201rev2Feed):
    """A feed that does not say when it was written: an unchanged one is the same to the last byte."""

    def add_root_elements(self, handler: Any) -> None:
        """Write what a feed needs and leave the date out."""
        for name in ("title", "link", "description"):
            handler.addQuickElement(name, self.feed[name])


@require_safe
@login_required
@private
def saved(request: HttpRequest) -> HttpResponse:
    """The searches this person keeps."""
    return _page(request)


@require_POST
@login_required
def save(request: HttpRequest) -> HttpResponse:
    """Keep a search: ``query`` is its address after the question mark, ``by_mail`` asks for letters."""
    params = QueryDict(request.POST.get("query", "")[:2000])
    try:
        saving.save_search(
            user=request.user,
            params=params,
            name=request.POST.get("name", ""),
            by_mail=request.POST.get("by_mail") == "1",
        )
    except saving.TooMany:
        messages.error(
            request,
            _("You keep %(n)s searches, the most there can be. Let one go first.") % {"n": saving.MOST},
        )
    except EngineUnavailable:
        messages.error(request, _("The search rests just now, so it was not saved. Try again in a minute."))
    else:
        messages.success(request, _("The search is saved."))
    return redirect("search:saved")


@require_POST
@login_required
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """Begin or end the letters about a saved search, or let it go; somebody else's is not there."""
    kept = get_object_or_404(SavedSearch, pk=pk, user=request.user)
    if request.POST.get("do") == "drop":
        saving.drop_search(user=request.user, pk=pk)
        messages.success(request, _("The search is no longer saved."))
    else:
        by_mail = request.POST.get("do") == "letters"
        SavedSearch.objects.filter(pk=kept.pk).update(by_mail=by_mail, letter_due_at=None)
        messages.success(
            request,
            _("We will write when there is something new.")
            if by_mail
            else _("No more letters about this search."),
        )
    return redirect("search:saved")


@require_safe
@login_required
@private
def open_saved(request: HttpRequest, pk: int) -> HttpResponse:
    """Open a saved search, newest first; what it finds now is no longer new."""
    kept = get_object_or_404(SavedSearch.objects.select_related("user"), pk=pk, user=request.user)
    with suppress(EngineUnavailable):  # the page will say that the search rests
        saving.mark_seen(kept)
    params = QueryDict(kept.query, mutable=True)
    params["sort"] = "newest"
    return redirect(f"{reverse('search:results')}?{params.urlencode()}")


@require_POST
@login_required
@private
def new_key(request: HttpRequest) -> HttpResponse:
    """Make a new secret for this person's feeds and show its addresses, this once."""
    return _page(request, saving.new_feed_key(request.user))


@require_safe
@login_not_required
@private
def feed(request: HttpRequest, token: str, pk: int) -> HttpResponse:
    """New things of a saved search as RSS for whoever has the secret: neutral titles and links that ask the gate."""
    owner = saving.owner_of(token)
    if owner is None:
        raise Http404
    kept = get_object_or_404(SavedSearch.objects.select_related("user"), pk=pk, user=owner)
    written = SilentFeed(
        title=_("Club of friends: a saved search"),
        link=_absolute(reverse("search:open_saved", args=[pk])),
        description=_("What is new. Titles stay inside the club."),
    )
    labels = {found.kind: str(found.label) for found in registry.sources()}
    for kind, object_id in _news(kept):
        written.add_item(
            title=_("New: %(kind)s") % {"kind": labels[kind]},
            link=_absolute(reverse("search:open", args=[kind, object_id])),
            description="",
            unique_id=f"{pk}/{kind}/{object_id}",
            unique_id_is_permalink=False,
        )
    return HttpResponse(written.writeString("utf-8"), content_type="application/rss+xml; charset=utf-8")


def _news(kept: SavedSearch) -> list[saving.Thing]:
    """What is new; nothing while the index cannot be asked, readers come again."""
    try:
        return saving.news_of(kept)
    except EngineUnavailable:
        return []


def _page(request: HttpRequest, token: str = "") -> HttpResponse:
    mine: Any = request.user
    rows: list[dict[str, Any]] = [
        {"saved": kept, "feed": _absolute(reverse("search:feed", args=[token, kept.pk])) if token else ""}
        for kept in SavedSearch.objects.filter(user=mine)
    ]
    context = {"rows": rows, "token": token, "has_key": FeedKey.objects.filter(user=mine).exists()}
    return render(request, "search/saved.html", context)


def _absolute(path: str) -> str:
    return settings.KB_BASE_URL.rstrip("/") + path
