"""Asking a narrator about a wording, and what she has answered. Silence answers nothing."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from club.models import Member, User
from consent import ledger, texts
from consent.enums import Channel, DemandKind, EventKind, LetterKind, LetterState, SuggestionState
from consent.models import ApprovalLink, ConsentEvent, Demand, Letter, Suggestion
from consent.narrator import letters, registry
from consent.narrator.answers import is_answered, said_no, said_yes
from consent.narrator.links import make_link
from consent.narrator.registry import PhotoAddress, Wording
from consent.querysets import is_paused


@dataclass(frozen=True, slots=True)
class Ask:
    """A wording that waits for a narrator's answer."""

    link: ApprovalLink
    wording: Wording

    @property
    def is_changing(self) -> bool:
        """Whether the text is being worked on, so that nobody can agree to it now."""
        return not self.wording.is_latest


def user_may_ask(user: User, member: Member) -> bool:
    """Whoever may record approvals, and the hosts of the narrator."""
    return user.is_active and (
        user.has_perm("consent.add_approval") or member.hosts.filter(pk=user.pk).exists()
    )


def obstacle(member: Member, wording: Wording) -> str:
    """Return why this narrator is not asked about this wording now; empty if she may be."""
    if member.erased_at is not None:
        return _("She asked to be forgotten. Nobody asks her any more.")
    if Demand.objects.filter(member=member, kind=DemandKind.ERASE, done_at__isnull=True).exists():
        return _("She has asked us to forget her. Do that first; do not ask her for anything.")
    if is_paused(member.pk):
        return _("She has put everything on pause. Wait until she ends it.")
    if not wording.is_latest:
        return _("These are not the latest words. Ask about the latest ones.")
    if texts.current_text(law=texts.default_law(), language=member.language) is None:
        return _("There is no consent text in her language yet. Write one, then ask.")
    return ""


def request(*, member: Member, wording_sha256: str, by: User | None) -> ConsentEvent:
    """Note in the ledger that she is asked; in the caller's transaction."""
    event = ConsentEvent(
        at=timezone.now(),
        kind=EventKind.REQUESTED,
        member=member,
        wording_sha256=wording_sha256,
        actor_id=by.pk if by else None,
    )
    return ledger.append([event])[0]


def _require(by: User | None, member: Member) -> None:
    if by is not None and not user_may_ask(by, member):
        raise PermissionDenied


@transaction.atomic
def ask_by_mail(*, member: Member, wording: Wording, by: User | None) -> Letter:
    """Put a letter in the outbox; it leaves with a link of its own. A second click finds the letter of the first."""
    _require(by, member)
    Member.objects.select_for_update().get(pk=member.pk)
    waiting = Letter.objects.filter(
        member=member, kind=LetterKind.ASK, revision_id=wording.revision_id, state=LetterState.WAITING
    ).first()
    if waiting is not None:
        return waiting
    request(member=member, wording_sha256=wording.sha256, by=by)
    revision = registry.revision(wording.revision_id)
    return letters.write(LetterKind.ASK, member=member, revision=revision, asked_by=by)


@transaction.atomic
def ask_on_paper(*, member: Member, wording: Wording, by: User | None) -> tuple[ApprovalLink, str]:
    """Make the link for a printed sheet; returns its row and the token to be drawn on the sheet."""
    _require(by, member)
    request(member=member, wording_sha256=wording.sha256, by=by)
    return make_link(
        member=member,
        revision=registry.revision(wording.revision_id),
        wording_sha256=wording.sha256,
        channel=Channel.PAPER,
        by=by,
    )


# What waits for her


def asks(member: Member, photo_address: PhotoAddress = str) -> list[Ask]:
    """Return the newest ask about each work, answered or not, newest first."""
    links = ApprovalLink.objects.filter(member=member, revision__isnull=False)
    found: dict[str, Ask] = {}
    for link in links.select_related("member", "revision", "created_by").order_by("-created_at", "-pk"):
        wording = registry.wording(link.revision, photo_address)
        if wording is not None and wording.member_id == member.pk:
            found.setdefault(wording.key, Ask(link, wording))
    return list(found.values())


def older_ask(member: Member, revision_id: int) -> Wording | None:
    """Return a wording that she was asked about before, by its revision: an old page may still be open."""
    links = ApprovalLink.objects.filter(member=member, revision_id=revision_id).select_related("revision")
    link = links.first()
    return registry.wording(link.revision) if link is not None else None


def pending(member: Member, photo_address: PhotoAddress = str) -> list[Ask]:
    """Return what waits for this narrator's answer, newest first."""
    return [ask for ask in asks(member, photo_address) if not is_answered(ask.link, ask.wording.sha256)]


def suggestion_about(member: Member, key: str) -> Suggestion | None:
    """Return the newest change that she asked for in a work."""
    rows = Suggestion.objects.filter(member=member, revision__isnull=False).select_related("revision")
    return next(
        (row for row in rows if (found := registry.wording(row.revision)) and found.key == key), None
    )


# What the keeper sees of it


@dataclass(frozen=True, slots=True)
class Asked:
    """One ask as its keeper sees it: a link that was given out, or a letter that is on its way."""

    at: object
    how: str
    by: str
    opened: int
    opened_at: object
    until: object
    answer: str
    link: ApprovalLink | None = None


def answer_label(link: ApprovalLink, wording: Wording) -> str:
    """Say what she answered to one ask."""
    if said_no(link.member, wording.sha256, link.created_at):
        return _("said no")
    kinds = (EventKind.APPROVED,)
    events = ConsentEvent.objects.filter(
        member=link.member, kind__in=kinds, wording_sha256=wording.sha256, at__gte=link.created_at
    )
    if events.exists() or said_yes(link.member, wording.sha256, link.created_at):
        return _("agreed")
    suggestion = Suggestion.objects.filter(member=link.member, wording_sha256=wording.sha256).first()
    if suggestion is not None and suggestion.state == SuggestionState.OPEN:
        return _("asks for a change")
    if suggestion is not None:
        return _("a change was asked for and answered")
    if link.revoked_at is not None:
        return _("link closed")
    return _("no answer yet")


def asked_about(member: Member, key: str) -> list[Asked]:
    """Return every ask about a work: letters that wait first, then links, newest first."""
    rows = []
    for letter in _letters_waiting(member):
        if (found := registry.wording(letter.revision)) and found.key == key:
            how, by = str(Channel.MAIL.label), _name(letter.asked_by)
            rows.append(Asked(letter.created_at, how, by, 0, None, None, _("on its way")))
    for link in _links(member):
        if (found := registry.wording(link.revision)) and found.key == key:
            rows.append(_asked(link, found))
    return rows


def _letters_waiting(member: Member) -> Sequence[Letter]:
    rows = Letter.objects.filter(
        member=member, kind=LetterKind.ASK, state=LetterState.WAITING, revision__isnull=False
    )
    return list(rows.select_related("revision", "asked_by"))


def _links(member: Member) -> Sequence[ApprovalLink]:
    rows = ApprovalLink.objects.filter(member=member, revision__isnull=False)
    return list(rows.select_related("member", "revision", "created_by").order_by("-created_at", "-pk"))


def _asked(link: ApprovalLink, wording: Wording) -> Asked:
    return Asked(
        link.created_at,
        link.get_channel_display(),
        _name(link.created_by),
        link.uses,
        link.last_used_at,
        link.expires_at,
        answer_label(link, wording),
        None if link.revoked_at else link,
    )


def _name(user: User | None) -> str:
    return (user.get_full_name() or user.get_username()) if user else "—"
