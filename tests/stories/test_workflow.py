"""The way of a story: one keeper writes, another reads, the narrator approves, and only then it is published."""

from collections.abc import Callable

import pytest
from django.core.exceptions import PermissionDenied
from wagtail.models import TaskState, Workflow, WorkflowState

from club.models import User
from consent.enums import Method
from consent.services import approve_wording
from stories.models import ConsentTask, SecondReaderTask, StoryPage
from stories.querysets import visible
from tests.factories import approve, give, make_member, make_story, make_user

pytestmark = pytest.mark.django_db
Person = Callable[[str], User]


@pytest.fixture
def author() -> User:
    return make_user("story_keeper")


@pytest.fixture
def second() -> User:
    return make_user("story_keeper")


@pytest.fixture
def story(author: User) -> StoryPage:
    """A consented draft of the author, not yet approved by its narrator."""
    member = make_member()
    give(member)
    made = make_story(member, publish=False)
    made.save_revision(user=author)
    return made


@pytest.fixture
def submitted(story: StoryPage, author: User) -> StoryPage:
    story.get_workflow().start(story, author)
    return fresh(story)


def fresh(story: StoryPage) -> StoryPage:
    return StoryPage.objects.get(pk=story.pk)


def step(story: StoryPage) -> TaskState:
    """The step in which a story is now."""
    return fresh(story).current_workflow_task_state


def actions(story: StoryPage, user: User) -> set[str]:
    task = step(story).task.specific
    return {name for name, _label, _modal in task.get_actions(fresh(story), user)}


def let_through(story: StoryPage, user: User) -> None:
    """Press "approve" in the editor."""
    state = step(story)
    state.task.specific.on_action(state, user, "approve")


def test_the_house_has_one_workflow_second_reader_then_narrator() -> None:
    [workflow] = Workflow.objects.filter(active=True, workflow_pages__isnull=False)
    assert [type(task.specific) for task in workflow.tasks] == [SecondReaderTask, ConsentTask]


def test_a_submitted_story_waits_for_its_second_reader(submitted: StoryPage) -> None:
    assert isinstance(step(submitted).task.specific, SecondReaderTask)
    assert not fresh(submitted).live


def test_the_author_may_not_be_her_own_second_reader(submitted: StoryPage, author: User) -> None:
    assert actions(submitted, author) <= {"reject"}
    with pytest.raises(PermissionDenied):
        let_through(submitted, author)
    assert isinstance(step(submitted).task.specific, SecondReaderTask)


def test_a_superuser_who_edited_last_may_not_either(story: StoryPage, superuser: User, author: User) -> None:
    story.title = "Another title"
    story.save_revision(user=superuser)
    fresh(story).get_workflow().start(fresh(story), author)
    with pytest.raises(PermissionDenied):
        let_through(story, superuser)


def test_whoever_edits_at_last_takes_the_place_of_the_author(
    submitted: StoryPage, author: User, second: User
) -> None:
    submitted.title = "Another title"
    submitted.save_revision(user=second)
    assert "approve" not in actions(submitted, second)
    assert "approve" in actions(submitted, author)


def test_saving_again_what_a_colleague_said_makes_nobody_its_author(
    submitted: StoryPage, author: User, second: User
) -> None:
    submitted.body = [*((block.block_type, block.value) for block in submitted.body)]
    submitted.summary = f" {submitted.summary}\r\n"
    for _turn in range(2):
        submitted.save_revision(user=second)
    assert "approve" in actions(submitted, second)
    let_through(submitted, second)
    assert isinstance(step(submitted).task.specific, ConsentTask)


def test_a_text_that_came_from_nobody_has_whoever_saved_it_for_an_author(second: User) -> None:
    story = make_story(publish=False)
    story.save_revision(user=second)
    story.get_workflow().start(story, second)
    assert "approve" not in actions(story, second)


@pytest.mark.parametrize("kind", ["warning", "response", "case"])
def test_the_companys_own_words_are_read_by_a_second_person_too(
    submitted: StoryPage, second: User, kind: str
) -> None:
    words = {"warning": "Strong words", "response": {"date": None, "text": "We call back."},
             "case": {"verdict": "bad", "why": "Nobody called", "missing": "a call", "lesson": "Call"}}  # fmt: skip
    submitted.body = [*((block.block_type, block.value) for block in submitted.body), (kind, words[kind])]
    submitted.save_revision(user=second)
    assert "approve" not in actions(submitted, second)


def test_strangers_are_no_second_readers(submitted: StoryPage, person: Person) -> None:
    for role in ("reader", "marketer", "hr_lead", "club_host", "dpo"):
        assert actions(submitted, person(role)) == set()


def test_after_the_second_reader_the_story_waits_for_its_narrator(submitted: StoryPage, second: User) -> None:
    assert "approve" in actions(submitted, second)
    let_through(submitted, second)
    assert isinstance(step(submitted).task.specific, ConsentTask)
    assert not fresh(submitted).live
    assert WorkflowState.objects.get().status == WorkflowState.STATUS_IN_PROGRESS


@pytest.mark.parametrize("role", ["story_keeper", "administrator", "superuser"])
def test_nobody_lets_it_through_without_the_narrator(
    submitted: StoryPage, second: User, person: Person, role: str
) -> None:
    let_through(submitted, second)
    assert actions(submitted, person(role)) == {"reject"}
    with pytest.raises(PermissionDenied):
        let_through(submitted, person(role))
    assert not fresh(submitted).live


def test_the_narrators_approval_publishes_it_by_itself(
    submitted: StoryPage, second: User, reader: User
) -> None:
    let_through(submitted, second)
    digest = submitted.digest()
    approve_wording(
        member=submitted.member,
        wording_sha256=digest,
        method=Method.PAPER,
        evidence_reference="s.1",
        by=second,
    )
    assert fresh(submitted).live
    assert visible(reader).get() == submitted
    assert WorkflowState.objects.get().status == WorkflowState.STATUS_APPROVED


def test_an_approval_of_other_words_publishes_nothing(submitted: StoryPage, second: User) -> None:
    let_through(submitted, second)
    approve_wording(member=submitted.member, wording_sha256="0" * 64, method=Method.PAPER)
    assert not fresh(submitted).live


def test_an_approval_by_somebody_else_publishes_nothing(submitted: StoryPage, second: User) -> None:
    let_through(submitted, second)
    approve_wording(member=make_member(), wording_sha256=submitted.digest(), method=Method.PAPER)
    assert not fresh(submitted).live


def test_an_approval_that_came_first_lets_the_second_reader_publish(
    submitted: StoryPage, second: User
) -> None:
    approve(submitted)
    assert not fresh(submitted).live
    let_through(submitted, second)
    assert fresh(submitted).live


def test_an_approval_before_the_second_reader_skips_no_reader(submitted: StoryPage) -> None:
    approve(submitted)
    assert isinstance(step(submitted).task.specific, SecondReaderTask)


def test_words_changed_while_waiting_need_an_approval_of_the_new_ones(
    submitted: StoryPage, second: User, author: User
) -> None:
    let_through(submitted, second)
    old = submitted.digest()
    submitted.title = "Changed while she was asked"
    submitted.save_revision(user=author)
    approve_wording(member=submitted.member, wording_sha256=old, method=Method.PAPER)
    assert not fresh(submitted).live


def test_a_story_sent_back_is_a_draft_again(submitted: StoryPage, second: User) -> None:
    state = step(submitted)
    state.task.specific.on_action(state, second, "reject", comment="Say it in her words.")
    assert not fresh(submitted).live
    assert WorkflowState.objects.get().status == WorkflowState.STATUS_NEEDS_CHANGES


def test_the_steps_say_what_they_are_for() -> None:
    assert "last editor" in str(SecondReaderTask.get_description())
    assert "exact wording" in str(ConsentTask.get_description())
