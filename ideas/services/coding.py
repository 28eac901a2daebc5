"""Coding passages: a person says what a client's words speak for."""

from collections.abc import Collection
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from club.models import User
from consent.enums import Purpose
from ideas.enums import Importance, Origin
from ideas.mapping import select
from ideas.models import CodedBlock, Coding, Highlight, Idea, Theme
from ideas.services.anchoring import forget, map_story, touchpoint_of
from ideas.texts import Span, text_of, trimmed
from stories.models import StoryPage
from stories.querysets import visible

LONGEST = 2000  # characters of a passage: more is a story, not evidence


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a coder thinks of a passage."""

    valence: int = 0
    importance: int = Importance.USEFUL
    memo: str = ""
    origin: str = Origin.PERSON


def codable(user: User, story_id: int) -> StoryPage | None:
    """Return the story if its narrator lets it serve as evidence and this person may code it."""
    if not user.has_perm("ideas.code_story"):
        return None
    return visible(user, Purpose.IDEAS, timezone.now()).filter(pk=story_id).first()


@transaction.atomic
def code(
    *,
    user: User,
    story: StoryPage,
    block_id: str,
    span: Span,
    themes: Collection[Theme] = (),
    ideas: Collection[Idea] = (),
    judgement: Judgement = Judgement(),
) -> list[Coding]:
    """Code a passage to themes and ideas; a coding that is there already is judged anew.

    Raises ``PermissionDenied`` without the right or the narrator's grant, ``ValidationError`` for a passage that is not
    there or speaks for nothing.
    """
    current = codable(user, story.pk)
    if current is None:
        raise PermissionDenied
    if not themes and not ideas:
        raise ValidationError(
            _("Say what the passage speaks for: choose a theme or an idea, or name a new one.")
        )
    highlight = highlight_of(current, block_id, span, user)
    codings = [judged(highlight, user, judgement, theme=theme) for theme in themes]
    codings += [judged(highlight, user, judgement, idea=idea) for idea in ideas]
    return codings


def highlight_of(story: StoryPage, block_id: str, span: Span, user: User) -> Highlight:
    """Return the highlight of a passage of the published wording, laid now if nobody has marked it before."""
    block = next((each for each in story.raw_body() if str(each.get("id")) == block_id), None)
    text = text_of(block) if block else ""
    span = trimmed(text, span.start, span.end)
    if span.start >= span.end:
        raise ValidationError(
            _("These words are no longer there. Open the story anew and choose the passage again.")
        )
    if span.end - span.start > LONGEST:
        raise ValidationError(_("This is too long for one passage. Choose the sentences that say it."))
    map_story(story.pk)
    coded, created = CodedBlock.objects.get_or_create(
        story=story, block_id=block_id, defaults={"text": text, "touchpoint_id": touchpoint_of(block)}
    )
    if not created and coded.text != text:
        coded.text = text
        coded.save(update_fields=["text"])
    found = Highlight.objects.filter(
        block=coded, start=span.start, end=span.end, revision=story.live_revision_id
    )
    known = found.exclude(exact="").first()
    if known is not None:
        return known
    selector = select(text, span)
    return Highlight.objects.create(
        block=coded, story=story, revision=story.live_revision_id, created_by=user, start=selector.start,
        end=selector.end, exact=selector.exact, prefix=selector.prefix, suffix=selector.suffix,
    )  # fmt: skip


def judged(
    highlight: Highlight,
    user: User,
    judgement: Judgement,
    theme: Theme | None = None,
    idea: Idea | None = None,
) -> Coding:
    """Return the coding of a passage to one theme or idea, with this judgement; the log names codes only."""
    coding, _created = Coding.objects.update_or_create(
        highlight=highlight,
        theme=theme,
        idea=idea,
        defaults={
            "valence": judgement.valence,
            "importance": judgement.importance,
            "memo": judgement.memo.strip(),
            "coder": user,
        },
        create_defaults={
            "valence": judgement.valence,
            "importance": judgement.importance,
            "memo": judgement.memo.strip(),
            "coder": user,
            "origin": judgement.origin,
        },
    )
    log(coding, "ideas.coded", user=user, data={"theme": theme and theme.pk, "idea": idea and idea.pk})
    return coding


@transaction.atomic
def uncode(*, user: User, coding: Coding) -> None:
    """Take a coding off; a passage without codings is marked no longer."""
    if codable(user, coding.highlight.story_id) is None:
        raise PermissionDenied
    log(coding, "ideas.uncoded", user=user, data={"theme": coding.theme_id, "idea": coding.idea_id})
    highlight = coding.highlight
    coding.delete()
    if not highlight.codings.exists():
        forget(highlight)
