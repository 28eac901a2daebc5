"""Canonical records ↔ story pages: the form in which stories leave, come back and are written by hand.

A body is a list of blocks, each a mapping with one key: ``{"episode": {…}}``, ``{"narrative": "<p>…</p>"}``.
What a block may hold is read off the stream block itself, so the two cannot part.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any
from uuid import uuid4

from wagtail import blocks
from wagtail.images.blocks import ImageChooserBlock
from wagtail.snippets.blocks import SnippetChooserBlock

from stories.blocks import StoryBody
from stories.enums import BlockKind
from stories.importing import tidying
from stories.importing.editable import editable
from stories.importing.errors import RowRefused
from stories.models import StoryImage, StoryPage, Touchpoint

STREAM = StoryBody()
MOST_BLOCKS = 500
BY_SLUG = "slug:"
Raw = dict[str, Any]
Warn = Callable[[str], None]


class UnknownPicture(RowRefused):
    """A photo block names a picture that is not here; the block falls out, the story stays."""


class Keys:
    """How names in a record become ids: touchpoints by slug, pictures by key."""

    def __init__(
        self, touchpoints: Mapping[str, int] | None = None, images: Mapping[str, int] | None = None
    ) -> None:
        self.touchpoints = {} if touchpoints is None else touchpoints
        self.images = {} if images is None else images

    def touchpoint(self, value: Any, name: str) -> int | None:
        """Return the id of a touchpoint; None for nothing. Raises ``RowRefused`` for an unknown slug."""
        slug = tidying.line(value, name)
        if slug and slug not in self.touchpoints:
            raise RowRefused(f"{name}: there is no touchpoint “{slug[:60]}”")
        return self.touchpoints[slug] if slug else None

    def image(self, value: Any, name: str) -> int:
        """Return the id of a picture; raises ``UnknownPicture``."""
        key = tidying.line(value, name)
        if key not in self.images:
            raise UnknownPicture(f"{name}: there is no picture “{key[:60]}”")
        return self.images[key]


def body_from_record(
    body: Any,
    *,
    touchpoints: Mapping[str, int] | None = None,
    images: Mapping[str, int] | None = None,
    warn: Warn | None = None,
) -> list[Raw]:
    """Return raw stream blocks ``{"type", "value", "id"}`` of a record's body.

    ``touchpoints`` maps slugs and ``images`` maps keys to ids. A photo with an unknown key is left out and
    told to ``warn``; anything else that does not fit raises ``RowRefused`` naming the block.
    """
    if body is None:
        return []
    if not isinstance(body, list):
        raise RowRefused(f"body must be a list of blocks, not {tidying.kind_of(body)}")
    if len(body) > MOST_BLOCKS:
        raise RowRefused(f"body has {len(body)} blocks, {MOST_BLOCKS} is the most")
    keys, result = Keys(touchpoints, images), []
    for number, entry in enumerate(body, 1):
        try:
            result.append(_block(entry, number, keys))
        except UnknownPicture as problem:
            if warn:
                warn(f"{problem}, the block is left out")
    return result


def _block(entry: Any, number: int, keys: Keys) -> Raw:
    if not isinstance(entry, dict) or len(entry) != 1:
        raise RowRefused(f"block {number} must be a mapping with one key, the kind of block")
    kind, value = next(iter(entry.items()))
    if kind not in STREAM.child_blocks:
        raise RowRefused(f"block {number}: unknown kind “{str(kind)[:40]}”")
    return {
        "type": kind,
        "value": _value(STREAM.child_blocks[kind], value, f"block {number} ({kind})", keys),
        "id": str(uuid4()),
    }


def _value(block: blocks.Block, value: Any, name: str, keys: Keys) -> Any:
    """Return the raw value of one block of the stream or one field of it."""
    if isinstance(block, blocks.StructBlock):
        return _struct(block, value, name, keys)
    if isinstance(block, SnippetChooserBlock):
        return keys.touchpoint(value, name)
    if isinstance(block, ImageChooserBlock):
        return keys.image(value, name)
    if isinstance(block, blocks.RichTextBlock):
        return _required(block, narrative(value, name), name)
    return _required(block, _plain(block, value, name), name)


def _struct(block: blocks.StructBlock, value: Any, name: str, keys: Keys) -> Raw:
    if isinstance(value, str) and list(block.child_blocks) == ["text"]:
        value = {"text": value}
    if not isinstance(value, dict):
        raise RowRefused(f"{name} must be a mapping, not {tidying.kind_of(value)}")
    unknown = [str(key)[:40] for key in value if key not in block.child_blocks]
    if unknown:
        raise RowRefused(f"{name}: unknown field {', '.join(unknown[:3])}")
    return {
        field: _value(child, value.get(field, child.get_default()), f"{name}, {field}", keys)
        for field, child in block.child_blocks.items()
    }


def _plain(block: blocks.FieldBlock, value: Any, name: str) -> Any:
    field = block.field
    if isinstance(block, blocks.IntegerBlock):
        return tidying.integer(value, name, least=field.min_value, most=field.max_value)
    if isinstance(block, blocks.BooleanBlock):
        return tidying.truth(value, name)
    if isinstance(block, blocks.DateBlock):
        day = tidying.day(value, name)
        return day.isoformat() if day else None
    if isinstance(block, blocks.ChoiceBlock):
        return tidying.choice(value, name, [key for key, _label in field.choices if key])
    if isinstance(block, blocks.CharBlock):
        return tidying.line(value, name, longest=field.max_length)
    return tidying.text(value, name, longest=field.max_length)


def narrative(value: Any, name: str) -> str:
    """Return the allowed part of a piece of HTML, trimmed and in NFC, in a form that the editor can open."""
    return editable(tidying.text(value, name))


def _required(block: blocks.FieldBlock, value: Any, name: str) -> Any:
    if value in ("", None) and block.required:
        raise RowRefused(f"{name} is missing")
    return value


def record_from_story(
    story: StoryPage,
    *,
    touchpoints: Mapping[int, str] | None = None,
    images: Mapping[int, str] | None = None,
) -> dict[str, Any]:
    """Return the canonical record of a story, JSON values only, keys in their fixed order.

    ``touchpoints`` maps ids to slugs and ``images`` ids to keys; left out, they are asked of the database.
    """
    return {
        "external_id": external_id_of(story),
        "title": tidying.line(story.title, "title"),
        "summary": tidying.text(story.summary),
        "language": story.language,
        "provenance": str(story.provenance),
        "period": {"start": _iso(story.period_start), "end": _iso(story.period_end)},
        "member": {"code": story.member.code, "persona": story.member.persona_name},
        "tags": sorted(item.tag.slug for item in story.tagged_items.all()),
        "touchpoints": sorted(word.slug for word in story.touchpoints.all()),
        "product_lines": sorted(line.slug for line in story.product_lines.all()),
        "audience": sorted(group.name for group in story.audience_groups.all()),
        "sensitivity": str(story.sensitivity),
        "body": body_of(story.raw_body(), touchpoints=touchpoints, images=images),
    }


def external_id_of(story: StoryPage) -> str:
    """Return the id under which a story leaves and comes back; its address stands in for a missing one."""
    return story.external_id or f"{BY_SLUG}{story.slug}"


def body_of(
    raw: Iterable[Mapping[str, Any]],
    *,
    touchpoints: Mapping[int, str] | None = None,
    images: Mapping[int, str] | None = None,
) -> list[dict[str, Any]]:
    """Return raw stream blocks as the body of a record."""
    raw = list(raw)
    touchpoints = slugs_of_touchpoints() if touchpoints is None else touchpoints
    images = (
        keys_of_images()
        if images is None and any(block["type"] == BlockKind.PHOTO for block in raw)
        else images or {}
    )
    return [{block["type"]: _written(block["type"], block["value"], touchpoints, images)} for block in raw]


def _written(kind: str, value: Any, touchpoints: Mapping[int, str], images: Mapping[int, str]) -> Any:
    """Return one block's value as an import would tidy it: what comes back is what went out."""
    if kind == BlockKind.NARRATIVE:
        return narrative(value, kind)
    if not isinstance(value, Mapping):
        return tidying.text(value)
    # In the block's own order: PostgreSQL keeps another one.
    fields = STREAM.child_blocks[kind].child_blocks
    written = {field: _tidy(value.get(field)) for field in fields if field in value}
    if kind == BlockKind.EPISODE:
        written["touchpoint"] = touchpoints.get(value.get("touchpoint") or 0, "")
    elif kind == BlockKind.PHOTO:
        written["image"] = images.get(value.get("image") or 0, "")
    return written


def _tidy(item: Any) -> Any:
    if isinstance(item, date):
        return _iso(item)
    return tidying.text(item) if isinstance(item, str) else item


def slugs_of_touchpoints() -> dict[int, str]:
    """Return the slugs of all touchpoints by id."""
    return dict(Touchpoint.objects.order_by().values_list("pk", "slug"))


def keys_of_images() -> dict[int, str]:
    """Return the keys of all pictures by id: a picture's key in a record is its UUID."""
    return {pk: str(key) for pk, key in StoryImage.objects.order_by().values_list("pk", "uuid")}


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
