"""A text in use stays as it is: the model refuses, and so does the database behind it."""

from collections.abc import Callable

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import Error, connection, transaction
from wagtail.models import ModelLogEntry

from club.models import User
from consent.enums import Method, Purpose
from consent.models import ConsentText
from consent.models.texts import FROZEN
from consent.services import NewConsent, give_consent, permissions_for
from consent.text_triggers import COLUMNS
from consent.texts.confirming import CONFIRMED, confirm
from tests.factories import make_member

Installed = Callable[..., ConsentText]
Person = Callable[[str], User]
CHANGES = {
    "law": "gdpr", "scope": "distribution", "category": "voice", "language": "en", "version": 7, "title": "Other",
    "body": "Other", "elements": {"subject": "Other"}, "sha256": "0" * 64,
}  # fmt: skip


@pytest.fixture
def used(installed: Installed) -> ConsentText:
    text = installed()
    give_consent(
        NewConsent(
            member=make_member(),
            text=text,
            controller="Warm House",
            method=Method.PAPER,
            permissions=permissions_for([Purpose.READ]),
            valid_from=text.created_at,
            evidence_reference="binder",
        )
    )
    return text


def test_the_model_and_the_database_keep_the_same() -> None:
    assert set(CHANGES) == set(FROZEN) == set(COLUMNS)


@pytest.mark.parametrize("name", CHANGES)
def test_the_database_refuses_to_change_a_text_in_use(name: str, used: ConsentText) -> None:
    with pytest.raises(Error, match="never changes"), transaction.atomic():
        ConsentText.objects.filter(pk=used.pk).update(**{name: CHANGES[name]})
    used.refresh_from_db()
    assert used.digest() == used.sha256


@pytest.mark.parametrize("name", [name for name in CHANGES if name != "sha256"])
def test_the_model_refuses_to_change_a_text_in_use(name: str, used: ConsentText) -> None:
    setattr(used, name, CHANGES[name])
    with pytest.raises(ValidationError):
        used.clean()
    with pytest.raises(ValidationError):
        used.save()


def test_a_text_that_nobody_agreed_to_may_change(installed: Installed) -> None:
    text = installed(language="en")
    assert ConsentText.objects.filter(pk=text.pk).update(title="Other") == 1


def test_raw_sql_is_refused_too(used: ConsentText) -> None:
    with pytest.raises(Error, match="never changes"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE consent_consenttext SET body = 'x' WHERE id = %s", [used.pk])


def test_a_lawyer_may_have_read_a_text_in_use(used: ConsentText, person: Person) -> None:
    dpo = person("dpo")
    confirm(used, by=dpo, note=" Letter 12 ")
    used.refresh_from_db()
    assert not used.is_template
    entry = ModelLogEntry.objects.get(action=CONFIRMED)
    assert (entry.user, entry.data) == (dpo, {"note": "Letter 12", "sha256": used.sha256})


def test_confirming_twice_is_logged_once(used: ConsentText, person: Person) -> None:
    for _time in range(2):
        confirm(used, by=person("dpo"), note="Letter 12")
    assert ModelLogEntry.objects.filter(action=CONFIRMED).count() == 1


def test_a_text_is_confirmed_by_whoever_may_and_only_finished_with_a_note(
    used: ConsentText, person: Person
) -> None:
    with pytest.raises(PermissionDenied):
        confirm(used, by=person("story_keeper"), note="Letter 12")
    with pytest.raises(ValidationError):
        confirm(used, by=person("dpo"), note="  ")
    gap = ConsentText.objects.create(
        law="152-fz",
        language="ru",
        version=2,
        title="T",
        body="B",
        elements={"subject": "x"},
        is_template=True,
    )
    with pytest.raises(ValidationError, match="asks for it"):
        confirm(gap, by=person("dpo"), note="Letter 12")
    assert ConsentText.objects.filter(is_template=False).count() == 0
