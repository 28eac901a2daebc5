"""Pages of the house itself: home, signing in, language, about, health."""

from typing import Any

from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import LoginView, LogoutView
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.shortcuts import redirect, render
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET
from django.views.i18n import set_language

from club.models import User
from kb_site import health, homepage, people

DEMO_BACKEND = "club.backends.EmployeeBackend"


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """An employee with two minutes: ask, meet one client, see what is new."""
    return render(request, "home.html", homepage.context(request.user))


@method_decorator(
    [login_not_required, sensitive_post_parameters(), csrf_protect, never_cache], name="dispatch"
)
class SignIn(LoginView):
    """The one door."""

    redirect_authenticated_user = True
    template_name = "registration/login.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the demonstration's people while it is on."""
        return {
            **super().get_context_data(**kwargs),
            "demo_people": people.for_sign_in() if settings.KB_DEMO else [],
        }


class SignOut(LogoutView):
    """Leave, and forget what the browser kept."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Also ask the browser to drop its cached pages."""
        response = super().post(request, *args, **kwargs)
        response["Clear-Site-Data"] = '"cache", "storage"'
        return response


@login_not_required
def demo_login(request: HttpRequest) -> HttpResponse:
    """Sign in as one of the demonstration's people with one click; exists only while the demonstration is on."""
    if not settings.KB_DEMO:
        raise Http404
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    username = request.POST.get("username", "")
    if username not in {person["username"] for person in people.for_sign_in()}:
        raise Http404
    user = User.objects.get(username=username)
    login(request, user, backend=DEMO_BACKEND)
    target = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return redirect(target if target and safe else "home")


@login_not_required
def switch_language(request: HttpRequest) -> HttpResponse:
    """Keep the chosen language in a cookie and, for the admin, in the profile."""
    response = set_language(request)
    language = request.POST.get("language", "")
    if request.user.is_authenticated and language in dict(settings.LANGUAGES):
        people.keep_language(request.user, language)
    return response


@require_GET
def consent_page(request: HttpRequest) -> HttpResponse:
    """How we ask for consent, in plain words."""
    return render(request, "about/consent.html")


@require_GET
def accessibility(request: HttpRequest) -> HttpResponse:
    """What the site does for people who read in another way, and whom to tell when it fails."""
    return render(request, "about/accessibility.html")


@require_GET
def help_page(request: HttpRequest) -> HttpResponse:
    """How to search, read and note."""
    return render(request, "about/help.html")


def closed(request: HttpRequest, pk: int = 0) -> HttpResponse:
    """An address of Wagtail's that this house does not offer."""
    raise Http404


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Denied, gone, or never there: one page for all three."""
    return render(request, "404.html", {"title": _("There is no such page")}, status=404)


def nothing_here(request: HttpRequest) -> HttpResponse:
    """An address of a library that this house does not have."""
    raise Http404


@login_not_required
@require_GET
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return HttpResponse("ok", content_type="text/plain")


@login_not_required
@require_GET
def readyz(request: HttpRequest) -> JsonResponse:
    """The process can do its work: database, search, disk, queue. Numbers only, nothing about anybody."""
    state = health.state()
    return JsonResponse(state, status=200 if state["ready"] else 503)
