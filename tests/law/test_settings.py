"""The settings of law are read, and a bad one is refused with a sentence."""

import importlib
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command

from consent.checks import country_is_known
from consent.models import ConsentText
from consent.texts.templates import templates
from kb_site.settings import law


@pytest.fixture(autouse=True)
def read_again(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    yield
    monkeypatch.undo()
    importlib.reload(law)


def test_a_country_may_be_written_small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KB_COUNTRY", "de")
    assert importlib.reload(law).KB_COUNTRY == "DE"


def test_a_law_that_is_not_known_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KB_LAW", "martial")
    with pytest.raises(ImproperlyConfigured, match="KB_LAW"):
        importlib.reload(law)


@pytest.mark.parametrize(("country", "found"), [("RU", []), ("DE", []), ("ATLANTIS", ["consent.E001"])])
def test_a_country_whose_days_off_are_not_known_is_an_error(
    country: str, found: list[str], settings: Any
) -> None:
    settings.KB_COUNTRY = country
    assert [message.id for message in country_is_known(None)] == found


@pytest.mark.django_db
def test_the_command_installs_the_texts_once(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("install_texts")
    call_command("install_texts", verbosity=0)
    assert f"Consent texts written: {len(templates())}." in capsys.readouterr().out
    assert ConsentText.objects.count() == len(templates())
