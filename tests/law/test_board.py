"""The office's screens: who sees them, what stands on them, what one can do from there."""

import csv
import io
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook
from wagtail.models import ModelLogEntry

from consent.demands import fulfil, receive
from consent.enums import Channel, DemandKind, Law, SuggestionState
from consent.models import ConsentEvent, ConsentText, Demand, ErasureRun, Suggestion
from consent.office.admin_views import COPY_MADE
from consent.office.words import left
from stories.querysets import visible
from tests.factories import give, make_member, make_story

pytestmark = pytest.mark.django_db
As = Callable[[str], Client]
BOARD, DEMANDS, ADD = "/admin/consent/board/", "/admin/consent/demands/", "/admin/consent/demands/new/"
ROLES = (
    "anonymous",
    "outsider",
    "reader",
    "newcomer",
    "mentor",
    "hr_lead",
    "marketer",
    "story_keeper",
    "club_host",
    "dpo",
    "administrator",
)
WORKERS = {"story_keeper", "club_host", "dpo", "administrator"}


def demand(kind: DemandKind = DemandKind.COPY, days: int = 0, **fields: Any) -> Demand:
    """A demand that came in so many days ago."""
    at = timezone.now() - timedelta(days=days)
    return receive(
        **{
            "member": make_member(),
            "kind": kind,
            "channel": Channel.MAIL,
            "at": at,
            "law": Law.RU_152,
            **fields,
        }
    )


def page(client: Client, url: str = BOARD) -> str:
    return client.get(url).content.decode()


@pytest.mark.parametrize("role", ROLES)
def test_who_gets_which_screen(role: str, as_: As) -> None:
    waiting = demand()
    screens = {
        BOARD: {"dpo", "administrator"},
        DEMANDS: WORKERS,
        ADD: WORKERS,
        reverse("consent_demands:inspect", args=[waiting.pk]): WORKERS,
        reverse("consent_demands:fulfil", args=[waiting.pk]): {"dpo", "administrator"},
    }
    client = as_(role)
    for url, allowed in screens.items():
        assert client.get(url).status_code == (200 if role in allowed else 302), url


def test_the_board_is_in_the_menu_of_those_who_answer_demands(as_: As) -> None:
    assert BOARD in page(as_("dpo"), "/admin/")
    assert BOARD not in page(as_("club_host"), "/admin/")


def test_an_empty_house_is_told_so(as_: As) -> None:
    assert "Nobody waits for an answer" in page(as_("dpo"))


def test_the_overdue_stand_in_front_with_rule_and_article(as_: As) -> None:
    demand(DemandKind.ERASE)
    demand(DemandKind.STOP, days=30)
    shown = page(as_("dpo"))
    assert re.search(r"\d+ days overdue.*\d+ days left", shown, re.S)
    for part in ("3 working days", "152-ФЗ, 10.1(14)", "30 days", "152-ФЗ, 21(5)", "days overdue"):
        assert part in shown
    assert shown.index("days overdue") < shown.index("152-ФЗ, 21(5)")


def test_what_is_done_leaves_the_board(as_: As) -> None:
    done = demand()
    fulfil(done, outcome="Sent")
    assert reverse("consent_demands:inspect", args=[done.pk]) not in page(as_("dpo"))


@pytest.mark.parametrize(
    ("days", "said"),
    [
        (-2, "2 days overdue"),
        (-1, "1 day overdue"),
        (0, "due today"),
        (1, "1 day left"),
        (30, "30 days left"),
    ],
)
def test_time_is_said_in_words(days: int, said: str) -> None:
    assert left(days) == said


def test_the_board_leads_to_what_can_be_done(as_: As) -> None:
    copy, erase = demand(), demand(DemandKind.ERASE)
    shown = page(as_("dpo"))
    assert reverse("consent_demands:copy", args=[copy.pk]) in shown
    assert reverse("erasure_start", args=[erase.member_id]) in shown
    assert reverse("consent_demands:fulfil", args=[erase.pk]) in shown
    assert reverse("consent_demands:copy", args=[erase.pk]) not in shown


def test_the_board_shows_consents_that_end_by_steps(as_: As) -> None:
    now = timezone.now()
    near, far, later = (
        give(
            make_member(persona_name=name), start=now - timedelta(days=300), until=now + timedelta(days=days)
        )
        for name, days in (("Nearest", 5), ("Further", 40), ("Outside", 70))
    )
    context = as_("dpo").get(BOARD).context
    assert [[row.pk for row in group["rows"]] for group in context["ending"]] == [[near.pk], [far.pk]]
    assert later.member.persona_name not in page(as_("dpo"))


def test_the_board_counts_suggestions_that_wait(as_: As) -> None:
    for state in (SuggestionState.OPEN, SuggestionState.OPEN, SuggestionState.DECLINED):
        Suggestion.objects.create(member=make_member(), state=state, created_at=timezone.now())
    assert "2 changes wait" in page(as_("dpo"))


def test_the_board_shows_erasures_with_their_act(as_: As) -> None:
    run = ErasureRun.objects.create(
        member=make_member(), started_at=timezone.now(), finished_at=timezone.now(), is_clean=True
    )
    shown = page(as_("dpo"))
    assert run.member.code in shown and reverse("erasure_act", args=[run.pk]) in shown


def test_the_board_names_texts_that_no_lawyer_has_read(as_: As) -> None:
    ConsentText.objects.create(
        law="gdpr", language="en", version=1, title="Unread", body="x", is_template=True
    )
    ConsentText.objects.create(law="gdpr", language="ru", version=1, title="Checked", body="x")
    shown = page(as_("dpo"))
    assert "Unread" in shown and "Checked" not in shown


def test_the_board_looks_at_the_chain(as_: As, monkeypatch: pytest.MonkeyPatch) -> None:
    give(make_member())
    client = as_("dpo")
    assert "The newest 3 entries" in page(client)
    assert "3 entries, and the chain holds" in page(client, f"{BOARD}?chain=whole")
    monkeypatch.setattr(ConsentEvent, "payload", lambda event: f"other than {event.pk}")
    assert "The chain is broken" in page(client)
    assert "The chain is broken" in page(client, f"{BOARD}?chain=whole")


def test_a_term_that_reaches_an_unknown_year_is_marked(as_: As, monkeypatch: pytest.MonkeyPatch) -> None:
    demand()
    assert "Days off are announced up to" not in page(as_("dpo"))
    monkeypatch.setattr("consent.calendar.announced", lambda: 2000)
    assert "Days off are announced up to 2000" in page(as_("dpo"))


def test_the_board_costs_the_same_for_twenty_demands_as_for_one(
    as_: As, django_assert_num_queries: Any
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client = as_("dpo")
    demand()
    client.get(BOARD)
    with CaptureQueriesContext(connection) as first:
        client.get(BOARD)
    for _number in range(19):
        demand()
    with django_assert_num_queries(len(first)):
        client.get(BOARD)


def sent(**changes: Any) -> dict[str, Any]:
    data = {
        "kind": "withdraw",
        "channel": "paper",
        "received_on": timezone.localdate().isoformat(),
        "law": "",
        "words": "",
    }
    return {key: value for key, value in {**data, **changes}.items() if value is not None}


def test_a_demand_that_came_by_letter_is_recorded_and_holds_at_once(as_: As, reader: Any) -> None:
    story = make_story()
    answer = as_("club_host").post(ADD, sent(member=story.member_id, words="No more."))
    made = Demand.objects.get()
    assert answer.url == reverse("consent_demands:inspect", args=[made.pk])
    assert (made.kind, made.channel, made.words, made.law) == ("withdraw", "paper", "No more.", "gdpr")
    assert not visible(reader).filter(pk=story.pk).exists()
    assert "hidden the moment this demand was recorded" in page(as_("club_host"), answer.url)


def test_an_older_letter_is_counted_from_its_day(as_: As) -> None:
    day = timezone.localdate() - timedelta(days=20)
    as_("dpo").post(
        ADD, sent(member=make_member().pk, kind="erase", law="152-fz", received_on=day.isoformat())
    )
    made = Demand.objects.get()
    assert timezone.localtime(made.received_at).date() == day
    assert made.due_on >= day + timedelta(days=30)


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"kind": None}, "This field is required"),
        ({"kind": "dance"}, "Select a valid choice"),
        ({"channel": "link"}, "Select a valid choice"),
        ({"received_on": "2999-01-01"}, "later than today"),
        ({"received_on": "yesterday"}, "Enter a valid date"),
        ({"member": 999_999}, "Select a valid choice"),
        ({"law": "other"}, "Select a valid choice"),
    ],
)
def test_a_demand_that_cannot_be_is_refused_and_nothing_is_lost(
    changes: dict[str, Any], complaint: str, as_: As
) -> None:
    answer = as_("dpo").post(ADD, sent(**{"member": make_member().pk, "words": "Her words", **changes}))
    assert answer.status_code == 422
    shown = answer.content.decode()
    assert complaint in shown and "Her words" in shown
    assert not Demand.objects.exists()


def test_what_the_service_refuses_is_said_on_the_form(as_: As, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**_fields: Any) -> None:
        raise ValidationError("Not now.")

    monkeypatch.setattr("consent.office.admin_views.receive", refuse)
    answer = as_("dpo").post(ADD, sent(member=make_member().pk))
    assert answer.status_code == 422 and "Not now." in answer.content.decode()


def test_the_form_begins_with_the_narrator_of_the_address(as_: As) -> None:
    member = make_member(persona_name="The Gardener")
    assert "The Gardener" in page(as_("dpo"), f"{ADD}?member={member.pk}")
    for nonsense in ("x", "999999", "9" * 40, "-1", "²"):
        assert as_("dpo").get(ADD, {"member": nonsense}).status_code == 200


def test_a_demand_is_done_with_a_note(as_: As) -> None:
    waiting = demand()
    url, client = reverse("consent_demands:fulfil", args=[waiting.pk]), as_("dpo")
    assert client.post(url, {"outcome": " "}).status_code == 422
    assert client.post(url, {"outcome": "Sent by post."}).status_code == 302
    waiting.refresh_from_db()
    assert waiting.outcome == "Sent by post." and waiting.done_by.username.startswith("dpo")
    assert client.get(url).status_code == 302
    client.post(url, {"outcome": "Something else"})
    waiting.refresh_from_db()
    assert waiting.outcome == "Sent by post."


def test_the_copy_is_for_those_who_may_see_identities(as_: As) -> None:
    story = make_story()
    copy = demand(member=story.member)
    url = reverse("consent_demands:copy", args=[copy.pk])
    assert as_("club_host").post(url).status_code == 302
    answer = as_("dpo").post(url)
    assert answer.status_code == 200 and story.title in answer.content.decode()
    assert answer["Content-Disposition"] == f'attachment; filename="copy-{copy.pk}.json"'
    assert ModelLogEntry.objects.filter(action=COPY_MADE).count() == 1
    assert as_("dpo").get(url).status_code == 405
    assert (
        as_("dpo").post(reverse("consent_demands:copy", args=[demand(DemandKind.STOP).pk])).status_code == 404
    )


def test_demands_are_filtered(as_: As) -> None:
    late, waiting, done = demand(DemandKind.STOP, days=60), demand(DemandKind.ERASE), demand()
    fulfil(done)
    client = as_("dpo")

    def found(query: str) -> set[int]:
        return {row.pk for row in client.get(f"{DEMANDS}?{query}").context["object_list"]}

    assert found("") == {late.pk, waiting.pk, done.pk}
    assert found("state=open") == {late.pk, waiting.pk}
    assert found("state=overdue") == {late.pk}
    assert found("state=done") == {done.pk}
    assert found("kind=erase") == {waiting.pk}
    assert found(f"member={late.member_id}") == {late.pk}
    assert found(f"q={late.member.code}") == {late.pk}


def test_the_export_carries_codes_and_no_words_of_hers(as_: As) -> None:
    made = demand(DemandKind.STOP, days=60, member=make_member(persona_name="Садовница"), words="secretword")
    fulfil(made, outcome="=1+1")
    answer = as_("dpo").get(f"{DEMANDS}?export=csv")
    text = b"".join(answer.streaming_content).decode()
    [row] = csv.DictReader(io.StringIO(text))
    assert (
        row["Narrator"] == made.member.code
        and row["Article"] == "152-ФЗ, 10.1(14)"
        and row["State"] == "done late"
    )
    assert "Садовница" not in text and "secretword" not in text
    answer = as_("dpo").get(f"{DEMANDS}?export=xlsx")
    sheet = load_workbook(
        io.BytesIO(b"".join(answer.streaming_content) if answer.streaming else answer.content)
    ).active
    assert made.member.code in [cell.value for line in sheet.iter_rows() for cell in line]


def test_the_members_card_lists_demands(as_: As) -> None:
    made = demand()
    shown = page(as_("club_host"), reverse("club_members:inspect", args=[made.member_id]))
    assert reverse("consent_demands:inspect", args=[made.pk]) in shown
    assert f"{ADD}?member={made.member_id}" in shown


def test_the_dashboard_counts_what_is_overdue(as_: As) -> None:
    demand(DemandKind.STOP, days=60)
    assert "Overdue demands" in page(as_("dpo"), "/admin/")
    assert "Overdue demands" not in page(as_("club_host"), "/admin/")
