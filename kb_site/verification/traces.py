"""What should not be there any more: in the index, in the queue, on the disk, of people who were forgotten."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db.models import Q

from club.models import Identity, Member
from consent.models import Consent
from search import registry
from search.engines import get_engine
from search.engines.base import EngineUnavailable
from search.models import Outbox
from search.querysets import pending_ids
from stories.models import StoryImage, StoryPage, StoryRendition
from stories.querysets import clearances

LATE = timedelta(minutes=10)


def wrong_index(at: datetime) -> Iterator[str]:
    """Stories that the index holds though they may not be found, unless a change of theirs is waiting."""
    try:
        indexed = get_engine().reader().fingerprints()
    except EngineUnavailable as error:
        yield f"search index: {error}"
        return
    waiting = pending_ids().get("story", frozenset())
    known = clearances(at=at)
    for pk in sorted(set(indexed.get("story", {})) - set(known) - set(waiting)):
        yield f"story {pk}: still in the search index"
    for kind in sorted(set(indexed) - {source.kind for source in registry.sources(())}):
        yield f"search index: holds documents of the kind {kind}, which nobody answers for"


def stale_queue(at: datetime) -> Iterator[str]:
    """Changes that the index has not learned for a long time."""
    for row in Outbox.objects.filter(Q(created_at__lt=at - LATE) | Q(parked_at__isnull=False)).order_by("pk"):
        state = "was given up" if row.parked_at else f"waits since {row.created_at:%Y-%m-%d %H:%M} UTC"
        yield f"queue entry {row.pk} ({row.kind} {row.object_id}): {state}"


def unowned_files() -> Iterator[str]:
    """Files that belong to no picture and no consent, and pictures without their file."""
    root = Path(settings.MEDIA_ROOT)
    owned = dict(_owned_files())
    found = {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()} if root.is_dir() else set()
    for name in sorted(found - set(owned)):
        yield f"file {name}: belongs to no picture and no consent"
    for name in sorted(set(owned) - found):
        yield f"{owned[name]}: its file is missing"


def _owned_files() -> Iterator[tuple[str, str]]:
    for pk, name in StoryImage.objects.order_by("pk").values_list("pk", "file"):
        yield name, f"picture {pk}"
    for pk, name in StoryRendition.objects.order_by("pk").values_list("pk", "file"):
        yield name, f"size {pk} of a picture"
    for pk, name in Consent.objects.exclude(evidence="").order_by("pk").values_list("pk", "evidence"):
        yield name, f"evidence of consent {pk}"


def remains_of_the_forgotten() -> Iterator[str]:
    """Rows of members who were erased: nothing but the empty row of the member may be left."""
    gone = Member.objects.filter(erased_at__isnull=False)
    for pk in gone.exclude(persona_name="").order_by("pk").values_list("pk", flat=True):
        yield f"member {pk}: was forgotten and still has a name"
    for pk in Identity.objects.filter(member__in=gone).order_by("pk").values_list("member_id", flat=True):
        yield f"member {pk}: was forgotten and still has an identity"
    for pk in StoryPage.objects.filter(member__in=gone).order_by("pk").values_list("pk", flat=True):
        yield f"story {pk}: its narrator was forgotten"
    for pk in StoryImage.objects.filter(member__in=gone).order_by("pk").values_list("pk", flat=True):
        yield f"picture {pk}: its owner was forgotten"
