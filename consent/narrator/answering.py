"""A narrator's yes and no. Her yes is one transaction: what she allows, until when, and these exact words."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from club.models import Member
from consent import services
from consent.enums import INTERNAL_PURPOSES, Category, Channel, Credit, EventKind, LetterKind, Method, Purpose
from consent.forms import last_moment
from consent.models import ApprovalLink, Consent, ConsentEvent, ConsentText, Grant
from consent.narrator import asking, letters, registry
from consent.narrator.links import held
from consent.services import NewConsent, Permission


class TextChanged(Exception):
    """The words she saw are not those she is asked about any more."""


class NothingAllowed(Exception):
    """Nothing is allowed that the words could be used for."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What a narrator ticked. ``offered`` names the categories that the page asked about."""

    purposes: tuple[Purpose, ...]
    categories: tuple[Category, ...]
    credit: Credit
    until: date
    offered: frozenset[Category]

    def lines(self) -> list[Permission]:
        """Return every pair of purpose and category that she allows."""
        return [
            Permission(purpose, category, self.credit)
            for purpose in self.purposes
            for category in self.categories
        ]

    @property
    def ends(self) -> datetime:
        """The last moment of the last day."""
        return last_moment(self.until)


def years_from(day: date, years: int) -> date:
    """Return the same day some years later; 29 February becomes the 28th."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def evidence(link: ApprovalLink, *, question: bool) -> str:
    """Return what proves her yes: the number of her link, the moment, and that she answered the question."""
    moment = timezone.now().isoformat(timespec="seconds")
    return f"link {link.pk}, {moment}" + (", question answered" if question else "")


@transaction.atomic
def agree(
    *, link: ApprovalLink, key: str, wording_sha256: str, choice: Choice | None, text: ConsentText | None
) -> Consent | None:
    """Record what she allows and her yes to exactly these words; saying it twice changes nothing.

    ``choice`` is None where the consent she gave before holds for these words too. Returns the new consent, if one was
    needed. Raises ``TextChanged`` and ``NothingAllowed``.
    """
    member = Member.objects.select_for_update().get(pk=link.member_id)
    ask = next((each for each in asking.asks(member) if each.wording.key == key), None)
    if ask is None or ask.is_changing or ask.wording.sha256 != wording_sha256:
        raise TextChanged
    consent = None
    if choice is not None and text is not None:
        consent = _allow(member, link, choice, text)
    elif not held(member).filter(purpose__in=INTERNAL_PURPOSES, category=Category.WORDS).exists():
        raise NothingAllowed
    services.approve_wording(
        member=member,
        wording_sha256=wording_sha256,
        method=Method.LINK_CODE,
        evidence_reference=evidence(link, question=choice is not None),
    )
    if consent is not None and link.channel == Channel.MAIL:
        letters.write(LetterKind.RECEIPT, member=member)
    return consent


def _allow(member: Member, link: ApprovalLink, choice: Choice, text: ConsentText) -> Consent | None:
    """End what she allowed before and does not now, and give what is missing."""
    before = list(
        held(member).filter(purpose__in=INTERNAL_PURPOSES, category__in=choice.offered).order_by("pk")
    )
    wanted = set(choice.lines())
    for purpose, category in {(g.purpose, g.category) for g in before if not _fits(g, choice, wanted)}:
        services.withdraw(member=member, purpose=Purpose(purpose), category=Category(category))
    kept = {(g.purpose, g.category) for g in before if _fits(g, choice, wanted)}
    if {(line.purpose, line.category) for line in wanted} <= kept:
        return None
    older = Consent.objects.filter(pk__in=[g.consent_id for g in before]).order_by("-valid_from", "-pk").first()
    return services.give_consent(
        NewConsent(
            member=member,
            text=text,
            controller=registry.company_name() or "—",
            method=Method.LINK_CODE,
            permissions=choice.lines(),
            valid_from=timezone.now(),
            valid_until=choice.ends,
            evidence_reference=evidence(link, question=True),
            supersedes=older,
        )
    )


def _fits(grant: Grant, choice: Choice, wanted: Collection[Permission]) -> bool:
    """Whether an older grant says just what she says now: the same, named so, and until that day."""
    line = Permission(Purpose(grant.purpose), Category(grant.category), Credit(grant.credit))
    return line in wanted and grant.valid_until == choice.ends


@transaction.atomic
def refuse(*, link: ApprovalLink, wording_sha256: str) -> bool:
    """Note her no to these words; False if it is noted already."""
    member = Member.objects.select_for_update().get(pk=link.member_id)
    noted = ConsentEvent.objects.filter(
        member=member, kind=EventKind.REFUSED, wording_sha256=wording_sha256, at__gte=link.created_at
    )
    if noted.exists():
        return False
    services.refuse(member=member, wording_sha256=wording_sha256)
    return True


@transaction.atomic
def allow_outside(
    *,
    link: ApprovalLink,
    texts: dict[Category, ConsentText],
    categories: Collection[Category],
    credit: Credit,
    until: date,
    conditions: str,
) -> list[Consent]:
    """Record one consent a category to leave the company, each with its own document; what holds is not repeated."""
    member = Member.objects.select_for_update().get(pk=link.member_id)
    ends = last_moment(until)
    there = {
        (g.category, g.credit, g.valid_until, g.consent.conditions)
        for g in held(member).filter(purpose=Purpose.PROMOTE).select_related("consent")
    }
    return [
        services.give_consent(
            NewConsent(
                member=member,
                text=texts[category],
                controller=registry.company_name() or "—",
                method=Method.LINK_CODE,
                permissions=[Permission(Purpose.PROMOTE, category, credit)],
                valid_from=timezone.now(),
                valid_until=ends,
                conditions=conditions,
                evidence_reference=evidence(link, question=False),
            )
        )
        for category in categories
        if (category, credit, ends, conditions) not in there
    ]
