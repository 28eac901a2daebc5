"""What is shown: wordings, clearances and pictures, each against the ledger."""

from collections.abc import Iterator
from datetime import datetime

from consent.enums import ENDING_EVENTS, PAUSE_EVENTS, Category, EventKind, Purpose
from consent.models import Approval, ConsentEvent, Grant
from stories.models import ImageUse, StoryPage
from stories.querysets import cleared_q


def stale_wordings() -> Iterator[str]:
    """Stories whose stored digest is not that of their words: their approval would be for something else."""
    for story in StoryPage.objects.order_by("pk").iterator(chunk_size=200):
        if story.digest() != story.wording_sha256:
            yield f"story {story.pk}: the stored digest is not that of its wording"


def wrong_clearances(at: datetime) -> Iterator[str]:
    """Stories where the gate's query and a plain walk over the ledger's rows disagree."""
    ended_grants = ended("grant_id")
    ended_approvals = ended("approval_id")
    resting = paused_members()
    granted = {
        (grant.member_id, grant.purpose)
        for grant in Grant.objects.filter(category=Category.WORDS)
        if grant.pk not in ended_grants
        and grant.member_id not in resting
        and grant.valid_from <= at
        and (grant.valid_until is None or grant.valid_until > at)
    }
    approved = {
        (approval.member_id, approval.wording_sha256)
        for approval in Approval.objects.filter(approved_at__lte=at)
        if approval.pk not in ended_approvals
    }
    rows = list(
        StoryPage.objects.order_by("pk").values_list("pk", "member_id", "wording_sha256", "live", "expire_at")
    )
    for purpose in Purpose:
        gate = set(StoryPage.objects.filter(cleared_q(purpose, at)).values_list("pk", flat=True))
        for pk, member, wording, live, expiry in rows:
            in_term = expiry is None or expiry > at
            allowed = (
                live and in_term and (member, purpose.value) in granted and (member, wording) in approved
            )
            if allowed != (pk in gate):
                yield f"story {pk}: the gate says {'yes' if pk in gate else 'no'} to {purpose}, the ledger does not"


def ended(column: str) -> set[int]:
    """Return the ids of grants or approvals that an ending event names."""
    rows = ConsentEvent.objects.filter(kind__in=ENDING_EVENTS).exclude(**{column: None})
    return set(rows.values_list(column, flat=True))


def paused_members() -> set[int]:
    """Return the members whose last word about a pause was to begin one, by a plain walk over the ledger."""
    last: dict[int, str] = {}
    for member, kind in (
        ConsentEvent.objects.filter(kind__in=PAUSE_EVENTS).order_by("pk").values_list("member_id", "kind")
    ):
        last[member] = kind
    return {member for member, kind in last.items() if kind == EventKind.PAUSED}


def orphaned_pictures() -> Iterator[str]:
    """Pictures that a page is said to show though it does not."""
    for use in ImageUse.objects.select_related("story").order_by("pk"):
        shown = {block["value"].get("image") for block in use.story.raw_body() if block["type"] == "photo"}
        if use.image_id not in shown:
            yield f"story {use.story_id}: picture {use.image_id} is on record but not in the story"

