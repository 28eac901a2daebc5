"""What stories tell a narrator's page: her wordings word for word, her stories with their state, how many read them.

Walks past the gate on purpose: a narrator sees her own drafts and hidden stories, and nobody else's.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Count, Q
from django.db.models.fields.files import FieldFile
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.html import escape
from django.utils.safestring import mark_safe
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from wagtail.models import Revision, TaskState

from club.models import Member, User
from consent.enums import Purpose
from consent.narrator.registry import Passage, PhotoAddress, Reply, Taken, Wording, Work
from search.enums import FEW
from stories import wording as words
from stories.enums import NARRATOR_BLOCKS, BlockKind
from stories.models import ConsentTask, Reading, StoryImage, StoryPage, Touchpoint
from stories.querysets import audience_q, cleared_q, read_until
from stories.sanitising import clean

# The size that the keeper's own consent screen shows, so that it is there before a narrator asks for it.
PICTURE = "max-800x800|format-webp"
TEMPLATE = "narrator/story.html"
EPISODE_PASSAGES = ("title", "when", "happened", "expected", "feeling_words", "recovery", "turning_words")
# Top-level elements of a clean narrative, to keep the markup of paragraphs that did not change.
ELEMENT = re.compile(r"<(p|h[2-6]|ul|ol|blockquote|pre|table)\b.*?</\1\s*>|<hr\s*/?>", re.DOTALL | re.IGNORECASE)


def story_of(revision: Revision) -> StoryPage | None:
    """Return the story of a revision as its row is now; None for other pages and for what is gone."""
    if not str(revision.object_id).isdecimal():
        return None
    return (
        StoryPage.objects.select_related("member")
        .filter(pk=revision.object_id, content_type_id=revision.content_type_id)
        .first()
    )


def key_of(story_id: int) -> str:
    """Return the name of a story among a narrator's works."""
    return f"story:{story_id}"


class StoryWordings:
    """Stories as works that narrators are asked about."""

    def owns(self, revision: Revision) -> bool:
        """Whether it is a revision of a story."""
        return story_of(revision) is not None

    def wording(self, revision: Revision, photo_address: PhotoAddress) -> Wording | None:
        """Return the narrator's part of a revision, drawn from the revision itself."""
        story = story_of(revision)
        if story is None:
            return None
        draft = revision.as_object()
        raw = [block for block in draft.raw_body() if block["type"] in NARRATOR_BLOCKS]
        latest = draft if revision.pk == story.latest_revision_id else story.get_latest_revision_as_object()
        return Wording(
            key=key_of(story.pk),
            revision_id=revision.pk,
            member_id=draft.member_id,
            sha256=draft.digest(),
            latest_sha256=latest.digest() if latest.member_id == draft.member_id else "",
            title=draft.title,
            language=draft.language,
            has_photos=bool(words.image_ids(raw)),
            template=TEMPLATE,
            context={
                "story": draft,
                "blocks": blocks_of(raw, photo_address),
                "has_house_words": len(raw) < len(draft.raw_body()),
            },
            passages=passages_of(draft, raw),
        )

    def works(self, member: Member) -> list[Work]:
        """Return every story of hers, newest first."""
        now = timezone.now()
        stories = StoryPage.objects.filter(member=member).order_by("-latest_revision_created_at", "-pk")
        shown = set(stories.filter(cleared_q(Purpose.READ, now)).values_list("pk", flat=True))
        return [
            Work(
                key=key_of(story.pk),
                revision_id=(story.live_revision_id if story.live else None) or story.latest_revision_id,
                sha256=current_digest(story),
                title=story.title if story.live else (story.draft_title or story.title),
                language=story.language,
                is_published=story.live,
                is_shown=story.pk in shown,
                shown_until=story.until,
                replies=replies_of(story) if story.pk in shown else (),
            )
            for story in stories.annotate(until=read_until(now))
            if story.latest_revision_id
        ]

    def photo(self, photo_id: int, revisions: Collection[int]) -> FieldFile | None:
        """Return a size of a picture, if one of the revisions shows it."""
        rows = Revision.objects.filter(pk__in=revisions)
        shown = {
            image
            for revision in rows
            if story_of(revision) is not None
            for image in words.image_ids(revision.as_object().raw_body())
        }
        image = StoryImage.objects.filter(pk=photo_id).first() if photo_id in shown else None
        return image.get_rendition(PICTURE).file if image is not None else None

    def take(self, revision: Revision, passages: Sequence[Mapping[str, str]], by: User) -> Taken:
        """Write passages into a new draft; what no longer reads as she saw it is left for a person."""
        return take(revision, passages, by)

    def is_hidden_from(self, revision: Revision, user: User) -> bool:
        """Whether the story is for groups this employee is not in."""
        story = story_of(revision)
        return story is None or not StoryPage.objects.filter(audience_q(user), pk=story.pk).exists()

    def admin_url(self, revision: Revision) -> str:
        """Return the address of the story's consent screen."""
        return reverse("story_consent", args=[revision.object_id])


def current_digest(story: StoryPage) -> str:
    """Return the digest of the words that stand: those of the live row, before that those of the draft."""
    return story.wording_sha256 if story.live else story.get_latest_revision_as_object().digest()


def blocks_of(
    raw: Sequence[Mapping[str, Any]], photo_address: PhotoAddress
) -> list[dict[str, Any]]:
    """Return the narrator's blocks ready to be drawn: ``{kind, value, id, number}`` as on the reading page."""
    places, images, number, result = places_of(raw), known_images(raw), 0, []
    for block in raw:
        kind, value = block["type"], block["value"]
        if kind == BlockKind.EPISODE:
            number += 1
            place = places.get(value.get("touchpoint"))
            value = {**value, "touchpoint": place.label if place else "", "loyalty": int(value.get("loyalty") or 0)}
        elif kind == BlockKind.NARRATIVE:
            value = {"html": mark_safe(clean(value))}  # noqa: S308 - the allowlist has just been applied
        elif kind == BlockKind.PHOTO:
            image = value.get("image")
            value = {**value, "url": photo_address(image) if image in images else ""}
        result.append({"kind": kind, "value": value, "id": block.get("id"), "number": number})
    return result


def places_of(raw: Sequence[Mapping[str, Any]]) -> dict[int, Touchpoint]:
    """Return the touchpoints that the episodes name."""
    ids = words.episode_touchpoints(raw)
    return Touchpoint.objects.in_bulk(ids) if ids else {}


def known_images(raw: Sequence[Mapping[str, Any]]) -> set[int]:
    """Return the ids of the shown pictures that exist."""
    ids = words.image_ids(raw)
    return set(StoryImage.objects.filter(pk__in=ids).values_list("pk", flat=True)) if ids else set()


def replies_of(story: StoryPage) -> list[Reply]:
    """Return what the company changed or answered because of a story."""
    return [
        Reply(parse_date(block["value"].get("date") or ""), str(block["value"].get("text") or ""))
        for block in story.raw_body()
        if block["type"] == BlockKind.RESPONSE
    ]


# Passages: what she may write anew, and how it comes into a draft


def passages_of(story: StoryPage, raw: Sequence[Mapping[str, Any]]) -> list[Passage]:
    """Return every text of hers by its path: ``title``, ``summary``, ``<block id>/<field>``."""
    part = _("The title and the summary")
    found = [Passage("title", _("The title"), story.title or "", part)]
    if story.summary:
        found.append(Passage("summary", _("The summary"), story.summary, part))
    return [*found, *(passage for block in raw for passage in block_passages(block) if passage.text)]


def block_passages(block: Mapping[str, Any]) -> Iterator[Passage]:
    """Yield the texts of one block."""
    kind, value, name = block["type"], block["value"], block.get("id") or ""
    if kind == BlockKind.EPISODE:
        labels, part = episode_labels(), str(value.get("title") or "")
        for each in EPISODE_PASSAGES:
            yield Passage(f"{name}/{each}", labels[each], str(value.get(each) or ""), part)
    elif kind == BlockKind.NARRATIVE:
        text = words.plain(value or "")
        yield Passage(f"{name}/text", _("What you told"), text, beginning(text))
    elif kind == BlockKind.QUOTE:
        text = str(value.get("text") or "")
        yield Passage(f"{name}/text", _("Your sentence that stands by itself"), text, beginning(text))
    elif kind == BlockKind.PHOTO:
        text = str(value.get("caption") or "")
        yield Passage(f"{name}/caption", _("The line under the photo"), text, beginning(text))


def beginning(text: str) -> str:
    """Return the first words of a text, to know it by."""
    return Truncator(text.replace("\n", " ")).words(5, truncate="…")


def episode_labels() -> dict[str, str]:
    """Return what the texts of an episode are called to a narrator."""
    return {
        "title": _("The heading of a part"),
        "when": _("When it was"),
        "happened": _("What happened"),
        "expected": _("What you expected"),
        "feeling_words": _("How it felt"),
        "recovery": _("How it was put right"),
        "turning_words": _("The turn in a few words"),
    }


@transaction.atomic
def take(revision: Revision, passages: Sequence[Mapping[str, str]], by: User) -> Taken:
    """Save a new draft with these passages; raises ``PermissionDenied`` for who may not edit the story."""
    story = story_of(revision)
    if story is None or not story.permissions_for_user(by).can_edit():
        raise PermissionDenied
    StoryPage.objects.select_for_update().get(pk=story.pk)
    draft = story.get_latest_revision_as_object()
    done = [passage["path"] for passage in passages if put(draft, passage)]
    missed = [passage["path"] for passage in passages if passage["path"] not in done]
    if not done:
        return Taken(draft.latest_revision, done, missed)
    saved = draft.save_revision(user=by, log_action=True)
    follow(story, saved)
    return Taken(saved, done, missed)


def put(draft: StoryPage, passage: Mapping[str, str]) -> bool:
    """Write one passage into a draft, if the draft still says there what she saw."""
    path, before, after = passage["path"], passage["before"], passage["after"].strip()
    if path in ("title", "summary"):
        if words.normal(getattr(draft, path)) != words.normal(before) or (path == "title" and not after):
            return False
        setattr(draft, path, after[: StoryPage._meta.get_field(path).max_length])
        return True
    raw = draft.raw_body()
    name, _slash, field = path.partition("/")
    block = next((each for each in raw if each.get("id") == name), None)
    if block is None or not put_in_block(block, field, before, after):
        return False
    draft.body = StoryPage._meta.get_field("body").to_python(raw)
    return True


def put_in_block(block: dict[str, Any], field: str, before: str, after: str) -> bool:
    """Write one text of a block; False if it reads otherwise by now."""
    if block["type"] == BlockKind.NARRATIVE:
        if words.plain(block["value"] or "") != words.normal(before):
            return False
        block["value"] = rewritten(block["value"], after)
        return True
    value = block["value"]
    if words.normal(str(value.get(field) or "")) != words.normal(before):
        return False
    block["value"] = {**value, field: after}
    return True


def rewritten(markup: str, text: str) -> str:
    """Return a narrative with another text: paragraphs that did not change keep their markup, new ones have none."""
    kept: dict[str, list[str]] = {}
    for match in ELEMENT.finditer(markup):
        kept.setdefault(words.plain(match.group()), []).append(match.group())
    return "".join(
        kept[line].pop(0) if kept.get(line) else f"<p>{escape(line)}</p>"
        for line in (each.strip() for each in text.splitlines())
        if line
    )


def follow(story: StoryPage, revision: Revision) -> None:
    """Let a consent step that waits for the narrator wait for the words she will be asked about now."""
    state = story.current_workflow_task_state
    if state is not None and isinstance(state.task.specific, ConsentTask):
        TaskState.objects.filter(pk=state.pk).update(revision=revision)


class Readers:
    """How many employees read each story. People, each once; never who."""

    order = 10

    def notes(self, member: Member, keys: Collection[str]) -> dict[str, list[str]]:
        """Return one sentence a story that somebody read."""
        ids = [int(key.partition(":")[2]) for key in keys if key.startswith("story:")]
        rows = Reading.objects.filter(Q(story_id__in=ids), story__member=member).order_by()
        counts = rows.values_list("story_id").annotate(n=Count("reader", distinct=True))
        return {key_of(story): [sentence(number)] for story, number in counts}


def sentence(number: int) -> str:
    """Say how many read a story; below five the number would point at people."""
    if number < FEW:
        return _("Few have read it so far.")
    return ngettext("%(n)s employee has read it.", "%(n)s employees have read it.", number) % {"n": number}
