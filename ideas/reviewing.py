"""The queue of passages that a person must look at: changed too much, or gone."""

from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from club.models import User
from consent.enums import Purpose
from ideas.enums import AnchorState
from ideas.models import Highlight
from ideas.texts import sentences
from stories.querysets import visible

WAITING = (AnchorState.NEEDS_REVIEW, AnchorState.ORPHANED)
SHOWN = 30


def waiting(user: User) -> QuerySet[Highlight]:
    """Return the passages that wait for a person, of stories that she may see as evidence."""
    story = visible(user, Purpose.IDEAS).filter(pk=OuterRef("story_id")).order_by()
    return Highlight.objects.filter(Exists(story), state__in=WAITING).order_by("story_id", "pk")


def count(user: User) -> int:
    """Return how many passages wait."""
    return waiting(user).count()


def context(user: User) -> dict[str, Any]:
    """Return the queue with the sentences of each passage's block, those under the passage chosen."""
    rows = waiting(user).select_related("block", "story").prefetch_related("codings__theme", "codings__idea")
    return {"total": waiting(user).count(), "rows": [described(row) for row in rows[:SHOWN]]}


def described(row: Highlight) -> dict[str, Any]:
    """Return one passage of the queue."""
    text = row.block.text
    return {
        "highlight": row,
        "story": row.story,
        "is_gone": row.state == AnchorState.ORPHANED,
        "about": [coding.theme or coding.idea for coding in row.codings.all()],
        "memos": [coding.memo for coding in row.codings.all() if coding.memo],
        "sentences": [
            {
                "value": f"{span.start}-{span.end}",
                "words": text[span.start : span.end],
                "chosen": row.end > row.start and span.start < row.end and span.end > row.start,
            }
            for span in sentences(text)
        ],
    }
