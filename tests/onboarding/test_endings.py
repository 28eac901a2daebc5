"""A story is taken back mid-track: nobody loses anything, in the withdrawal's own transaction."""

import time
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from consent.services import pause, resume, withdraw
from onboarding import ledger, reports
from onboarding.enums import By, Status
from onboarding.models import Enrolment, Event, ModuleState, Notice, StepState
from onboarding.services import endings
from onboarding.services.enrolling import enrol, suspend
from onboarding.services.notices import deliver
from stories.models import StoryPage
from tests.factories import make_story, make_user
from tests.onboarding.making import (
    make_competency,
    make_employee,
    make_enrolment,
    make_module,
    make_track,
    read_step,
    republish,
    step_id,
    task_step,
)
from tests.onboarding.test_learning import signed_in, url

pytestmark = pytest.mark.django_db
OWN = ("/onboarding/", "/onboarding/people/", "/onboarding/reviews/")
ALL = ("/hr/", "/hr/items/", "/hr/people.csv", "/hr/people.xlsx", "/hr/twins/", "/hr/quotations/")
PLACES = ("/onboarding/{enrolment}/checklist/", "/hr/people/{enrolment}/", "/admin/pages/{page}/edit/", "/admin/pages/{page}/view_draft/",
          "/admin/pages/{page}/history/", "/admin/pages/{page}/revisions/compare/earliest...latest/")  # fmt: skip


def plan_of(enrolment: Enrolment) -> dict[Any, Any]:
    return dict(ModuleState.objects.filter(enrolment=enrolment).values_list("module_key", "due_on"))


def test_finished_stays_finished_and_the_rest_is_replaced_or_waived(mailoutbox: list[Any]) -> None:
    story, other = make_story(title="Taken zyxkanarek"), make_story(title="The twin")
    page = make_module(done := read_step(story), to_do := read_step(story), task_step())
    twin = make_module(stand_in := read_step(other))
    track = make_track(page)
    author = make_user("hr_lead", email="a@warm-house.example")
    page.owner = author
    page.save()
    user = make_user("newcomer", email="n@warm-house.example")
    enrolment = make_enrolment(track, make_employee(user))
    client = signed_in(user)
    client.post(url(enrolment, page, done), {"token": "a"})
    resting = make_enrolment(track)
    suspend(resting)
    before = plan_of(enrolment)

    withdraw(member=story.member)
    states = {row.step: row for row in StepState.objects.filter(enrolment=enrolment)}
    assert states[step_id(done)].by == By.SELF and states[step_id(done)].done_at
    assert states[step_id(to_do)].instead_step == step_id(stand_in)
    assert states[step_id(to_do)].instead_module == twin.translation_key
    assert plan_of(enrolment) == before
    assert StepState.objects.filter(enrolment=resting, story_ended=True).count() == 2
    assert set(Notice.objects.filter(kind__in=["story_gone", "author"]).values_list("recipient", flat=True)) == {
        user.pk, resting.employee.user_id, author.pk,
    }  # fmt: skip

    gone = client.get(url(enrolment, page, done)).content.decode()
    assert "taken this story back" in gone and "stays done" in gone and "zyxkanarek" not in gone
    instead = client.get(url(enrolment, page, to_do)).content.decode()
    assert "The twin" in instead and "zyxkanarek" not in instead
    client.post(url(enrolment, page, to_do), {"token": "b"})
    assert StepState.objects.get(enrolment=enrolment, step=step_id(to_do)).by == By.SUBSTITUTE
    assert not list(ledger.differences())
    Notice.objects.update(send_at=timezone.now())
    deliver()
    heard = [mail.body + mail.subject for mail in mailoutbox]
    for client_of, paths in ((client, OWN), (signed_in(author), ALL)):
        for path in (*paths, *(each.format(page=page.pk, enrolment=enrolment.uuid) for each in PLACES)):
            response = client_of.get(path)
            heard.append(
                (b"".join(response.streaming_content) if response.streaming else response.content).decode(
                    errors="replace"
                )
            )
    assert len(heard) > 12 and not [each for each in heard if "zyxkanarek" in each.lower()]
    events = Event.objects.count()
    withdraw(member=story.member)
    endings.reconcile()
    assert Event.objects.count() == events, "the same ending twice changes nothing"


def test_a_pinned_version_is_found_though_its_page_shows_another_story() -> None:
    story = make_story()
    page = make_module(step := read_step(story), last := task_step())
    enrolment = make_enrolment(make_track(page))
    republish(page, [last])
    withdraw(member=story.member)
    assert StepState.objects.get(enrolment=enrolment, step=step_id(step)).by == By.WAIVED


def test_a_pause_and_an_unpublished_story_end_it_too_and_nothing_shrinks_when_it_is_back() -> None:
    first, second = make_story(), make_story()
    page = make_module(one := read_step(first), two := read_step(second), task_step())
    enrolment = make_enrolment(make_track(page))
    pause(member=first.member)
    StoryPage.objects.get(pk=second.pk).unpublish()
    done = set(
        StepState.objects.filter(enrolment=enrolment, done_at__isnull=False).values_list("step", flat=True)
    )
    assert done == {step_id(one), step_id(two)}
    resume(member=first.member)
    enrolment.refresh_from_db()
    assert enrolment.percent == 66
    assert not list(ledger.differences())


def test_a_chain_of_substitutes_ends_after_three_and_never_turns_back() -> None:
    stories = [make_story() for _number in range(6)]
    page = make_module(step := read_step(stories[0]))
    twins = [make_module(read_step(story)) for story in stories[1:]]
    enrolment = make_enrolment(make_track(page))
    seen = []
    for _turn in range(4):
        state = StepState.objects.filter(enrolment=enrolment, step=step_id(step)).first()
        at = (
            stories[0]
            if state is None
            else stories[1 + [each.translation_key for each in twins].index(state.instead_module)]
        )
        withdraw(member=at.member)
        state = StepState.objects.get(enrolment=enrolment, step=step_id(step))
        seen.append(state.instead_module if state.done_at is None else state.by)
    assert seen[-1] == By.WAIVED and len(set(seen)) == 4


def test_a_substitute_shares_kind_and_competency() -> None:
    story = make_story()
    page = make_module(step := read_step(story))
    make_module(read_step(make_story(), competency=make_competency("other").pk))
    enrolment = make_enrolment(make_track(page))
    assert reports.without_twin()
    withdraw(member=story.member)
    assert StepState.objects.get(enrolment=enrolment, step=step_id(step)).by == By.WAIVED
    enrolment.refresh_from_db()
    assert enrolment.status == Status.COMPLETED, "waived, never failed"


def test_a_story_in_twenty_modules_of_many_people_is_settled_at_once() -> None:
    """The figure is 500 people in two seconds; 60 people here, with the same share of the time."""
    story = make_story()
    steps = [[read_step(story, required=True), task_step()] for _number in range(20)]
    track = make_track(*(make_module(*each) for each in steps))
    start = timezone.localdate() + timedelta(days=3)
    for number in range(60):
        person = (
            make_employee(user=None, hr_id=f"B-{number}", start_date=start)
            if number == 0
            else bare(number, start)
        )
        enrol(employee=person, track_key=track.translation_key)
    began = time.process_time()
    withdraw(member=story.member)
    assert time.process_time() - began < 2
    assert Event.objects.filter(verb="story_ended").count() == 60
    assert StepState.objects.filter(by=By.WAIVED).count() == 1200
    assert not list(ledger.differences(Enrolment.objects.values_list("pk", flat=True)[:3]))


def bare(number: int, start: Any) -> Any:
    from onboarding.models import Employee

    return Employee.objects.create(hr_id=f"B-{number}", name=f"N {number}", start_date=start)
