"""What the tests of law share: screens in English, the company's details, texts that say everything."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.utils import translation

from consent.models import ConsentText
from consent.texts import install_templates
from consent.texts.operator import PLACEHOLDERS

DETAILS = {
    "KB_COMPANY_NAME": "Warm House",
    "KB_OPERATOR_ADDRESS": "1 Embankment Street",
    "KB_OPERATOR_REGISTRATION": "ИНН 0000000000, ОГРН 0000000000000",
    "KB_DPO_CONTACT": "Lev Zimin, telephone 000",
    "KB_AUTHORITY": "the supervisory authority",
    "KB_PUBLICATION_PLACES": "the magazine",
}


@pytest.fixture(autouse=True)
def english(settings: Any) -> Iterator[None]:
    """Let the screens speak English, the language of the msgids."""
    settings.LANGUAGE_CODE = "en"
    with translation.override("en"):
        yield


@pytest.fixture
def company(db: None, settings: Any) -> None:
    """Settings that fill every placeholder."""
    assert set(DETAILS) == {setting for _label, setting in PLACEHOLDERS.values()}
    for name, value in DETAILS.items():
        setattr(settings, name, value)


@pytest.fixture
def installed(company: None) -> Callable[..., ConsentText]:
    """Return a function that gives an installed template; by default 152-ФЗ, Russian, inside."""
    install_templates()

    def get(
        law: str = "152-fz", scope: str = "internal", category: str = "", language: str = "ru"
    ) -> ConsentText:
        return ConsentText.objects.get(law=law, scope=scope, category=category, language=language)

    return get
