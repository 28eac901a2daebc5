"""Keeping highlights in their places: when a wording is published, each is carried over by diff, never guessed."""

from collections import defaultdict

from django.db import transaction
from wagtail.log_actions import log

from club.models import User
from club.permissions import require
from ideas.enums import STANDING, AnchorState
from ideas.mapping import Changes, Mapped, select
from ideas.models import CodedBlock, Highlight
from ideas.querysets import unmapped
from ideas.services.indexing import stories_coded
from ideas.texts import Span, text_of
from stories.models import StoryPage
from stories.querysets import for_index

FIELDS = ("revision", "start", "end", "exact", "prefix", "suffix", "state")


@transaction.atomic
def map_story(story_id: int) -> int:
    """Carry the highlights of a published story into its wording; returns how many moved, changed or were lost.

    May be called again at any time. Until it has run, evidence leaves the highlights out, so nothing wrong is shown.
    """
    story = for_index([story_id]).first()
    rows = list(
        Highlight.objects.select_for_update(of=("self",)).filter(story_id=story_id).select_related("block")
    )
    if story is None or not rows or not story.live_revision_id:
        return 0
    behind = [row for row in rows if row.revision != story.live_revision_id]
    if not behind:
        return 0
    by_block: dict[int, list[Highlight]] = defaultdict(list)
    for row in behind:
        by_block[row.block_id].append(row)
    raw = {str(block["id"]): block for block in story.raw_body() if block.get("id")}
    changed = sum(
        carry(highlights, raw.get(highlights[0].block.block_id), story) for highlights in by_block.values()
    )
    Highlight.objects.bulk_update(behind, FIELDS)
    stories_coded([story_id])
    return changed


def carry(highlights: list[Highlight], block: dict[str, object] | None, story: StoryPage) -> int:
    """Set the new places of one block's highlights and the block's new text; returns how many are not as before."""
    coded = highlights[0].block
    text = text_of(block) if block else ""
    changes = Changes(coded.text, text) if text and text != coded.text else None
    changed = 0
    for row in highlights:
        if changes:
            changed += place(row, changes.carry(Span(row.start, row.end)), text)
        elif not text:
            changed += place(row, Mapped(Span(0, 0), AnchorState.ORPHANED), "")
        row.revision = story.live_revision_id
    touchpoint = touchpoint_of(block)
    if text != coded.text or touchpoint != coded.touchpoint_id:
        coded.text, coded.touchpoint_id = text, touchpoint
        coded.save(update_fields=["text", "touchpoint"])
    return changed


def place(row: Highlight, mapped: Mapped, text: str) -> bool:
    """Lay a highlight where the mapping says; whoever waited for a person waits on. Whether anything changed."""
    waited = row.state if row.state not in STANDING else None
    state = mapped.state
    if waited == AnchorState.ORPHANED or state == AnchorState.ORPHANED:
        state = AnchorState.ORPHANED
    elif waited:
        state = AnchorState.NEEDS_REVIEW
    elif state == AnchorState.ANCHORED and (row.state, row.start) != (
        AnchorState.ANCHORED,
        mapped.span.start,
    ):
        state = AnchorState.SHIFTED
    before = (row.state, row.start, row.end, row.exact)
    lay(row, text, Span(0, 0) if state == AnchorState.ORPHANED else mapped.span)
    row.state = state
    return before != (row.state, row.start, row.end, row.exact)


def lay(row: Highlight, text: str, span: Span) -> None:
    """Write the selectors of a span into a highlight."""
    found = select(text, span)
    row.start, row.end, row.exact = found.start, found.end, found.exact
    row.prefix, row.suffix = (found.prefix, found.suffix) if found.exact else ("", "")


def touchpoint_of(block: dict[str, object] | None) -> int | None:
    """Return the touchpoint that an episode names."""
    value = block.get("value") if block else None
    return value.get("touchpoint") if isinstance(value, dict) else None


def sweep() -> int:
    """Map what a crash or a bulk import left behind; the worker calls it. Returns the number of stories."""
    stories = list(unmapped().values_list("story_id", flat=True).distinct()[:200])
    for story in stories:
        map_story(story)
    return len(stories)


@transaction.atomic
def confirm(*, user: User, highlight: Highlight, start: int, end: int) -> Highlight:
    """A person says where a passage lies that changed too much; it is evidence again."""
    require(user, "ideas.code_story")
    row = Highlight.objects.select_for_update(of=("self",)).select_related("block").get(pk=highlight.pk)
    lay(row, row.block.text, Span(start, end))
    if not row.exact.strip():
        raise ValueError("A confirmed passage has words.")
    row.state = AnchorState.SHIFTED
    row.save(update_fields=FIELDS)
    stories_coded([row.story_id])
    log(row, "ideas.confirmed", user=user)
    return row


@transaction.atomic
def drop(*, user: User, highlight: Highlight) -> None:
    """A person says that a passage no longer speaks for anything: its codings go, and what only served it."""
    require(user, "ideas.code_story")
    log(highlight, "ideas.dropped", user=user)
    forget(highlight)


def forget(highlight: Highlight) -> None:
    """Delete a highlight with its codings, and its block's text if nothing else lies in it."""
    highlight.codings.all().delete()
    block = highlight.block_id
    Highlight.objects.filter(pk=highlight.pk).delete()
    if not Highlight.objects.filter(block_id=block).exists():
        CodedBlock.objects.filter(pk=block).delete()
