"""What a narrator does with what she gave: pause, narrow, take back, and demand. No reason is asked for anything."""

from collections.abc import Collection
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from club.models import Member
from consent import demands, services
from consent.enums import Category, Channel, DemandKind, Purpose
from consent.models import Approval, ApprovalLink, Demand
from consent.narrator.links import DAYS, held
from consent.querysets import live_approvals

# A copy asked for again within this time is the same demand: a second tap, a second format.
SAME_COPY = timedelta(hours=1)


def _locked(link: ApprovalLink) -> Member:
    return Member.objects.select_for_update().get(pk=link.member_id)


@transaction.atomic
def withdraw_everything(link: ApprovalLink) -> int:
    """End every grant and every yes to a wording; gone everywhere when this commits.

    The approvals go too: were she to agree to another story one day, these would not come back with it. The demand is
    noted as done for the register. Returns how many grants ended.
    """
    member = _locked(link)
    outside = held(member).filter(purpose=Purpose.PROMOTE).exists()
    _keep_this(link)
    ended = _end_all(member)
    if ended:
        _note_done(member, DemandKind.WITHDRAW)
    if outside:
        _demand_once(member, DemandKind.STOP)
    return ended


def _end_all(member: Member) -> int:
    for approval in live_approvals(timezone.now()).filter(member=member):
        services.revoke_approval(approval=approval)
    return services.withdraw(member=member)


def _keep_this(link: ApprovalLink) -> None:
    """Keep the link in her hand alive when the consent that kept it open ends."""
    until = timezone.now() + timedelta(days=DAYS)
    ApprovalLink.objects.filter(pk=link.pk, expires_at__lt=until).update(expires_at=until)


@transaction.atomic
def narrow(link: ApprovalLink, lines: Collection[tuple[Purpose, Category]]) -> int:
    """End the grants of these pairs of purpose and category; the others stay as they are."""
    member = _locked(link)
    outside = held(member).filter(purpose=Purpose.PROMOTE, category__in=[c for p, c in lines]).exists()
    _keep_this(link)
    ended = sum(services.withdraw(member=member, purpose=purpose, category=category) for purpose, category in lines)
    if outside and any(purpose == Purpose.PROMOTE for purpose, _category in lines):
        _demand_once(member, DemandKind.STOP)
    return ended


@transaction.atomic
def take_back_wording(link: ApprovalLink, wording_sha256: str) -> bool:
    """End her yes to these words; her other stories stay. False if there was nothing to take back."""
    member = _locked(link)
    approvals: list[Approval] = list(
        live_approvals(timezone.now()).filter(member=member, wording_sha256=wording_sha256)
    )
    for approval in approvals:
        services.revoke_approval(approval=approval)
    return bool(approvals)


def pause(link: ApprovalLink) -> bool:
    """Hide everything until she resumes."""
    return services.pause(member=link.member)


def resume(link: ApprovalLink) -> bool:
    """End the pause."""
    return services.resume(member=link.member)


# Demands


def _open(member: Member, kind: DemandKind) -> Demand | None:
    return Demand.objects.filter(member=member, kind=kind, done_at__isnull=True).first()


def _demand_once(member: Member, kind: DemandKind, words: str = "") -> Demand:
    return _open(member, kind) or demands.receive(
        member=member, kind=kind, channel=Channel.LINK, words=words
    )


def _note_done(member: Member, kind: DemandKind) -> Demand:
    demand = demands.receive(member=member, kind=kind, channel=Channel.LINK)
    demands.fulfil(demand, outcome="")
    return demand


@transaction.atomic
def demand_correction(link: ApprovalLink, words: str) -> Demand:
    """Keep what is wrong in her own words; the same words sent twice are one demand."""
    member = _locked(link)
    same = Demand.objects.filter(
        member=member, kind=DemandKind.CORRECT, words=words, done_at__isnull=True
    ).first()
    return same or demands.receive(member=member, kind=DemandKind.CORRECT, channel=Channel.LINK, words=words)


@transaction.atomic
def demand_erasure(link: ApprovalLink) -> Demand:
    """Hide everything at once and demand that it be erased; the demand says by which day."""
    member = _locked(link)
    _keep_this(link)
    _end_all(member)
    return _demand_once(member, DemandKind.ERASE)


@transaction.atomic
def demand_copy(link: ApprovalLink) -> Demand:
    """Note that she took a copy of everything about her; it is given at once."""
    member = _locked(link)
    recent = Demand.objects.filter(
        member=member, kind=DemandKind.COPY, received_at__gt=timezone.now() - SAME_COPY
    ).first()
    return recent or _note_done(member, DemandKind.COPY)
