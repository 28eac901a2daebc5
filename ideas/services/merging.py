"""Merging and splitting, always to be undone: nothing is moved that could not be told apart again."""

from collections.abc import Collection
from typing import TypeVar

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from club.models import User
from club.permissions import require
from ideas.enums import IdeaState
from ideas.models import Coding, Idea, Merge, Theme
from ideas.models.merges import MergeKind
from ideas.services.indexing import ideas_changed, themes_changed

Thing = TypeVar("Thing", Theme, Idea)


def locked(thing: Thing) -> Thing:
    """Return the row as it is now, kept from others until the transaction ends."""
    return type(thing).objects.select_for_update(of=("self",)).get(pk=thing.pk)


def check(thing: Thing, into: Thing) -> None:
    """Refuse to merge what is merged already, or into itself or into what is no longer there."""
    if thing.pk == into.pk:
        raise ValidationError(_("Nothing can be merged into itself."))
    if thing.merged_into_id or into.merged_into_id:
        raise ValidationError(_("One of the two has been merged already. Look at where it went."))


@transaction.atomic
def merge_themes(*, user: User, theme: Theme, into: Theme) -> Merge:
    """Let a theme go into another: its passages count there from now on, each person once."""
    require(user, "ideas.change_theme")
    theme, into = locked(theme), locked(into)
    check(theme, into)
    if theme.pk in ancestors(into):
        raise ValidationError(_("A theme cannot go into one that lies under it."))
    Theme.objects.filter(pk=theme.pk).update(merged_into=into)
    record = Merge.objects.create(theme=theme, into_theme=into, by=user)
    log(into, "ideas.merged", user=user, data={"from": theme.pk})
    themes_changed([theme.pk, into.pk])
    return record


def ancestors(theme: Theme) -> set[int]:
    """Return the ids of the themes above one."""
    found: set[int] = set()
    above = theme.parent
    while above is not None and above.pk not in found:
        found.add(above.pk)
        above = above.parent
    return found


@transaction.atomic
def merge_ideas(*, user: User, idea: Idea, into: Idea) -> Merge:
    """Let an idea go into another: evidence and voices of both count there, each person once."""
    require(user, "ideas.change_idea")
    idea, into = locked(idea), locked(into)
    check(idea, into)
    record = Merge.objects.create(idea=idea, into_idea=into, by=user, before={"state": idea.state})
    Idea.objects.filter(pk=idea.pk).update(merged_into=into, state=IdeaState.MERGED)
    log(into, "ideas.merged", user=user, data={"from": idea.pk})
    ideas_changed([idea.pk, into.pk])
    return record


@transaction.atomic
def split_theme(
    *, user: User, theme: Theme, codings: Collection[Coding], name_ru: str, name_en: str
) -> Merge:
    """Let some passages of a theme become a theme of their own beside it."""
    require(user, "ideas.change_theme")
    theme = locked(theme)
    ids = [coding.pk for coding in codings if coding.theme_id == theme.pk]
    if not ids:
        raise ValidationError(_("Choose the passages that make the new theme."))
    part = Theme(
        name_ru=name_ru,
        name_en=name_en,
        kind=theme.kind,
        colour=theme.colour,
        parent=theme.parent,
        owner=theme.owner,
    )
    part.full_clean(exclude=["slug"])
    part.save()
    Coding.objects.filter(pk__in=ids).update(theme=part)
    record = Merge.objects.create(
        kind=MergeKind.SPLIT, theme=part, into_theme=theme, by=user, before={"codings": ids}
    )
    log(theme, "ideas.split", user=user, data={"into": part.pk, "codings": ids})
    themes_changed([theme.pk, part.pk])
    return record


@transaction.atomic
def undo(*, user: User, record: Merge) -> Merge:
    """Take a merge or a split back: everything is as it was before it."""
    needed = "ideas.change_theme" if record.theme_id else "ideas.change_idea"
    require(user, needed)
    record = Merge.objects.select_for_update(of=("self",)).get(pk=record.pk)
    if record.undone_at:
        raise ValidationError(_("This has been undone already."))
    if record.kind == MergeKind.SPLIT:
        undo_split(record)
    elif record.theme_id:
        Theme.objects.filter(pk=record.theme_id or 0).update(merged_into=None)
    else:
        Idea.objects.filter(pk=record.idea_id or 0).update(merged_into=None, state=record.before["state"])
    record.undone_at, record.undone_by = timezone.now(), user
    record.save(update_fields=["undone_at", "undone_by"])
    log(record.into_theme or record.into_idea, "ideas.unmerged", user=user, data={"merge": record.pk})
    if record.theme_id:
        themes_changed([record.theme_id, record.into_theme_id or 0])
    else:
        ideas_changed([record.idea_id or 0, record.into_idea_id or 0])
    return record


def undo_split(record: Merge) -> None:
    """Give the passages back that still lie in the new theme; what was coded there since comes along by a merge."""
    part, whole = record.theme_id or 0, record.into_theme_id or 0
    taken = Coding.objects.filter(theme_id=whole).values("highlight_id")
    mine = Coding.objects.filter(pk__in=record.before["codings"], theme_id=part)
    mine.exclude(highlight_id__in=taken).update(theme_id=whole)
    Theme.objects.filter(pk=part).update(merged_into_id=whole)


def open_merges(*, theme: Theme | None = None, idea: Idea | None = None) -> list[Merge]:
    """Return the merges into a theme or idea that can be undone, newest first."""
    rows = Merge.objects.filter(undone_at=None).select_related("theme", "idea", "by")
    return list(rows.filter(into_theme=theme) if theme else rows.filter(into_idea=idea))
