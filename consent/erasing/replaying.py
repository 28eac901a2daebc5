"""Doing endings again on a database that was restored from an older backup, before the site answers from it.

What was taken back after the backup is taken back again: as new ledger entries, chained on to those of the backup. An
ending that the restored ledger holds already is left alone, and so is everything given after the ending.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from django.db import transaction
from django.utils import timezone

from club.models import Member
from consent import endings, ledger, services
from consent import registry as clearance
from consent.endings import Ending
from consent.enums import PAUSE_EVENTS, EventKind
from consent.erasing import running, tombstones
from consent.models import Approval, ConsentEvent, Grant, Tombstone
from consent.querysets import ended

GIVEN = (EventKind.GIVEN, EventKind.RENEWED)
Tell = Callable[[str], object]


@dataclass(slots=True)
class Replayed:
    """What was done again; ``unsure`` are members whose erasure was begun and never confirmed."""

    withdrawn: int = 0
    revoked: int = 0
    paused: int = 0
    resumed: int = 0
    erased: list[str] = field(default_factory=list)
    unsure: list[str] = field(default_factory=list)
    marks: int = 0
    unknown: int = 0


def remembered() -> tuple[list[Ending], list[str]]:
    """Return the endings and marks that the database in use holds, for a restore to carry over."""
    rows = ConsentEvent.objects.filter(kind__in=endings.JOURNALED).select_related("member").order_by("pk")
    return endings.of_events((row, row.member.code) for row in rows), list(
        Tombstone.objects.values_list("digest", flat=True)
    )


def replay(found: Sequence[Ending], marks: Iterable[str], tell: Tell = lambda line: None) -> Replayed:
    """Apply endings in their order to the database in use. Raises whatever an erasure raises."""
    result = Replayed()
    here = set(ConsentEvent.objects.filter(kind__in=endings.JOURNALED).values_list("hash", flat=True))
    members = _members_by_name()
    known = set(marks)
    new = [ending for ending in merged(found) if ending.event not in here]
    result.unknown = len({ending.who for ending in new} - set(members))
    theirs = [(ending, members[ending.who]) for ending in new if ending.who in members]
    for ending, member in theirs:
        with transaction.atomic():
            _take_back(ending, member, result)
    for member, ending in _last_words(theirs).items():
        if ending.kind == EventKind.PAUSED:
            result.paused += services.pause(member=member)
        else:
            result.resumed += services.resume(member=member)
    for member in _to_forget(merged(found), members, known):
        tell(f"forgetting {member.code} again")
        result.erased.append(running.erase(member).member.code)
    with transaction.atomic():
        result.marks = len(tombstones.put(known))
    result.unsure = sorted(_unsure(theirs) - set(result.erased))
    return result


def merged(found: Sequence[Ending]) -> list[Ending]:
    """Each ending once, in time; one that is known to be committed stands for its unsure twin."""
    by_event: dict[str, Ending] = {}
    for ending in found:
        known = by_event.get(ending.event)
        if known is None or (ending.committed and not known.committed):
            by_event[ending.event] = ending
    return sorted(by_event.values(), key=lambda ending: ending.at)


def _members_by_name() -> dict[str, Member]:
    return {name: member for member in Member.objects.all() for name in endings.names_of(member.code)}


def _take_back(ending: Ending, member: Member, result: Replayed) -> None:
    """End again what was given before the ending; what an erasure takes back is hidden here and destroyed later."""
    ledger.lock()
    if ending.kind == EventKind.WITHDRAWN or (ending.kind == EventKind.ERASED and not ending.wording):
        result.withdrawn += _withdraw(ending, member)
    if ending.kind == EventKind.REVOKED or (ending.kind == EventKind.ERASED and not ending.purpose):
        result.revoked += _revoke(ending, member)


def _withdraw(ending: Ending, member: Member) -> int:
    """End the grants of the ending's purpose and category that were given before it."""
    grants = Grant.objects.filter(member=member, events__kind__in=GIVEN, events__at__lte=ending.at)
    if ending.purpose:
        grants = grants.filter(purpose=ending.purpose, category=ending.category)
    events = [
        ConsentEvent(
            at=timezone.now(), kind=EventKind.WITHDRAWN, member=member, consent_id=grant.consent_id, grant=grant,
            purpose=grant.purpose, category=grant.category,
        )
        for grant in grants.exclude(ended("grant")).distinct().order_by("pk")
    ]  # fmt: skip
    ledger.append(events)
    if events:
        clearance.clearance_changed([member.pk])
    return len(events)


def _revoke(ending: Ending, member: Member) -> int:
    """Take back the approvals of the ending's wording that were given before it."""
    given = {"events__kind": EventKind.APPROVED, "events__at__lte": ending.at}
    approvals = Approval.objects.filter(member=member, **given).exclude(ended("approval"))
    if ending.wording:
        approvals = approvals.filter(wording_sha256=ending.wording)
    rows = list(approvals.distinct().order_by("pk"))
    for approval in rows:
        services.revoke_approval(approval=approval)
    return len(rows)


def _last_words(theirs: Iterable[tuple[Ending, Member]]) -> dict[Member, Ending]:
    """Return each member's last word about a pause, unless the restored ledger holds a later one.

    The end of a pause that nobody confirms is no word: the safe side is to hide.
    """
    last: dict[Member, Ending] = {}
    for ending, member in theirs:
        if ending.kind == EventKind.PAUSED or (ending.kind == EventKind.RESUMED and ending.committed):
            last[member] = ending
    known = ConsentEvent.objects.filter(kind__in=PAUSE_EVENTS, member__in=list(last))
    later = {member.pk: ending.at for member, ending in last.items()}
    newer = {pk for pk, at in known.values_list("member_id", "at") if at >= later[pk]}
    return {member: ending for member, ending in last.items() if member.pk not in newer}


def _to_forget(found: Iterable[Ending], members: dict[str, Member], marks: set[str]) -> list[Member]:
    """Return the members who were forgotten for sure and are here again: by a committed ending, or by their mark."""
    sure = {
        members[ending.who].pk: members[ending.who]
        for ending in found
        if ending.kind == EventKind.ERASED and ending.committed and ending.who in members
    }
    for member in {member.pk: member for member in members.values()}.values():
        if marks.intersection(tombstones.digests(tombstones.CODE, member.code)):
            sure[member.pk] = member
    open_runs = {run.member_id for run in running.unfinished()}
    return [
        member for pk, member in sorted(sure.items()) if member.erased_at is None or pk in open_runs
    ]


def _unsure(theirs: Iterable[tuple[Ending, Member]]) -> set[str]:
    """Return the codes of members whose erasure was begun and never confirmed."""
    return {
        member.code for ending, member in theirs if ending.kind == EventKind.ERASED and not ending.committed
    }
