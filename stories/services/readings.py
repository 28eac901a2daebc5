"""Noting who has opened a story, for the one number that its narrator sees."""

import logging

from django.db import DatabaseError, transaction
from django.utils import timezone

from club.models import User
from stories.models import Reading, StoryPage

logger = logging.getLogger(__name__)


def note_reading(*, story: StoryPage, reader: User) -> None:
    """Note the first time somebody reads a story; a database that cannot write just now spoils nobody's page."""
    try:
        with transaction.atomic():
            reading = Reading(story_id=story.pk, reader_id=reader.pk, at=timezone.now())
            Reading.objects.bulk_create([reading], ignore_conflicts=True)
    except DatabaseError:
        logger.warning("A reading could not be noted", exc_info=True)


def readers_of(story_ids: list[int]) -> int:
    """Return how many people have opened any of these stories, each counted once."""
    return Reading.objects.filter(story_id__in=story_ids).order_by().values("reader_id").distinct().count()
