"""What every page's frame needs; costs no query beyond the request's own."""

from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from kb_site.models import Company

COMPANY_KEY = "kb_site.company"
COMPANY_SECONDS = 300


def company_name() -> str:
    """Return the company's name in the active language."""
    if settings.KB_COMPANY_NAME:
        return settings.KB_COMPANY_NAME
    names = cache.get(COMPANY_KEY)
    if names is None:
        names = Company.objects.values_list("name_ru", "name_en").first() or ("", "")
        cache.set(COMPANY_KEY, names, COMPANY_SECONDS)
    russian, english = names
    return (english or russian) if (get_language() or "").startswith("en") else (russian or english)


def frame(request: HttpRequest) -> dict[str, Any]:
    """Context of ``base.html``: company, navigation, role, languages."""
    user: Any = getattr(request, "user", None)
    signed_in = bool(user and user.is_authenticated)
    language = (get_language() or "ru")[:2]
    return {
        "company_name": company_name(),
        "nav": navigation(request) if signed_in else [],
        "demo_mode": settings.KB_DEMO,
        "role_label": (user.get_full_name() or user.get_username()) if signed_in else "",
        "show_admin": signed_in and user.has_perm("wagtailadmin.access_admin"),
        "languages": [
            {"code": code, "label": code.upper(), "current": code == language}
            for code, _label in settings.LANGUAGES
        ],
    }


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the sections this person has."""
    sections = [(_("Stories"), "stories:list")]
    if request.user.has_perm("ideas.view_theme"):
        sections += [(_("Themes"), "ideas:themes"), (_("Ideas"), "ideas:board")]
    sections += [(pgettext("a section", "Note a story"), "stories:capture"), (_("Learning"), "onboarding:track")]
    if request.user.has_perm("onboarding.run_tracks"):
        sections.append((_("Reports"), "hr:dashboard"))
    return [
        {"label": label, "url": (url := reverse(name)), "current": request.path.startswith(url)}
        for label, name in sections
    ]
