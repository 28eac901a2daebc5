"""What consent texts say of the company: values for their placeholders, from settings and from whoever knows more."""

from collections.abc import Callable, Mapping

from django.conf import settings
from django.utils.translation import gettext_lazy as _

Source = Callable[[str], Mapping[str, str]]

# Placeholder → (what it stands for, the setting that gives it).
PLACEHOLDERS = {
    "operator_name": (_("the company's name"), "KB_COMPANY_NAME"),
    "operator_address": (_("the company's address"), "KB_OPERATOR_ADDRESS"),
    "operator_registration": (_("the company's numbers in the state register"), "KB_OPERATOR_REGISTRATION"),
    "dpo_contact": (_("how to reach whoever answers for data protection"), "KB_DPO_CONTACT"),
    "authority": (_("the supervisory authority"), "KB_AUTHORITY"),
    "publication_places": (_("where stories are published outside the company"), "KB_PUBLICATION_PLACES"),
}
_sources: list[Source] = []


def on_operator(source: Source) -> Source:
    """Register a function of a language that knows values the settings leave empty; asked in the order of coming."""
    if source not in _sources:
        _sources.append(source)
    return source


def operator(language: str) -> dict[str, str]:
    """Return the values that are known, in a language; settings come first."""
    found: dict[str, str] = {}
    for source in reversed(_sources):
        found |= {name: value for name, value in source(language).items() if value}
    stated = {name: str(getattr(settings, setting)) for name, (_label, setting) in PLACEHOLDERS.items()}
    return found | {name: value for name, value in stated.items() if value}
