"""What HR does for authors: marking anew under a mended key, translations, figures of groups."""

from copy import deepcopy
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from onboarding import ledger, more_figures
from onboarding.enums import NoticeKind, NoticeState
from onboarding.models import Attempt, Event, ModulePage, Notice, StepState, TrackPage, TrackVersion
from onboarding.reports import Filters
from onboarding.services import notices
from tests.factories import make_user
from tests.onboarding.making import (
    block,
    decision_step,
    listed,
    make_employee,
    make_enrolment,
    make_module,
    make_track,
    question,
    republish,
)
from tests.onboarding.test_learning import signed_in, url

pytestmark = pytest.mark.django_db


def one_question(**value: Any) -> dict[str, Any]:
    """A quiz of one question with one right answer of three; the key is wrong."""
    answers = listed(*({"text": text, "right": text == "b", "feedback": ""} for text in "abc"))
    return block("quiz", questions=[question("single", options=answers)], pass_mark=100, **value)


def test_a_mended_key_raises_scores_gives_steps_and_takes_none() -> None:
    quiz = one_question()
    module = make_module(quiz)
    track = make_track(module)
    options = [each["id"] for each in quiz["value"]["questions"][0]["value"]["options"]]
    name = f"q-{quiz['value']['questions'][0]['id']}"
    rows, clients = [], []
    for number in range(3):
        user = make_user("newcomer")
        rows.append(make_enrolment(track, make_employee(user)))
        clients.append(signed_in(user))
        clients[-1].post(url(rows[-1], module, quiz), {"token": f"t{number}", name: options[number]})
    done = StepState.objects.filter(done_at__isnull=False)
    assert set(done.values_list("enrolment", flat=True)) == {rows[1].pk}
    mended = deepcopy(quiz)
    for number, each in enumerate(mended["value"]["questions"][0]["value"]["options"]):
        each["value"]["right"] = number == 0
    republish(module, [mended])
    boss = signed_in(make_user("hr_lead"))
    address = reverse("hr:regrade", args=[module.translation_key, quiz["id"]])
    assert address in boss.get(reverse("hr:regrade_list")).content.decode()
    page = boss.get(address).content.decode()
    assert "3 answers under an older key" in page and "1 score would be lower and stays" in page
    assert Event.objects.filter(verb="regraded").count() == 0, "looking changes nothing"
    before = list(Attempt.objects.values_list("pk", "score", "response"))
    for _twice in range(2):
        boss.post(address)
    event = Event.objects.get(verb="regraded")
    assert (event.enrolment, event.data["was"], event.data["score"]) == (rows[0], 0.0, 1.0)
    assert set(done.values_list("enrolment", flat=True)) == {rows[0].pk, rows[1].pk}
    assert list(Attempt.objects.values_list("pk", "score", "response")) == before
    assert "100" in clients[0].get(url(rows[0], module, quiz)).content.decode()
    assert not list(ledger.differences())
    assert signed_in(make_user("mentor")).post(address).status_code == 404
    foreign = reverse("hr:regrade", args=[module.translation_key, module.translation_key])
    assert boss.get(foreign).status_code == 404


def test_a_click_begins_a_translation_of_a_module_and_of_a_track() -> None:
    module = make_module()
    track = make_track(module)
    boss = signed_in(make_user("hr_lead"))
    assert reverse("hr:translate", args=[module.pk]) in boss.get(reverse("wagtailadmin_pages:edit", args=[module.pk])).content.decode()  # fmt: skip
    for page in (module, track):
        address = reverse("hr:translate", args=[page.pk])
        assert "Into Russian" in boss.get(address).content.decode()
        first, again = (boss.post(address)["Location"] for _time in range(2))
        assert first == again and boss.get(first).status_code == 200
    made = TrackPage.objects.get(language="ru")
    assert made.translation_key == track.translation_key and made.items.count() == 1 and not made.live
    assert ModulePage.objects.get(language="ru").translation_key == module.translation_key
    made.save_revision().publish()
    assert TrackVersion.objects.count() == 1, "a translation is no new version"
    assert signed_in(make_user("marketer")).get(reverse("hr:translate", args=[module.pk])).status_code == 404
    home = module.get_parent()
    assert boss.get(reverse("hr:translate", args=[home.pk])).status_code == 404


def test_more_figures_speak_of_groups_only() -> None:
    survey = block("survey", questions=listed({"text": "How was it?", "scale": True}))
    asks = survey["value"]["questions"][0]["id"]
    meet = block("meet", whom="mentor", about="Hello", confirm="self")
    decision = decision_step(competency=None)
    module = make_module(meet, survey, decision)
    track = make_track(module)
    began = timezone.now()
    for number in range(6):
        user = make_user("newcomer", email=f"x{number}@warm-house.example")
        row = make_enrolment(track, make_employee(user))
        client = signed_in(user)
        for step, form in ((meet, {}), (survey, {f"q-{asks}": str(1 + number % 5)})):
            client.get(url(row, module, step))
            client.post(url(row, module, step), {"token": f"{number}{step['id']}", **form})
        notices.tell(NoticeKind.DUE, f"d{number}", recipient=user, enrolment=row, due_on=row.anchor)
    Notice.objects.filter(kind=NoticeKind.DUE).update(state=NoticeState.SENT, sent_at=began)
    found = more_figures.figures(Filters(track.translation_key))
    shares = {each.label: each for each in found["shares"]}
    assert shares["Meetings held, of those that were due"].percent == 100
    acted = next(each for label, each in shares.items() if "on the day" in label)
    assert (acted.hits, acted.n, acted.interval[1]) == (6, 6, 100)
    [line] = found["surveys"]
    assert (line["n"], line["mean"], line["question"]) == (6, 2.7, "How was it?")
    assert {row["step"] for row in found["reading"]} <= {meet["value"]["title"], survey["value"]["title"]}
    boss = signed_in(make_user("hr_lead"))
    with CaptureQueriesContext(connection) as queries:
        page = boss.get("/hr/figures/").content.decode()
    assert "How was it?" in page and len(queries) <= 26, len(queries)
    assert not found["practice"]["share"].enough
    few = more_figures.figures(Filters(department="nowhere"))
    assert not few["surveys"] and not few["reading"] and not any(each.enough for each in few["shares"])
