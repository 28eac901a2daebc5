"""What the house knows of the company that consent texts name: its settings page, and in a demonstration its files."""

from functools import cache
from pathlib import Path

import yaml
from django.conf import settings

from kb_site.models import Company

DEMO = Path(__file__).parent / "demo" / "company.yaml"


def details(language: str) -> dict[str, str]:
    """Return values for the placeholders of consent texts, in a language."""
    russian, english = Company.objects.values_list("name_ru", "name_en").first() or ("", "")
    name = (english or russian) if language == "en" else (russian or english)
    return {**(invented(language) if settings.KB_DEMO else {}), "operator_name": name}


@cache
def invented(language: str) -> dict[str, str]:
    """Return the demonstration's values."""
    values: dict[str, str] = yaml.safe_load(DEMO.read_text(encoding="utf-8"))["operator"][language]
    return values
