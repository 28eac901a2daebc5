"""The gate: each condition by itself hides a story, and nothing else does."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser, Group
from django.utils import timezone

from club.models import User
from consent.enums import INTERNAL_PURPOSES, Category, Purpose
from consent.models import Approval
from consent.services import pause, revoke_approval, withdraw
from stories.models import StoryImage, StoryPage
from stories.querysets import (
    Term,
    clearances,
    for_index,
    member_terms,
    members_of,
    teachable,
    texts_to_look_for,
    visible,
    visible_images,
    with_terms,
)
from tests.factories import HIDDEN, approve, give, make_hidden, make_image, make_member, make_story
from tests.stories.conftest import photo

pytestmark = pytest.mark.django_db
Person = Callable[[str], User]
TICK = timedelta(microseconds=1)
BOTH = (Category.WORDS, Category.IMAGE)


def sees(user: Any, story: StoryPage, purpose: Purpose = Purpose.READ, at: datetime | None = None) -> bool:
    return visible(user, purpose, at).filter(pk=story.pk).exists()


def sees_image(user: Any, image: StoryImage, purpose: Purpose = Purpose.READ) -> bool:
    return visible_images(user, purpose).filter(pk=image.pk).exists()


@pytest.fixture
def story() -> StoryPage:
    return make_story()


def test_a_live_approved_granted_story_is_seen(reader: User, story: StoryPage) -> None:
    assert sees(reader, story)


@pytest.mark.parametrize("state", HIDDEN)
def test_a_hidden_story_is_seen_by_nobody(reader: User, keeper: User, superuser: User, state: str) -> None:
    story = make_hidden(state)
    assert not any(sees(user, story) for user in (reader, keeper, superuser))


def test_an_unpublished_story_is_not_seen(reader: User, story: StoryPage) -> None:
    story.unpublish()
    assert not sees(reader, story)


def test_a_story_past_its_own_date_is_not_seen_without_any_job(reader: User, story: StoryPage) -> None:
    expiry = timezone.now() + timedelta(days=1)
    StoryPage.objects.filter(pk=story.pk).update(expire_at=expiry)
    edges = (expiry - TICK, expiry, expiry + TICK)
    assert [sees(reader, story, at=at) for at in edges] == [True, False, False]


def test_another_wording_is_not_seen(reader: User, story: StoryPage) -> None:
    StoryPage.objects.filter(pk=story.pk).update(wording_sha256="f" * 64)
    assert not sees(reader, story)


def test_somebody_elses_approval_of_the_same_words_is_none(reader: User) -> None:
    words: dict[str, Any] = {"title": "The same", "summary": "", "body": []}
    make_story(**words)
    twin = make_story(publish=False, **words)
    give(twin.member)
    StoryPage.objects.filter(pk=twin.pk).update(live=True)
    assert not sees(reader, twin)


def test_a_revoked_approval_hides_her_story_and_not_the_others(reader: User, story: StoryPage) -> None:
    other = make_story(story.member)
    revoke_approval(approval=Approval.objects.get(wording_sha256=story.wording_sha256))
    assert not sees(reader, story)
    assert sees(reader, other)


def test_an_approval_counts_from_its_moment_on(reader: User, story: StoryPage) -> None:
    moment = Approval.objects.get().approved_at
    assert sees(reader, story, at=moment)
    assert not sees(reader, story, at=moment - TICK)


def test_a_grant_counts_from_its_start_to_before_its_end(reader: User) -> None:
    member, now = make_member(), timezone.now()
    start, until = now + timedelta(days=1), now + timedelta(days=3)
    give(member, start=start, until=until)
    story = make_story(member)
    edges = (now, start - TICK, start, until - TICK, until, until + timedelta(days=9))
    assert [sees(reader, story, at=at) for at in edges] == [False, False, True, True, False, False]


@pytest.mark.parametrize("granted", list(Purpose))
def test_purposes_are_separate(reader: User, granted: Purpose) -> None:
    member = make_member()
    give(member, purposes=(granted,))
    story = make_story(member)
    assert [purpose for purpose in Purpose if sees(reader, story, purpose)] == [granted]


@pytest.mark.parametrize("category", [category for category in Category if category != Category.WORDS])
def test_a_grant_of_another_category_shows_no_words(reader: User, category: Category) -> None:
    member = make_member()
    give(member, categories=(category,))
    assert not sees(reader, make_story(member))


@pytest.mark.parametrize("withdrawn", list(INTERNAL_PURPOSES))
def test_a_withdrawn_purpose_is_gone_and_the_others_stay(
    reader: User, story: StoryPage, withdrawn: Purpose
) -> None:
    withdraw(member=story.member, purpose=withdrawn)
    left = [purpose for purpose in Purpose if sees(reader, story, purpose)]
    assert left == [purpose for purpose in INTERNAL_PURPOSES if purpose != withdrawn]


def test_a_withdrawal_hides_the_past_too(reader: User, story: StoryPage) -> None:
    before = timezone.now()
    withdraw(member=story.member)
    assert not sees(reader, story, at=before)


def test_a_withdrawal_of_one_narrator_hides_no_other(reader: User, story: StoryPage) -> None:
    other = make_story()
    withdraw(member=story.member)
    assert sees(reader, other)


def test_a_longer_grant_beside_a_shorter_one_counts(reader: User) -> None:
    member, now = make_member(), timezone.now()
    give(member, until=now + timedelta(days=1))
    give(member, until=now + timedelta(days=5))
    assert sees(reader, make_story(member), at=now + timedelta(days=3))


def test_an_audience_keeps_out_whoever_is_in_none_of_its_groups(person: Person, story: StoryPage) -> None:
    story.audience_groups.set(Group.objects.filter(name__in=("Mentor", "HR lead")))
    story.save()
    seen = {
        role
        for role in ("reader", "mentor", "hr_lead", "story_keeper", "administrator")
        if sees(person(role), story)
    }
    assert seen == {"mentor", "hr_lead"}


def test_no_audience_and_no_consent_stop_a_superuser_but_the_latter(
    superuser: User, story: StoryPage
) -> None:
    story.audience_groups.set(Group.objects.filter(name="Mentor"))
    story.save()
    assert sees(superuser, story)
    withdraw(member=story.member)
    assert not sees(superuser, story)


def test_leaving_the_group_closes_its_stories(person: Person, story: StoryPage) -> None:
    mentor = person("mentor")
    story.audience_groups.set(Group.objects.filter(name="Mentor"))
    story.save()
    assert sees(mentor, story)
    mentor.groups.set(Group.objects.filter(name="Reader"))
    assert not sees(User.objects.get(pk=mentor.pk), story)


@pytest.mark.parametrize("role", ["outsider", "anonymous", "inactive", "inactive superuser"])
def test_whoever_may_not_read_sees_nothing(person: Person, story: StoryPage, role: str) -> None:
    user: Any = (
        AnonymousUser() if role == "anonymous" else person("superuser" if "super" in role else "reader")
    )
    user = person("outsider") if role == "outsider" else user
    if "inactive" in role:
        user.is_active = False
    assert not visible(user).exists()
    assert not visible_images(user).exists()


def test_a_new_question_is_asked_at_every_call(reader: User, story: StoryPage) -> None:
    question = visible(reader)
    assert question.count() == 1
    withdraw(member=story.member)
    assert question.all().count() == 0


# Pictures


def test_a_picture_needs_the_narrators_image_grant(reader: User) -> None:
    allowing, refusing = make_member(), make_member()
    give(allowing, categories=BOTH)
    give(refusing)
    shown, kept = make_image(), make_image()
    make_story(allowing, body=[photo(shown)])
    make_story(refusing, body=[photo(kept)])
    assert sees_image(reader, shown)
    assert not sees_image(reader, kept)


def test_a_picture_needs_the_image_grant_of_the_person_shown(reader: User) -> None:
    narrator, shown = make_member(), make_member()
    give(narrator, categories=BOTH)
    image = make_image(shown)
    make_story(narrator, body=[photo(image)])
    assert not sees_image(reader, image)
    give(shown, categories=(Category.IMAGE,))
    assert sees_image(reader, image)
    withdraw(member=shown, category=Category.IMAGE)
    assert not sees_image(reader, image)


def test_a_picture_follows_the_purpose(reader: User) -> None:
    member = make_member()
    give(member, purposes=(Purpose.READ,), categories=BOTH)
    give(member, purposes=(Purpose.TRAIN,))
    image = make_image()
    make_story(member, body=[photo(image)])
    assert [purpose for purpose in Purpose if sees_image(reader, image, purpose)] == [Purpose.READ]


@pytest.mark.parametrize("state", HIDDEN)
def test_a_picture_of_a_hidden_story_is_hidden(reader: User, state: str) -> None:
    image = make_image()
    story = make_hidden(state, body=[photo(image)])
    give(story.member, purposes=(Purpose.READ,), categories=(Category.IMAGE,))
    assert not sees_image(reader, image)


def test_a_picture_no_story_shows_is_not_seen(reader: User) -> None:
    assert not sees_image(reader, make_image())


def test_a_picture_that_left_the_story_is_not_seen_any_more(reader: User) -> None:
    member, image = make_member(), make_image()
    give(member, categories=BOTH)
    story = make_story(member, body=[photo(image)])
    story.body = []
    approve(story)
    story.save_revision().publish()
    assert not sees_image(reader, image)


# Terms


def test_terms_say_what_the_consent_line_needs(reader: User) -> None:
    member, until = make_member(), timezone.now() + timedelta(days=30)
    give(member, purposes=(Purpose.READ,), until=until)
    give(member, purposes=(Purpose.TRAIN,), categories=(Category.WORDS,))
    made = make_story(member)
    story = with_terms(visible(reader)).get(pk=made.pk)
    assert (story.read_until, story.may_train, story.may_promote, story.may_show) == (
        until,
        True,
        False,
        False,
    )
    assert story.approved_on == Approval.objects.get().approved_at


def test_clearances_give_the_term_in_force_that_lasts_longest() -> None:
    member, now = make_member(), timezone.now()
    give(member, purposes=(Purpose.READ,), until=now + timedelta(days=1))
    longest = give(member, purposes=(Purpose.READ,), until=now + timedelta(days=9))
    give(member, purposes=(Purpose.READ,), start=now + timedelta(days=20))
    story = make_story(member)
    assert clearances()[story.pk]["read"].until == longest.valid_until
    assert set(clearances([story.pk])[story.pk]) == {"read"}


def test_clearances_prefer_a_term_without_end_and_else_name_the_next_to_begin() -> None:
    endless, later, now = make_member(), make_member(), timezone.now()
    give(endless, purposes=(Purpose.READ,), until=now + timedelta(days=9))
    give(endless, purposes=(Purpose.READ,))
    give(later, purposes=(Purpose.READ,), start=now + timedelta(days=30))
    first = give(later, purposes=(Purpose.READ,), start=now + timedelta(days=20), until=now + timedelta(days=90))
    forever, awaited = make_story(endless), make_story(later)
    found = clearances()
    assert found[forever.pk]["read"].until is None
    assert found[awaited.pk]["read"] == Term(first.valid_from, first.valid_until)


def test_clearances_know_no_term_of_somebody_who_rests() -> None:
    story, other = make_story(), make_story()
    pause(member=story.member)
    assert set(clearances()) == {other.pk}
    assert member_terms(None, timezone.now()).keys() == {other.member_id}


def test_clearances_leave_out_what_was_published_once() -> None:
    story = make_story()
    StoryPage.objects.filter(pk=story.pk).update(live=False)
    assert story.pk not in clearances()


def test_a_term_holds_from_its_first_moment_up_to_its_end() -> None:
    start, until = timezone.now(), timezone.now() + timedelta(days=1)
    term = Term(start, until)
    assert [term.holds(at) for at in (start - TICK, start, until - TICK, until)] == [False, True, True, False]
    assert Term(start, None).holds(until)


def test_the_line_of_consent_says_what_each_purpose_and_picture_may() -> None:
    """Each answer stands on its own grant: one given alone turns one answer, and no other."""
    lone = {
        "may_train": (Purpose.TRAIN, Category.WORDS), "may_promote": (Purpose.PROMOTE, Category.WORDS),
        "may_show": (Purpose.READ, Category.IMAGE),
    }  # fmt: skip
    for name, (purpose, category) in lone.items():
        story = make_story(publish=False)
        give(story.member, purposes=(purpose,), categories=(category,))
        line = with_terms(StoryPage.objects.filter(pk=story.pk)).get()
        assert {each: getattr(line, each) for each in lone} == {each: each == name for each in lone}


def test_pictures_are_asked_about_at_the_moment_given(reader: User) -> None:
    member, start = make_member(), timezone.now() + timedelta(days=5)
    give(member, categories=BOTH, start=start)
    image = make_image(member)
    make_story(member, body=[photo(image)])
    moments = (start - TICK, start)
    assert [visible_images(reader, Purpose.READ, at).filter(pk=image.pk).exists() for at in moments] == [False, True]


def test_clearances_are_cut_by_the_storys_own_end() -> None:
    story = make_story()
    expiry = timezone.now() + timedelta(days=2)
    StoryPage.objects.filter(pk=story.pk).update(expire_at=expiry)
    assert {term.until for term in clearances()[story.pk].values()} == {expiry}
    assert clearances(at=expiry) == {}
    [start] = {grant.valid_from for grant in story.member.grants.all()}
    assert {term.start for term in clearances()[story.pk].values()} == {start}


@pytest.mark.parametrize("state", ["never", "expired", "withdrawn"])
def test_clearances_name_no_purpose_that_is_gone(state: str) -> None:
    story = make_hidden(state)
    assert clearances().get(story.pk, {}) == {}


@pytest.mark.parametrize("state", ["unapproved", "draft"])
def test_clearances_leave_out_what_may_not_be_live(state: str) -> None:
    assert make_hidden(state).pk not in clearances()


def test_clearances_ask_for_consent_to_the_words() -> None:
    """Leave to show somebody's picture is no leave to find her story."""
    story = make_story(publish=False)
    give(story.member, categories=(Category.IMAGE,))
    approve(story)
    StoryPage.objects.filter(pk=story.pk).update(live=True)
    assert clearances() == {}


def test_newcomers_are_taught_with_what_is_for_training_and_for_everyone(story: StoryPage) -> None:
    unasked, narrow, until = make_story(), make_story(), timezone.now() + timedelta(days=1)
    short = make_member()
    give(short, purposes=(Purpose.TRAIN,), until=until)
    ending, only_read = make_story(short), make_member()
    give(only_read, purposes=(Purpose.READ,))
    untaught = make_story(only_read)
    narrow.audience_groups.set([Group.objects.create(name="Board")])
    narrow.save()
    named = [each.pk for each in (story, narrow, ending, untaught)]

    def taught(at: datetime | None = None) -> set[int]:
        return set(teachable(iter(named), at).values_list("pk", flat=True))

    assert unasked.pk not in taught()
    assert taught() == taught(until - TICK) == {story.pk, ending.pk}
    assert taught(until) == {story.pk}


@pytest.mark.parametrize("state", HIDDEN)
def test_newcomers_are_taught_with_nothing_that_is_hidden(state: str) -> None:
    assert not teachable([make_hidden(state).pk]).exists()


def test_who_told_is_known_of_hidden_stories_too(story: StoryPage) -> None:
    hidden, other = make_hidden("withdrawn"), make_story()
    assert members_of(iter([story.pk, hidden.pk])) == {story.pk: story.member_id, hidden.pk: hidden.member_id}
    assert other.pk not in members_of([story.pk])


def test_what_was_taken_back_is_looked_for_by_all_its_words(story: StoryPage) -> None:
    hidden = make_hidden("withdrawn")
    StoryPage.objects.filter(pk=hidden.pk).update(title="A title", summary="A summary", plain_text="All she said")
    assert texts_to_look_for(iter([hidden.pk])) == {hidden.pk: "A title\nA summary\nAll she said"}


def test_the_index_is_told_of_what_is_published_only(story: StoryPage) -> None:
    other, draft = make_story(), make_hidden("draft")
    assert set(for_index()) == {story, other}
    assert set(for_index(iter([story.pk, draft.pk]))) == {story}
    assert not for_index([]).exists()


def test_the_gate_is_one_query(reader: User, story: StoryPage, django_assert_num_queries: Any) -> None:
    reader.has_perm("stories.read_storypage")
    with django_assert_num_queries(1):
        assert len(visible(reader)) == 1
