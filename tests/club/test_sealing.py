"""Identities at rest: closed to whoever has the database but not the key."""

from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.db import connection

from club import sealing
from club.models import Identity
from club.services import record_identity
from tests.factories import make_member

ANNA = {
    "full_name": "Анна Николаевна Щукина",
    "phone": "+79161234567",
    "email": "anna@example.org",
    "address": "улица Мира, пять",
}


def raw_row(identity: Identity) -> bytes:
    """Everything the database stores of an identity, as bytes."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM club_identity WHERE id = %s", [identity.pk])
        values = cursor.fetchone()
    return b"\x00".join(bytes(v) if isinstance(v, bytes | memoryview) else str(v).encode() for v in values)


def test_what_was_sealed_opens_again() -> None:
    assert sealing.unseal(sealing.seal(ANNA)) == ANNA


def test_sealing_the_same_twice_looks_different() -> None:
    assert sealing.seal(ANNA) != sealing.seal(ANNA)


def test_a_wrong_key_opens_nothing(settings: Any) -> None:
    sealed = sealing.seal(ANNA)
    settings.IDENTITY_KEYS = [Fernet.generate_key().decode()]
    with pytest.raises(sealing.SealBroken) as broken:
        sealing.unseal(sealed)
    assert "Анна" not in str(broken.value)


@pytest.mark.parametrize("damage", [b"", b"not a token", sealing.seal(ANNA)[:-4], b"x" + sealing.seal(ANNA)])
def test_a_damaged_record_says_so(damage: bytes) -> None:
    with pytest.raises(sealing.SealBroken):
        sealing.unseal(damage)


def test_an_older_key_still_opens_and_the_newest_seals(settings: Any) -> None:
    old, new = settings.IDENTITY_KEYS[0], Fernet.generate_key().decode()
    sealed = sealing.seal(ANNA)
    settings.IDENTITY_KEYS = [new, old]
    assert sealing.unseal(sealed) == ANNA
    again = sealing.seal(ANNA)
    settings.IDENTITY_KEYS = [new]
    assert sealing.unseal(again) == ANNA


@pytest.mark.django_db
def test_nothing_of_an_identity_is_readable_in_its_row() -> None:
    identity = record_identity(member=make_member(), data=ANNA, by=None)
    stored = raw_row(identity)
    for value in ANNA.values():
        for part in value.split():
            assert part.encode() not in stored
    assert b"full_name" not in stored


@pytest.mark.django_db
def test_an_identity_comes_back_with_every_field_and_trimmed() -> None:
    member = make_member()
    record_identity(member=member, data={"full_name": "  Анна  "}, by=None)
    assert Identity.objects.get(member=member).data == {
        "full_name": "Анна",
        "phone": "",
        "email": "",
        "address": "",
    }


@pytest.mark.django_db
def test_recording_again_replaces_the_one_record() -> None:
    member = make_member()
    record_identity(member=member, data=ANNA, by=None)
    record_identity(member=member, data={"full_name": "Анна Б."}, by=None)
    assert Identity.objects.get(member=member).data["full_name"] == "Анна Б."
    assert Identity.objects.filter(member=member).count() == 1
