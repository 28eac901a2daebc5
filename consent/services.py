"""Writes of consent: give, approve, pause, withdraw, expire. Each is one transaction that appends to the ledger."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.core.exceptions import ValidationError
from django.core.files import File
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from club.models import Member, User
from club.permissions import require
from consent import ledger, registry
from consent.enums import Category, Credit, EventKind, Law, Method, Purpose
from consent.models import Approval, Consent, ConsentEvent, ConsentText, Grant
from consent.querysets import ended, is_paused, run_out, wording_is_approved


@dataclass(frozen=True, slots=True)
class Permission:
    """One line of a consent: a purpose, a category and how the narrator is named."""

    purpose: Purpose
    category: Category = Category.WORDS
    credit: Credit = Credit.PSEUDONYM


@dataclass(slots=True)
class NewConsent:
    """All that makes up a consent to be recorded."""

    member: Member
    text: ConsentText
    controller: str
    method: Method
    permissions: Sequence[Permission]
    valid_from: datetime
    valid_until: datetime | None = None
    conditions: str = ""
    evidence_reference: str = ""
    evidence_sha256: str = ""
    evidence: File | None = field(default=None, repr=False)
    supersedes: Consent | None = None


def check(new: NewConsent) -> None:
    """Refuse a consent that proves nothing or allows nothing, or of somebody who was forgotten."""
    if new.member.erased_at:
        raise ValidationError(_("This narrator was forgotten at her own demand. Begin with a new card for her."))
    if not new.permissions:
        raise ValidationError(_("Choose at least one purpose: a consent to nothing is none."))
    if not (new.evidence or new.evidence_reference.strip()):
        raise ValidationError(_("Attach the evidence or say where it is kept: a consent must be provable."))
    if new.valid_until and new.valid_until <= new.valid_from:
        raise ValidationError(_("The consent would end before it begins. Check the dates."))


@transaction.atomic
def give_consent(new: NewConsent, *, by: User | None = None) -> Consent:
    """Record one consent with its grants and ledger entries; raises ``ValidationError`` or ``PermissionDenied``."""
    return record_consents([new], by=by)[0]


@transaction.atomic
def record_consents(news: Sequence[NewConsent], *, by: User | None = None) -> list[Consent]:
    """Record many consents at once, in the order given; the importer's road, the same checks and entries."""
    require(by, "consent.add_consent")
    for new in news:
        check(new)
    consents = Consent.objects.bulk_create([_consent_row(new, by) for new in news], batch_size=1000)
    grants = Grant.objects.bulk_create(
        [row for new, consent in zip(news, consents, strict=True) for row in _grant_rows(new, consent)],
        batch_size=2000,
    )
    events = [
        _grant_event(EventKind.RENEWED if grant.consent.supersedes_id else EventKind.GIVEN, grant, by)
        for grant in grants
    ]
    ledger.append(events)
    registry.clearance_changed({new.member.pk for new in news}, gained=True)
    return consents


def _consent_row(new: NewConsent, by: User | None) -> Consent:
    consent = Consent(
        member=new.member,
        text=new.text,
        controller=new.controller,
        supersedes=new.supersedes,
        valid_from=new.valid_from,
        valid_until=new.valid_until,
        method=new.method,
        conditions=new.conditions,
        evidence_reference=new.evidence_reference,
        evidence_sha256=new.evidence_sha256,
        recorded_by=by,
    )
    if new.evidence:
        consent.evidence_sha256 = _digest(new.evidence)
        consent.evidence.save(new.evidence.name or "evidence", new.evidence, save=False)
    return consent


def _digest(file: File) -> str:
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    file.seek(0)
    return digest.hexdigest()


def _grant_rows(new: NewConsent, consent: Consent) -> list[Grant]:
    return [
        Grant(
            consent=consent,
            member=new.member,
            purpose=line.purpose,
            category=line.category,
            credit=line.credit,
            valid_from=new.valid_from,
            valid_until=new.valid_until,
        )
        for line in new.permissions
    ]


def _grant_event(kind: EventKind, grant: Grant, by: User | None, at: datetime | None = None) -> ConsentEvent:
    return ConsentEvent(
        at=at or timezone.now(),
        kind=kind,
        member_id=grant.member_id,
        consent_id=grant.consent_id,
        grant=grant,
        purpose=grant.purpose,
        category=grant.category,
        actor_id=by.pk if by else None,
    )


@transaction.atomic
def approve_wording(
    *,
    member: Member,
    wording_sha256: str,
    method: Method,
    evidence_reference: str = "",
    by: User | None = None,
    at: datetime | None = None,
) -> Approval:
    """Record that the narrator said yes to these exact words; saying it twice changes nothing."""
    require(by, "consent.add_approval")
    now = at or timezone.now()
    if wording_is_approved(member.pk, wording_sha256, now):
        return (
            Approval.objects.filter(member=member, wording_sha256=wording_sha256)
            .exclude(ended("approval"))
            .latest("pk")
        )
    [approval] = record_approvals(
        [Approval(member=member, wording_sha256=wording_sha256, approved_at=now, method=method,
                  evidence_reference=evidence_reference, recorded_by=by)],
        by=by,
    )  # fmt: skip
    registry.approved(member.pk, wording_sha256, by.pk if by else None)
    return approval


@transaction.atomic
def record_approvals(approvals: Sequence[Approval], *, by: User | None = None) -> list[Approval]:
    """Insert many approvals with their ledger entries; the importer's road."""
    require(by, "consent.add_approval")
    rows = Approval.objects.bulk_create(approvals, batch_size=2000)
    ledger.append([_approval_event(EventKind.APPROVED, row, by) for row in rows])
    registry.clearance_changed({row.member_id for row in rows}, gained=True)
    return rows


def _approval_event(kind: EventKind, approval: Approval, by: User | None) -> ConsentEvent:
    return ConsentEvent(
        at=timezone.now(),
        kind=kind,
        member_id=approval.member_id,
        approval=approval,
        wording_sha256=approval.wording_sha256,
        actor_id=by.pk if by else None,
    )


@transaction.atomic
def revoke_approval(*, approval: Approval, by: User | None = None) -> None:
    """The narrator takes back her yes to one wording; her other stories stay."""
    require(by, "consent.withdraw_consent")
    if Approval.objects.filter(pk=approval.pk).exclude(ended("approval")).exists():
        ledger.append([_approval_event(EventKind.REVOKED, approval, by)])
        registry.clearance_changed([approval.member_id])


@transaction.atomic
def withdraw(
    *,
    member: Member,
    purpose: Purpose | None = None,
    category: Category | None = None,
    by: User | None = None,
) -> int:
    """End every grant of a member, or those of one purpose or category; effective when this commits.

    Returns the number of grants that ended. Withdrawing what is already withdrawn changes nothing.
    """
    require(by, "consent.withdraw_consent")
    ledger.lock()
    grants = Grant.objects.filter(member=member).exclude(ended("grant"))
    if purpose:
        grants = grants.filter(purpose=purpose)
    if category:
        grants = grants.filter(category=category)
    events = [_grant_event(EventKind.WITHDRAWN, grant, by) for grant in grants.order_by("pk")]
    ledger.append(events)
    registry.clearance_changed([member.pk])
    return len(events)


@transaction.atomic
def pause(*, member: Member, by: User | None = None) -> bool:
    """Hide everything of a member until ``resume``; returns whether anything changed. No grant ends by it."""
    return _set_paused(member, True, by)


@transaction.atomic
def resume(*, member: Member, by: User | None = None) -> bool:
    """End a pause; what was granted and approved before, and has not ended since, is there again."""
    return _set_paused(member, False, by)


def _set_paused(member: Member, paused: bool, by: User | None) -> bool:
    require(by, "consent.withdraw_consent")
    ledger.lock()
    if is_paused(member.pk) == paused:
        return False
    kind = EventKind.PAUSED if paused else EventKind.RESUMED
    event = ConsentEvent(at=timezone.now(), kind=kind, member=member, actor_id=by.pk if by else None)
    ledger.append([event])
    registry.clearance_changed([member.pk], gained=not paused)
    return True


@transaction.atomic
def refuse(*, member: Member, wording_sha256: str = "", by: User | None = None) -> None:
    """Note that the narrator said no. Nothing becomes visible or hidden by it: silence and refusal grant nothing."""
    require(by, "consent.add_consent")
    event = ConsentEvent(
        at=timezone.now(),
        kind=EventKind.REFUSED,
        member=member,
        wording_sha256=wording_sha256,
        actor_id=by.pk if by else None,
    )
    ledger.append([event])


@transaction.atomic
def expire(*, at: datetime | None = None) -> int:
    """Note in the ledger every grant whose term ran out up to ``at``; returns how many.

    Bookkeeping only: reads compare the dates themselves, so nothing depends on when this runs.
    """
    ledger.lock()
    grants = list(run_out(at or timezone.now()))
    ledger.append([_grant_event(EventKind.EXPIRED, grant, None, grant.valid_until) for grant in grants])
    registry.clearance_changed({grant.member_id for grant in grants}, gained=True)
    return len(grants)


def imported_text(language: str) -> ConsentText:
    """Return the text that stands for consents which another system collected and an import brought in."""
    titles = {
        "ru": (
            "Согласие, записанное в источнике импорта",
            "Рассказчик дал согласие там, где история была записана. "
            "Доказательство: строка источника, названная в согласии.",
        ),
        "en": (
            "Consent recorded by the source of the import",
            "The narrator consented where the story was collected. "
            "Evidence: the row of the source named in the consent.",
        ),
    }
    title, body = titles["ru" if language == "ru" else "en"]
    text, _created = ConsentText.objects.get_or_create(
        law=Law.OTHER,
        language="ru" if language == "ru" else "en",
        version=1,
        defaults={"title": title, "body": body},
    )
    return text


def permissions_for(
    purposes: Iterable[Purpose], categories: Iterable[Category] = (Category.WORDS,)
) -> list[Permission]:
    """Every pair of purpose and category, named by the figure's name."""
    categories = list(categories)
    return [Permission(purpose, category) for purpose in purposes for category in categories]
