"""What goes wrong in other systems of this kind, one test each; ``docs/onboarding.md`` says which is which."""

from copy import deepcopy
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import get_resolver, reverse

from onboarding import ledger, reports
from onboarding.enums import NoticeKind, StepKind, Unlock
from onboarding.learning import track_of
from onboarding.models import (
    Attempt,
    Competency,
    Employee,
    Enrolment,
    Event,
    ModuleState,
    Notice,
    StepState,
    TrackVersion,
)
from onboarding.reports import Filters
from onboarding.services import moving, notices, reviewing
from onboarding.services.enrolling import leave, suspend
from tests.factories import make_story, make_user
from tests.onboarding.making import (
    block,
    decision_step,
    listed,
    make_employee,
    make_enrolment,
    make_module,
    make_track,
    question,
    quiz_step,
    read_step,
    republish,
    step_id,
    task_step,
)
from tests.onboarding.test_learning import right_answers, signed_in, url

pytestmark = pytest.mark.django_db


class House:
    """A newcomer with a mentor on a track of one module."""

    def __init__(self, *steps: dict[str, Any]) -> None:
        self.user = make_user("newcomer", email="n@warm-house.example")
        self.mentor = make_user("mentor", email="m@warm-house.example")
        self.module = make_module(*steps)
        self.track = make_track(self.module)
        self.row = make_enrolment(self.track, make_employee(self.user, mentor=self.mentor))
        self.client = signed_in(self.user)
        self.sent = 0

    def url(self, step: dict[str, Any]) -> str:
        return url(self.row, self.module, step)

    def send(self, step: dict[str, Any], **data: Any) -> Any:
        self.sent += 1
        return self.client.post(self.url(step), {"token": f"t{self.sent}", **data})

    def done(self) -> set[Any]:
        rows = StepState.objects.filter(enrolment=self.row, done_at__isnull=False)
        return set(rows.values_list("step", flat=True))


def test_everything_that_happened_has_its_moment_and_stays_visible_after_the_end() -> None:
    """1: no time of anything. 11: after finishing, history looks empty."""
    house = House(one := task_step(), two := task_step())
    for step in (one, two):
        house.client.get(house.url(step))
        house.send(step)
    for state in StepState.objects.filter(enrolment=house.row):
        assert state.seen_at and state.answered_at and state.done_at
        assert state.seen_at <= state.answered_at <= state.done_at
    module = ModuleState.objects.get(enrolment=house.row)
    house.row.refresh_from_db()
    assert module.opened_at and module.done_at and house.row.started_at and house.row.completed_at
    assert module.opened_at <= module.done_at <= house.row.completed_at
    page = house.client.get("/onboarding/").content.decode()
    assert page.count('class="s-done"') == 2
    assert all(house.client.get(house.url(step)).status_code == 200 for step in (one, two))


def test_progress_is_by_identity_not_by_position() -> None:
    """2: inserting, deleting or reordering steps moves every learner. 11: over 100 %."""
    house = House(one := task_step(), two := task_step(), three := task_step(required=False))
    house.send(one)
    for steps in ([three, two, one], [task_step(required=False), two, one], [two, one]):
        republish(house.module, steps)
        assert house.done() == {step_id(one)}
        view = track_of(house.row).next
        assert view is not None and view.step.id == step_id(two)
        assert all(house.client.get(house.url(step)).status_code == 200 for step in (one, two))
        house.row.refresh_from_db()
        assert house.row.percent == 50
    house.send(two)
    republish(house.module, [one])
    house.row.refresh_from_db()
    assert house.row.percent == 100 and not list(ledger.differences())


def changed_quiz(step: dict[str, Any]) -> dict[str, Any]:
    """The same quiz with other options, another order, another kind of question, one less and one more."""
    made = deepcopy(step)
    single, multiple, order, numeric, _short = made["value"]["questions"]
    single["value"]["options"] = listed({"text": "new", "right": True, "feedback": ""}, {"text": "bad", "right": False, "feedback": ""})  # fmt: skip
    order["value"]["items"] = listed("a", "b", "c", "d")
    numeric["type"], numeric["value"] = "short", {"prompt": "?", "feedback": "", "answers": listed("twelve")}
    made["value"]["questions"] = [order, single, multiple, numeric, question("numeric", answer="1", tolerance="0")]  # fmt: skip
    return made


def test_an_old_score_stands_and_its_page_opens_though_the_quiz_is_another() -> None:
    """3: past scores are recomputed against today's quiz, and a question more raises."""
    house = House(quiz := quiz_step(), decision := decision_step(competency=None), last := task_step())
    house.send(quiz, **right_answers(quiz))
    scenes = decision["value"]["scenes"]
    for scene in scenes:
        house.send(decision, scene=scene["id"], option=scene["value"]["options"][0]["id"])
    before = list(Attempt.objects.order_by("pk").values_list("score", "loyalty", "response"))
    other = deepcopy(decision)
    other["value"]["scenes"] = decision_step(competency=None)["value"]["scenes"]
    republish(house.module, [changed_quiz(quiz), other, last])
    pages = [house.client.get(house.url(step)).content for step in (quiz, decision)]
    assert moving.move(house.track.translation_key, TrackVersion.objects.latest("pk")).moved == 1
    house.row.refresh_from_db()
    for step in (quiz, decision):
        assert house.client.get(house.url(step)).status_code == 200
        assert house.client.get(house.url(step), {"again": "1"}).status_code == 200
    assert list(Attempt.objects.order_by("pk").values_list("score", "loyalty", "response")) == before
    assert b"100" in pages[0] and house.row.percent == 66
    boss = signed_in(make_user("hr_lead"))
    assert boss.get("/hr/items/").status_code == 200


def test_an_edit_reaches_people_inside_wholly_or_not_at_all() -> None:
    """4: conditions are pinned, items are shared: an edit of one reaches nobody, of the other everybody."""
    house = House(one := task_step(text="Old words"), two := task_step(required=False))
    reworded = deepcopy(one)
    reworded["value"]["text"] = "New words"
    republish(house.module, [reworded, two])
    assert "New words" in house.client.get(house.url(one)).content.decode(), "wording reaches everybody"
    required = deepcopy(two)
    required["value"]["required"] = True
    reworded["value"]["text"] = "Words of the next version"
    republish(house.module, [reworded, required, three := task_step()])
    page = house.client.get(house.url(one)).content.decode()
    assert "New words" in page and "next version" not in page, "neither its words"
    assert house.client.get(house.url(three)).status_code == 404, "nor its steps"
    house.send(one)
    house.row.refresh_from_db()
    assert house.row.percent == 100, "nor what is required"
    assert make_enrolment(house.track).version.major == 2


def test_doing_it_twice_tells_nobody_twice() -> None:
    """5: reposting sends mails again, skips a chapter, makes two answers."""
    house = House(asks := task_step(confirm="mentor"), last := task_step())
    for _click in range(3):
        house.client.post(house.url(asks), {"token": "same"})
    assert Attempt.objects.count() == 1
    assert Notice.objects.filter(kind=NoticeKind.REVIEW).count() == 1
    state = StepState.objects.get(step=step_id(asks))
    for _click in range(2):
        reviewing.confirm(state, by=house.mentor)
    assert Event.objects.filter(verb="confirmed").count() == 1
    assert house.done() == {step_id(asks)}, "a second click does not pass the next step"
    assert house.client.get(house.url(last)).status_code == 200
    for _again in range(2):
        make_enrolment(house.track, house.row.employee)
    assert Notice.objects.filter(kind=NoticeKind.INVITED).count() == 1


def test_nobody_acts_on_what_belongs_to_another() -> None:
    """7: an item is fetched by its id alone; a reminder acts on another person's item."""
    house = House(asks := task_step(confirm="mentor"))
    other = House(task_step(confirm="mentor"))
    house.send(asks)
    state = StepState.objects.get(step=step_id(asks))
    address = reverse("onboarding:confirm", args=[state.pk])
    for user in (
        other.mentor,
        house.user,
        make_user("hr_lead"),
        make_user("administrator", is_superuser=True),
    ):
        assert signed_in(user).post(address).status_code == 404
    mixed = reverse("onboarding:step", args=[other.row.uuid, house.module.translation_key, asks["id"]])
    assert other.client.get(mixed).status_code == 404, "a step of another module under one's own enrolment"
    assert other.client.post(mixed, {"token": "x"}).status_code == 404
    assert house.done() == set() and signed_in(house.mentor).post(address).status_code == 302


def test_no_address_of_learning_signs_anybody_in() -> None:
    """8: a token of eight characters in an address signs the newcomer in by GET."""
    house = House(step := task_step())
    paths = [house.url(step), reverse("onboarding:checklist", args=[house.row.uuid]), "/onboarding/"]
    for path in paths:
        client = Client()
        answer = client.get(path, {"token": str(house.row.uuid), "user": house.user.username})
        assert answer.status_code == 302 and "/login/" in answer["Location"], path
        assert "_auth_user_id" not in client.session
    named = {str(each.pattern) for each in get_resolver("onboarding.urls").url_patterns}
    assert not [pattern for pattern in named if "login" in pattern]


def test_what_people_did_outlives_the_account_and_the_content() -> None:
    """9: deleting a to-do deletes everybody's progress, deleting a picture deletes the user."""
    house = House(step := task_step())
    house.send(step)
    events = Event.objects.count()
    house.mentor.delete()
    house.user.delete()
    row = Employee.objects.get(pk=house.row.employee_id)
    assert (row.user_id, row.mentor_id) == (None, None)
    house.module.unpublish()
    Competency.objects.all().delete()
    assert house.done() == {step_id(step)} and Event.objects.count() == events
    assert not list(ledger.differences())


def test_taking_one_person_off_touches_nobody_else() -> None:
    """10: removing a sequence deletes the newest entry of anybody's log."""
    house = House(step := task_step())
    other = make_enrolment(house.track)
    house.send(step)
    before = list(Event.objects.exclude(enrolment=other).values_list("hash", flat=True))
    suspend(other)
    leave(other.employee)
    assert list(Event.objects.exclude(enrolment=other).values_list("hash", flat=True)) == before
    assert [event.verb for event in other.events.order_by("pk")] == ["enrolled", "suspended", "left"]
    assert not list(ledger.differences())


def test_every_kind_of_notice_is_written_by_code_and_has_words() -> None:
    """12: a setting says "e-mail when overdue", and nothing reads it."""
    code = "".join(path.read_text() for path in Path(settings.BASE_DIR, "onboarding").rglob("*.py"))
    said = set()
    row = make_enrolment(make_track(make_module()))
    for kind in NoticeKind:
        assert code.count(f"NoticeKind.{kind.name}") >= 1, kind
        made = notices.notice(kind, f"test:{kind}", recipient=row.employee.user, enrolment=row,
                              due_on=row.anchor)  # fmt: skip
        mail = notices.compose(made)
        body = str(mail.body).split("Go on here")[0].strip()
        assert len(body) > 20, f"{kind} says nothing"
        said.add(body)
    assert len(said) >= len(NoticeKind) - 1, "only mentor and manager are told in the same words"


def test_what_authors_write_is_text_and_what_vanished_leaves_a_page() -> None:
    """13: stored text goes through the template engine; a file that is gone raises, and is asked for block by block."""
    evil = "{{ request.user.password }} {% now 'Y' %} {% include 'base.html' %} <script>alert(1)</script>"
    story = make_story(title="A story")
    steps = [
        block("material", text=evil, link=""),
        block("acknowledge", text=evil),
        block("meet", whom="mentor", about=evil, confirm="self"),
        block("survey", questions=listed({"text": evil, "scale": True})),
        block("reveal", story=story.pk, episode=99, now=evil, competency=None, required=False),
        *(task_step(text=evil) for _number in range(8)),
        read_step(story, required=False, competency=None),
    ]
    house = House(*steps)
    for step in steps:
        StepState.objects.update_or_create(enrolment=house.row, module_key=house.module.translation_key, step=step_id(step))  # fmt: skip
        address = house.url(step)
        page = house.client.get(address).content.decode()
        assert "<script>alert" not in page and house.user.password not in page
        if step["type"] != StepKind.READ:
            house.send(step, confirmed="1", **({f"q-{step['value']['questions'][0]['id']}": "3"} if step["type"] == "survey" else {}))  # fmt: skip
    first = house.client.get(house.url(steps[0])).content.decode()
    assert "{{ request.user.password }}" in first.replace("&#x27;", "'")
    with CaptureQueriesContext(connection) as queries:
        house.client.get(house.url(steps[5]))
    assert len(queries) <= 14, "not a query for each of fourteen steps"
    type(story).objects.get(pk=story.pk).unpublish()
    assert house.client.get(house.url(steps[-1])).status_code == 200
    mail = notices.compose(
        notices.notice(NoticeKind.INVITED, "evil", recipient=house.user, enrolment=house.row)
    )
    Employee.objects.filter(pk=house.row.employee_id).update(name=evil)
    assert "{%" not in str(mail.body)


def test_figures_of_a_cohort_are_there() -> None:
    """13: no cohort figures, no file, no export."""
    house = House(step := task_step())
    house.send(step)
    rows = [make_enrolment(house.track, make_employee(department="A")) for _number in range(5)]
    found = reports.dashboard(Filters(house.track.translation_key))
    assert (found["total"], found["finished"], len(found["points"])) == (6, 1, 1)
    assert len(list(reports.table(Filters(department="A")))) == 1 + len(rows)
    assert Enrolment.objects.filter(completed_at__isnull=False).count() == 1


def test_today_is_the_day_where_the_newcomer_lives() -> None:
    """Mistakes of time zones, which people ask to mend most often. A module opens when its day begins there, not at the server."""
    page = make_module(task_step())
    track = make_track(page, unlock=Unlock.ON_DAY)
    here, there = (
        make_enrolment(track, make_employee(time_zone=zone)) for zone in ("Europe/Moscow", "Pacific/Auckland")
    )
    evening_before = datetime(2026, 3, 1, 15, tzinfo=UTC)
    assert [bool(track_of(row, evening_before).modules[0].locked) for row in (here, there)] == [True, False]
