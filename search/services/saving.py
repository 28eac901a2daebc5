"""Saved searches: kept, dropped, looked at again; the secret of a person's feeds."""

import hashlib
import secrets
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _

from search.engines.base import EngineHit
from search.enums import Purpose, Sort
from search.models import FeedKey, SavedSearch
from search.pages import address_of, read_query
from search.plan import Query
from search.services.searching import found_ids, load

MOST = 50  # saved searches of one person
DEPTH = 2000  # of the newest things a saved search compares
NEWS = 20  # of which a person is told at a time

Thing = tuple[str, int]


class TooMany(Exception):
    """A person keeps as many searches as one can."""


def save_search(*, user: Any, params: QueryDict, name: str = "", by_mail: bool = False) -> SavedSearch:
    """Keep a search for a person; what it finds now counts as known. Raises ``TooMany``, ``EngineUnavailable``.

    Saving a search again only changes its name and whether letters are wanted.
    """
    query = read_query(params)
    address = address_of(query)[:1000]
    with transaction.atomic():
        kept = SavedSearch.objects.filter(user=user, query=address).first()
        if kept is None and SavedSearch.objects.filter(user=user).count() >= MOST:
            raise TooMany
        kept = kept or SavedSearch(user=user, query=address, known=_named(things_of(user, query)))
        kept.name = name.strip()[:100] or query.text.strip()[:100] or _("Everything")
        kept.by_mail = by_mail
        kept.save()
    return kept


def drop_search(*, user: Any, pk: int) -> bool:
    """Forget a saved search of this person; says whether there was one."""
    return bool(SavedSearch.objects.filter(user=user, pk=pk).delete()[0])


def query_of(saved: SavedSearch) -> Query:
    """The query a saved search stands for."""
    return read_query(QueryDict(saved.query), sort=Sort.NEWEST)


def things_of(user: Any, query: Query) -> list[Thing]:
    """Kind and id of what a person finds with a query, newest first, at most ``DEPTH``.

    ``EngineUnavailable`` while the index cannot be asked.
    """
    return [(hit.kind, hit.object_id) for hit in found_ids(user, query, DEPTH)]


def news_of(saved: SavedSearch) -> list[Thing]:
    """What a saved search finds now and did not before, through the gate, newest first, at most ``NEWS``."""
    known = {tuple(each) for each in saved.known}
    new = [thing for thing in things_of(saved.user, query_of(saved)) if thing not in known][:NEWS]
    seen = load(saved.user, Purpose.READ, [EngineHit(*thing, score=0.0) for thing in new], timezone.now())
    return [thing for thing in new if thing in seen]


def mark_seen(saved: SavedSearch) -> None:
    """Count everything a saved search finds now as known: its owner was told or has opened it."""
    things = things_of(saved.user, query_of(saved))
    SavedSearch.objects.filter(pk=saved.pk).update(
        known=_named(things), checked_at=timezone.now(), letter_due_at=None, attempts=0
    )


def new_feed_key(user: Any) -> str:
    """A new secret for a person's feeds; the old one opens nothing any more."""
    token = secrets.token_urlsafe(24)
    FeedKey.objects.update_or_create(
        user=user, defaults={"token_sha256": hashed(token), "created_at": timezone.now()}
    )
    return token


def owner_of(token: str) -> Any | None:
    """The active person whose feeds a secret opens."""
    key = FeedKey.objects.select_related("user").filter(token_sha256=hashed(token)).first()
    return key.user if key and key.user.is_active else None


def hashed(token: str) -> str:
    """What is kept of a secret."""
    return hashlib.sha256(token.encode()).hexdigest()


def _named(things: Iterable[Thing]) -> list[list[Any]]:
    return [list(thing) for thing in things]
