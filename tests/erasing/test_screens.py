"""The screens of erasure: begun by typing the code, seen to its end, proved by an act and a log."""

import csv
import io
import json
from collections.abc import Callable
from unittest.mock import patch

import pytest
from django.test import Client
from django.urls import reverse

from consent.erasing import act, running
from consent.models import ErasureRun
from stories.models import StoryPage
from tests.erasing.conftest import SENTENCE, Trace

pytestmark = pytest.mark.django_db(transaction=True)
As = Callable[[str], Client]


def begin(client: Client, trace: Trace, code: str) -> tuple[int, str]:
    """Type a code on her page."""
    url = reverse("erasure_start", args=[trace.member.pk])
    response = client.post(url, {"code": code}, follow=True, headers={"Accept-Language": "en"})
    return response.status_code, response.content.decode()


def test_the_page_says_beforehand_what_is_hers(as_: As, trace: Trace) -> None:
    page = as_("dpo").get(reverse("erasure_start", args=[trace.member.pk]), headers={"Accept-Language": "en"}).content.decode()
    assert "cannot be undone" in page
    assert "stories: words, titles, addresses, dates, tags</td><td>2</td>" in page
    assert "She demanded it on" in page


@pytest.mark.parametrize("code", ["", "KD-000000-1", "nonsense", "KD-111111-8"])
def test_a_wrong_code_destroys_nothing(as_: As, trace: Trace, code: str) -> None:
    status, _page = begin(as_("dpo"), trace, code)
    assert status == 422
    assert StoryPage.objects.filter(member=trace.member).count() == 2
    assert not ErasureRun.objects.exists()


def test_the_right_code_destroys_everything_and_shows_the_proof(as_: As, trace: Trace) -> None:
    client = as_("dpo")
    status, page = begin(client, trace, f" {trace.member.code.lower()} ")
    assert status == 200
    assert "Found: nothing." in page
    assert "a printed sheet" in page
    run = ErasureRun.objects.get()
    assert run.started_by and run.is_clean
    assert trace.member.code in client.get(reverse("erasure_list")).content.decode()


def test_without_a_member_any_code_may_be_typed(as_: As, trace: Trace) -> None:
    response = as_("dpo").post(reverse("erasure_start"), {"code": trace.member.code}, follow=True)
    assert response.status_code == 200
    assert ErasureRun.objects.get().member == trace.member


def test_an_open_run_is_shown_and_goes_on(as_: As, trace: Trace) -> None:
    client = as_("dpo")
    with patch("consent.erasing.compacting.compact", side_effect=OSError("disk")):
        _status, page = begin(client, trace, trace.member.code)
    run = ErasureRun.objects.get()
    assert "Go on" in page and run.finished_at is None
    assert client.get(reverse("erasure_act", args=[run.pk])).status_code == 404
    _status, page = begin(client, trace, trace.member.code)
    run.refresh_from_db()
    assert run.finished_at and "had been interrupted" in page


@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_act_has_every_field_of_the_order(as_: As, trace: Trace, language: str) -> None:
    client = as_("dpo")
    begin(client, trace, trace.member.code)
    run = ErasureRun.objects.get()
    client.cookies["django_language"] = language
    page = client.get(reverse("erasure_act", args=[run.pk])).content.decode()
    assert page.count("<dt>") >= 10
    assert trace.member.code in page
    assert "Warm House" in page
    assert "179" in page
    assert f"{run.finished_at.year + 3}" in page
    assert "Аксинь" not in page


def test_the_log_leaves_as_csv_and_json_and_names_nobody(as_: As, trace: Trace) -> None:
    client = as_("dpo")
    begin(client, trace, trace.member.code)
    run = ErasureRun.objects.get()
    url = reverse("erasure_log", args=[run.pk])
    text = client.get(url).content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert {row["kind"] for row in rows} == {"step", "ledger"}
    assert len([row for row in rows if row["kind"] == "ledger"]) == trace.member.events.count()
    data = json.loads(client.get(url, {"format": "json"}).content)
    assert data["clean"] is True and len(data["log"]) == len(rows)
    assert SENTENCE[:16] not in text and "Аксинь" not in json.dumps(data, ensure_ascii=False)


def test_a_log_is_no_formula(trace: Trace) -> None:
    run = running.erase(trace.member)
    run.steps.filter(surface="club.card").update(surface="=cmd()")
    assert "'=cmd()" in act.as_csv(run)


@pytest.mark.parametrize("who", ["story_keeper", "club_host", "marketer", "reader"])
def test_others_do_not_get_in(as_: As, trace: Trace, who: str) -> None:
    response = as_(who).post(reverse("erasure_start", args=[trace.member.pk]), {"code": trace.member.code})
    assert response.status_code == 302
    assert StoryPage.objects.filter(member=trace.member).count() == 2
