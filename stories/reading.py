"""What the reading view shows of one story."""

from datetime import datetime
from typing import Any, NamedTuple

from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.safestring import mark_safe

from club.models import Member, User
from consent.enums import Purpose
from stories import wording
from stories.arc import ArcPoint
from stories.enums import BlockKind
from stories.layers import parts
from stories.models import ProductLine, Reading, StoryImage, StoryPage, Tag, Touchpoint
from stories.models.vocabulary import label_of
from stories.periods import period_label
from stories.prepared import VisibleRows
from stories.querysets import Reader, visible_images, with_terms
from stories.sanitising import clean

# One size for the text column, in two formats; made when a story is published, never by a reader.
PHOTO_WEBP = "max-1280x1280|format-webp"
PHOTO_AVIF = "max-1280x1280|format-avif"
WORDS = """
SELECT 'product', w.id, w.slug, w.name_ru, w.name_en, 0 FROM stories_productline w
JOIN stories_storypage_product_lines t ON t.productline_id = w.id WHERE t.storypage_id = %s
UNION ALL
SELECT 'tag', w.id, w.slug, w.name_ru, w.name_en, 0 FROM stories_tag w
JOIN stories_storytag t ON t.tag_id = w.id WHERE t.content_object_id = %s
UNION ALL
SELECT 'touchpoint', w.id, w.slug, w.name_ru, w.name_en, w."order" FROM stories_touchpoint w
JOIN stories_storypage_touchpoints t ON t.touchpoint_id = w.id WHERE t.storypage_id = %s
"""
ORDER = "ORDER BY 1, 6, 3"


class Word(NamedTuple):
    """A word of the company's vocabulary as a link needs it."""

    pk: int
    slug: str
    label: str
    order: int = 0


STORY_COLUMNS = tuple(field.attname for field in StoryPage._meta.concrete_fields)
MEMBER_COLUMNS = tuple(field.attname for field in Member._meta.concrete_fields)
TERMS = ("read_until", "may_train", "may_promote", "may_show", "approved_on", "was_read")


def _by_slug(
    stories: QuerySet[StoryPage], at: datetime, *, slug: str, reader: int
) -> QuerySet[StoryPage, Any]:
    was_read = Exists(Reading.objects.filter(story_id=OuterRef("pk"), reader_id=reader).order_by())
    found = with_terms(stories, at).annotate(was_read=was_read).filter(slug=slug).order_by()
    return found.values_list(*STORY_COLUMNS, *(f"member__{name}" for name in MEMBER_COLUMNS), *TERMS)


STORY = VisibleRows(_by_slug, slug="\N{NULL}any slug", reader=-871_002)


def story_for(user: Reader, slug: str, at: datetime | None = None) -> StoryPage | None:
    """Return the story that this reader may open at this address, with its narrator and terms; one query.

    ``was_read`` says whether she has opened it before.
    """
    rows = STORY(user, Purpose.READ, at or timezone.now(), slug=slug, reader=user.pk)
    if not rows:
        return None
    row = rows[0]
    own, person = len(STORY_COLUMNS), len(STORY_COLUMNS) + len(MEMBER_COLUMNS)
    story = StoryPage.from_db(DEFAULT_DB_ALIAS, STORY_COLUMNS, row[:own])
    story.member = Member.from_db(DEFAULT_DB_ALIAS, MEMBER_COLUMNS, row[own:person])
    for name, value in zip(TERMS, row[person:], strict=True):
        setattr(story, name, value)
    return story


def reading_context(story: StoryPage, user: Reader) -> dict[str, Any]:
    """Return the template context of a story that came through the gate (or of a preview)."""
    raw = story.raw_body()
    words = draft_words_of(story) if is_preview(story) else words_of(story.pk)
    touchpoints = touchpoints_of(words["touchpoint"], raw)
    pictures = visible_images(user) if story.may_show and wording.image_ids(raw) else None
    blocks = page_blocks(story, raw, touchpoints, pictures)
    shelf = reverse("stories:list")
    return {
        "story": story,
        "period": period_label(story.period_start, story.period_end),
        "touchpoints": [_link(word, shelf, "touchpoint") for word in touchpoints.values()],
        "product_lines": [_link(word, shelf, "product") for word in words["product"]],
        "tags": [_link(word, shelf, "tag") for word in words["tag"]],
        "blocks": [
            block
            for block in blocks
            if block["kind"] in (BlockKind.EPISODE, BlockKind.NARRATIVE, BlockKind.QUOTE, BlockKind.PHOTO)
        ],
        "cases": [block["value"] for block in blocks if block["kind"] == BlockKind.CASE],
        "responses": [block["value"] for block in blocks if block["kind"] == BlockKind.RESPONSE],
        "warnings": [block["value"] for block in blocks if block["kind"] == BlockKind.WARNING],
        "arc_points": arc_points(blocks),
        "more": {kind: words.get(kind, []) for kind in parts()},
        "consent": terms_of(story),
        "can_edit": can_edit(user),
        "edit_url": reverse("wagtailadmin_pages:edit", args=[story.pk]) if story.pk else "",
    }


def can_edit(user: Reader) -> bool:
    """Whether the page offers a way to the editor."""
    return isinstance(user, User) and user.has_perm("stories.change_storypage")


def preview_terms(story: StoryPage) -> StoryPage:
    """Give a draft the annotations that ``with_terms`` gives a published story; its photos are shown."""
    story.read_until = None
    story.may_train = story.may_promote = False
    story.may_show = story.is_preview = True
    story.approved_on = None
    return story


def is_preview(story: StoryPage) -> bool:
    """Whether ``preview_terms`` has made this story ready to be drawn."""
    return getattr(story, "is_preview", False)


def words_of(pk: int) -> dict[str, list[Any]]:
    """Return the product lines, tags and touchpoints of a published story, in one query, by the name of their facet.

    What other apps show every reader of a story comes along, by its kind.
    """
    more = parts()
    found: dict[str, list[Any]] = {"product": [], "tag": [], "touchpoint": [], **{kind: [] for kind in more}}
    sql, values, now = [WORDS], [pk, pk, pk], timezone.now()
    for part in more.values():
        text, own = part.sql(pk, now)
        sql.append(text)
        values += own
    with connection.cursor() as cursor:
        cursor.execute("UNION ALL".join(sql) + ORDER, values)
        for kind, word, slug, name_ru, name_en, order in cursor.fetchall():
            made = more[kind].make if kind in more else _word
            found[kind].append(made(word, slug, name_ru, name_en, order))
    return found


def _word(pk: int, slug: str, name_ru: str, name_en: str, order: int) -> Word:
    return Word(pk, slug, label_of(name_ru, name_en), order)


def draft_words_of(story: StoryPage) -> dict[str, list[Any]]:
    """Return the same of a draft, whose words are in the object and not in the database yet."""
    chosen = {"product": story.product_lines, "tag": story.tags, "touchpoint": story.touchpoints}
    return {kind: [as_word(word) for word in words.all()] for kind, words in chosen.items()}


def as_word(word: ProductLine | Tag | Touchpoint) -> Word:
    """Return a word of the vocabulary as a link needs it."""
    return Word(word.pk, word.slug, word.label, getattr(word, "order", 0))


def terms_of(story: StoryPage) -> dict[str, Any]:
    """Return what the consent line says."""
    until, approved = story.read_until, story.approved_on
    return {
        "until": timezone.localtime(until).date() if until else None,
        "may_train": story.may_train,
        "may_promote": story.may_promote,
        "approved_on": timezone.localtime(approved).date() if approved else None,
    }


def touchpoints_of(own: list[Word], raw: list[dict[str, Any]]) -> dict[int, Word]:
    """Return the touchpoints of the story and of its episodes, in the company's order.

    The story carries those of its episodes; a query is needed only for a story saved before it did.
    """
    found = {word.pk: word for word in own}
    missing = set(wording.episode_touchpoints(raw)) - set(found)
    if missing:
        found |= {word.pk: as_word(word) for word in Touchpoint.objects.filter(pk__in=missing)}
    return dict(sorted(found.items(), key=lambda pair: (pair[1].order, pair[1].slug)))


def _link(word: Any, shelf: str, facet: str) -> dict[str, str]:
    return {"label": word.label, "url": f"{shelf}?{facet}={word.slug}"}


def page_blocks(
    story: StoryPage,
    raw: list[dict[str, Any]],
    touchpoints: dict[int, Word],
    pictures: QuerySet[StoryImage] | None = None,
) -> list[dict[str, Any]]:
    """Return the blocks as plain dictionaries ``{kind, value, id, number}`` ready to be drawn.

    Photos fall out without the narrator's image grant, and those not among ``pictures``; a preview draws all.
    """
    if is_preview(story):
        pictures = StoryImage.objects.all()
    photos = photos_of(raw, pictures) if story.may_show and pictures is not None else {}
    result, number = [], 0
    for block in raw:
        kind, value = block["type"], block["value"]
        if kind == BlockKind.EPISODE:
            number += 1
            touchpoint = touchpoints.get(value.get("touchpoint"))
            value = {
                **value,
                "touchpoint": touchpoint.label if touchpoint else "",
                "loyalty": int(value.get("loyalty") or 0),
            }
        elif kind == BlockKind.NARRATIVE:
            value = {"html": mark_safe(clean(value))}  # noqa: S308 - the allowlist has just been applied
        elif kind == BlockKind.RESPONSE:
            value = {**value, "date": parse_date(value.get("date") or "")}
        elif kind == BlockKind.PHOTO:
            picture = photos.get(value.get("image"))
            if picture is None:
                continue
            value = {**value, **picture}
        part = {"kind": kind, "value": value, "id": block.get("id"), "number": number}
        result.append({**part, "coded": "", "aside": ""})
    return result


def photos_of(raw: list[dict[str, Any]], pictures: QuerySet[StoryImage]) -> dict[int, dict[str, Any]]:
    """Return addresses and sizes of those ``pictures`` that photo blocks show, by image id; at most two queries."""
    ids = wording.image_ids(raw)
    if not ids:
        return {}
    found: Any = pictures.filter(pk__in=ids)  # Wagtail's queryset, which it does not annotate
    images = found.prefetch_renditions(PHOTO_WEBP, PHOTO_AVIF)
    return {image.pk: _photo(image) for image in images}


def _photo(image: Any) -> dict[str, Any]:
    renditions = image.get_renditions(PHOTO_WEBP, PHOTO_AVIF)
    webp, avif = renditions[PHOTO_WEBP], renditions[PHOTO_AVIF]
    return {"url": webp.url, "url_avif": avif.url, "width": webp.width, "height": webp.height}


def arc_points(blocks: list[dict[str, Any]]) -> list[ArcPoint]:
    """Return the points of the loyalty arc, one an episode."""
    return [
        ArcPoint(
            label=block["value"].get("touchpoint") or block["value"].get("title", ""),
            when=block["value"].get("when", ""),
            change=block["value"]["loyalty"],
            turning=bool(block["value"].get("turning_point")),
            words=block["value"].get("turning_words", ""),
        )
        for block in blocks
        if block["kind"] == BlockKind.EPISODE
    ]
