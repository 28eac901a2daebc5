"""A person's answer to a proposal: yes, it is coded; no, it is remembered."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from club.models import User
from ideas.enums import Importance, Origin
from ideas.models import Coding, Refusal, Theme
from ideas.proposing import digest_of
from ideas.services.coding import Judgement, codable, code
from ideas.texts import Span, texts
from stories.models import StoryPage


@transaction.atomic
def accept(
    *, user: User, story: StoryPage, block_id: str, span: Span, theme: Theme, like: Coding | None
) -> Coding:
    """Code a passage as proposed; the feeling is taken over from the passage it is like, the origin is kept."""
    judgement = Judgement(like.valence if like else 0, Importance.USEFUL, "", Origin.SUGGESTED)
    [coding] = code(user=user, story=story, block_id=block_id, span=span, themes=[theme], judgement=judgement)
    return coding


@transaction.atomic
def refuse(*, user: User, story: StoryPage, block_id: str, span: Span, theme: Theme) -> Refusal:
    """Remember that a passage does not speak for a theme; no words are kept."""
    current = codable(user, story.pk)
    if current is None:
        raise PermissionDenied
    words = texts(current.raw_body()).get(block_id, "")[span.start : span.end]
    if not words.strip() or len(words) != span.end - span.start:
        raise ValidationError(
            _("These words are no longer there. Open the story anew and choose the passage again.")
        )
    refusal, _created = Refusal.objects.get_or_create(
        theme=theme,
        story=current,
        block_id=block_id,
        digest=digest_of(words),
        defaults={"start": span.start, "end": span.end, "by": user},
    )
    log(refusal, "ideas.refused", user=user, data={"theme": theme.pk})
    return refusal
