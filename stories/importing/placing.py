"""Putting many new stories on the shelf at once.

A page saved in the usual way costs about a hundred queries. Here a chunk costs a fixed number: paths of the
tree are computed ahead behind the last child; base rows, story rows, revisions, tags, log entries, references
and the editors' search index are each inserted together. What a page looks like afterwards is what
``add_child`` and ``save_revision().publish()`` leave; a test compares the two. No signals of pages are sent.
"""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.db import connection, models
from django.db.models import F, OuterRef, Subquery
from django.db.models.functions import Cast
from wagtail.models import Page, PageLogEntry, ReferenceIndex, Revision
from wagtail.search.backends import get_search_backends

from stories import wording
from stories.importing.errors import ImportRefused
from stories.models import ImageUse, ProductLine, StoryIndexPage, StoryPage, StoryTag, Tag, Touchpoint
from stories.slugs import story_slug

M2M = ("touchpoints", "product_lines", "audience_groups")
COMMENTS = "wagtail_admin_comments"
BATCH = 500
IMPORTED = "stories.imported"


@dataclass(slots=True)
class NewStory:
    """A story to be put on the shelf: the page without a place, and what hangs on it."""

    page: StoryPage
    publish: bool
    tags: Sequence[Tag] = ()
    touchpoints: Sequence[Touchpoint] = ()
    product_lines: Sequence[ProductLine] = ()
    audience_groups: Sequence[Group] = ()
    log_data: dict[str, Any] = field(default_factory=dict)


def shelf() -> StoryIndexPage:
    """Return the page under which stories lie; locked to the transaction's end where rows can be."""
    found = StoryIndexPage.objects.select_for_update(
        of=("self",) if connection.vendor == "postgresql" else ()
    ).first()
    if found is None:
        raise ImportRefused("There is no shelf for stories: run `manage.py migrate` first.")
    return found


def place(news: Sequence[NewStory], *, at: datetime) -> None:
    """Insert the stories with everything that belongs to a page, in the caller's transaction."""
    if not news:
        return
    parent = shelf()
    _settle(news, parent, at)
    _insert_pages([new.page for new in news])
    _hang(news)
    _revise(news, at)
    _log(news, at)
    _refer([new.page for new in news])
    for backend in get_search_backends(with_auto_update=True):
        backend.add_bulk(StoryPage, [new.page for new in news])
    Page.objects.filter(pk=parent.pk).update(numchild=F("numchild") + len(news))


def _settle(news: Sequence[NewStory], parent: StoryIndexPage, at: datetime) -> None:
    """Give every page its place in the tree, its address and its computed columns."""
    children = Page.objects.filter(path__startswith=parent.path, depth=parent.depth + 1)
    last = children.order_by("-path").values_list("path", flat=True).first()
    step = Page._str2int(last[-Page.steplen :]) if last else 0
    taken = set(children.order_by().values_list("slug", flat=True))
    content_type = ContentType.objects.get_for_model(StoryPage)
    for number, new in enumerate(news, step + 1):
        page = new.page
        page.path = Page._get_path(parent.path, parent.depth + 1, number)
        page.depth, page.numchild = parent.depth + 1, 0
        page.slug = free_slug(page.title, taken)
        page.set_url_path(parent)
        page.draft_title = page.title
        page.content_type, page.locale_id = content_type, parent.locale_id
        page.translation_key = uuid.uuid4()
        page.live, page.has_unpublished_changes = new.publish, not new.publish
        page.latest_revision_created_at = at
        page.first_published_at = page.last_published_at = at if new.publish else None
        page.compute()


def free_slug(title: str, taken: set[str]) -> str:
    """Return a slug that nobody has, and take it: many stories of an import bear the same title."""
    while (slug := story_slug(title)) in taken:
        pass
    taken.add(slug)
    return slug


def _insert_pages(pages: Sequence[StoryPage]) -> None:
    """Insert base rows and story rows: ``bulk_create`` refuses models with a parent table."""
    key = Page._meta.pk
    columns = [column for column in Page._meta.local_concrete_fields if not column.primary_key]
    for part in _batches(columns, pages):
        ids = Page._base_manager._insert(part, fields=columns, returning_fields=[key], using=connection.alias)
        for page, (pk,) in zip(part, ids, strict=True):
            page.pk = page.page_ptr_id = page.id = pk
            page._state.adding, page._state.db = False, connection.alias
    columns = StoryPage._meta.local_concrete_fields
    for part in _batches(columns, pages):
        StoryPage._base_manager._insert(part, fields=columns, using=connection.alias)


def _batches(columns: Sequence[Any], pages: Sequence[StoryPage]) -> Iterable[Sequence[StoryPage]]:
    """Yield as many rows as one statement of the database takes."""
    size = max(connection.ops.bulk_batch_size(columns, pages), 1)
    return (pages[start : start + size] for start in range(0, len(pages), size))


def _hang(news: Sequence[NewStory]) -> None:
    """Insert tags, links and the pictures shown; afterwards the pages know them without asking."""
    tagged = [StoryTag(tag=tag, content_object=new.page) for new in news for tag in new.tags]
    StoryTag.objects.bulk_create(tagged, batch_size=BATCH)
    by_page: dict[int, list[StoryTag]] = {}
    for row in tagged:
        by_page.setdefault(row.content_object_id, []).append(row)
    for new in news:
        known: dict[str, list[Any]] = {name: list(getattr(new, name)) for name in M2M}
        new.page._cluster_related_objects = {
            **known,
            "tagged_items": by_page.get(new.page.pk, []),
            COMMENTS: [],
        }
    for name in M2M:
        _insert_links(name, [(new.page.pk, word.pk) for new in news for word in getattr(new, name)])
    uses = [(new.page.pk, image) for new in news for image in wording.image_ids(new.page.raw_body())]
    ImageUse.objects.bulk_create(
        [ImageUse(story_id=page, image_id=image) for page, image in uses], batch_size=BATCH
    )


def _insert_links(name: str, links: Iterable[tuple[int, int]]) -> None:
    relation = StoryPage._meta.get_field(name)
    through, source, target = (
        relation.remote_field.through,
        relation.m2m_field_name(),
        relation.m2m_reverse_field_name(),
    )
    rows = [through(**{f"{source}_id": page, f"{target}_id": word}) for page, word in links]
    through.objects.bulk_create(rows, batch_size=BATCH)


def _revise(news: Sequence[NewStory], at: datetime) -> None:
    """Insert one revision a page, and point the pages at them with one statement."""
    content_type = ContentType.objects.get_for_model(StoryPage)
    base_type = ContentType.objects.get_for_model(Page)
    Revision.objects.bulk_create(
        [
            Revision(
                content_type=content_type,
                base_content_type=base_type,
                object_id=str(new.page.pk),
                object_str=str(new.page),
                created_at=at,
                content=new.page.serializable_data(),
            )
            for new in news
        ],
        batch_size=BATCH,
    )
    latest = Subquery(
        Revision.objects.filter(
            base_content_type=base_type, object_id=Cast(OuterRef("pk"), models.CharField())
        )
        .order_by("-pk")
        .values("pk")[:1]
    )
    placed = Page.objects.filter(pk__in=[new.page.pk for new in news])
    placed.update(latest_revision_id=latest)
    placed.filter(live=True).update(live_revision_id=F("latest_revision_id"))
    revisions = dict(placed.values_list("pk", "latest_revision_id"))
    for new in news:
        new.page.latest_revision_id = revisions[new.page.pk]
        new.page.live_revision_id = revisions[new.page.pk] if new.publish else None


def _log(news: Sequence[NewStory], at: datetime) -> None:
    """Insert what the page's history shows. Labels are titles, as Wagtail writes them."""
    content_type = ContentType.objects.get_for_model(StoryPage)
    entries = []
    for new in news:
        page, revision = new.page, new.page.latest_revision_id
        entries.append(_entry(page, "wagtail.create", content_type, at, {}, None))
        entries.append(_entry(page, IMPORTED, content_type, at, new.log_data, revision))
        if new.publish:
            entries.append(_entry(page, "wagtail.publish", content_type, at, {}, revision))
    PageLogEntry.objects.bulk_create(entries, batch_size=BATCH)


def log_import(page: StoryPage, data: dict[str, Any], revision: int, *, at: datetime) -> None:
    """Note that an import changed a story, and by which row."""
    content_type = ContentType.objects.get_for_model(StoryPage)
    PageLogEntry.objects.bulk_create([_entry(page, IMPORTED, content_type, at, data, revision)])


def _entry(
    page: StoryPage,
    action: str,
    content_type: ContentType,
    at: datetime,
    data: dict[str, Any],
    revision: int | None,
) -> PageLogEntry:
    return PageLogEntry(
        page_id=page.pk,
        content_type=content_type,
        label=page.title,
        action=action,
        timestamp=at,
        data=data,
        revision_id=revision,
        content_changed=True,
    )


def _refer(pages: Sequence[StoryPage]) -> None:
    """Note what the pages point at, so that "where is this used" answers for imported stories too."""
    if not ReferenceIndex.is_indexed(StoryPage):
        return
    content_type = ContentType.objects.get_for_model(StoryPage)
    base_type = ContentType.objects.get_for_model(Page)
    rows = [
        ReferenceIndex(
            content_type=content_type,
            base_content_type=base_type,
            object_id=str(page.pk),
            to_content_type_id=to_type,
            to_object_id=to_id,
            model_path=model_path,
            content_path=content_path,
            content_path_hash=ReferenceIndex._get_content_path_hash(content_path),
        )
        for page in pages
        for to_type, to_id, model_path, content_path in set(
            ReferenceIndex._extract_references_from_object(page)
        )
    ]
    ReferenceIndex.objects.bulk_create(rows, batch_size=BATCH)


def publish_drafts(pages: Sequence[StoryPage], *, at: datetime) -> None:
    """Publish drafts that were never live nor touched: their rows are what their revisions hold."""
    placed = Page.objects.filter(pk__in=[page.pk for page in pages])
    placed.update(
        live=True,
        expired=False,
        has_unpublished_changes=False,
        first_published_at=at,
        last_published_at=at,
        live_revision_id=F("latest_revision_id"),
    )
    content_type = ContentType.objects.get_for_model(StoryPage)
    entries = [
        _entry(page, "wagtail.publish", content_type, at, {}, page.latest_revision_id) for page in pages
    ]
    PageLogEntry.objects.bulk_create(entries, batch_size=BATCH)
