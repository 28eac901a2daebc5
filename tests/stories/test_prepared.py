"""Questions worded once: they give what the gate gives, each time anew."""

from datetime import timedelta
from threading import Thread
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser, Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from club.models import User
from consent.enums import Purpose
from consent.services import pause, resume, revoke_approval, withdraw
from stories.cards import IDS, card_rows, for_cards, rows_of
from stories.models import Reading, StoryPage
from stories.prepared import ANY_MOMENT, ANY_PERSON, VisibleRows, Worded, places
from stories.querysets import visible, with_terms
from stories.reading import story_for
from tests.factories import HIDDEN, approve, give, make_hidden, make_member, make_story

pytestmark = pytest.mark.django_db
BACK_THEN = (-1, 0, 1)


def found(user: Any, story: StoryPage, purpose: Purpose = Purpose.READ) -> set[int]:
    return {row.pk for row in card_rows(user, purpose, [story.pk], timezone.now())}


@pytest.mark.parametrize("state", HIDDEN)
def test_nobody_finds_a_hidden_story(reader: User, keeper: User, superuser: User, state: str) -> None:
    story = make_hidden(state)
    for user in (reader, keeper, superuser, AnonymousUser()):
        assert found(user, story) == set()
        assert story_for(user, story.slug) is None


def test_the_rows_are_those_of_the_gate(reader: User, superuser: User) -> None:
    stories = [make_story() for _ in range(3)] + [make_hidden(state) for state in HIDDEN]
    stories[0].audience_groups.add(Group.objects.create(name="A closed circle"))
    stories[0].save()
    ids = [story.pk for story in stories]
    for user, purpose in ((user, purpose) for user in (reader, superuser) for purpose in Purpose):
        at = timezone.now()
        by_gate = rows_of(for_cards(visible(user, purpose, at).filter(pk__in=ids), at))
        assert sorted(card_rows(user, purpose, ids, at)) == sorted(by_gate)


def test_an_answer_is_never_remembered(reader: User) -> None:
    story = make_story()
    approval = story.member.approvals.get()
    assert found(reader, story) == {story.pk}
    pause(member=story.member)
    assert found(reader, story) == set()
    resume(member=story.member)
    assert found(reader, story) == {story.pk}
    revoke_approval(approval=approval)
    assert found(reader, story) == set()


def test_each_reader_is_asked_about_anew(reader: User, keeper: User) -> None:
    group = Group.objects.create(name="A closed circle")
    story = make_story()
    story.audience_groups.add(group)
    story.save()
    keeper.groups.add(group)
    assert found(reader, story) == set()
    assert found(keeper, story) == {story.pk}
    assert found(reader, story) == set()


def test_a_person_who_lost_the_permission_gets_nothing(reader: User) -> None:
    story = make_story()
    assert found(reader, story)
    reader.groups.clear()
    assert found(User.objects.get(pk=reader.pk), story) == set()
    assert found(User(pk=reader.pk, is_active=False), story) == set()


@pytest.mark.parametrize("ticks", BACK_THEN)
def test_the_moment_is_the_one_asked_about(reader: User, ticks: int) -> None:
    until = timezone.now() + timedelta(days=3)
    member = make_member()
    give(member, until=until)
    story = make_story(member)
    at = until + timedelta(microseconds=ticks)
    assert bool(card_rows(reader, Purpose.READ, [story.pk], at)) == (ticks < 0)
    assert bool(story_for(reader, story.slug, at)) == (ticks < 0)


def test_many_ids_are_asked_the_long_way(reader: User) -> None:
    story = make_story()
    ids = [story.pk, *range(10_000_000, 10_000_000 + max(IDS))]
    assert [row.pk for row in card_rows(reader, Purpose.READ, ids, timezone.now())] == [story.pk]


def test_a_question_refuses_more_ids_than_it_takes() -> None:
    assert places((7, 8, 9), [1]) == {7: 1, 8: 0, 9: 0}
    assert places((7, 8, 9), [1, 2, 3]) == {7: 1, 8: 2, 9: 3}
    with pytest.raises(ValueError, match="up to 3 ids, not 4"):
        places((7, 8, 9), [1, 2, 3, 4])


def test_every_stand_in_stands_in_the_question(reader: User) -> None:
    story = make_story()
    moment = connection.ops.adapt_datetimefield_value(ANY_MOMENT)
    asked = VisibleRows(lambda stories, at, *, slug: stories.filter(slug=slug).values_list("pk"), slug="any")
    worded = asked.worded(Purpose.READ, False)
    assert {"any", ANY_PERSON, moment} <= set(worded.parameters)
    assert asked(reader, Purpose.READ, timezone.now(), slug=story.slug) == [(story.pk,)]


def test_a_question_is_worded_once_for_each_kind_of_reader(
    reader: User, keeper: User, superuser: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    story = make_story()
    wordings: list[Any] = []
    story.audience_groups.set([Group.objects.create(name="A closed circle")])
    story.save()
    asked = VisibleRows(lambda stories, at, *, slug: stories.filter(slug=slug).values_list("pk"), slug="any")
    spelt = Worded.of

    def noted(rows: Any) -> Worded:
        wordings.append(rows)
        return spelt(rows)

    monkeypatch.setattr(Worded, "of", noted)
    answers = [
        asked(user, Purpose.READ, timezone.now(), slug=story.slug)
        for _again in range(3)
        for user in (reader, superuser, keeper)
    ]
    assert answers == [[], [(story.pk,)], []] * 3
    assert len(wordings) == 2


def test_what_a_row_says_is_of_the_moment_asked_about_too(reader: User) -> None:
    story = make_story(publish=False)
    approve(story)
    now = timezone.now()
    give(story.member, purposes=(Purpose.READ,), until=now + timedelta(days=5))
    later = give(story.member, purposes=(Purpose.READ,), start=now + timedelta(days=3))
    StoryPage.objects.filter(pk=story.pk).update(live=True)
    told = [
        card_rows(reader, Purpose.READ, [story.pk], at)[0].read_until
        for at in (now, now + timedelta(days=3) - timedelta(microseconds=1), later.valid_from)
    ]
    assert told == [now + timedelta(days=5), now + timedelta(days=5), None]


@pytest.mark.django_db(transaction=True)
def test_another_thread_words_for_its_own_connection(reader: User) -> None:
    story = make_story()
    answers = [found(reader, story)]

    def ask() -> None:
        answers.append(found(reader, story))
        connection.close()

    thread = Thread(target=ask)
    thread.start()
    thread.join()
    assert answers == [{story.pk}, {story.pk}]


def test_a_story_opens_with_its_narrator_and_terms_in_one_query(reader: User) -> None:
    until = timezone.now() + timedelta(days=40)
    member = make_member()
    give(member, until=until)
    story = make_story(member)
    story_for(reader, story.slug)
    with CaptureQueriesContext(connection) as asked:
        opened = story_for(reader, story.slug)
        assert opened is not None
        assert opened.member.persona_name == member.persona_name
    assert len(asked) == 1
    by_orm = with_terms(visible(reader)).get(pk=story.pk)
    names = [field.attname for field in StoryPage._meta.concrete_fields if field.name != "body"]
    names += ["read_until", "may_train", "may_promote", "may_show", "approved_on"]
    assert {name: getattr(opened, name) for name in names} == {name: getattr(by_orm, name) for name in names}
    assert opened.raw_body() == by_orm.raw_body()


def test_a_reading_is_noted_once_a_person(as_: Any, reader: User) -> None:
    story = make_story()
    client = as_("reader")
    for _ in range(2):
        assert client.get(f"/stories/{story.slug}/").status_code == 200
    assert as_("marketer").get(f"/stories/{story.slug}/").status_code == 200
    assert Reading.objects.filter(story=story).count() == 2


def test_a_story_that_was_not_shown_was_not_read(as_: Any) -> None:
    story = make_story()
    withdraw(member=story.member)
    assert as_("reader").get(f"/stories/{story.slug}/").status_code == 404
    assert not Reading.objects.exists()
