"""Giving, approving, withdrawing, refusing, expiring: what each leaves in the ledger and what it does not."""

import hashlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone

from club.models import Member, User
from consent import registry
from consent.enums import INTERNAL_PURPOSES, Category, Credit, EventKind, Method, Purpose
from consent.models import Approval, Consent, ConsentEvent, Grant
from consent.querysets import in_force, is_paused, live_approvals, wording_is_approved
from consent.services import (
    NewConsent,
    Permission,
    approve_wording,
    expire,
    give_consent,
    pause,
    permissions_for,
    record_approvals,
    record_consents,
    refuse,
    resume,
    revoke_approval,
    withdraw,
)
from tests.factories import give, make_member, make_text, make_user

pytestmark = pytest.mark.django_db
PROOF = "Attach the evidence or say where it is kept: a consent must be provable."
WORDING = hashlib.sha256(b"her words").hexdigest()
Person = Callable[[str], User]


def new(member: Member, **fields: Any) -> NewConsent:
    """A consent to be read by employees, with evidence."""
    permissions = permissions_for(INTERNAL_PURPOSES)
    base = {"text": make_text(), "controller": "Warm House", "method": Method.PAPER, "permissions": permissions,
            "valid_from": timezone.now(), "evidence_reference": "binder"}  # fmt: skip
    return NewConsent(member=member, **{**base, **fields})


def approve(member: Member, wording: str = WORDING, **fields: Any) -> Approval:
    return approve_wording(member=member, wording_sha256=wording, method=Method.PAPER, **fields)


def kinds(member: Member) -> list[str]:
    """What the ledger says of a member, in order."""
    return list(ConsentEvent.objects.filter(member=member).values_list("kind", flat=True))


def held(member: Member) -> set[tuple[str, str]]:
    """What a member grants now."""
    return set(in_force(timezone.now()).filter(member=member).values_list("purpose", "category"))


@pytest.fixture
def member() -> Member:
    return make_member()


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[tuple[set[int], bool]]:
    """What listeners hear of changed clearances: whose, and whether more may be seen, never less."""
    heard: list[tuple[set[int], bool]] = []
    monkeypatch.setattr(registry, "_clearance", [lambda ids, gained: heard.append((set(ids), gained))])
    return heard


def test_giving_writes_a_grant_and_an_entry_for_every_line(member: Member) -> None:
    consent = give(
        member, purposes=(Purpose.READ, Purpose.TRAIN), categories=(Category.WORDS, Category.IMAGE)
    )
    lines = {("read", "words"), ("read", "image"), ("train", "words"), ("train", "image")}
    assert set(consent.grants.values_list("purpose", "category")) == lines == held(member)
    assert kinds(member) == ["given"] * 4
    events = ConsentEvent.objects.filter(member=member)
    assert set(events.values_list("grant_id", flat=True)) == set(consent.grants.values_list("pk", flat=True))


def test_giving_keeps_terms_credit_and_conditions_as_said(member: Member) -> None:
    start = timezone.now()
    until = start + timedelta(days=30)
    line = Permission(Purpose.READ, Category.WORDS, Credit.FIRST_NAME)
    consent = give_consent(
        new(member, permissions=[line], valid_from=start, valid_until=until, conditions="not on TV")
    )
    grant = consent.grants.get()
    assert (grant.valid_from, grant.valid_until, grant.credit) == (start, until, Credit.FIRST_NAME)
    assert consent.conditions == "not on TV"


def test_giving_keeps_how_it_was_said_and_where_the_proof_is(member: Member) -> None:
    said = {"method": Method.RECORDED, "evidence_reference": "tape 7", "evidence_sha256": "c" * 64}
    consent = Consent.objects.get(pk=give_consent(new(member, **said)).pk)
    assert {name: getattr(consent, name) for name in said} == said


def test_a_nameless_file_of_evidence_is_called_evidence(member: Member) -> None:
    consent = give_consent(new(member, evidence=ContentFile(b"signed"), evidence_reference=""))
    with consent.evidence.open() as file:
        assert file.read() == b"signed"


def test_a_renewal_is_called_a_renewal(member: Member) -> None:
    old = give(member, purposes=(Purpose.READ,))
    give_consent(new(member, permissions=permissions_for([Purpose.READ]), supersedes=old))
    assert kinds(member) == ["given", "renewed"]


def test_giving_tells_who_recorded_it(member: Member, keeper: User) -> None:
    consent = give_consent(new(member), by=keeper)
    assert consent.recorded_by == keeper
    assert set(ConsentEvent.objects.values_list("actor_id", flat=True)) == {keeper.pk}


def test_an_evidence_file_is_kept_under_a_random_name_with_its_digest(member: Member) -> None:
    consent = give_consent(
        new(
            member, evidence=ContentFile(b"%PDF-1.7 signed", name="Anna Shchukina.pdf"), evidence_reference=""
        )
    )
    assert consent.evidence_sha256 == hashlib.sha256(b"%PDF-1.7 signed").hexdigest()
    with consent.evidence.open() as file:
        assert file.read() == b"%PDF-1.7 signed"
    assert consent.evidence.name.startswith("evidence/")
    assert consent.evidence.name.endswith(".pdf")
    assert "Anna" not in consent.evidence.name


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"permissions": []}, "Choose at least one purpose: a consent to nothing is none."),
        ({"evidence_reference": ""}, PROOF),
        ({"evidence_reference": " \t "}, PROOF),
        ({"valid_until": timezone.now() - timedelta(days=400)},
         "The consent would end before it begins. Check the dates."),
    ],
)
def test_a_consent_that_proves_or_allows_nothing_is_refused(
    member: Member, change: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        give_consent(new(member, **change))
    assert refused.value.messages == [sentence]
    assert not Consent.objects.filter(member=member).exists()
    assert kinds(member) == []


def test_a_consent_that_ends_the_moment_it_begins_is_refused(member: Member) -> None:
    moment = timezone.now()
    with pytest.raises(ValidationError):
        give_consent(new(member, valid_from=moment, valid_until=moment))


def test_the_same_line_twice_in_one_consent_is_refused_whole(member: Member) -> None:
    from django.db import IntegrityError

    with pytest.raises(IntegrityError), transaction.atomic():
        give_consent(new(member, permissions=permissions_for([Purpose.READ, Purpose.READ])))
    assert not Consent.objects.filter(member=member).exists()


def test_many_at_once_leave_what_one_by_one_leaves() -> None:
    start, news = timezone.now(), [(make_member(), number) for number in range(3)]
    again = [(make_member(), number) for number in range(3)]
    record_consents([new(m, valid_from=start, conditions=str(n)) for m, n in news])
    for each, number in again:
        give_consent(new(each, valid_from=start, conditions=str(number)))

    def rows(members: list[tuple[Member, int]]) -> list[Any]:
        ids = [each.pk for each, _ in members]
        grants = Grant.objects.filter(member__in=ids).order_by("pk")
        events = ConsentEvent.objects.filter(member__in=ids).order_by("pk")
        places = {pk: place for place, pk in enumerate(ids)}
        return [
            [(places[m], *rest) for m, *rest in grants.values_list("member", "purpose", "category", "credit", "valid_from", "consent__conditions")],
            [(places[m], *rest) for m, *rest in events.values_list("member", "kind", "purpose", "category", "wording_sha256")],
        ]  # fmt: skip

    assert rows(news) == rows(again)


def test_one_bad_consent_among_many_stops_them_all(member: Member) -> None:
    with pytest.raises(ValidationError):
        record_consents([new(member), new(member, permissions=[])])
    assert not Consent.objects.filter(member=member).exists()


def test_approving_twice_is_approving_once(member: Member) -> None:
    assert approve(member) == approve(member)
    assert Approval.objects.filter(member=member).count() == 1
    assert kinds(member) == ["approved"]


def test_approving_tells_listeners_of_the_wording(
    member: Member, monkeypatch: pytest.MonkeyPatch, keeper: User
) -> None:
    heard: list[tuple[Any, ...]] = []
    monkeypatch.setattr(registry, "_approval", [lambda *said: heard.append(said)])
    approve(member, by=keeper)
    approve(member, by=keeper)
    assert ConsentEvent.objects.get(member=member).actor_id == keeper.pk
    assert heard == [(member.pk, WORDING, keeper.pk)]


def test_many_approvals_at_once_leave_what_one_by_one_leaves(member: Member) -> None:
    other, moment = make_member(), timezone.now()
    record_approvals([
        Approval(member=member, wording_sha256=each * 64, approved_at=moment, method=Method.PAPER) for each in "ab"
    ])  # fmt: skip
    for each in "ab":
        approve(other, each * 64, at=moment)
    columns = ("kind", "wording_sha256", "actor_id")
    one, two = (
        list(ConsentEvent.objects.filter(member=each).values_list(*columns)) for each in (member, other)
    )
    assert one == two == [("approved", "a" * 64, None), ("approved", "b" * 64, None)]


def test_an_approval_is_for_these_words_of_this_member_from_this_moment(member: Member) -> None:
    moment = timezone.now()
    approve(member, at=moment)
    assert wording_is_approved(member.pk, WORDING, moment)
    assert not wording_is_approved(member.pk, WORDING, moment - timedelta(microseconds=1))
    assert not wording_is_approved(member.pk, "0" * 64, moment)
    assert not wording_is_approved(make_member().pk, WORDING, moment)


def test_a_revoked_approval_no_longer_counts_and_the_others_stay(member: Member) -> None:
    approval, other = approve(member), approve(member, "b" * 64)
    revoke_approval(approval=approval)
    revoke_approval(approval=approval)
    assert list(live_approvals(timezone.now()).filter(member=member)) == [other]
    assert kinds(member) == ["approved", "approved", "revoked"]


def test_a_revoked_wording_may_be_approved_again(member: Member) -> None:
    first = approve(member)
    revoke_approval(approval=first)
    second = approve(member)
    assert second != first
    assert wording_is_approved(member.pk, WORDING, timezone.now())
    assert kinds(member) == ["approved", "revoked", "approved"]


def test_withdrawing_everything_ends_every_grant_of_every_consent(member: Member) -> None:
    give(member)
    give(member, purposes=(Purpose.PROMOTE,), categories=(Category.WORDS, Category.IMAGE))
    assert withdraw(member=member) == 5
    assert held(member) == set()
    assert kinds(member) == ["given"] * 5 + ["withdrawn"] * 5


def test_withdrawing_one_purpose_leaves_the_others(member: Member) -> None:
    give(member, categories=(Category.WORDS, Category.IMAGE))
    assert withdraw(member=member, purpose=Purpose.READ) == 2
    assert held(member) == {("train", "words"), ("train", "image"), ("ideas", "words"), ("ideas", "image")}


def test_withdrawing_one_category_leaves_the_others(member: Member) -> None:
    give(member, categories=(Category.WORDS, Category.IMAGE))
    assert withdraw(member=member, category=Category.IMAGE) == 3
    assert held(member) == {("read", "words"), ("train", "words"), ("ideas", "words")}


def test_withdrawing_one_category_of_one_purpose_leaves_all_else(member: Member) -> None:
    give(member, purposes=(Purpose.READ, Purpose.TRAIN), categories=(Category.WORDS, Category.IMAGE))
    assert withdraw(member=member, purpose=Purpose.TRAIN, category=Category.IMAGE) == 1
    assert held(member) == {("read", "words"), ("read", "image"), ("train", "words")}


def test_withdrawing_again_changes_nothing(member: Member) -> None:
    give(member)
    withdraw(member=member)
    before = kinds(member)
    assert withdraw(member=member) == 0
    assert withdraw(member=member, purpose=Purpose.READ) == 0
    assert kinds(member) == before


def test_withdrawing_ends_what_has_not_begun_and_what_ran_out(member: Member) -> None:
    now = timezone.now()
    give(member, purposes=(Purpose.READ,), start=now + timedelta(days=5))
    give(member, purposes=(Purpose.READ,), start=now - timedelta(days=5), until=now - timedelta(days=1))
    assert withdraw(member=member) == 2
    assert not in_force(now + timedelta(days=6)).filter(member=member).exists()


def test_withdrawing_reaches_back_to_every_moment(member: Member) -> None:
    give(member)
    withdraw(member=member)
    for moment in (timezone.now() - timedelta(hours=1), timezone.now() + timedelta(hours=1)):
        assert not in_force(moment).filter(member=member).exists()


def test_a_new_consent_after_a_withdrawal_counts(member: Member) -> None:
    give(member)
    withdraw(member=member)
    give(member, purposes=(Purpose.READ,))
    assert held(member) == {("read", "words")}


def test_a_withdrawal_is_nobody_elses(member: Member) -> None:
    other = make_member()
    give(member)
    give(other)
    withdraw(member=member)
    assert len(held(other)) == 3


def test_a_pause_rests_everything_and_ends_nothing(member: Member) -> None:
    give(member)
    approve(member)
    assert pause(member=member)
    assert is_paused(member.pk)
    assert held(member) == set()
    assert wording_is_approved(member.pk, WORDING, timezone.now())
    assert resume(member=member)
    assert len(held(member)) == 3
    assert kinds(member)[-2:] == ["paused", "resumed"]


def test_pausing_twice_is_pausing_once(member: Member) -> None:
    assert [pause(member=member), pause(member=member)] == [True, False]
    assert [resume(member=member), resume(member=member)] == [True, False]
    assert kinds(member) == ["paused", "resumed"]


def test_a_pause_says_who_recorded_it_and_asks_for_the_right(member: Member) -> None:
    nobody, keeper = make_user("reader"), make_user("story_keeper")
    for step in (pause, resume):
        with pytest.raises(PermissionDenied):
            step(member=member, by=nobody)
        assert step(member=member, by=keeper)
    assert set(ConsentEvent.objects.filter(member=member).values_list("actor_id", flat=True)) == {keeper.pk}


def test_what_is_given_during_a_pause_waits_for_its_end(member: Member) -> None:
    pause(member=member)
    give(member, purposes=(Purpose.READ,))
    assert held(member) == set()
    resume(member=member)
    assert held(member) == {("read", "words")}


def test_what_is_withdrawn_during_a_pause_does_not_come_back(member: Member) -> None:
    give(member)
    pause(member=member)
    withdraw(member=member)
    resume(member=member)
    assert held(member) == set()


def test_a_pause_is_nobody_elses(member: Member) -> None:
    other = make_member()
    give(other)
    pause(member=member)
    assert len(held(other)) == 3


def test_pausing_needs_the_permission_to_withdraw(member: Member, reader: User) -> None:
    for act in (pause, resume):
        with pytest.raises(PermissionDenied):
            act(member=member, by=reader)


def test_a_pause_takes_back_and_its_end_gives(member: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[bool] = []
    monkeypatch.setattr(registry, "_clearance", [lambda ids, gained: told.append(gained)])
    pause(member=member)
    resume(member=member)
    assert told == [False, True]


def test_a_refusal_is_noted_and_grants_nothing(member: Member) -> None:
    refuse(member=member, wording_sha256=WORDING)
    assert kinds(member) == ["refused"]
    assert held(member) == set()
    assert not wording_is_approved(member.pk, WORDING, timezone.now())


def test_a_refusal_takes_nothing_away(member: Member) -> None:
    give(member)
    approve(member)
    refuse(member=member, wording_sha256=WORDING)
    assert len(held(member)) == 3
    assert wording_is_approved(member.pk, WORDING, timezone.now())


def test_expiry_is_noted_once_with_the_moment_it_happened(member: Member) -> None:
    now = timezone.now()
    until = now - timedelta(hours=2)
    give(member, purposes=(Purpose.READ,), start=now - timedelta(days=2), until=until)
    give(member, purposes=(Purpose.TRAIN,), until=now + timedelta(days=1))
    assert (expire(), expire()) == (1, 0)
    event = ConsentEvent.objects.get(member=member, kind=EventKind.EXPIRED)
    assert (event.at, event.purpose) == (until, "read")


def test_expiry_is_noted_in_the_order_of_its_moments(member: Member) -> None:
    now = timezone.now()
    ends = [now - timedelta(hours=hours) for hours in (2, 5, 2)]
    for until in ends:
        give(member, purposes=(Purpose.READ,), start=now - timedelta(days=2), until=until)
    expire()
    noted = ConsentEvent.objects.filter(kind=EventKind.EXPIRED).order_by("pk")
    assert [event.at for event in noted] == sorted(ends)
    assert list(noted.values_list("grant_id", flat=True)[1:]) == sorted(
        noted.values_list("grant_id", flat=True)[1:]
    )


def test_expiry_is_bookkeeping_only_reads_look_at_the_dates(member: Member) -> None:
    until = timezone.now() + timedelta(days=1)
    grant = give(member, purposes=(Purpose.READ,), until=until).grants.get()

    def moments() -> list[bool]:
        edges = (until - timedelta(microseconds=1), until, until + timedelta(days=1))
        return [in_force(at).filter(pk=grant.pk).exists() for at in edges]

    before = moments()
    expire(at=until + timedelta(days=2))
    assert moments() == before == [True, False, False]


def test_what_was_withdrawn_does_not_expire_as_well(member: Member) -> None:
    now = timezone.now()
    give(member, start=now - timedelta(days=2), until=now - timedelta(days=1))
    withdraw(member=member)
    assert expire() == 0


def test_every_change_of_clearance_tells_the_listeners(member: Member, told: list[tuple[set[int], bool]]) -> None:
    give(member, until=timezone.now() + timedelta(days=1))
    approval = approve(member)
    revoke_approval(approval=approval)
    expire(at=timezone.now() + timedelta(days=2))
    withdraw(member=member)
    assert [ids for ids, _gained in told] == [{member.pk}] * 5
    assert [gained for _ids, gained in told] == [True, True, False, True, False]


def test_a_failing_listener_takes_the_withdrawal_back_with_it(
    member: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    give(member)
    monkeypatch.setattr(registry, "_clearance", [lambda _ids, _gained: 1 / 0])
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        withdraw(member=member)
    assert len(held(member)) == 3


@pytest.mark.parametrize("role", ["reader", "newcomer", "mentor", "marketer", "hr_lead", "outsider"])
def test_strangers_to_consent_may_write_none_of_it(person: Person, member: Member, role: str) -> None:
    user, approval = person(role), approve(member)
    deeds: list[Callable[[], object]] = [
        lambda: give_consent(new(member), by=user),
        lambda: approve(member, "b" * 64, by=user),
        lambda: revoke_approval(approval=approval, by=user),
        lambda: withdraw(member=member, by=user),
        lambda: refuse(member=member, by=user),
    ]
    for deed in deeds:
        with pytest.raises(PermissionDenied), transaction.atomic():
            deed()
    assert kinds(member) == ["approved"]


@pytest.mark.parametrize("role", ["story_keeper", "club_host", "dpo", "administrator"])
def test_those_who_hold_the_paper_may_write_all_of_it(person: Person, member: Member, role: str) -> None:
    user = person(role)
    give_consent(new(member), by=user)
    revoke_approval(approval=approve(member, by=user), by=user)
    refuse(member=member, by=user)
    assert withdraw(member=member, by=user) == 3


def test_nobody_consents_for_a_narrator_who_was_forgotten(member: Member) -> None:
    Member.objects.filter(pk=member.pk).update(erased_at=timezone.now())
    member.refresh_from_db()
    with pytest.raises(ValidationError) as refused:
        give(member)
    assert refused.value.messages == [
        "This narrator was forgotten at her own demand. Begin with a new card for her."
    ]
    assert not Consent.objects.filter(member=member).exists()
