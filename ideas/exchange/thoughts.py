"""Ideas in projects: codes under one code “Ideas”, so that their passages travel as those of themes do.

The title of an idea is the code's name, its statement the description, its themes are links from code to code. A file
says which codes are ideas in our own note about them, or by the guid of the code that holds them; other programs keep
the one or the other. One that gives new guids is known by the name of that code, if an idea of ours is under it.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any
from xml.etree.ElementTree import Element, SubElement

from django.utils.translation import gettext as _
from django.utils.translation import override

from ideas.enums import IdeaKind
from ideas.exchange.records import Code, line, named, prose
from ideas.models import Idea

HOLDER = named("folder", "ideas")
FOLDER = "folder"  # what our note calls the code that holds ideas
LANGUAGES = ("ru", "en")


def guid(idea: Idea) -> str:
    """Return the guid of an idea: a number and the moment it was noted are the same in no other house."""
    return named("idea", f"{idea.pk}@{idea.created_at.isoformat()}")


def standing(ideas: dict[int, Idea], idea: Idea) -> Idea:
    """Return the idea that a merged one went into at last."""
    while idea.merged_into_id:
        idea = ideas[idea.merged_into_id]
    return idea


# Writing


def put(codes: Element, ideas: Sequence[Idea]) -> None:
    """Write ideas as codes under one that is for nothing else."""
    if not ideas:
        return
    made = {"guid": HOLDER, "name": _("Ideas"), "isCodable": "false"}
    holder = SubElement(codes, "Code", made)
    for idea in ideas:
        name = line(idea.title)
        code = SubElement(holder, "Code", {"guid": guid(idea), "name": name, "isCodable": "true"})
        if statement := prose(idea.statement):
            SubElement(code, "Description").text = statement


def put_links(root: Element, ideas: Sequence[Idea]) -> None:
    """Write which themes each idea is about."""
    pairs = [(idea, theme) for idea in ideas for theme in idea.themes.all() if theme.merged_into_id is None]
    holder = SubElement(root, "Links") if pairs else None
    for idea, theme in pairs:
        said = {
            "guid": named("link", f"{guid(idea)}:{theme.guid}"), "name": "theme", "direction": "OneWay",
            "originGUID": guid(idea), "targetGUID": str(theme.guid),
        }  # fmt: skip
        if holder is not None:
            SubElement(holder, "Link", said)


def extras(ideas: Sequence[Idea]) -> list[dict[str, str]]:
    """Return what the schema has no place for."""
    own = [{"guid": guid(idea), "idea": idea.kind} for idea in ideas]
    return [{"guid": HOLDER, "idea": FOLDER}, *own] if own else []


# Reading


@dataclass
class Thought:
    """One idea of a file beside ours; ``changes`` are (field, what stands here, what the file says)."""

    code: Code
    idea: Idea | None
    changes: dict[str, tuple[Any, Any]]

    @property
    def state(self) -> str:
        """Whether it is new, the same, or says something else."""
        return "new" if self.idea is None else "different" if self.changes else "same"

    @property
    def said(self) -> list[str]:
        """What the file says otherwise, in words."""
        labels = {"title": _("idea"), "statement": _("what we would do")}
        return [f"{labels[name]}: {old or '—'} → {new}" for name, (old, new) in self.changes.items()]


def parted(codes: Sequence[Code], titles: Collection[str]) -> tuple[list[Code], list[Code]]:
    """Return the codes that are themes, their parents' places set anew, and those that are ideas."""
    holders = {place for place, code in enumerate(codes) if is_holder(place, code, codes, titles)}
    mine = {
        place
        for place, code in enumerate(codes)
        if code.idea in IdeaKind.values or (code.parent in holders and place not in holders)
    }
    places: dict[int, int] = {}
    themes: list[Code] = []
    for place, code in enumerate(codes):
        if place not in mine and place not in holders:
            places[place] = len(themes)
            above = None if code.parent is None else places.get(code.parent)
            themes.append(replace(code, parent=above))
    return themes, [codes[place] for place in sorted(mine)]


def is_holder(place: int, code: Code, codes: Sequence[Code], titles: Collection[str]) -> bool:
    """Whether a code of a file holds ideas."""
    if code.idea == FOLDER or code.guid == HOLDER:
        return True
    if code.parent is not None or not names().intersection(code.names):
        return False
    return any(each.parent == place and each.name.casefold() in titles for each in codes)


def names() -> set[str]:
    """Return what the code of ideas is called in files of ours."""
    found = set()
    for language in LANGUAGES:
        with override(language):
            found.add(_("Ideas").casefold())
    return found


def matched(codes: Sequence[Code], ideas: dict[int, Idea]) -> list[Thought]:
    """Return every idea of a file with ours: by guid, else alone of its title."""
    by_guid = {guid(idea): standing(ideas, idea) for idea in ideas.values()}
    found = [by_guid.get(code.guid) for code in codes]
    taken = {idea.pk for idea in found if idea}
    rows = []
    for code, known in zip(codes, found, strict=True):
        same = [
            idea
            for idea in ideas.values()
            if not idea.merged_into_id
            and idea.pk not in taken
            and line(idea.title).casefold() == code.name.casefold()
        ]
        idea = known or (same[0] if len(same) == 1 else None)
        if idea is not None:
            taken.add(idea.pk)
        rows.append(Thought(code, idea, differences(idea, code) if idea else {}))
    return rows


def differences(idea: Idea, code: Code) -> dict[str, tuple[Any, Any]]:
    """Return what a file says otherwise; what it does not say takes nothing from us."""
    says = {"title": (line(idea.title), code.name), "statement": (prose(idea.statement), code.description)}
    return {name: (old, new) for name, (old, new) in says.items() if new and new != old}


def titles(ideas: dict[int, Idea]) -> set[str]:
    """Return the titles of standing ideas, folded."""
    return {line(idea.title).casefold() for idea in ideas.values() if not idea.merged_into_id}
