"""Merging tags, and counting who carries a word before it may go."""

from collections.abc import Iterator
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import CharField, Q, TextField
from django.db.models.functions import Cast
from django.utils.translation import gettext as _
from wagtail.log_actions import log
from wagtail.models import ReferenceIndex, Revision

from club.models import User
from stories.models import ProductLine, StoryPage, StoryTag, Tag, Touchpoint
from stories.services.publishing import changed

Word = Tag | Touchpoint | ProductLine
BATCH = 200


@transaction.atomic
def merge_tags(*, source: Tag, target: Tag, by: User | None = None) -> int:
    """Give all that is tagged ``source`` the tag ``target`` and delete ``source``; returns how many stories.

    Stories that carry both keep one. Stored revisions are rewritten too: a draft that names a deleted tag
    could not be opened any more. ``by`` is None for commands; raises ``PermissionDenied``, or
    ``ValidationError`` for a tag and itself.
    """
    if by is not None and not (by.has_perm("stories.delete_tag") and by.has_perm("stories.change_tag")):
        raise PermissionDenied
    if source.pk == target.pk:
        raise ValidationError(_("A tag cannot be merged with itself."))
    items = StoryTag.objects.filter(tag=source)
    stories = list(items.order_by().values_list("content_object_id", flat=True))
    both = StoryTag.objects.filter(tag=target).order_by().values("content_object_id")
    items.filter(content_object_id__in=both).delete()
    items.update(tag=target)
    rewrite_revisions(source.pk, target.pk)
    slug = source.slug
    source.delete()
    changed(stories)
    log(
        instance=target, action="stories.tags_merged", user=by, data={"merged": slug, "stories": len(stories)}
    )
    return len(stories)


def rewrite_revisions(source: int, target: int) -> None:
    """Put ``target`` for ``source`` into every stored revision of a story."""
    batch = []
    for revision in tagged_revisions(source):
        revision.content = {
            **revision.content,
            "tagged_items": retagged(revision.content["tagged_items"], source, target),
        }
        batch.append(revision)
        if len(batch) == BATCH:
            Revision.objects.bulk_update(batch, ["content"])
            batch = []
    Revision.objects.bulk_update(batch, ["content"])


def retagged(items: list[dict[str, Any]], source: int, target: int) -> list[dict[str, Any]]:
    """Return tagged items with one tag put for another, each tag once."""
    result, seen = [], set()
    for item in items:
        tag = target if item["tag"] == source else item["tag"]
        if tag not in seen:
            seen.add(tag)
            result.append({**item, "tag": tag})
    return result


def tagged_revisions(tag: int) -> Iterator[Revision]:
    """Yield the stored revisions of stories that name a tag."""
    stories = Revision.objects.filter(content_type=ContentType.objects.get_for_model(StoryPage))
    texts = stories.annotate(text=Cast("content", TextField())).filter(text__contains=f'"tag": {tag}')
    for revision in texts.iterator(BATCH):
        if any(item["tag"] == tag for item in revision.content.get("tagged_items", [])):
            yield revision


def carriers(word: Word) -> int:
    """Return how many stories carry a word, in what is published or in a stored draft."""
    if isinstance(word, Tag):
        live = StoryTag.objects.filter(tag=word).order_by().values_list("content_object_id", flat=True)
        return len({*live, *(int(revision.object_id) for revision in tagged_revisions(word.pk))})
    relation = "touchpoints" if isinstance(word, Touchpoint) else "product_lines"
    rows = StoryPage.objects.annotate(key=Cast("pk", CharField()))
    return (
        rows.filter(Q(**{relation: word}) | Q(key__in=referring(word)))
        .order_by()
        .values("pk")
        .distinct()
        .count()
    )


def referring(word: Word) -> Any:
    """Return the ids, as text, of stories whose body names a word."""
    references = ReferenceIndex.get_references_to(word)
    return references.filter(content_type=ContentType.objects.get_for_model(StoryPage)).values("object_id")
