"""Recording, showing, renewing, withdrawing, exporting consents."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from consent.enums import EventKind, Purpose
from consent.models import Consent, ConsentEvent, ConsentText
from consent.services import withdraw
from stories.querysets import visible
from tests.admin.conftest import PDF, evidence
from tests.factories import give, make_member, make_story

As = Callable[[str], Client]
Fill = Callable[..., dict[str, Any]]
ADD = "/admin/consent/register/new/"


def send(client: Client, data: dict[str, Any]) -> Any:
    return client.post(ADD, data)


def test_nothing_is_ticked_beforehand(as_: As, text: ConsentText) -> None:
    page = as_("story_keeper").get(ADD).content.decode()
    form = page[page.index('name="allow_read_words"') - 2000 :]
    assert not re.search(r"<input[^>]*\bchecked\b", form)
    assert len(re.findall(r'type="checkbox"[^>]*name="allow_|name="allow_[^>]*type="checkbox"', page)) == 16


def test_no_end_is_preset(as_: As, text: ConsentText) -> None:
    field = re.search(r'<input[^>]*name="valid_until"[^>]*>', as_("story_keeper").get(ADD).content.decode())
    assert field and "value=" not in field[0]


def test_a_renewal_carries_no_tick_and_no_end_over(as_: As) -> None:
    older = give(make_member(), until=timezone.now() + timedelta(days=9))
    page = as_("story_keeper").get(reverse("consent_register:renew", args=[older.pk])).content.decode()
    assert not re.search(r"<input[^>]*name=\"(allow_|credit)[^>]*\bchecked\b", page)
    assert not re.search(r'<input[^>]*name="valid_until"[^>]*value=', page)


def test_a_consent_is_recorded_with_its_grants_and_entries(as_: As, filled: Fill) -> None:
    member = make_member()
    done = send(
        as_("club_host"), filled(member, allow_train_image="on", valid_until="2027-03-31", credit="initials")
    )
    consent = Consent.objects.get()
    assert done.url == reverse("consent_register:inspect", args=[consent.pk])
    grants = set(consent.grants.values_list("purpose", "category", "credit"))
    assert grants == {("read", "words", "initials"), ("train", "image", "initials")}
    assert ConsentEvent.objects.filter(kind=EventKind.GIVEN).count() == 2


def test_the_last_day_is_included(as_: As, filled: Fill) -> None:
    send(as_("club_host"), filled(make_member(), valid_until="2027-03-31"))
    until = timezone.localtime(Consent.objects.get().valid_until)
    assert (until.date().isoformat(), until.hour, until.minute) == ("2027-03-31", 23, 59)


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"allow_read_words": None}, "Choose at least one purpose"),
        ({"evidence_reference": None}, "Attach the evidence"),
        ({"evidence_reference": "   "}, "Attach the evidence"),
        ({"valid_until": "2025-12-31"}, "end before it begins"),
        ({"method": "imported"}, "Select a valid choice"),
        ({"method": None}, "This field is required"),
        ({"credit": None}, "This field is required"),
        ({"text": 0}, "Select a valid choice"),
    ],
)
def test_what_proves_nothing_is_refused_and_nothing_is_lost(
    changes: dict[str, Any], complaint: str, as_: As, filled: Fill
) -> None:
    answer = send(as_("story_keeper"), filled(make_member(), conditions="Not in winter", **changes))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert complaint in page and "Not in winter" in page
    assert not Consent.objects.exists()


def test_leaving_the_company_is_a_consent_of_its_own_under_152(as_: As, filled: Fill) -> None:
    russian = ConsentText.objects.create(law="152-fz", language="ru", version=1, title="Т", body="Т")
    client, member = as_("story_keeper"), make_member()
    answer = send(client, filled(member, text=russian.pk, allow_promote_words="on"))
    assert "consent of its own" in answer.content.decode()
    assert (
        send(
            client, filled(member, text=russian.pk, allow_read_words=None, allow_promote_words="on")
        ).status_code
        == 302
    )


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("scan.pdf", PDF),
        ("scan.JPG", b"\xff\xd8\xff\xe0jfif"),
        ("scan.png", b"\x89PNG\r\n\x1a\n...."),
        ("talk.mp3", b"ID3\x04"),
        ("talk.m4a", b"\x00\x00\x00\x20ftypM4A "),
        ("talk.ogg", b"OggS\x00"),
        ("talk.wav", b"RIFF\x00\x00\x00\x00WAVE"),
    ],
)
def test_evidence_of_known_kinds_is_kept(name: str, content: bytes, as_: As, filled: Fill) -> None:
    answer = send(
        as_("story_keeper"), filled(make_member(), evidence_reference=None, evidence=evidence(name, content))
    )
    assert answer.status_code == 302
    consent = Consent.objects.get()
    assert consent.evidence_sha256 and "scan" not in consent.evidence.name
    with consent.evidence.open() as file:
        assert file.read() == content


@pytest.mark.parametrize(
    ("name", "content", "complaint"),
    [
        ("scan.pdf", b"<html><script>", "not what its name says"),
        ("scan.jpg", PDF, "not what its name says"),
        ("scan.png", b"", "empty"),
        ("scan.svg", b"<svg/>", "Use a PDF"),
        ("scan", PDF, "Use a PDF"),
        ("scan.html", b"<html>", "Use a PDF"),
        ("sound.wav", b"RIFF\x00\x00\x00\x00WEBP", "not what its name says"),
    ],
)
def test_other_evidence_is_refused(name: str, content: bytes, complaint: str, as_: As, filled: Fill) -> None:
    answer = send(as_("story_keeper"), filled(make_member(), evidence=evidence(name, content)))
    assert answer.status_code == 422
    assert complaint in answer.content.decode()


def test_evidence_over_20_mb_is_refused(as_: As, filled: Fill, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("consent.forms.MAX_EVIDENCE", 8)
    assert (
        "larger than 20 MB"
        in send(as_("story_keeper"), filled(make_member(), evidence=evidence())).content.decode()
    )


def test_evidence_opens_for_those_who_see_the_register(as_: As, filled: Fill) -> None:
    send(as_("story_keeper"), filled(make_member(), evidence=evidence()))
    url = Consent.objects.get().evidence.url
    shown = as_("story_keeper").get(reverse("consent_register:inspect", args=[Consent.objects.get().pk]))
    assert url in shown.content.decode()
    answer = as_("dpo").get(url)
    assert b"".join(answer.streaming_content) == PDF
    assert {role: as_(role).get(url).status_code for role in ("reader", "marketer")} == {
        "reader": 404,
        "marketer": 404,
    }


def test_only_the_newest_versions_are_offered(as_: As, text: ConsentText) -> None:
    newer = ConsentText.objects.create(
        law=text.law, language=text.language, version=2, title="Consent", body="Newer"
    )
    choices = as_("story_keeper").get(ADD).context["form"].fields["text"].queryset
    assert list(choices) == [newer]


def test_a_renewal_replaces_the_older_consent(as_: As, filled: Fill) -> None:
    older = give(make_member(), until=timezone.now() + timedelta(days=9))
    data = filled(older.member)
    assert as_("dpo").post(reverse("consent_register:renew", args=[older.pk]), data).status_code == 302
    newer = Consent.objects.get(supersedes=older)
    assert newer.member == older.member
    assert ConsentEvent.objects.filter(consent=newer, kind=EventKind.RENEWED).exists()
    page = as_("dpo").get(reverse("consent_register:inspect", args=[older.pk])).content.decode()
    assert reverse("consent_register:inspect", args=[newer.pk]) in page


def test_the_page_of_a_consent_holds_its_whole_history(as_: As) -> None:
    story = make_story()
    consent = story.member.consents.get()
    withdraw(member=story.member, purpose=Purpose.TRAIN)
    page = as_("dpo").get(reverse("consent_register:inspect", args=[consent.pk])).content.decode()
    for part in (
        consent.text.body,
        consent.text.sha256,
        "binder, sheet 1",
        story.title,
        "follows the one before it",
    ):
        assert part in page
    assert page.count("withdrawn") >= 2


def test_a_broken_chain_is_seen(as_: As, monkeypatch: pytest.MonkeyPatch) -> None:
    consent = give(make_member())
    monkeypatch.setattr(ConsentEvent, "payload", lambda event: f"other than {event.pk}")
    page = as_("dpo").get(reverse("consent_register:inspect", args=[consent.pk])).content.decode()
    assert "The chain is broken" in page


def test_a_withdrawal_says_what_happens_and_holds_at_once(as_: As, person: Callable[[str], Any]) -> None:
    story = make_story()
    url = reverse("consent_register:withdraw", args=[story.member.consents.get().pk])
    client = as_("club_host")
    page = client.get(url).content.decode()
    assert "disappear for every reader" in page and "1 published story" in page
    assert not re.search(r"<input[^>]*\bchecked\b", page)
    assert client.post(url, {}).status_code == 422
    assert visible(person("reader")).filter(pk=story.pk).exists()
    assert client.post(url, {"what": "all"}).status_code == 302
    assert not visible(person("reader")).filter(pk=story.pk).exists()
    assert "nothing left to take back" in client.get(url).content.decode()


def test_one_purpose_may_be_taken_back(as_: As, person: Callable[[str], Any]) -> None:
    story = make_story()
    url = reverse("consent_register:withdraw", args=[story.member.consents.get().pk])
    as_("club_host").post(url, {"what": "purpose:train"})
    assert visible(person("reader")).filter(pk=story.pk).exists()
    assert not visible(person("reader"), Purpose.TRAIN).filter(pk=story.pk).exists()


def test_the_register_is_filtered(as_: As) -> None:
    now = timezone.now()
    valid, ending = (
        give(make_member()),
        give(make_member(), until=now + timedelta(days=20), purposes=(Purpose.PROMOTE,)),
    )
    client = as_("dpo")

    def found(query: str) -> set[int]:
        return {row.pk for row in client.get(f"/admin/consent/register/?{query}").context["object_list"]}

    assert found("state=expiring") == {ending.pk}
    assert found("purpose=promote") == {ending.pk}
    assert found(f"member={valid.member_id}") == {valid.pk}
    assert found(f"valid_until_from={now.date()}&valid_until_to={(now + timedelta(days=30)).date()}") == {
        ending.pk
    }
    assert found("method=recorded") == set()
    assert found(f"q={valid.member.code}") == {valid.pk}


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_the_export_carries_codes_and_no_names(form: str, as_: As) -> None:
    consent = give(make_member(persona_name="=Садовница"))
    answer = as_("dpo").get(f"/admin/consent/register/?export={form}")
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    if form == "csv":
        assert consent.member.code in body.decode()
        assert "Садовница" not in body.decode() and "Warm House" not in body.decode()
    else:
        assert body[:2] == b"PK"


def test_the_ledger_is_a_list_and_nothing_else(as_: As) -> None:
    member = make_member()
    give(member)
    give(make_member())
    withdraw(member=member, purpose=Purpose.READ)
    client, url = as_("dpo"), "/admin/consent/ledger/"
    assert len(client.get(url).context["object_list"]) == 7
    assert len(client.get(f"{url}?kind=withdrawn").context["object_list"]) == 1
    assert len(client.get(f"{url}?member={member.pk}").context["object_list"]) == 4
    assert not client.get(f"{url}?at_from=2001-01-01&at_to=2001-02-01").context["object_list"]
    assert {
        client.get(f"{url}{road}").status_code for road in ("new/", "edit/1/", "inspect/1/", "delete/1/")
    } == {404}


@pytest.mark.parametrize("url", ["/admin/consent/register/", "/admin/consent/ledger/"])
def test_lists_need_as_many_queries_for_twenty_as_for_one(
    url: str, as_: As, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client = as_("dpo")
    give(make_member())
    client.get(url)
    with CaptureQueriesContext(connection) as first:
        client.get(url)
    for _number in range(19):
        give(make_member())
    with django_assert_num_queries(len(first)):
        client.get(url)


def test_dates_are_local(as_: As) -> None:
    consent = give(make_member(), start=datetime(2026, 1, 1, 22, 30, tzinfo=UTC))
    assert "2026-01-02" in as_("dpo").get("/admin/consent/register/").content.decode()
    assert consent.pk
