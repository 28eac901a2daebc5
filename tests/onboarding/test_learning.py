"""A newcomer's pages: only her own, in order, answered once, kept on the server, hidden when a story is taken back."""

from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from consent.services import withdraw
from onboarding import ledger, scoring
from onboarding.compiling import compile_module
from onboarding.enums import Redaction, Status, Unlock, Verdict
from onboarding.models import (
    Attempt,
    Draft,
    Enrolment,
    Event,
    Notice,
    Quotation,
    ReflectionReview,
    StepState,
    Words,
)
from onboarding.services import reviewing
from onboarding.services.endings import decide
from onboarding.structure import steps_of
from tests.factories import episode, make_story, make_user
from tests.onboarding.making import (
    block,
    decision_step,
    listed,
    make_competency,
    make_employee,
    make_enrolment,
    make_module,
    make_track,
    quiz_step,
    read_step,
    step_id,
    task_step,
)

pytestmark = pytest.mark.django_db
TOLD = "I stood at the window three evenings and counted the trams that did not bring him"


def url(enrolment: Enrolment, module: Any, step: dict[str, Any]) -> str:
    return reverse("onboarding:step", args=[enrolment.uuid, module.translation_key, step["id"]])


def signed_in(user: Any) -> Client:
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(user, backend="club.backends.EmployeeBackend")
    return client


class World:
    """A track of two modules around one story, a newcomer on it with a mentor."""

    def __init__(self) -> None:
        self.story = make_story(title="The window", body=[episode(happened=TOLD, loyalty=-2), episode(loyalty=4, turning_point=True),
                                                          ("case", {"verdict": "bad", "why": "Nobody rang.", "missing": "A call.", "lesson": "Ring."})])  # fmt: skip
        trains = make_competency().pk
        self.predict = block("predict_loyalty", story=self.story.pk, intro="", beats=[], competency=trains)
        self.read = read_step(self.story)
        self.decide = decision_step(self.story)
        self.why = block(
            "why_bad",
            story=self.story.pk,
            question="Why?",
            criteria=listed("A cause"),
            words=5,
            accept=True,
            competency=trains,
        )
        self.quiz = quiz_step()
        self.last = task_step()
        self.first = make_module(self.predict, self.read, self.decide, self.why, self.quiz)
        self.second = make_module(self.last)
        self.track = make_track(self.first, self.second)
        self.mentor = make_user("mentor", email="m@warm-house.example")
        self.user = make_user("newcomer", email="n@warm-house.example")
        self.enrolment = make_enrolment(self.track, make_employee(self.user, mentor=self.mentor))
        self.client = signed_in(self.user)

    def url(self, step: dict[str, Any]) -> str:
        return url(self.enrolment, self.second if step is self.last else self.first, step)

    def state(self, step: dict[str, Any]) -> StepState:
        return StepState.objects.get(enrolment=self.enrolment, step=step_id(step))

    def send(self, step: dict[str, Any], **data: Any) -> Any:
        return self.client.post(self.url(step), {"token": str(uuid4()), **data})


@pytest.fixture
def world() -> World:
    return World()


def right_answers(step: dict[str, Any]) -> dict[str, Any]:
    """A form with every answer right."""
    [compiled] = steps_of(compile_module([step]))
    found: dict[str, Any] = {}
    for question in compiled.key["questions"]:
        name = f"q-{question['id']}"
        if question["kind"] == "order":
            found |= {f"{name}-{pk}": place for place, pk in enumerate(question["order"], start=1)}
        elif question["kind"] == "numeric":
            found[name] = "12,7"
        elif question["kind"] == "short":
            found[name] = " елка! "
        else:
            found[name] = [pk for pk, right in question["options"] if right]
    return found


def test_a_newcomer_goes_through_her_track(world: World) -> None:
    """The whole way, in order: predict, read, decide twice, reflect, answer; then the module behind it opens."""
    page = world.client.get(reverse("onboarding:track")).content.decode()
    assert world.url(world.predict) in page and "Begin here" in page
    assert TOLD not in page

    locked = world.client.get(world.url(world.last)).content.decode()
    assert "Not open yet" in locked and world.first.title in locked and world.url(world.predict) in locked
    assert TOLD not in world.client.get(world.url(world.decide)).content.decode(), (
        "what comes later is locked"
    )

    refused = world.send(world.predict, p0="-2")
    assert refused.status_code == 422 and "Still to place: 1" in refused.content.decode()
    world.send(world.predict, p0="-1", p1="2")
    attempt = Attempt.objects.get()
    assert attempt.response == {"points": [-1, 2], "error": 0.5} and attempt.score is None
    after = world.client.get(world.url(world.predict)).content.decode()
    assert "<svg" in after and "no mark" in after

    assert TOLD in world.client.get(world.url(world.read)).content.decode().replace("\N{NO-BREAK SPACE}", " ")
    world.send(world.read)
    decided(world)
    assert world.send(world.why, text="too short").status_code == 422
    world.send(world.why, text="Nobody rang her, and she stopped believing our texts.")
    assert world.state(world.why).done_at is None, "it counts when the mentor has accepted it"
    done = world.client.get(world.url(world.why)).content.decode()
    assert "Nobody rang." in done, "the company's own answer comes after hers"
    world.send(world.quiz, **right_answers(world.quiz))
    assert Attempt.objects.get(step=world.quiz["id"]).score == 1.0
    assert world.client.get(world.url(world.last)).status_code == 200, (
        "what waits for somebody else holds nobody up"
    )
    world.send(world.last)
    world.enrolment.refresh_from_db()
    assert world.enrolment.percent == 83 and world.enrolment.completed_at is None

    reviewing.review(
        Attempt.objects.get(step=world.why["id"]),
        marks={},
        comment="Well heard.",
        verdict=Verdict.ACCEPTED,
        by=world.mentor,
    )
    world.enrolment.refresh_from_db()
    assert (world.enrolment.percent, world.enrolment.status) == (100, Status.COMPLETED)
    assert not list(ledger.differences())


def decided(world: World) -> None:
    """Two scenes; the first answer is not sent twice, the way is kept on the server between them."""
    [compiled] = steps_of(compile_module([world.decide]))
    first, second = compiled.key["scenes"]
    ring = first["options"][0]["id"]
    for _twice in range(2):
        assert world.send(world.decide, scene=first["id"], option=ring).status_code == 302
    assert Draft.objects.get().data["path"] == [[first["id"], ring]]
    page = world.client.get(world.url(world.decide)).content.decode()
    assert "After “Ring” she waits." in page and "The bill" in page
    assert world.send(world.decide, scene=second["id"], option="other").status_code == 422
    world.send(world.decide, scene=second["id"], option="other", other="I would go there myself")
    attempt = Attempt.objects.get(step=world.decide["id"])
    assert attempt.response["path"] == [[first["id"], ring], [second["id"], "other"]]
    assert (attempt.loyalty, attempt.score) == (70, 0.5)
    assert attempt.words.get().text == "I would go there myself"
    assert not Draft.objects.exists()


def test_a_form_sent_twice_is_one_attempt_and_another_tab_changes_nothing(world: World) -> None:
    token = str(uuid4())
    for _click in range(3):
        world.client.post(world.url(world.predict), {"token": token, "p0": "1", "p1": "1"})
    first = world.state(world.predict).done_at
    assert Attempt.objects.count() == 1
    world.send(world.predict, p0="5", p1="5")
    assert Attempt.objects.filter(is_first=True).count() == 1 and Attempt.objects.count() == 2
    assert world.state(world.predict).done_at == first
    assert Event.objects.filter(verb="answered").count() == 2
    assert not list(ledger.differences())


def test_an_unfinished_answer_waits_on_the_server_in_either_language(world: World) -> None:
    world.client.post(world.url(world.predict), {"keep": "auto", "p0": "3", "evil": "x" * 9000})
    assert Draft.objects.get().data["form"] == {"p0": ["3"]}
    other_device = signed_in(world.user)
    for language in ("en", "ru"):
        page = other_device.get(
            world.url(world.predict), headers={"Accept-Language": language}
        ).content.decode()
        assert 'name="p0" value="3" checked' in page
    step = compile_module([world.quiz])["steps"][0]
    orders = [scoring.offered(step["key"]["questions"][2], world.enrolment.uuid) for _reading in range(2)]
    assert orders[0] == orders[1]


def test_an_id_is_never_enough(world: World) -> None:
    """Everybody else gets the same 404, whatever the address names."""
    addresses = [world.url(world.predict), reverse("onboarding:checklist", args=[world.enrolment.uuid])]
    for role in ("newcomer", "mentor", "hr_lead", "reader", "outsider"):
        client = signed_in(make_user(None if role == "outsider" else role))
        assert [client.get(address).status_code for address in addresses] == [404, 404], role
    foreign = make_module(step := task_step())
    assert world.client.get(url(world.enrolment, foreign, step)).status_code == 404
    assert (
        world.client.get(
            world.url(world.predict).replace(str(world.enrolment.uuid), str(uuid4()))
        ).status_code
        == 404
    )


def test_a_reflection_goes_to_the_named_mentor_alone(world: World) -> None:
    for step, data in ((world.predict, {"p0": "1", "p1": "1"}), (world.read, {})):
        world.send(step, **data)
    decided(world)
    world.send(world.why, text="Between us only, please, zyxkanarek and more.")
    attempt = Attempt.objects.get(step=world.why["id"])
    address = reverse("onboarding:review", args=[attempt.pk])
    assert b"zyxkanarek" in signed_in(world.mentor).get(address).content
    boss = make_user("hr_lead")
    world.enrolment.employee.manager = boss
    world.enrolment.employee.save()
    for user in (boss, make_user("mentor"), world.user):
        assert signed_in(user).get(address).status_code == 404
    pages = [
        "/hr/",
        "/hr/items/",
        "/hr/people.csv",
        reverse("hr:person", args=[world.enrolment.uuid]),
        "/onboarding/people/",
    ]
    for path in pages:
        response = signed_in(boss).get(path)
        content = b"".join(response.streaming_content) if response.streaming else response.content
        assert response.status_code == 200 and b"zyxkanarek" not in content, path
    with pytest.raises(PermissionDenied):
        reviewing.review(attempt, marks={}, comment="x", verdict=Verdict.REDO, by=boss)
    answer = signed_in(world.mentor).post(
        address, {"verdict": "redo", "comment": "Once more, with her words in mind."}
    )
    assert answer.status_code == 302 and ReflectionReview.objects.get().verdict == Verdict.REDO
    assert world.state(world.why).done_at is None
    assert Notice.objects.filter(kind="reviewed", recipient=world.user).count() == 1


def test_what_repeats_a_story_is_hidden_when_it_is_taken_back_until_a_person_decides(world: World) -> None:
    for step, data in ((world.predict, {"p0": "1", "p1": "1"}), (world.read, {})):
        world.send(step, **data)
    decided(world)
    world.send(world.why, text=f"She said: {TOLD}. That is why.")
    attempt = Attempt.objects.get(step=world.why["id"])
    withdraw(member=world.story.member)
    [quotation] = Quotation.objects.all()
    assert quotation.words.attempt == attempt
    for page in (
        signed_in(world.mentor).get(reverse("onboarding:review", args=[attempt.pk])),
        world.client.get(world.url(world.why)),
    ):
        assert b"counted the trams" not in page.content
    decide(quotation, Redaction.REMOVED)
    assert Words.objects.get(pk=quotation.words_id).text == ""
    assert not list(ledger.differences()), "the ledger holds only the digest, so the chain still holds"


def test_a_step_page_is_cheap(world: World) -> None:
    world.client.get(world.url(world.predict))
    world.send(world.predict, p0="1", p1="1")
    for step in (world.predict, world.read):
        world.client.get(world.url(step))
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert world.client.get(world.url(step)).status_code == 200
        assert len(queries) <= 14, [query["sql"][:120] for query in queries]


def test_the_quiz_marks_every_kind_of_question() -> None:
    step = quiz_step()
    [compiled] = steps_of(compile_module([step]))
    form = QueryDict(mutable=True)
    for name, value in right_answers(step).items():
        form.setlist(name, [str(each) for each in (value if isinstance(value, list) else [value])])
    assert scoring.read(compiled, form, {}).score == 1.0
    for question in compiled.key["questions"]:
        name = f"q-{question['id']}"
        if question["kind"] == "multiple":
            form.setlist(name, [pk for pk, _right in question["options"]])
            assert scoring.mark(question, form.getlist(name)) == 0.5
        if question["kind"] == "numeric":
            form[name] = "twelve"
            assert "number" in scoring.read(compiled, form, {}).errors[name]
    assert set(scoring.read(compiled, QueryDict(), {}).errors) == {
        f"q-{question['id']}" for question in compiled.key["questions"]
    }


def test_loyalty_stays_inside_its_scale() -> None:
    step = decision_step(competency=None, start=95)
    [compiled] = steps_of(compile_module([step]))
    first, second = compiled.key["scenes"]
    up, down = (
        [[first["id"], first["options"][0]["id"]]],
        [[first["id"], first["options"][0]["id"]], [second["id"], second["options"][1]["id"]]],
    )
    assert (scoring.loyalty_after(compiled, up), scoring.loyalty_after(compiled, down * 9)) == (100, 0)


def test_a_module_that_opens_on_its_day_says_so(world: World) -> None:
    track = make_track(make_module(step := task_step()), unlock=Unlock.ON_DAY)
    item = track.items.get()
    item.opens_in = 2000
    track.items = [item]
    track.save_revision().publish()
    enrolment = make_enrolment(track, world.enrolment.employee)
    module = item.module
    page = world.client.get(url(enrolment, module, step)).content.decode()
    assert "opens on its day" in page


def test_a_word_to_the_author_is_kept(world: World) -> None:
    address = reverse(
        "onboarding:to_author", args=[world.enrolment.uuid, world.first.translation_key, world.predict["id"]]
    )
    assert world.client.post(address, {"feedback": "The second beat is unclear."}).status_code == 302
    world.client.post(address, {"feedback": f"I do not see why: {TOLD}."})
    boss = signed_in(make_user("hr_lead"))
    page = boss.get("/hr/items/").content.decode()
    assert "The second beat is unclear." in page and "counted the trams" in page
    withdraw(member=world.story.member)
    page = boss.get("/hr/items/").content.decode()
    assert "The second beat is unclear." in page and "counted the trams" not in page
