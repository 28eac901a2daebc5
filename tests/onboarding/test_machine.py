"""Anything may happen to a track in any order: nobody's satisfied steps shrink, and the ledger says it all again.

Hypothesis edits, reorders and deletes steps, unpublishes, copies, translates, publishes, takes stories back, changes
rules, imports again, moves cohorts, sends forms twice and from two tabs. ``KB_TEST_LEARNING=examples,steps`` plays
longer games.
"""

import json
import os
from typing import Any
from uuid import uuid4

from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from consent.services import pause, resume, withdraw
from onboarding import ledger, scoring
from onboarding.enums import Source, Status
from onboarding.learning import track_of
from onboarding.models import (
    AssignmentRule,
    Attempt,
    Employee,
    Enrolment,
    ModulePage,
    NotReady,
    StepState,
    TrackPage,
    TrackVersion,
)
from onboarding.services import importing, learning, moving, rules
from onboarding.services.authoring import translate
from onboarding.services.enrolling import enrol, leave, move_start, suspend
from onboarding.services.enrolling import resume as go_on
from onboarding.services.learning import Shown
from tests.factories import give, make_story, make_user
from tests.onboarding.making import START, make_module, make_track, read_step, task_step

EXAMPLES, STEPS = (int(number) for number in os.environ.get("KB_TEST_LEARNING", "5,40").split(","))
WHICH = st.integers(0, 5)


class Learning(RuleBasedStateMachine):
    """A house with two stories, two modules, a track and three newcomers."""

    def __init__(self) -> None:
        super().__init__()
        self.block = transaction.atomic()
        self.block.__enter__()
        self.before: dict[int, tuple[frozenset[Any], int, int, Any]] = {}
        self.ended = 0

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.block.__exit__(None, None, None)

    @initialize()
    def open(self) -> None:
        self.user = make_user("newcomer")
        self.stories = [make_story() for _number in range(3)]
        self.modules = [
            make_module(read_step(self.stories[0]), task_step(), task_step(required=False)),
            make_module(read_step(self.stories[1]), task_step()),
        ]
        make_module(read_step(self.stories[2]))
        self.track = make_track(*self.modules)
        self.people = [
            Employee.objects.create(hr_id=f"M-{n}", name=f"N {n}", department="A", start_date=START)
            for n in range(3)
        ]
        self.rule = AssignmentRule.objects.create(
            name="A", track_key=self.track.translation_key, department="A"
        )
        rules.apply(self.rule)

    # Authors

    def publish(self, page: ModulePage, steps: list[dict[str, Any]]) -> None:
        page.steps = json.dumps(steps)
        revision = page.save_revision()
        try:
            with transaction.atomic():
                revision.publish()
        except NotReady:
            pass

    def page(self, which: int) -> ModulePage:
        return ModulePage.objects.get(pk=self.modules[which % 2].pk)

    @rule(which=WHICH, required=st.booleans())
    def add_step(self, which: int, required: bool) -> None:
        page = self.page(which)
        self.publish(page, [*page.raw_steps(), task_step(required=required)])

    @rule(which=WHICH, at=WHICH)
    def delete_step(self, which: int, at: int) -> None:
        page = self.page(which)
        steps = page.raw_steps()
        self.publish(page, [step for number, step in enumerate(steps) if number != at % len(steps)])

    @rule(which=WHICH)
    def reorder(self, which: int) -> None:
        page = self.page(which)
        self.publish(page, list(reversed(page.raw_steps())))

    @rule(which=WHICH, at=WHICH)
    def edit(self, which: int, at: int) -> None:
        page = self.page(which)
        steps = page.raw_steps()
        steps[at % len(steps)]["value"]["title"] = f"Title {uuid4().hex[:4]}"
        self.publish(page, steps)

    @rule(which=WHICH)
    def unpublish(self, which: int) -> None:
        self.page(which).unpublish()

    @rule(which=WHICH)
    def copy(self, which: int) -> None:
        self.page(which).copy(update_attrs={"slug": f"copy-{uuid4().hex[:8]}"})

    @rule(which=WHICH)
    def translate(self, which: int) -> None:
        translation = translate(self.page(which), "ru")
        self.publish(ModulePage.objects.get(pk=translation.pk), translation.raw_steps())

    @rule(required=st.booleans())
    def edit_track(self, required: bool) -> None:
        page = TrackPage.objects.get(pk=self.track.pk)
        items = list(page.items.all())
        items[-1].required, items[-1].due_in = required, items[-1].due_in + 1
        page.items = items
        page.save_revision().publish()

    # Clients

    @rule(which=WHICH)
    def withdraw(self, which: int) -> None:
        withdraw(member=self.stories[which % 3].member)

    @rule(which=WHICH)
    def pause(self, which: int) -> None:
        pause(member=self.stories[which % 3].member)

    @rule(which=WHICH)
    def back(self, which: int) -> None:
        resume(member=self.stories[which % 3].member)
        give(self.stories[which % 3].member)

    # HR

    @rule(department=st.sampled_from(["A", "B", ""]), active=st.booleans())
    def change_rule(self, department: str, active: bool) -> None:
        self.rule.department, self.rule.is_active = department, active
        self.rule.save()
        rules.apply(self.rule)

    @rule(which=WHICH, department=st.sampled_from(["A", "B"]), later=st.integers(0, 9))
    def import_again(self, which: int, department: str, later: int) -> None:
        day = START.replace(day=START.day + later).isoformat()
        rows = [
            {
                "hr_id": f"M-{which % 4}",
                "name": "N",
                "department": department,
                "start_date": day,
                "track": self.track.slug if which % 2 else "",
            }
        ]
        importing.write(rows)
        assert not importing.write(rows)[0].changes, "the same file again changes nothing"

    @rule()
    def move_cohort(self) -> None:
        version = TrackVersion.objects.filter(key=self.track.translation_key).latest("pk")
        foreseen = moving.preview(self.track.translation_key, version)
        made = moving.move(self.track.translation_key, version)
        assert made.moved == foreseen.people

    @rule(which=WHICH)
    def by_hand(self, which: int) -> None:
        enrol(employee=self.people[which % 3], track_key=self.track.translation_key, source=Source.MANUAL)

    @rule(which=WHICH, rest=st.booleans())
    def rest(self, which: int, rest: bool) -> None:
        row = Enrolment.objects.filter(employee=self.people[which % 3]).first()
        if row is not None:
            (suspend if rest else go_on)(row)

    @rule(which=WHICH)
    def another_first_day(self, which: int) -> None:
        move_start(self.people[which % 3], START.replace(day=START.day + which))

    @rule()
    def leaves(self) -> None:
        leave(self.people[2])

    # Newcomers

    @rule(which=WHICH, at=st.integers(0, 9), tabs=st.integers(1, 3), twice=st.booleans())
    def answer(self, which: int, at: int, tabs: int, twice: bool) -> None:
        row = (
            Enrolment.objects.select_related("employee", "version")
            .filter(employee=self.people[which % 3])
            .first()
        )
        if row is None or row.status in (Status.SUSPENDED, Status.LEFT):
            return
        track = track_of(row)
        open_steps = [(module, step) for module in track.modules for step in module.steps if not step.locked]
        if not open_steps:
            return
        module, step = open_steps[at % len(open_steps)]
        shown = Shown(
            (module.module.key, step.step.id), step.step, module.module.version_id, module.revision_id
        )
        for _tab in range(tabs):
            token = str(uuid4())
            for _click in range(1 + twice):
                learning.send_answer(row, shown, scoring.Answer(), token=token, by=self.user)
        firsts = Attempt.objects.filter(
            enrolment=row, step=step.step.id, module_key=module.module.key, is_first=True
        )
        assert firsts.count() == 1

    @invariant()
    def nothing_is_lost(self) -> None:
        """Satisfied steps and, on the same pin, the percentage never shrink; the end has one moment."""
        for row in Enrolment.objects.all():
            steps = StepState.objects.filter(enrolment=row, done_at__isnull=False)
            done = frozenset(steps.values_list("module_key", "step"))
            assert 0 <= row.percent <= 100
            was = self.before.get(row.pk)
            if was is not None:
                assert was[0] <= done
                assert row.version_id != was[2] or row.percent >= was[1]
                assert was[3] is None or was[3] == row.completed_at
            self.before[row.pk] = (done, row.percent, row.version_id, row.completed_at)

    @invariant()
    def the_ledger_says_it_again(self) -> None:
        assert not list(ledger.differences())


def test_progress_is_never_lost_whatever_happens(db: None) -> None:
    run_state_machine_as_test(
        Learning,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
