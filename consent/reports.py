"""What the admin screens say of consent at a glance: expressions over the ledger's rows, for any query."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Case, CharField, Exists, OuterRef, Q, QuerySet, TextChoices, Value, When
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from consent.enums import INTERNAL_PURPOSES, Category, GrantState, Purpose
from consent.expressions import Granted, Paused
from consent.ledger import GENESIS
from consent.models import Consent, ConsentEvent, Grant
from consent.querysets import ended, in_force

SOON = timedelta(days=60)


class Standing(TextChoices):
    """Where consent stands at a moment, computed, never stored."""

    VALID = "valid", _("valid")
    EXPIRING = "expiring", _("ends within 60 days")
    LIMITED = "limited", _("limited")
    REPLACED = "replaced", _("replaced by a newer one")
    FUTURE = "future", _("not yet")
    EXPIRED = "expired", _("expired")
    PAUSED = "paused", _("paused")
    WITHDRAWN = "withdrawn", _("withdrawn")
    NONE = "none", _("none")


GOOD = (Standing.VALID, Standing.EXPIRING)


def _standing(scope: dict[str, Any], core: dict[str, Any], complete: Q, at: datetime, *first: When) -> Case:
    """Return the standing of grants in ``scope``: ``core`` must hold, ``complete`` is full, else limited."""
    held = in_force(at).filter(**scope)
    lasting = held.filter(Q(valid_until__isnull=True) | Q(valid_until__gt=at + SOON), **core)
    kept = _kept(scope)
    has_core = Q(Exists(held.filter(**core)))
    return Case(
        *first,
        When(has_core & ~Q(Exists(lasting)), then=Value(Standing.EXPIRING)),
        When(has_core & complete, then=Value(Standing.VALID)),
        When(Q(Exists(held)), then=Value(Standing.LIMITED)),
        When(Q(Exists(kept.filter(valid_from__gt=at))), then=Value(Standing.FUTURE)),
        When(Q(Exists(kept)), then=Value(Standing.EXPIRED)),
        When(Q(Exists(Grant.objects.filter(**scope).order_by())), then=Value(Standing.WITHDRAWN)),
        default=Value(Standing.NONE),
        output_field=CharField(),
    )


def _on_pause(member: str, kept: QuerySet[Grant]) -> When:
    """Everything that was not withdrawn rests while its narrator has put it on pause."""
    return When(Q(Paused(member)) & Q(Exists(kept)), then=Value(Standing.PAUSED))


def _kept(scope: dict[str, Any]) -> QuerySet[Grant]:
    return Grant.objects.filter(**scope).exclude(ended("grant")).order_by()


def standing_of_member(member: str, at: datetime | None = None) -> Case:
    """Standing of the member in a column: valid means read, train and ideas; anything less is limited."""
    at = at or timezone.now()
    complete = Q()
    for purpose in INTERNAL_PURPOSES:
        complete &= Q(Granted(member, purpose, at))
    core = {"purpose": Purpose.READ, "category": Category.WORDS}
    scope = {"member_id": OuterRef(member)}
    return _standing(scope, core, complete, at, _on_pause(member, _kept(scope)))


def standing_of_reading(member: str, at: datetime | None = None) -> Case:
    """Standing of the one grant that lets employees read the words of the member in a column."""
    scope = {"member_id": OuterRef(member), "purpose": Purpose.READ, "category": Category.WORDS}
    first = _on_pause(member, _kept(scope))
    return _standing(scope, {}, Q(pk__isnull=False), at or timezone.now(), first)


def standing_of_consent(at: datetime | None = None) -> Case:
    """Standing of the consents of the outer query: limited means that a part of it was withdrawn."""
    at = at or timezone.now()
    scope = {"consent_id": OuterRef("pk")}
    whole = ~Q(Exists(Grant.objects.filter(ended("grant"), **scope).order_by()))
    successor = Consent.objects.filter(supersedes_id=OuterRef("pk")).order_by()
    replaced = When(
        Q(Exists(in_force(at).filter(**scope))) & Q(Exists(successor)), then=Value(Standing.REPLACED)
    )
    return _standing(scope, {}, whole, at, _on_pause("member_id", _kept(scope)), replaced)


def with_states(grants: QuerySet[Grant]) -> QuerySet[Grant]:
    """Annotate ``is_ended`` and ``is_paused`` for ``state_of``."""
    return grants.annotate(is_ended=ended("grant"), is_paused=Paused("member_id"))


def state_of(grant: Grant, at: datetime | None = None) -> GrantState:
    """Return the state of a grant that ``with_states`` loaded."""
    at = at or timezone.now()
    if grant.is_ended:  # type: ignore[attr-defined]  # annotated
        return GrantState.WITHDRAWN
    if grant.valid_from > at:
        return GrantState.FUTURE
    if grant.valid_until is not None and grant.valid_until <= at:
        return GrantState.EXPIRED
    if grant.is_paused:  # type: ignore[attr-defined]  # annotated
        return GrantState.PAUSED
    if grant.valid_until is None:
        return GrantState.VALID
    return GrantState.EXPIRING if grant.valid_until <= at + SOON else GrantState.VALID


def chain_holds(events: list[ConsentEvent]) -> bool:
    """Whether each of these entries has the hash of its contents and follows the one before it in the ledger.

    One query however many entries; the whole chain is walked by ``manage.py verify_consent``.
    """
    known = dict(
        ConsentEvent.objects.filter(hash__in={event.previous_hash for event in events}).values_list(
            "hash", "pk"
        )
    )
    for event in events:
        follows = known.get(event.previous_hash)
        if event.chained(event.previous_hash) != event.hash:
            return False
        if follows is None and event.previous_hash != GENESIS:
            return False
        if follows is not None and follows >= event.pk:
            return False
    return True
