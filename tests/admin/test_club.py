"""Members, their cards, and who they really are."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from wagtail.models import ModelLogEntry

from club.models import Identity, Member, User
from club.services import read_identity, record_identity
from consent.enums import Purpose
from consent.services import withdraw
from tests.factories import give, make_member, make_story

As = Callable[[str], Client]
SECRET = {
    "full_name": "Anna Petrovna Sidorova",
    "phone": "+7 900 000-00-00",
    "email": "anna@example.org",
    "address": "",
}


def rows(client: Client, query: str = "") -> list[Member]:
    return list(client.get(f"{reverse('club_members:index')}{query}").context["object_list"])


def test_the_list_says_where_consent_stands(as_: As) -> None:
    now = timezone.now()
    expected = {}
    standings: dict[str, dict[str, Any]] = {
        "valid": {},
        "limited": {"purposes": (Purpose.READ,)},
        "expiring": {"until": now + timedelta(days=59)},
        "expired": {"start": now - timedelta(days=9), "until": now - timedelta(days=1)},
        "future": {"start": now + timedelta(days=1)},
        "withdrawn": {},
    }
    for name, terms in standings.items():
        member = make_member(persona_name=name)
        give(member, **terms)
        expected[member.pk] = name
        if name == "withdrawn":
            withdraw(member=member)
    expected[make_member(persona_name="none").pk] = "none"
    found = {member.pk: member.consent_standing for member in rows(as_("story_keeper"))}
    assert found == expected


def test_the_list_is_filtered_by_consent(as_: As) -> None:
    give(make_member(persona_name="With"))
    make_member(persona_name="Without")
    assert [m.persona_name for m in rows(as_("story_keeper"), "?consent_standing=none")] == ["Without"]


@pytest.mark.parametrize("typed", ["садов", "САДОВ", "Садов"])
def test_a_figure_is_found_in_any_case(typed: str, as_: As) -> None:
    make_member(persona_name="Садовница с пятого этажа")
    make_member(persona_name="Дворник")
    assert [m.persona_name for m in rows(as_("story_keeper"), f"?q={typed}")] == ["Садовница с пятого этажа"]


@pytest.mark.parametrize("typed", ['"', "\x00", " ", "%", "'; --", "x" * 5000])
def test_no_search_breaks_the_list(typed: str, as_: As) -> None:
    assert as_("story_keeper").get(reverse("club_members:index"), {"q": typed}).status_code == 200


def test_a_figure_is_found_by_code(as_: As) -> None:
    member = make_member()
    make_member()
    assert rows(as_("story_keeper"), f"?q={member.code.lower()}") == [member]


def test_the_card_shows_consents_stories_and_hosts(as_: As, person: Callable[[str], User]) -> None:
    story = make_story()
    story.member.hosts.add(person("club_host"))
    page = as_("story_keeper").get(reverse("club_members:inspect", args=[story.member_id])).content.decode()
    assert all(
        part in page for part in (story.title, story.member.code, person("club_host").username, "on paper")
    )


def test_a_host_reads_and_records_who_her_member_is(as_: As, person: Callable[[str], User]) -> None:
    member = make_member()
    member.hosts.add(person("club_host"))
    url = reverse("club_members:identity", args=[member.pk])
    assert as_("club_host").post(url, SECRET).status_code == 302
    assert SECRET["full_name"] in as_("club_host").get(url).content.decode()
    assert read_identity(member=member, by=person("club_host")) == SECRET


def test_the_identity_button_is_for_hosts(as_: As, person: Callable[[str], User]) -> None:
    member = make_member()
    member.hosts.add(person("club_host"))
    card, identity = (reverse(f"club_members:{name}", args=[member.pk]) for name in ("inspect", "identity"))
    assert identity in as_("club_host").get(card).content.decode()
    assert identity not in as_("story_keeper").get(card).content.decode()
    assert as_("story_keeper").get(identity).status_code == 404
    assert as_("story_keeper").post(identity, SECRET).status_code == 404


def test_another_host_finds_nothing(as_: As) -> None:
    member = make_member()
    record_identity(member=member, data=SECRET, by=None)
    assert as_("club_host").get(reverse("club_members:identity", args=[member.pk])).status_code == 404


def test_every_look_is_logged_without_a_name(as_: As) -> None:
    member = make_member()
    record_identity(member=member, data=SECRET, by=None)
    as_("dpo").get(reverse("club_members:identity", args=[member.pk]))
    entries = list(ModelLogEntry.objects.filter(object_id=str(member.pk)))
    assert {entry.action for entry in entries} == {"club.identity_recorded", "club.identity_read"}
    assert not any("Sidorova" in f"{entry.label}{entry.data}" for entry in entries)


def test_a_rejected_form_opens_nothing(as_: As) -> None:
    member = make_member()
    record_identity(member=member, data=SECRET, by=None)
    page = as_("dpo").post(reverse("club_members:identity", args=[member.pk]), {"full_name": ""})
    assert "Sidorova" not in page.content.decode()
    assert Identity.objects.get().data == SECRET


def test_a_broken_seal_is_said_plainly(as_: As) -> None:
    member = make_member()
    record_identity(member=member, data=SECRET, by=None)
    Identity.objects.update(sealed=b"nothing that any key opens")
    page = as_("dpo").get(reverse("club_members:identity", args=[member.pk]))
    assert "cannot be opened" in page.content.decode()


def test_a_member_is_added_and_changed(as_: As) -> None:
    data = {
        "persona_name": "The baker",
        "kind": "client",
        "code": make_member().code,
        "language": "ru",
        "season": "active",
    }
    assert as_("club_host").post(reverse("club_members:add"), data).status_code == 200  # the code is taken
    member = Member.objects.get()
    done = as_("club_host").post(
        reverse("club_members:edit", args=[member.pk]), {**data, "season": "resting"}
    )
    assert done.status_code == 302
    member.refresh_from_db()
    assert member.season == "resting"


def test_the_chooser_finds_and_gives_a_member(as_: As) -> None:
    member = make_member(persona_name="Дворник")
    make_member(persona_name="Пекарь")
    found = (
        as_("story_keeper").get(reverse("member_chooser:choose_results"), {"q": "дворник"}).content.decode()
    )
    assert "Дворник" in found and "Пекарь" not in found
    chosen = reverse("member_chooser:chosen", args=[member.pk])
    assert as_("story_keeper").get(chosen).json()["result"]["title"] == str(member)
    assert as_("hr_lead").get(chosen).status_code == 302


def test_the_list_needs_as_many_queries_for_twenty_as_for_one(
    as_: As,
    django_assert_num_queries: DjangoAssertNumQueries,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    client, url = as_("story_keeper"), reverse("club_members:index")
    make_story()
    client.get(url)
    with django_assert_max_num_queries(40) as first:
        client.get(url)
    for _number in range(19):
        make_story()
    with django_assert_num_queries(len(first.captured_queries)):
        client.get(url)
