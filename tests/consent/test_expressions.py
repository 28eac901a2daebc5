"""The ledger's SQL gives what plain Python gives over the same rows, whatever is in the ledger.

The rows are drawn at random, written for real into the test database, asked about at every edge, and rolled back.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q
from django.db.models.expressions import Combinable
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from club.models import Member
from consent.enums import ENDING_EVENTS, PAUSE_EVENTS, Category, EventKind, Method, Purpose
from consent.expressions import Approved, ApprovedOn, Granted, GrantedUntil, Paused
from consent.models import Approval, Consent, ConsentEvent, Grant
from consent.querysets import in_force, is_paused, live_approvals, run_out, wording_is_approved
from tests.factories import make_member, make_text

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
TICK = timedelta(microseconds=1)
PEOPLE = 2
WORDINGS = ("a" * 64, "b" * 64)
DAYS = st.integers(-3, 3)
PURPOSES = st.sampled_from([Purpose.READ, Purpose.TRAIN])
CATEGORIES = st.sampled_from([Category.WORDS, Category.IMAGE])


@dataclass(frozen=True)
class Given:
    """A grant as it was drawn; ``events`` are kinds of ledger entries that name it, with the day they bear."""

    person: int
    purpose: Purpose
    category: Category
    start: int
    days: int | None
    events: tuple[tuple[EventKind, int], ...] = ()

    def holds(self, at: datetime) -> bool:
        begins = NOON + timedelta(days=self.start)
        ends = None if self.days is None else begins + timedelta(days=self.days)
        ended = any(kind in ENDING_EVENTS for kind, _day in self.events)
        return begins <= at and (ends is None or at < ends) and not ended

    @property
    def until(self) -> datetime | None:
        return None if self.days is None else NOON + timedelta(days=self.start + self.days)


@dataclass(frozen=True)
class Agreed:
    """An approval as it was drawn."""

    person: int
    wording: str
    day: int
    events: tuple[tuple[EventKind, int], ...] = ()

    @property
    def moment(self) -> datetime:
        return NOON + timedelta(days=self.day)

    def holds(self, at: datetime) -> bool:
        return self.moment <= at and not any(kind in ENDING_EVENTS for kind, _day in self.events)


@dataclass
class World:
    """What was drawn and what was written."""

    grants: list[Given]
    approvals: list[Agreed]
    pauses: list[tuple[int, bool]] = field(default_factory=list)
    members: list[Member] = field(default_factory=list)
    rows: list[Grant] = field(default_factory=list)


EVENTS = st.lists(st.tuples(st.sampled_from(list(EventKind)), DAYS), max_size=2).map(tuple)
GRANTS = st.builds(
    Given, st.integers(0, PEOPLE - 1), PURPOSES, CATEGORIES, DAYS, st.none() | st.integers(1, 4), EVENTS
)  # fmt: skip
APPROVALS = st.builds(Agreed, st.integers(0, PEOPLE - 1), st.sampled_from(WORDINGS), DAYS, EVENTS)
PAUSES = st.lists(st.tuples(st.integers(0, PEOPLE - 1), st.booleans()), max_size=3)
WORLDS = st.builds(World, st.lists(GRANTS, max_size=6), st.lists(APPROVALS, max_size=4), PAUSES)
MOMENTS = st.builds(
    lambda day, edge: NOON + timedelta(days=day) + edge * TICK, st.integers(-4, 8), st.integers(-1, 1)
)
AGAIN = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])


@contextmanager
def written(world: World) -> Iterator[World]:
    """Put a world into the database and take it out again."""
    with transaction.atomic():
        world.members = [make_member() for _ in range(PEOPLE)]
        world.rows = [write_grant(world, each) for each in world.grants]
        for each in world.approvals:
            write_approval(world, each)
        for person, paused in world.pauses:
            kind = EventKind.PAUSED if paused else EventKind.RESUMED
            ConsentEvent.objects.create(member=world.members[person], kind=kind, at=NOON)
        yield world
        transaction.set_rollback(True)


def write_grant(world: World, drawn: Given) -> Grant:
    member = world.members[drawn.person]
    start = NOON + timedelta(days=drawn.start)
    consent = Consent.objects.create(
        member=member,
        text=make_text(),
        controller="x",
        method=Method.PAPER,
        valid_from=start,
        valid_until=drawn.until,
    )
    grant = Grant.objects.create(
        consent=consent, member=member, purpose=drawn.purpose, category=drawn.category,
        valid_from=start, valid_until=drawn.until,
    )  # fmt: skip
    write_events(drawn.events, member, grant=grant)
    return grant


def write_approval(world: World, drawn: Agreed) -> None:
    member = world.members[drawn.person]
    approval = Approval.objects.create(
        member=member, wording_sha256=drawn.wording, approved_at=drawn.moment, method=Method.PAPER
    )
    write_events(drawn.events, member, approval=approval)


def write_events(drawn: tuple[tuple[EventKind, int], ...], member: Member, **named: models.Model) -> None:
    for kind, day in drawn:
        ConsentEvent.objects.create(member=member, kind=kind, at=NOON + timedelta(days=day), **named)


def resting(world: World, person: int) -> bool:
    """Whether the last word about a pause, by a pause's own entry or a grant's, was to begin one; by plain Python."""
    said = [
        kind
        for each in (*world.grants, *world.approvals)
        if each.person == person
        for kind, _day in each.events
        if kind in PAUSE_EVENTS
    ]
    said += [
        EventKind.PAUSED if paused else EventKind.RESUMED for who, paused in world.pauses if who == person
    ]
    return bool(said) and said[-1] == EventKind.PAUSED


def granted_by_orm(member: Combinable, purpose: Purpose, category: Category, at: datetime) -> Exists:
    """The same question asked through the ORM."""
    return Exists(in_force(at).filter(member_id=member, purpose=purpose, category=category))


def approved_by_orm(member: Combinable, wording: Combinable, at: datetime) -> Exists:
    """The same question asked through the ORM."""
    return Exists(live_approvals(at).filter(member_id=member, wording_sha256=wording).order_by())


def holding(world: World, person: int, purpose: Purpose, category: Category, at: datetime) -> list[Given]:
    """The grants that hold, by plain Python."""
    wanted = (person, purpose, category)
    return (
        []
        if resting(world, person)
        else [
            each
            for each in world.grants
            if (each.person, each.purpose, each.category) == wanted and each.holds(at)
        ]
    )


def agreeing(world: World, person: int, wording: str, at: datetime) -> list[Agreed]:
    """The approvals that hold, by plain Python."""
    return [
        each
        for each in world.approvals
        if (each.person, each.wording) == (person, wording) and each.holds(at)
    ]


@AGAIN
@given(WORLDS, PURPOSES, CATEGORIES, MOMENTS)
def test_granted_is_what_the_rows_say(
    world: World, purpose: Purpose, category: Category, at: datetime
) -> None:
    with written(world):
        wanted = [bool(holding(world, person, purpose, category, at)) for person in range(PEOPLE)]
        by_sql = Member.objects.annotate(found=Granted("pk", purpose, at, category)).in_bulk()
        by_orm = Member.objects.annotate(
            found=granted_by_orm(OuterRef("pk"), purpose, category, at)
        ).in_bulk()
        assert [by_sql[member.pk].found for member in world.members] == wanted
        assert [by_orm[member.pk].found for member in world.members] == wanted


@AGAIN
@given(WORLDS, PURPOSES, CATEGORIES, MOMENTS)
def test_granted_filters_as_it_annotates(
    world: World, purpose: Purpose, category: Category, at: datetime
) -> None:
    with written(world):
        wanted = {
            world.members[each].pk for each in range(PEOPLE) if holding(world, each, purpose, category, at)
        }
        question = Granted("pk", purpose, at, category)
        assert set(Member.objects.filter(question).values_list("pk", flat=True)) == wanted
        others = Member.objects.exclude(question).values_list("pk", flat=True)
        assert set(others) == {member.pk for member in world.members} - wanted


@AGAIN
@given(WORLDS, PURPOSES, CATEGORIES, MOMENTS)
def test_granted_until_is_the_last_end_of_what_holds(
    world: World, purpose: Purpose, category: Category, at: datetime
) -> None:
    with written(world):
        found = Member.objects.annotate(until=GrantedUntil("pk", purpose, at, category)).in_bulk()
        for person, member in enumerate(world.members):
            ends = [each.until for each in holding(world, person, purpose, category, at)]
            wanted = None if None in ends or not ends else max(end for end in ends if end)
            assert found[member.pk].until == wanted


@AGAIN
@given(WORLDS, st.sampled_from(WORDINGS), MOMENTS)
def test_approved_is_what_the_rows_say(world: World, wording: str, at: datetime) -> None:
    with written(world):
        people = Member.objects.annotate(wording=models.Value(wording)).annotate(
            by_sql=Approved("pk", "wording", at),
            on=ApprovedOn("pk", "wording", at),
            by_orm=approved_by_orm(OuterRef("pk"), models.Value(wording), at),
        )
        found = people.in_bulk()
        for person, member in enumerate(world.members):
            holds = agreeing(world, person, wording, at)
            row = found[member.pk]
            assert row.by_sql == row.by_orm == wording_is_approved(member.pk, wording, at) == bool(holds)
            assert row.on == min((each.moment for each in holds), default=None)


@AGAIN
@given(WORLDS, MOMENTS)
def test_in_force_and_run_out_are_what_the_rows_say(world: World, at: datetime) -> None:
    with written(world):
        ours = dict(zip([row.pk for row in world.rows], world.grants, strict=True))
        assert set(in_force(at).values_list("pk", flat=True)) == {
            pk for pk, each in ours.items() if each.holds(at) and not resting(world, each.person)
        }
        done = {*ENDING_EVENTS, EventKind.EXPIRED}
        late = {
            pk for pk, each in ours.items()
            if each.until and each.until <= at and not done & {kind for kind, _day in each.events}
        }  # fmt: skip
        assert set(run_out(at).values_list("pk", flat=True)) == late


@AGAIN
@given(WORLDS)
def test_the_last_word_about_a_pause_counts(world: World) -> None:
    with written(world):
        wanted = [resting(world, person) for person in range(PEOPLE)]
        assert [is_paused(member.pk) for member in world.members] == wanted
        paused = set(Member.objects.filter(Q(Paused("pk"))).values_list("pk", flat=True))
        assert paused == {member.pk for member, rests in zip(world.members, wanted, strict=True) if rests}


def test_an_ending_event_names_one_row_and_ends_no_other() -> None:
    start = Given(0, Purpose.READ, Category.WORDS, 0, None)
    ended = Given(0, Purpose.READ, Category.WORDS, 0, None, ((EventKind.WITHDRAWN, 0),))
    with written(World([start, ended], [])) as world:
        assert list(in_force(NOON).values_list("pk", flat=True)) == [world.rows[0].pk]


@pytest.mark.parametrize("kind", list(EventKind))
def test_each_kind_of_event_ends_or_does_not(kind: EventKind) -> None:
    drawn = Given(0, Purpose.READ, Category.WORDS, 0, None, ((kind, 1),))
    with written(World([drawn], [])) as world:
        people = Member.objects.filter(Granted("pk", Purpose.READ, NOON), pk=world.members[0].pk)
        assert people.exists() == (kind not in (*ENDING_EVENTS, EventKind.PAUSED))


def test_the_questions_join_nothing(django_assert_num_queries: object) -> None:
    people = Member.objects.annotate(
        reads=Granted("pk", Purpose.READ, NOON), until=GrantedUntil("pk", Purpose.READ, NOON)
    )
    sql = str(people.query)
    assert "JOIN" not in sql
    assert "GROUP BY" not in sql
