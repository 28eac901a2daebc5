"""Which stories leave, in which form: canonical records of what one user may read at this moment."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.utils import timezone
from wagtail.models import PageLogEntry

from club.models import User
from consent.enums import Purpose
from stories.importing.records import external_id_of, keys_of_images, record_from_story, slugs_of_touchpoints
from stories.models import StoryIndexPage
from stories.querysets import Term, clearances, members_of, visible

EXPORT = "stories.export_storypage"
EXPORTED = "stories.exported"
CHUNK = 500
YES = "yes"


def may_export(user: User) -> None:
    """Raise ``PermissionDenied`` for those who may not take stories out."""
    if not user.has_perm(EXPORT):
        raise PermissionDenied


def selected(user: User) -> list[int]:
    """Return the ids of the stories to export, in the order of their external ids."""
    stories = visible(user, Purpose.READ).only("pk", "external_id", "slug").order_by()
    return [pk for _name, pk in sorted((external_id_of(story), story.pk) for story in stories)]


def records(user: User, ids: list[int]) -> Iterator[dict[str, Any]]:
    """Yield canonical records with their terms of consent; each chunk asks the gate anew."""
    touchpoints, images = slugs_of_touchpoints(), keys_of_images()
    for start in range(0, len(ids), CHUNK):
        chunk, at = ids[start : start + CHUNK], timezone.now()
        stories = visible(user, Purpose.READ, at).filter(pk__in=chunk).select_related("member")
        found = stories.prefetch_related(
            "touchpoints", "product_lines", "audience_groups", "tagged_items__tag"
        ).in_bulk()
        terms = clearances(chunk, at)
        for pk in chunk:
            if pk in found and pk in terms:
                record = record_from_story(found[pk], touchpoints=touchpoints, images=images)
                body = record.pop("body")
                yield {**record, "consent": consent_of(terms[pk], at), "body": body}


def consent_of(terms: Mapping[str, Term], at: datetime) -> dict[str, Any]:
    """Return what the narrator allows: purposes, and the earliest end, so that no import lengthens one."""
    valid = {purpose: term for purpose, term in terms.items() if term.holds(at)}
    ends = [term.until for term in valid.values() if term.until]
    purposes = [purpose.value for purpose in Purpose if purpose in valid]
    return {"given": YES, "purposes": purposes, "until": min(ends).isoformat() if ends else None}


def log_export(user: User, *, ids: Iterable[int], count: int, form: str) -> None:
    """Note in the history of the shelf who took how much out, and whose words: ids, to ask for the file again."""
    shelf = StoryIndexPage.objects.first()
    if shelf is None:
        return
    entry = PageLogEntry(
        page_id=shelf.pk,
        content_type=ContentType.objects.get_for_model(StoryIndexPage),
        label=shelf.title,
        action=EXPORTED,
        timestamp=timezone.now(),
        user=user,
        data={"count": count, "format": form, "members": sorted(set(members_of(ids).values()))},
    )
    PageLogEntry.objects.bulk_create([entry])
