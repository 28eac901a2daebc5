"""Looking through a story for names: what a person decided becomes the wording, and its source goes.

A depersonalised text and its source are not stored together (233-ФЗ, art. 13.1): with the masked wording saved,
revisions, notes, addresses and log labels that hold the source are gone in the same transaction.
"""

import time
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, transaction
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext_lazy as _
from wagtail.log_actions import log
from wagtail.models import PageLogEntry, Revision, TaskState

from club.models import User
from stories.masking import roster
from stories.masking.finding import find
from stories.masking.masking import changes
from stories.masking.replacing import proposals
from stories.masking.reviewing import Review, spoken_of
from stories.masking.wordings import Document, Path, Piece, pieces_of, with_changes
from stories.models import StoryNote, StoryPage
from stories.services.capturing import paragraphs
from stories.slugs import story_slug

MASKED, CHECKED = "stories.masked", "stories.names_checked"
CHANGE = "stories.change_storypage"
SWEEP_SECONDS = 3.0
MOST_AT_ONCE = 500


class WordingMoved(ValidationError):
    """The words changed while somebody looked through them."""

    def __init__(self) -> None:
        super().__init__(
            _("The wording changed while this page was open, so nothing is saved. Look it through again.")
        )


def review_of(story: StoryPage, data: Mapping[str, Any] | None = None) -> Review:
    """Return what is found in the words that a story object holds."""
    return Review(
        pieces_of(story.title, story.summary, story.raw_body()),
        language=story.language,
        roster=roster.current().told_by(story.member_id),
        narrator=story.member.persona_name if story.member_id else "",
        seen=spoken(story.pk) if story.pk else (),
        data=data,
    )


def review_of_note(note: StoryNote, data: Mapping[str, Any] | None = None) -> Review:
    """Return what is found in a note that is not stored yet."""
    fields = [("told", note.told), ("title", note.title), *([] if note.member_id else [("who", note.who)])]
    return Review(
        [Piece((name,), text) for name, text in fields if text],
        language=note.language or "ru",
        roster=roster.current().told_by(note.member_id),
        narrator=note.member.persona_name if note.member else "",
        data=data,
    )


def spoken(page_id: int) -> frozenset[str]:
    """Return the marks of the names that somebody has decided about in a story, or an import has put there."""
    entries = PageLogEntry.objects.filter(page_id=page_id, action__in=(MASKED, CHECKED, "stories.imported"))
    return frozenset(
        mark for data in entries.order_by().values_list("data", flat=True) for mark in data.get("spoken", ())
    )


def open_story(pk: int) -> StoryPage | None:
    """Return a story as its latest words say it, whoever may read it; the caller has checked who asks."""
    story = StoryPage.objects.select_related("member").filter(pk=pk).first()
    return story.get_latest_revision_as_object() if story else None


def named_in(story: StoryPage) -> list[str]:
    """Return what of a wording nobody has looked through names somebody, as it is written; for editors only."""
    if story.digest() == checked_digest(story.pk):
        return []
    review = review_of(story)
    return list(dict.fromkeys(each.text for each in review.findings if not review.knows(each)))


def checked_digest(pk: int | None) -> str:
    """Return the wording of a story that a person has looked through, as the row says it now."""
    found = (
        StoryPage.objects.filter(pk=pk).values_list("names_checked_sha256", flat=True).first() if pk else ""
    )
    return found or ""


@transaction.atomic
def look_through(*, story_id: int, digest: str, data: Mapping[str, Any], by: User) -> bool:
    """Carry out what a person decided about the names in a story; returns whether any word changed.

    ``digest`` names the words that she saw. Raises ``PermissionDenied``, ``WordingMoved``, ``ValidationError``.
    """
    locked = StoryPage.objects.select_for_update(of=("self",) if connection.vendor == "postgresql" else ())
    story = locked.get(pk=story_id)
    if not (by.has_perm(CHANGE) and story.permissions_for_user(by).can_edit()):
        raise PermissionDenied
    latest = story.get_latest_revision_as_object()
    review = review_of(latest, data)
    if latest.digest() != digest or review.stale:
        raise WordingMoved
    if review.errors:
        raise ValidationError(review.errors)
    if not review.changed:
        _checked(latest, review, by)
        return False
    _save(latest, review, by)
    return True


def _checked(latest: StoryPage, review: Review, by: User) -> None:
    """Note that a person looked through the words and left them."""
    digest = latest.digest()
    _note_checked(latest, digest)
    log(instance=latest, action=CHECKED, user=by, data={"spoken": review.now_spoken_of()})


def _note_checked(latest: StoryPage, digest: str) -> None:
    StoryPage.objects.filter(pk=latest.pk).update(
        names_checked_sha256=digest, names_scanned_sha256=digest, names_found=0
    )
    # Publishing a revision writes its columns over the row's: it must know too.
    revision = latest.latest_revision
    if revision is not None:
        revision.content = {**revision.content, "names_checked_sha256": digest}
        revision.save(update_fields=["content"])


def _save(latest: StoryPage, review: Review, by: User) -> None:
    """Save the masked wording as the new revision, and forget where the source stood."""
    source = [str(text) for text in _narratives(latest)]
    write(latest, review.changed)
    latest.names_checked_sha256 = latest.names_scanned_sha256 = latest.digest()
    latest.names_found = 0
    if not latest.live:
        latest.save()
    else:
        latest.compute()  # the plain text too goes into the revision
        StoryPage.objects.filter(pk=latest.pk).update(names_checked_sha256=latest.names_checked_sha256)
    revision = latest.save_revision(user=by, clean=False, log_action=True)
    log(
        instance=latest, action=MASKED, user=by, revision=revision,
        data={"places": len(review.changes), "spoken": review.now_spoken_of()},
    )  # fmt: skip
    forget_source(latest, revision)
    _forget_notes(source)


def write(story: StoryPage, changed: Mapping[Path, str]) -> None:
    """Put changed fields into a story object; a title that nobody has met yet gives a new address."""
    title, summary, blocks = with_changes(story.title, story.summary, story.raw_body(), changed)
    if title != story.title and story.first_published_at is None:
        story.slug = story_slug(title)
    story.title, story.summary, story.draft_title = title[:255], summary[:600], title[:255]
    if any(path[0] == "body" for path in changed):
        setattr(story, "body", blocks)  # noqa: B010 - the field takes raw blocks, which its annotation does not say


def forget_source(story: StoryPage, revision: Revision) -> None:
    """Delete the revisions before this one but the published, and take old titles out of the log.

    Steps of workflows lose nothing: they speak of the new revision from now on.
    """
    older = Revision.page_revisions.filter(object_id=str(story.pk), pk__lt=revision.pk)
    row = StoryPage.objects.filter(pk=story.pk).values_list("live", "live_revision_id").first()
    if row and row[0]:
        older = older.exclude(pk=row[1])
    ids = list(older.values_list("pk", flat=True))
    TaskState.objects.filter(revision_id__in=ids).update(revision=revision)
    Revision.objects.filter(pk__in=ids).delete()
    if not (row and row[0] and row[1] != revision.pk):
        entries = PageLogEntry.objects.filter(page_id=story.pk)
        entries.exclude(label=story.title).update(label=story.title)
        for entry in entries:
            forget_title(entry)


def forget_title(entry: PageLogEntry) -> None:
    """Take an old title out of what the log says of a masked story."""
    if (
        "title" in (entry.data or {})
        and PageLogEntry.objects.filter(page_id=entry.page_id, action=MASKED).exists()
    ):
        data = {name: value for name, value in entry.data.items() if name != "title"}
        PageLogEntry.objects.filter(pk=entry.pk).update(data=data)


def published_over_source(story: StoryPage) -> None:
    """A masked wording was published: the published revision that held the source goes now."""
    entry = PageLogEntry.objects.filter(page_id=story.pk, action=MASKED).order_by("-timestamp", "-pk").first()
    live = story.live_revision
    if entry is not None and entry.revision_id and live is not None and live.pk >= entry.revision_id:
        forget_source(story, live)


def _narratives(story: StoryPage) -> Iterable[str]:
    return (block["value"] for block in story.raw_body() if block["type"] == "narrative")


def _forget_notes(source: Sequence[str]) -> None:
    """Delete unfinished notes that hold the very words of the source."""
    for note in StoryNote.objects.exclude(told=""):
        if paragraphs(note.told) in source:
            note.delete()


# What waits to be looked through


def unread_q(drafts: Mapping[int, tuple[int, str]]) -> Q:
    """Return the condition that nobody has looked through the latest words and the machine finds, or may find, names.

    ``drafts`` is ``{story id: (member id, digest)}`` of live stories with a newer draft: their rows hold other words.
    """
    known = dict(
        (pk, (checked, scanned, count))
        for pk, checked, scanned, count in StoryPage.objects.filter(pk__in=drafts)
        .order_by()
        .values_list("pk", "names_checked_sha256", "names_scanned_sha256", "names_found")
    )
    waiting = [
        pk
        for pk, (_member, digest) in drafts.items()
        if pk in known and known[pk][0] != digest and not (known[pk][1] == digest and not known[pk][2])
    ]
    row = ~Q(names_checked_sha256=F("wording_sha256")) & ~Q(
        names_scanned_sha256=F("wording_sha256"), names_found=0
    )
    return Q(pk__in=waiting) | (row & ~Q(pk__in=list(drafts)))


def waiting(drafts: Mapping[int, tuple[int, str]]) -> QuerySet[StoryPage]:
    """Return the stories that wait to be looked through; ``drafts`` as for ``unread_q``."""
    return StoryPage.objects.filter(unread_q(drafts))


def unscanned() -> QuerySet[StoryPage]:
    """Return the stories whose row holds their latest words and the machine has not searched them yet, newest first."""
    rows = StoryPage.objects.exclude(names_checked_sha256=F("wording_sha256"))
    rows = rows.exclude(names_scanned_sha256=F("wording_sha256")).exclude(
        live=True, has_unpublished_changes=True
    )
    return rows.select_related("member").order_by("-latest_revision_created_at")


def newer_drafts() -> Iterable[StoryPage]:
    """Yield the latest words of live stories that have a newer draft which the machine has not searched yet."""
    for story in StoryPage.objects.filter(live=True, has_unpublished_changes=True).select_related("member"):
        latest = story.get_latest_revision_as_object()
        if latest.digest() not in (story.names_scanned_sha256, story.names_checked_sha256):
            yield latest


def scan(story: StoryPage) -> int:
    """Search the words that a story object holds, and note in its row how many places nobody has spoken of."""
    digest, count = story.digest(), review_of(story).unspoken
    StoryPage.objects.filter(pk=story.pk).update(names_scanned_sha256=digest, names_found=count)
    return count


def sweep(seconds: float = SWEEP_SECONDS) -> int:
    """Search what nobody has searched yet, for a while; the worker's job. Returns how many stories were searched."""
    until, done = time.monotonic() + seconds, 0
    for story in chain(unscanned()[:MOST_AT_ONCE], newer_drafts()):
        scan(story)
        done += 1
        if time.monotonic() > until:
            break
    return done


# Imports


def masked_by_machine(
    title: str,
    summary: str,
    blocks: Sequence[Mapping[str, Any]],
    language: str,
    narrator: int | None,
    persona: str,
) -> tuple[str, str, list[dict[str, Any]], list[str]]:
    """Return a wording with every proposal of the machine carried out, and the marks of what it put there."""
    document = Document(pieces_of(title, summary, blocks))
    findings = find(document.text, language, roster.current().told_by(narrator))
    decisions = proposals(document.text, findings, language, persona)
    found = changes(document.text, findings, decisions)
    marks = sorted(
        {spoken_of(each) for each in find("\n".join(words for _start, _end, words in found), language)}
    )
    new_title, new_summary, new_blocks = with_changes(title, summary, blocks, document.changed(found))
    return new_title[:255], new_summary[:600], new_blocks, marks
