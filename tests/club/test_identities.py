"""Who may know a member's name, and that nobody learns it by the way."""

import json
import logging
from collections.abc import Callable

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core import serializers
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.db.models import ProtectedError
from wagtail.log_actions import registry as log_registry
from wagtail.models import ModelLogEntry

from club.models import Identity, Member, User
from club.permissions import user_can_see_identity
from club.services import read_identity, record_identity
from tests.factories import give, make_member, make_story

NAME = "Zinaida Qwertova"
DATA = {"full_name": NAME, "phone": "+74950000000", "email": "zina@example.org", "address": "Elm 1"}
Person = Callable[[str], User]


@pytest.fixture
def member(db: None) -> Member:
    made = make_member(persona_name="The lady with the ledger")
    record_identity(member=made, data=DATA, by=None)
    return made


@pytest.mark.parametrize(
    ("role", "allowed"),
    [("dpo", True), ("administrator", True), ("superuser", True), ("club_host", False), ("story_keeper", False),
     ("marketer", False), ("hr_lead", False), ("reader", False), ("outsider", False)],
)  # fmt: skip
def test_only_the_data_protection_officer_sees_every_identity(
    person: Person, member: Member, role: str, allowed: bool
) -> None:
    assert user_can_see_identity(person(role), member) is allowed


def test_a_host_sees_the_identity_of_her_own_member_only(person: Person, member: Member) -> None:
    host = person("club_host")
    member.hosts.add(host)
    assert user_can_see_identity(host, member)
    assert not user_can_see_identity(host, make_member())


@pytest.mark.parametrize("role", ["dpo", "superuser", "host"])
def test_a_disabled_employee_sees_nobody(person: Person, member: Member, role: str) -> None:
    user = person("club_host" if role == "host" else role)
    member.hosts.add(user)
    user.is_active = False
    assert not user_can_see_identity(user, member)


def test_anonymous_sees_nobody(member: Member) -> None:
    assert not user_can_see_identity(AnonymousUser(), member)


@pytest.mark.parametrize("role", ["story_keeper", "reader"])
def test_reading_is_refused_to_strangers_and_leaves_no_trace_of_the_name(
    person: Person, member: Member, role: str
) -> None:
    with pytest.raises(PermissionDenied) as denied:
        read_identity(member=member, by=person(role))
    assert NAME not in str(denied.value)


def test_writing_is_refused_to_strangers(person: Person, member: Member) -> None:
    with pytest.raises(PermissionDenied):
        record_identity(member=member, data={"full_name": "Somebody"}, by=person("story_keeper"))
    assert Identity.objects.get(member=member).data["full_name"] == NAME


def test_every_look_is_logged_with_who_and_whom_but_not_with_what(person: Person, member: Member) -> None:
    assert read_identity(member=member, by=person("dpo"))["full_name"] == NAME
    entry = ModelLogEntry.objects.get(action="club.identity_read")
    assert (entry.user, entry.object_id) == (person("dpo"), str(member.pk))
    assert NAME not in json.dumps([entry.label, entry.data])


def test_a_member_without_a_record_reads_as_nothing(person: Person, db: None) -> None:
    assert read_identity(member=make_member(), by=person("dpo")) == {}


def test_the_log_actions_of_identities_are_known_to_wagtail() -> None:
    assert log_registry.action_exists("club.identity_read")
    assert log_registry.action_exists("club.identity_recorded")


def test_the_name_is_in_no_text_of_a_member_or_her_identity(member: Member) -> None:
    identity = Identity.objects.get(member=member)
    for text in (
        str(member),
        repr(member),
        str(identity),
        repr(identity),
        serializers.serialize("json", [member]),
    ):
        assert NAME not in text


def test_the_name_is_in_no_other_row_of_the_database(person: Person, member: Member) -> None:
    give(member)
    make_story(member)
    read_identity(member=member, by=person("dpo"))
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")  # noqa: S608 our own tables
            assert NAME not in repr(cursor.fetchall())


def test_the_name_is_not_written_to_the_log(
    person: Person, member: Member, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    record_identity(member=member, data=DATA, by=person("dpo"))
    read_identity(member=member, by=person("dpo"))
    assert NAME not in caplog.text


def test_a_member_with_an_identity_is_not_deleted(member: Member) -> None:
    with pytest.raises(ProtectedError):
        member.delete()
