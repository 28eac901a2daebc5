"""A client's story inside a step: asked for through the gate at the moment it is shown, to teach."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import DEFAULT_DB_ALIAS
from django.db.models import QuerySet
from django.utils import timezone

from club.models import Member
from consent.enums import Category, Purpose
from consent.expressions import Granted, GrantedUntil
from stories import wording
from stories.enums import BlockKind
from stories.models import StoryPage, Touchpoint
from stories.prepared import VisibleRows
from stories.querysets import Reader, visible_images
from stories.reading import MEMBER_COLUMNS, STORY_COLUMNS, page_blocks, touchpoints_of

TERMS = ("train_until", "may_show")


def _by_pk(stories: QuerySet[StoryPage], at: datetime, *, story: int) -> QuerySet[StoryPage, Any]:
    found = stories.filter(pk=story).order_by()
    until = GrantedUntil("member_id", Purpose.TRAIN, at)
    shows = Granted("member_id", Purpose.TRAIN, at, Category.IMAGE)
    named = (f"member__{name}" for name in MEMBER_COLUMNS)
    return found.annotate(train_until=until, may_show=shows).values_list(*STORY_COLUMNS, *named, *TERMS)


STORY = VisibleRows(_by_pk, story=-871_003)


def story_for(user: Reader, story: int | None, at: datetime | None = None) -> StoryPage | None:
    """Return a story that this reader may be taught with now, with its narrator; one query."""
    if story is None:
        return None
    rows = STORY(user, Purpose.TRAIN, at or timezone.now(), story=story)
    if not rows:
        return None
    row = rows[0]
    own, person = len(STORY_COLUMNS), len(STORY_COLUMNS) + len(MEMBER_COLUMNS)
    found = StoryPage.from_db(DEFAULT_DB_ALIAS, STORY_COLUMNS, row[:own])
    found.member = Member.from_db(DEFAULT_DB_ALIAS, MEMBER_COLUMNS, row[own:person])
    for name, value in zip(TERMS, row[person:], strict=True):
        setattr(found, name, value)
    return found


def blocks_of(story: StoryPage, user: Reader) -> list[dict[str, Any]]:
    """Return the blocks of a story ready to be drawn; photos only under the image grants for teaching."""
    raw = story.raw_body()
    pictures = visible_images(user, Purpose.TRAIN) if story.may_show and wording.image_ids(raw) else None
    return page_blocks(story, raw, places(raw), pictures)


def places(raw: list[dict[str, Any]]) -> dict[int, Any]:
    """Return the touchpoints that the episodes name; a query only if there are any."""
    return touchpoints_of([], raw)


def episodes_of(raw: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the values of the episodes."""
    return [block["value"] for block in raw if block["type"] == BlockKind.EPISODE]


def cases_of(raw: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the values of the teaching cases."""
    return [block["value"] for block in raw if block["type"] == BlockKind.CASE]


def labels_of(raw: list[dict[str, Any]]) -> list[str]:
    """Return a short name for each episode: its place on the map, or nothing."""
    ids = wording.episode_touchpoints(raw)
    names = {place.pk: place.label for place in Touchpoint.objects.filter(pk__in=ids)} if ids else {}
    return [names.get(each.get("touchpoint") or 0, "") for each in episodes_of(raw)]


def said(raw: list[dict[str, Any]], episode: int | None) -> list[dict[str, str]]:
    """Return what the client said and did: one episode, or the turning point and her quotes; ``{title, text}``."""
    episodes = episodes_of(raw)
    if episode:
        chosen = episodes[episode - 1 : episode]
    else:
        chosen = [each for each in episodes if each.get("turning_point")] or episodes[-1:]
    quotes = [block["value"].get("text", "") for block in raw if block["type"] == BlockKind.QUOTE]
    parts = [
        {"title": each.get("title", ""), "text": each.get("happened", ""), "kind": "episode"}
        for each in chosen
    ]
    return parts + ([{"title": "", "text": text, "kind": "quote"} for text in quotes] if not episode else [])
