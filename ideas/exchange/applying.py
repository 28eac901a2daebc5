"""Doing what a plan says: in one transaction, so that nothing is half written."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from club.models import User
from club.permissions import require
from consent.enums import Purpose
from ideas.enums import IdeaKind, Origin, ThemeKind
from ideas.exchange.planning import Plan, Row
from ideas.exchange.records import FileRefused, nearest
from ideas.exchange.thoughts import Thought
from ideas.models import Idea, Theme
from ideas.services import thinking
from ideas.services.coding import Judgement, code
from ideas.services.indexing import ideas_changed
from ideas.texts import Span
from stories.models import StoryPage
from stories.querysets import visible


@dataclass(frozen=True, slots=True)
class Done:
    """How many themes were made, themes and ideas changed, passages coded, ideas noted."""

    made: int
    changed: int
    coded: int
    noted: int = 0


@transaction.atomic
def apply(*, user: User, plan: Plan, update: bool = False, step: Callable[[], object] = lambda: None) -> Done:
    """Import a file; ``update`` takes over what it says otherwise of themes that are here.

    Raises ``FileRefused`` where a theme or a coding is refused, and nothing is written then.
    """
    require(user, "ideas.add_theme")
    require(user, "ideas.change_theme")
    themes: list[Theme] = []
    made = changed = 0
    for row in plan.rows:
        parent = None if row.code.parent is None else themes[row.code.parent]
        if row.theme is None:
            themes.append(new_theme(user, row, parent))
            made += 1
        else:
            themes.append(row.theme)
            if update and row.changes:
                change(user, row, parent)
                changed += 1
        step()
    by_guid: dict[str, Theme | Idea] = {
        row.code.guid: theme for row, theme in zip(plan.rows, themes, strict=True) if row.code.guid
    }
    noted = 0
    for thought in plan.thoughts:
        if thought.idea is None:
            idea = new_idea(user, thought, by_guid)
            noted += 1
        else:
            idea = thought.idea
            if update and thought.changes:
                change_idea(user, thought.idea, thought)
                changed += 1
        by_guid |= {thought.code.guid: idea} if thought.code.guid else {}
        step()
    return Done(made, changed, code_passages(user, plan, by_guid, step), noted)


def new_idea(user: User, thought: Thought, themes: dict[str, Theme | Idea]) -> Idea:
    """Note an idea of a file; where it stood elsewhere is that house's decision, so it begins here as noted."""
    given = thought.code
    kind = given.idea if given.idea in IdeaKind.values else IdeaKind.SERVICE
    try:
        idea = thinking.note_idea(user=user, title=given.name, kind=kind, statement=given.description)
    except ValidationError as problem:
        raise FileRefused(f"{given.name[:60]}: {' '.join(problem.messages)}") from None
    idea.themes.set([theme for guid in given.themes if isinstance(theme := themes.get(guid), Theme)])
    return idea


def change_idea(user: User, idea: Idea, thought: Thought) -> None:
    """Take over what the file says otherwise."""
    require(user, "ideas.change_idea")
    for name, (_old, new) in thought.changes.items():
        setattr(idea, name, new)
    idea.save(update_fields=[*thought.changes, "changed_at"])
    log(idea, "wagtail.edit", user=user)
    ideas_changed([idea.pk])


def new_theme(user: User, row: Row, parent: Theme | None) -> Theme:
    """Make a theme of a code; its guid stays, so that the same file finds it again."""
    given = row.code
    theme = Theme(
        name_ru=given.name_ru, name_en=given.name_en, description=given.description, synonyms=given.synonyms,
        kind=given.kind or ThemeKind.NEED, parent=parent, owner=user,
    )  # fmt: skip
    if colour := nearest(given.colour):
        theme.colour = colour
    if given.guid and not Theme.objects.filter(guid=given.guid).exists():
        theme.guid = given.guid
    if given.slug and not Theme.objects.filter(slug=given.slug).exists():
        theme.slug = given.slug
    return kept(user, theme, "wagtail.create")


def change(user: User, row: Row, parent: Theme | None) -> None:
    """Take over what the file says otherwise."""
    theme = row.theme
    if theme is None:
        return
    for name, (_old, new) in row.changes.items():
        setattr(theme, name, parent if name == "parent" else new)
    kept(user, theme, "wagtail.edit")


def kept(user: User, theme: Theme, action: str) -> Theme:
    """Save a theme that is as a theme must be, and note it."""
    try:
        theme.full_clean(exclude=["slug"] if not theme.slug else [])
    except ValidationError as problem:
        raise FileRefused(f"{theme.label[:60]}: {' '.join(problem.messages)}") from None
    theme.save()
    log(theme, action, user=user)
    return theme


def code_passages(
    user: User, plan: Plan, targets: dict[str, Theme | Idea], step: Callable[[], object]
) -> int:
    """Code the passages that found their places."""
    stories: dict[int, StoryPage | None] = {}
    for each in plan.placed:
        if each.story not in stories:
            stories[each.story] = visible(user, Purpose.IDEAS).filter(pk=each.story).first()
        story = stories[each.story]
        if story is None:
            raise PermissionDenied
        judged = Judgement(
            each.judgement.valence, each.judgement.importance, each.judgement.memo, Origin.IMPORTED
        )
        target = targets[each.code]
        what: Any = {"themes": [target]} if isinstance(target, Theme) else {"ideas": [target]}
        try:
            code(
                user=user, story=story, block_id=each.block, span=Span(each.start, each.end), judgement=judged, **what
            )  # fmt: skip
        except ValidationError as problem:
            raise FileRefused(
                _("A passage was refused: %(why)s") % {"why": " ".join(problem.messages)}
            ) from None
        step()
    return len(plan.placed)
