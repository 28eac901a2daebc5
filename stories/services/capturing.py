"""From an employee's note to a draft story."""

from collections.abc import Sequence
from datetime import date
from html import escape
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.forms import ModelForm
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from club.enums import Season
from club.models import Member, User
from stories.models import StoryIndexPage, StoryNote, StoryPage
from stories.slugs import story_slug

CAPTURE = "stories.capture_storypage"


def note_of(user: User) -> StoryNote:
    """Return the user's unfinished note, or a new one that is not saved yet."""
    return StoryNote.objects.filter(author=user).first() or StoryNote(author=user)


def keep_unfinished(form: ModelForm) -> str:
    """Save whatever of the note is valid so far; returns the local time as ``HH:MM``."""
    form.is_valid()
    note = form.instance
    for name in form.cleaned_data:
        setattr(note, name, form.cleaned_data[name])
    for name in ("title", "told", "who"):
        raw = str(form.data.get(name, "")).replace("\x00", "")
        field: Any = StoryNote._meta.get_field(name)
        setattr(note, name, raw[: field.max_length] if field.max_length else raw)
    note.save()
    return timezone.localtime().strftime("%H:%M")


@transaction.atomic
def submit_note(
    *, note: StoryNote, by: User, names_checked: bool = False, spoken: Sequence[str] = ()
) -> StoryPage:
    """Turn a note into a draft story with a narrator; the note is gone afterwards. Raises ``PermissionDenied``.

    ``names_checked``: somebody has looked the words through for names; ``spoken`` marks the names she let stand.
    """
    if not by.has_perm(CAPTURE):
        raise PermissionDenied
    story = draft_story(
        title=note.title,
        member=note.member or new_narrator(note.who, note.language),
        language=note.language or "ru",
        body=[{"type": "narrative", "value": paragraphs(note.told)}],
        period=note.when,
        by=by,
        names_checked=names_checked,
    )
    if note.touchpoint:
        story.touchpoints.add(note.touchpoint)
    story.save_revision(user=by, log_action=True)
    if note.pk:
        note.delete()
    log(instance=story, action="stories.captured", user=by)
    if names_checked:
        log(instance=story, action="stories.names_checked", user=by, data={"spoken": list(spoken)})
    return story


def new_narrator(who: str, language: str) -> Member:
    """Return a new member known by a description only."""
    return Member.objects.create(
        persona_name=who or _("Someone we met"), language=language or "ru", season=Season.INVITED
    )


def paragraphs(text: str) -> str:
    """Return plain text as paragraphs of HTML."""
    parts = [part.strip() for part in text.replace("\r\n", "\n").split("\n\n") if part.strip()]
    return "".join(f"<p>{escape(part, quote=False).replace(chr(10), '<br/>')}</p>" for part in parts)


def draft_story(
    *,
    title: str,
    member: Member,
    language: str,
    body: list[dict[str, Any]],
    period: date | None,
    by: User,
    names_checked: bool = False,
) -> StoryPage:
    """Put an unpublished story on the shelf."""
    shelf = StoryIndexPage.objects.first()
    if shelf is None:
        raise StoryIndexPage.DoesNotExist("There is no shelf for stories: run `manage.py migrate`.")
    story = StoryPage(
        title=title,
        slug=story_slug(title),
        member=member,
        language=language,
        body=[(block["type"], block["value"]) for block in body],
        period_start=period,
        live=False,
        owner=by,
    )
    if names_checked:
        story.names_checked_sha256 = story.digest()
    return shelf.add_child(instance=story)
