"""What people do with themes and ideas: name, answer, note, move, decide, support, score, follow up."""

from collections.abc import Collection, Mapping
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from club.models import Member, User
from club.permissions import require
from ideas.enums import DECIDED, MOVES, Criterion, IdeaKind, IdeaState, ThemeKind, ThemeState
from ideas.models import Decision, EmpathyCard, FollowUp, Highlight, Idea, Score, Support, Theme
from ideas.models.approval import newest_card
from ideas.services import approving
from ideas.services.indexing import ideas_changed


@transaction.atomic
def name_theme(*, user: User, name: str, kind: str = ThemeKind.WEAKNESS) -> Theme:
    """Name a new theme in the language one works in; the one that has this name already is given back."""
    require(user, "ideas.add_theme")
    field = "name_en" if (get_language() or "").startswith("en") else "name_ru"
    known = Theme.objects.filter(**{f"{field}__iexact": name.strip()}, merged_into=None).first()
    if known is not None:
        return known
    theme = Theme(kind=kind, owner=user, **{field: name.strip()})
    theme.full_clean(exclude=["slug"])
    theme.save()
    log(theme, "wagtail.create", user=user)
    return theme


@transaction.atomic
def answer_theme(*, user: User, theme: Theme, answer: str) -> Theme:
    """Answer a theme once for everyone; an empty answer takes it back."""
    require(user, "ideas.change_theme")
    theme.answer = answer.strip()
    theme.answered_at = timezone.now() if theme.answer else None
    theme.state = ThemeState.ANSWERED if theme.answer else ThemeState.OPEN
    theme.save(update_fields=["answer", "answered_at", "state"])
    log(theme, "ideas.answered", user=user)
    return theme


@transaction.atomic
def note_idea(*, user: User, title: str, kind: str = IdeaKind.SERVICE, statement: str = "") -> Idea:
    """Note a new idea."""
    require(user, "ideas.add_idea")
    return note_for_another(user=user, title=title, kind=kind, statement=statement)


@transaction.atomic
def note_for_another(*, user: User, title: str, kind: str = IdeaKind.SERVICE, statement: str = "") -> Idea:
    """Note an idea that came up elsewhere; who calls it has made sure that this person may hand it in."""
    idea = Idea(
        title=title.strip(),
        kind=kind,
        statement=statement,
        created_by=user,
        owner=user,
        moved_at=timezone.now(),
    )
    idea.full_clean()
    idea.save()
    log(idea, "wagtail.create", user=user)
    ideas_changed([idea.pk])
    return idea


@transaction.atomic
def move_idea(*, user: User, idea: Idea, state: str) -> Idea:
    """Move an idea over the board to a state that needs no decision."""
    require(user, "ideas.change_idea")
    idea = Idea.objects.select_for_update(of=("self",)).get(pk=idea.pk)
    if state == idea.state:
        return idea
    if state in DECIDED:
        raise ValidationError(_("This needs a decision with its reason."))
    return _moved(user, idea, state)


def _moved(user: User, idea: Idea, state: str, reason: str = "") -> Idea:
    if state not in MOVES[idea.state]:
        raise ValidationError(
            _("From “%(old)s” an idea does not go to “%(new)s”.")
            % {"old": idea.get_state_display(), "new": IdeaState(state).label}
        )
    old = idea.state
    idea.state, idea.moved_at = state, timezone.now()
    idea.save(update_fields=["state", "moved_at", "changed_at"])
    approving.follow(user=user, idea=idea, old=old, reason=reason)
    log(idea, "ideas.moved", user=user, data={"from": old, "to": state})
    ideas_changed([idea.pk])
    return idea


def empathy_card(user: User, idea: Idea) -> EmpathyCard | None:
    """Return the newest card that this person filled in since the idea came to where it stands."""
    return newest_card(user, idea)


@transaction.atomic
def fill_card(
    *, user: User, idea: Idea, story_ids: Collection[int], answers: Mapping[str, str]
) -> EmpathyCard:
    """Keep what a decider answered after reading the stories."""
    require(user, "ideas.decide_idea")
    return EmpathyCard.objects.create(idea=idea, by=user, story_ids=list(story_ids), **answers)


@transaction.atomic
def decide(
    *, user: User, idea: Idea, state: str, reason: str, overrules: Collection[Highlight] = ()
) -> Decision:
    """Decide about an idea, with the reason and the passages that the decision overrules.

    Approving it needs an empathy card of the one who decides.
    """
    require(user, "ideas.decide_idea")
    idea = Idea.objects.select_for_update(of=("self",)).get(pk=idea.pk)
    if state not in DECIDED:
        raise ValidationError(_("This needs no decision: move the idea on the board."))
    if not reason.strip():
        raise ValidationError({"reason": _("Say why: the reason is what people ask for later.")})
    if state == IdeaState.PLANNED and empathy_card(user, idea) is None:
        raise ValidationError(
            _("Read the three stories first and fill in the card: imagine you are the client.")
        )
    _moved(user, idea, state, reason.strip())
    decision = Decision.objects.create(idea=idea, state=state, reason=reason.strip(), by=user)
    decision.overrules.set(overrules)
    idea.premortems.filter(decision=None).update(decision=decision)
    return decision


def approve(*, user: User, idea: Idea, reason: str) -> Decision:
    """Approve an idea from Wagtail's workflow: the same decision as on its own page."""
    return decide(user=user, idea=idea, state=IdeaState.PLANNED, reason=reason)


@transaction.atomic
def send_back(*, user: User, idea: Idea, reason: str) -> Idea:
    """Send an idea under review back to the noted ones, with the reason kept in its workflow."""
    require(user, "ideas.decide_idea")
    idea = Idea.objects.select_for_update(of=("self",)).get(pk=idea.pk)
    if idea.state != IdeaState.REVIEW:
        raise ValidationError(_("This idea is not under review."))
    approving.send_back(user=user, idea=idea, reason=reason)
    return _moved(user, idea, IdeaState.NOTED)


@transaction.atomic
def support(*, user: User, idea: Idea, member: Member | None = None) -> Support:
    """Give a voice to an idea: one's own, or a member's who asked for it."""
    require(user, "ideas.support_idea")
    if idea.state == IdeaState.MERGED:
        raise ValidationError(_("This idea was merged. Support the one it went into."))
    if member is None:
        found, _created = Support.objects.get_or_create(idea=idea, by=user, member=None)
    else:
        found, _created = Support.objects.get_or_create(idea=idea, member=member, defaults={"by": user})
    return found


@transaction.atomic
def take_back_support(*, user: User, idea: Idea) -> None:
    """Take one's own voice back."""
    Support.objects.filter(idea=idea, by=user, member=None).delete()


@transaction.atomic
def score(*, user: User, idea: Idea, values: Mapping[str, int | None]) -> None:
    """Keep what a person thinks of an idea by each criterion; None takes a mark back."""
    require(user, "ideas.score_idea")
    for criterion, value in values.items():
        rows = Score.objects.filter(idea=idea, by=user, criterion=Criterion(criterion))
        if value is None:
            rows.delete()
        else:
            Score.objects.update_or_create(
                idea=idea, by=user, criterion=Criterion(criterion), defaults={"value": value}
            )


@transaction.atomic
def promise(*, user: User, idea: Idea, text: str, owner: User | None, due: date) -> FollowUp:
    """Note what somebody will do about an idea."""
    require(user, "ideas.change_idea")
    task = FollowUp(idea=idea, text=text.strip(), owner=owner, due=due)
    task.full_clean()
    task.save()
    return task


@transaction.atomic
def finish(*, user: User, task: FollowUp) -> FollowUp:
    """Tick a follow-up off, or open it again."""
    if task.owner_id != user.pk:
        require(user, "ideas.change_idea")
    task.done_at = None if task.done_at else timezone.now()
    task.save(update_fields=["done_at"])
    return task
