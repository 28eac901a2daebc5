"""A consent text never changes once somebody agreed to it."""

import hashlib

import pytest
from django.core.exceptions import ValidationError
from django.db.models import ProtectedError

from consent.enums import Law
from consent.models import ConsentText
from consent.services import imported_text
from tests.factories import give, make_member, make_text

pytestmark = pytest.mark.django_db
ENGLISH = "1f1088dc13ed44d1becba847211b1b47bbf9a8744bd5e03f5012f718b442d005"
RUSSIAN = "daeb674f45a9c7ef5ecc8306a1cbd204e7dc070d2383fb12af687ea71550e9c2"


@pytest.fixture
def used() -> ConsentText:
    text = make_text()
    give(make_member())
    return text


def test_a_text_is_named_by_the_digest_of_title_and_body() -> None:
    text = make_text()
    assert text.sha256 == hashlib.sha256(f"{text.title}\n\n{text.body}".encode()).hexdigest()


def test_an_unused_text_may_be_corrected_and_its_digest_follows() -> None:
    text = make_text()
    before = text.sha256
    text.body = "You may use my words and pictures."
    text.clean()
    text.save()
    assert text.sha256 == text.digest() != before


@pytest.mark.parametrize("field", ["title", "body"])
def test_a_text_in_use_keeps_its_words(used: ConsentText, field: str) -> None:
    setattr(used, field, "Something else")
    with pytest.raises(ValidationError):
        used.clean()
    with pytest.raises(ValidationError):
        used.save()
    used.refresh_from_db()
    assert used.digest() == used.sha256


def test_a_text_in_use_may_be_saved_as_it_is(used: ConsentText) -> None:
    used.clean()
    used.save()
    assert ConsentText.objects.get(pk=used.pk).digest() == used.sha256


def test_a_text_in_use_is_not_deleted(used: ConsentText) -> None:
    with pytest.raises(ProtectedError):
        used.delete()


def test_a_new_version_stands_beside_the_old_one(used: ConsentText) -> None:
    newer = ConsentText.objects.create(
        law=used.law, language=used.language, version=2, title=used.title, body="Changed"
    )
    assert not newer.is_used
    assert used.is_used


@pytest.mark.parametrize("language", ["ru", "en"])
def test_imports_agree_to_one_text_of_their_language(language: str) -> None:
    text = imported_text(language)
    assert text.language == language
    assert imported_text(language) == text


@pytest.mark.parametrize(
    ("language", "title", "digest"),
    [
        ("ru", "Согласие, записанное в источнике импорта", RUSSIAN),
        ("en", "Consent recorded by the source of the import", ENGLISH),
        ("de", "Consent recorded by the source of the import", ENGLISH),
    ],
)
def test_what_imports_agreed_to_keeps_its_words(language: str, title: str, digest: str) -> None:
    """Consents of imports name this text by its digest: other words would be another text, of another version."""
    text = imported_text(language)
    assert (text.law, text.version, text.title, text.sha256) == (Law.OTHER, 1, title, digest)
    assert text.language == (language if language == "ru" else "en")
