"""Doing what a plan says: in one transaction, so that nothing is half written."""

from collections.abc import Callable
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from club.models import User
from club.permissions import require
from consent.enums import Purpose
from ideas.enums import Origin, ThemeKind
from ideas.exchange.planning import Plan, Row
from ideas.exchange.records import FileRefused, nearest
from ideas.models import Theme
from ideas.services.coding import Judgement, code
from ideas.texts import Span
from stories.models import StoryPage
from stories.querysets import visible


@dataclass(frozen=True, slots=True)
class Done:
    """How many themes were made and changed, and how many passages coded."""

    made: int
    changed: int
    coded: int


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
    by_guid = {row.code.guid: theme for row, theme in zip(plan.rows, themes, strict=True) if row.code.guid}
    return Done(made, changed, code_passages(user, plan, by_guid, step))


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


def code_passages(user: User, plan: Plan, themes: dict[str, Theme], step: Callable[[], object]) -> int:
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
        try:
            code(
                user=user, story=story, block_id=each.block, span=Span(each.start, each.end),
                themes=[themes[each.code]], judgement=judged,
            )  # fmt: skip
        except ValidationError as problem:
            raise FileRefused(
                _("A passage was refused: %(why)s") % {"why": " ".join(problem.messages)}
            ) from None
        step()
    return len(plan.placed)
