"""The narrator's journal: her stories with what became of them, what she allows, what she asked of us."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import TextChoices
from django.utils import timezone

from club.models import Member
from consent import texts
from consent.enums import Category, Credit, EventKind, Purpose, SuggestionState, TextScope
from consent.models import Consent, ConsentEvent, ConsentText, Demand, Grant, Suggestion
from consent.narrator import asking, registry
from consent.narrator.forms import HERS, PURPOSES
from consent.narrator.links import held
from consent.narrator.pages import NarratorPage
from consent.narrator.registry import Work
from consent.querysets import is_paused, live_approvals


class Standing(TextChoices):
    """Where one of her stories stands, in the words of the journal."""

    SHOWN = "shown"
    PAUSED = "paused"
    ASKED = "asked"
    CHANGING = "changing"
    COMING = "coming"
    HIDDEN = "hidden"
    NOTED = "noted"


@dataclass(frozen=True, slots=True)
class Entry:
    """One of her stories in the journal."""

    work: Work
    standing: Standing
    notes: list[str]
    can_take_back: bool

    @property
    def can_read(self) -> bool:
        """Whether she has been shown the words: a note that nobody has worked on is not ready for her."""
        return self.standing != Standing.NOTED


@dataclass(frozen=True, slots=True)
class Allowed:
    """One line of what she allows now."""

    purpose: Purpose
    category: Category
    until: date | None
    credit: Credit


@dataclass(frozen=True, slots=True)
class Allowance:
    """One purpose that she allows, what of hers belongs to it, and until when."""

    label: Any
    what: str
    until: date | None


def journal(page: NarratorPage) -> dict[str, Any]:
    """Return everything the journal shows."""
    member = page.member
    lines = allowed(member)
    return {
        "entries": entries(member),
        "waiting": asking.pending(member),
        "paused": is_paused(member.pk),
        "allowed": allowances(lines),
        "until": latest_end(lines),
        "ended_at": ended_at(member) if not lines else None,
        "has_consented": Consent.objects.filter(member=member).exists(),
        "consents": list(Consent.objects.filter(member=member).select_related("text")),
        "demands": list(Demand.objects.filter(member=member).order_by("-received_at")[:10]),
        "suggestions": answered(member),
        "sections": registry.sections(member),
        "outside": bool(distribution_texts(page.language)),
    }


def entries(member: Member) -> list[Entry]:
    """Return her stories with their standing and the notes of all apps."""
    works = registry.works(member)
    notes = registry.notes(member, [work.key for work in works])
    waiting = {ask.wording.key: ask for ask in asking.pending(member)}
    approved = set(
        live_approvals(timezone.now()).filter(member=member).values_list("wording_sha256", flat=True)
    )
    paused = is_paused(member.pk)
    return [
        Entry(work, _standing(work, waiting, approved, paused), notes[work.key], work.sha256 in approved)
        for work in works
    ]


def _standing(
    work: Work, waiting: dict[str, asking.Ask], approved: set[str], paused: bool
) -> Standing:
    if work.is_shown:
        return Standing.SHOWN
    ask = waiting.get(work.key)
    if ask is not None:
        return Standing.CHANGING if ask.is_changing else Standing.ASKED
    if work.sha256 in approved:
        if not work.is_published:
            return Standing.COMING
        return Standing.PAUSED if paused else Standing.HIDDEN
    return Standing.HIDDEN if work.is_published else Standing.NOTED


def allowed(member: Member) -> list[Allowed]:
    """Return what she allows now, one line a purpose and category, the longest term of each."""
    found: dict[tuple[str, str], Grant] = {}
    for grant in held(member).order_by("pk"):
        older = found.get((grant.purpose, grant.category))
        if older is None or _lasts_longer(grant, older):
            found[grant.purpose, grant.category] = grant
    order = {(p.value, c.value): n for n, (p, c) in enumerate((p, c) for p in Purpose for c in Category)}
    return [
        Allowed(Purpose(g.purpose), Category(g.category), last_day(g.valid_until), Credit(g.credit))
        for g in sorted(found.values(), key=lambda g: order[g.purpose, g.category])
    ]


def allowances(lines: list[Allowed]) -> list[Allowance]:
    """Return what she allows by purpose, in plain words; the earliest end of a purpose's categories counts."""
    found = []
    for purpose in Purpose:
        mine = [line for line in lines if line.purpose == purpose]
        if mine:
            what = ", ".join(str(HERS[line.category]) for line in mine)
            ends = [line.until for line in mine if line.until is not None]
            found.append(Allowance(PURPOSES[purpose][0], what, min(ends, default=None)))
    return found


def narrowable(lines: list[Allowed]) -> list[tuple[str, Any]]:
    """Return what can be taken back by itself: each purpose, and where there are several each category."""
    purposes = [purpose for purpose in Purpose if any(line.purpose == purpose for line in lines)]
    categories = [category for category in Category if any(line.category == category for line in lines)]
    rows = [(f"purpose:{purpose.value}", PURPOSES[purpose][0]) for purpose in purposes]
    if len(categories) > 1:
        more = [category for category in categories if category != Category.WORDS]
        rows += [(f"category:{category.value}", HERS[category]) for category in more]
    return rows


def _lasts_longer(grant: Grant, older: Grant) -> bool:
    if older.valid_until is None or grant.valid_until is None:
        return grant.valid_until is None
    return grant.valid_until > older.valid_until


def last_day(until: datetime | None) -> date | None:
    """Return the last day of a term, None without end."""
    return timezone.localtime(until).date() if until else None


def latest_end(lines: list[Allowed]) -> date | None:
    """Return the day until which employees may read; None without such a line or without end."""
    return next((line.until for line in lines if line.purpose == Purpose.READ), None)


def ended_at(member: Member) -> date | None:
    """Return the day on which she took everything back, if she did."""
    events = ConsentEvent.objects.filter(member=member, kind=EventKind.WITHDRAWN).order_by("-pk")
    at = events.values_list("at", flat=True).first()
    return last_day(at)


def answered(member: Member) -> list[Suggestion]:
    """Return the changes she asked for and what came of them, newest first."""
    return list(Suggestion.objects.filter(member=member).exclude(state=SuggestionState.OPEN, passages=[], words="")[:5])


def distribution_texts(language: str) -> dict[Category, ConsentText]:
    """Return the current documents about leaving the company, by category; empty if the company has none."""
    law = texts.default_law()
    found = {
        category: texts.current_text(
            law=law, language=language, scope=TextScope.DISTRIBUTION, category=category
        )
        for category in Category
    }
    return {category: text for category, text in found.items() if text is not None}
