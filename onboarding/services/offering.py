"""“I would…”: a newcomer's own words become an idea, after she said yes.

Her mentor reads them and asks; marketers see them once she agreed. Words that repeat a client's story do not become an
idea: an idea would outlive the consent. Taking the yes back takes her words out of the idea too.
"""

from datetime import datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from club.models import User
from ideas.models import Idea
from ideas.services import thinking
from onboarding.enums import Asking, NoticeKind, Redaction, StepKind
from onboarding.models import AskedWords, VersionStory, Words
from onboarding.quoting import quoting
from onboarding.services.notices import tell
from stories.querysets import texts_to_look_for

TITLE = 140


def others() -> QuerySet[Words]:
    """Return what newcomers would have done instead; what repeats a story taken back is left out."""
    hidden = Q(quotations__state=Redaction.OPEN) | Q(quotations__state=Redaction.REMOVED)
    rows = Words.objects.filter(attempt__kind=StepKind.DECISION, field__startswith="other-").exclude(text="")
    return rows.exclude(hidden).select_related("attempt__enrolment__employee__user", "asking").order_by("-pk")


def own(user: User) -> QuerySet[Words]:
    """Return one's own."""
    return others().filter(attempt__enrolment__employee__user=user)


def to_read(user: User) -> QuerySet[Words]:
    """Return those one may read: of one's own newcomers, and for who notes ideas those that were agreed to."""
    mine = Q(attempt__enrolment__employee__mentor=user)
    if user.has_perm("ideas.add_idea"):
        mine |= Q(asking__state=Asking.AGREED)
    return others().filter(mine)


def is_mentor(words: Words, user: User) -> bool:
    """Whether somebody is the named mentor of who wrote it."""
    return bool(words.attempt.enrolment.employee.mentor_id == user.pk)


@transaction.atomic
def ask(words: Words, *, by: User, at: datetime | None = None) -> AskedWords:
    """Ask a newcomer whether her words may become an idea; asking twice asks once."""
    if not is_mentor(words, by):
        raise PermissionDenied
    now, row = at or timezone.now(), words.attempt.enrolment
    found, made = AskedWords.objects.get_or_create(words=words, defaults={"asked_by": by, "asked_at": now})
    if made:
        tell(NoticeKind.ASKED, f"asked:{words.pk}", recipient=row.employee.user, enrolment=row, at=now)
    return found


@transaction.atomic
def answer(words: Words, *, yes: bool, named: bool, by: User, at: datetime | None = None) -> AskedWords:
    """The newcomer says yes or no, asked or not; a no takes her words out of an idea that was made."""
    if words.attempt.enrolment.employee.user_id != by.pk:
        raise PermissionDenied
    now = at or timezone.now()
    found, _made = AskedWords.objects.select_for_update(of=("self",)).get_or_create(
        words=words, defaults={"asked_by": None, "asked_at": now}
    )
    found.state, found.named, found.answered_at = (
        Asking.AGREED if yes else Asking.DECLINED,
        yes and named,
        now,
    )
    found.save(update_fields=["state", "named", "answered_at"])
    if not yes and found.idea_id:
        take_out(found.idea_id, words)
    return found


def take_out(idea_id: int, words: Words) -> None:
    """Take a newcomer's words out of an idea; what others wrote into it stays."""
    for idea in Idea.objects.select_for_update(of=("self",)).filter(pk=idea_id):
        idea.statement = idea.statement.replace(words.text, "…")
        if idea.title == title_of(words.text):
            idea.title = _("An idea whose words were taken back")
        idea.save(update_fields=["statement", "title", "changed_at"])


@transaction.atomic
def make_idea(words: Words, *, by: User) -> Idea:
    """Make an idea of words that may become one: by the writer's mentor, or by who notes ideas. Once."""
    if not is_mentor(words, by) and not by.has_perm("ideas.add_idea"):
        raise PermissionDenied
    asked = AskedWords.objects.select_for_update(of=("self",)).filter(words=words).first()
    if asked is None or asked.state != Asking.AGREED:
        raise ValidationError(_("She has not said yes. Her words stay hers."))
    known = Idea.objects.filter(pk=asked.idea_id).first() if asked.idea_id else None
    if known is not None:
        return known
    if repeats_a_story(words):
        raise ValidationError(
            _("These words repeat the client's. Note the idea in your own, so that it can stand by itself.")
        )
    idea = thinking.note_for_another(
        user=by, title=title_of(words.text), statement=f"{words.text}\n\n{credit(asked)}"
    )
    asked.idea_id = idea.pk
    asked.save(update_fields=["idea_id"])
    return idea


def repeats_a_story(words: Words) -> bool:
    """Whether words share a run with a story of the module in which they were written."""
    rows = VersionStory.objects.filter(version__key=words.attempt.module_key).order_by()
    stories = set(rows.values_list("story_id", flat=True))
    return bool(quoting([(words.pk, words.text)], texts_to_look_for(stories).values()))


def title_of(text: str) -> str:
    """Return the first line of somebody's words, as short as a title."""
    line = " ".join(text.split())
    return line if len(line) <= TITLE else f"{line[: TITLE - 1].rstrip()}…"


def credit(asked: AskedWords) -> str:
    """Return whose words they are, as she wishes."""
    name = asked.words.attempt.enrolment.employee.name
    if asked.named and name:
        return _("From an answer of a newcomer, %(name)s.") % {"name": name}
    return _("From an answer of a newcomer.")
