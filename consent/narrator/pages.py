"""The frame of a narrator's page: her link, her language, her addresses, and forms that only her page can send.

The forms carry a signed token bound to the link instead of Django's CSRF cookie. With ``Referrer-Policy: no-referrer``
browsers send ``Origin: null`` and no referrer, which Django's check must refuse; and blockers of cookies would keep her
from saying no. Whoever does not know the secret address can neither make such a token nor guess where to send it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from club.models import Member
from consent.models import ApprovalLink
from consent.narrator import limits, links, registry
from consent.narrator.contacts import Contact, contact_of

FORM_SALT = "consent.narrator.form"
FORM_SECONDS = 7 * 24 * 3600
HEADERS = {
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "private, no-store",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
}
P = ParamSpec("P")


@dataclass(frozen=True, slots=True)
class NarratorPage:
    """One visit of a narrator: what every view and template of her page needs."""

    request: HttpRequest
    token: str
    link: ApprovalLink
    language: str

    @property
    def member(self) -> Member:
        """Whose page it is."""
        return self.link.member

    def url(self, name: str = "home", *args: Any, language: str = "") -> str:
        """Return an address of this page in the language she reads it in; no cookie remembers that."""
        path = reverse(f"narrator:{name}", args=[self.token, *args])
        language = language or self.language
        return path if language == self.member.language else f"{path}?lang={language}"

    def photo(self, photo_id: int) -> str:
        """Return the address of a picture of hers."""
        return reverse("narrator:photo", args=[self.token, photo_id])

    def form_token(self, about: str = "") -> str:
        """Return what a form of this page carries; ``about`` names the words that the page shows."""
        return signing.dumps([self.link.pk, about], salt=FORM_SALT, compress=False)

    def sent_from_here(self) -> bool:
        """Whether the posted form is one that this page drew within the last week."""
        return self.posted_about() is not None

    def posted_about(self) -> str | None:
        """Return what the posted form is about; None if no page of this link drew it."""
        try:
            carried = signing.loads(
                self.request.POST.get("form", ""), salt=FORM_SALT, max_age=FORM_SECONDS
            )
        except signing.BadSignature:
            return None
        return str(carried[1]) if carried[0] == self.link.pk else None

    def render(self, template: str, context: dict[str, Any] | None = None, status: int = 200) -> HttpResponse:
        """Draw a page in its frame."""
        return render(
            self.request, f"narrator/{template}", {**self.frame(), **(context or {})}, status=status
        )

    def redirect(self, name: str = "home", *args: Any, done: str = "") -> HttpResponse:
        """Go on by a GET, so that going back or loading again sends nothing twice; ``done`` names what to say."""
        url = self.url(name, *args)
        if done:
            url += ("&" if "?" in url else "?") + f"done={done}"
        response = HttpResponseRedirect(url)
        response.status_code = 303
        return response

    def frame(self) -> dict[str, Any]:
        """Return the context of every page."""
        return {
            "page": self,
            "member": self.member,
            "contact": contact_of(self.member, self.link.created_by),
            "company": registry.company_name(),
            "page_languages": [
                {"code": code, "url": self.url(language=code), "current": code == self.language}
                for code, _label in settings.LANGUAGES
            ],
        }

    def sent_too_late(self) -> HttpResponse:
        """Say kindly that a form did not come from this page, or too long after it was drawn."""
        return self.render("again.html", status=403)


HerView = Callable[Concatenate[NarratorPage, P], HttpResponseBase]


def narrator_view(
    *methods: str, closed: Callable[[NarratorPage], HttpResponseBase] | None = None
) -> Callable[[HerView[P]], Callable[..., HttpResponseBase]]:
    """Let a view be opened by a narrator's link, without account, session or cookie.

    ``closed`` answers a form that was sent from the page of a link whose time is over.
    """

    def decorate(view: HerView[P]) -> Callable[..., HttpResponseBase]:
        @login_not_required
        @csrf_exempt
        @require_http_methods([*methods])
        @wraps(view)
        def opened(request: HttpRequest, token: str, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            link = links.find(token)
            if link is None:
                return sealed(no_such_page(request, token))
            page = NarratorPage(request, token, link, language_for(request, link.member))
            translation.activate(page.language)
            request.LANGUAGE_CODE = page.language
            return sealed(answer(page, lambda: view(page, *args, **kwargs), closed))

        return opened

    return decorate


def answer(
    page: NarratorPage,
    view: Callable[[], HttpResponseBase],
    closed: Callable[[NarratorPage], HttpResponseBase] | None,
) -> HttpResponseBase:
    """Let only open links and forms of their own pages through to a view."""
    posted = page.request.method == "POST"
    if not links.is_open(page.link):
        return closed(page) if posted and closed and page.sent_from_here() else page_closed(page)
    if posted and not page.sent_from_here():
        return page.sent_too_late()
    try:
        return view()
    except Http404:
        return page.render("missing.html", status=404)


def sealed(response: HttpResponseBase) -> HttpResponseBase:
    """Keep an answer out of caches and search engines, and its address out of other sites' logs and our own."""
    for name, value in HEADERS.items():
        response[name] = value
    response._has_been_logged = True  # type: ignore[attr-defined]  # Django would log the path of a 4xx answer
    return response


def language_for(request: HttpRequest, member: Member) -> str:
    """Return the language she has just chosen, else her own."""
    asked = request.GET.get("lang", "")
    return asked if asked in dict(settings.LANGUAGES) else member.language


def no_such_page(request: HttpRequest, token: str) -> HttpResponse:
    """One answer for links that never were and narrators who were forgotten; slower guests are sent away."""
    if limits.wrong_token(request, token):
        return render(request, "narrator/too_many.html", anonymous_frame(), status=429)
    return render(request, "narrator/missing.html", anonymous_frame(), status=404)


def anonymous_frame() -> dict[str, Any]:
    """Return the context of a page that belongs to nobody."""
    return {"contact": Contact("", settings.KB_CONTACT_PHONE), "company": registry.company_name()}


def page_closed(page: NarratorPage, *, asked: bool = False) -> HttpResponse:
    """A link whose time is over, or that was closed: says nothing of her, offers a fresh one."""
    context = {
        **anonymous_frame(),
        "asked": asked,
        "fresh_url": page.url("fresh"),
        "form_token": page.form_token("fresh"),
    }
    return render(page.request, "narrator/expired.html", context, status=200 if asked else 410)
