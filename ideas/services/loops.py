"""Closing the loop: whose words were used is told what became of them, by a person, and says whether it is right."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override
from wagtail.log_actions import log

from club.models import Member, User
from club.permissions import require
from consent.enums import Purpose
from ideas.enums import Verdict
from ideas.models import Idea, LoopClosure, Theme
from ideas.querysets import Tree, ground, idea_marks, theme_marks
from stories.querysets import visible


@transaction.atomic
def open_loop(*, user: User, idea: Idea | None = None, theme: Theme | None = None) -> int:
    """Write a note for the host of every member whose passage is cited; returns how many there are.

    Nothing is sent: a person passes it on. A note that was passed on stays as it is.
    """
    here = ground(user)
    if theme is not None:
        tree = Tree.load()
        ids = [each.pk for each in tree.closure(tree.by_id[theme.pk])]
        marks = theme_marks(ids, here)
    else:
        marks = idea_marks(family(idea), here) if idea else []
    members = here.people({mark.story for mark in marks})
    for member in Member.objects.filter(pk__in=members):
        LoopClosure.objects.get_or_create(
            idea=idea, theme=theme, member=member, defaults={"draft": draft(member, idea, theme)}
        )
    return len(members)


def family(idea: Idea, direct: Collection[int] | None = None) -> list[int]:
    """Return the ids of an idea and of all that was merged into it; ``direct`` are those merged right into it."""
    found, fresh = {idea.pk}, {idea.pk} if direct is None else set(direct)
    while fresh:
        found |= fresh
        fresh = set(Idea.objects.filter(merged_into_id__in=fresh).values_list("pk", flat=True)) - found
    return sorted(found)


def draft(member: Member, idea: Idea | None, theme: Theme | None) -> str:
    """Return the note in the member's language; her host writes it anew in her own way."""
    with override(member.language):
        if theme is not None:
            text = _(
                "You told us about this: %(theme)s. Thank you: because of you and others we have answered it. "
                "%(answer)s Is this what you meant?"
            )
            return text % {"theme": theme.label, "answer": theme.answer}
        title = idea.title if idea else ""
        return _(
            "Something you told us has led to a change: %(idea)s. It is there now. Is this what you meant?"
        ) % {"idea": title}


def closure_for(user: User, pk: int) -> LoopClosure | None:
    """Return a note whose member still lets her words serve as evidence, and whom this person may speak with."""
    row = LoopClosure.objects.select_related("member", "idea", "theme").filter(pk=pk).first()
    if row is None or not visible(user, Purpose.IDEAS).filter(member_id=row.member_id).exists():
        return None
    return row


@transaction.atomic
def note(*, user: User, closure: LoopClosure, verdict: str, at: datetime) -> LoopClosure:
    """Keep that a member was told, and what she said if she said something."""
    require(user, "club.view_member")
    if closure.told_at is None:
        closure.told_at, closure.told_by = at, user
    if verdict in Verdict.values:
        closure.verdict, closure.verdict_at = verdict, at
    closure.save(update_fields=["told_at", "told_by", "verdict", "verdict_at"])
    log(closure, "ideas.told", user=user)
    return closure
