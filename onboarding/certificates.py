"""Drawing a certificate: what is on the sheet, its code to scan, the same as PDF where WeasyPrint is installed."""

from importlib import import_module
from importlib.util import find_spec
from mimetypes import guess_type
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import segno
from django.conf import settings
from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import override

from consent.narrator.registry import company_name
from onboarding.models import Award

STATIC = "https://static.invalid/"  # never asked for; of a scheme within which relative addresses resolve


def address(award: Award) -> str:
    """Return the whole address at which anybody sees whether an award stands."""
    return str(settings.KB_BASE_URL).rstrip("/") + reverse("proof:verify", args=[award.token])


def code(text: str) -> SafeString:
    """Return an address as a drawing to scan."""
    drawing = segno.make(text, error="m").svg_inline(border=2, omitsize=True, svgclass="qr", lineclass=None)
    return mark_safe(drawing)  # noqa: S308 - drawn from an address of ours


def sheet(award: Award) -> dict[str, Any]:
    """Return what a certificate says: number, name, track and version, date; no word of a story, no client."""
    where = address(award)
    with override(award.language):
        company = company_name() or _("Club of friends")
    return {
        "award": award,
        "name": award.enrolment.employee.name,
        "company": company,
        "address": where,
        "code": code(where),
        "revocation": award.revocation_or_none,
    }


def has_pdf() -> bool:
    """Whether the extra ``certificates`` is installed."""
    return find_spec("weasyprint") is not None


def pdf(award: Award) -> bytes:
    """Return a certificate as PDF, one A4 page, in the holder's language; nothing is fetched from a network."""
    with override(award.language):
        page = render_to_string("onboarding/certificate_pdf.html", {**sheet(award), "static": STATIC})
    return bytes(
        import_module("weasyprint").HTML(string=page, base_url=STATIC, url_fetcher=own_file).write_pdf()
    )


def own_file(url: str, *args: Any, **kwargs: Any) -> Any:
    """Give WeasyPrint a static file of ours, and nothing else."""
    name = unquote(urlsplit(url).path).lstrip("/")
    is_ours = url.startswith(STATIC) and ".." not in name.split("/")
    found = finders.find(name) if is_ours else None
    if not found:
        raise ValueError("A certificate stands on files of this site alone.")
    kind = {"Content-Type": guess_type(name)[0] or "application/octet-stream"}
    return import_module("weasyprint.urls").URLFetcherResponse(url, Path(found).read_bytes(), kind)
