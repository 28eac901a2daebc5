"""What an import would do: which codes are new, which are here, which say something else. Writes nothing."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from ideas.enums import Colour, ThemeKind
from ideas.exchange.placing import Left, Placed
from ideas.exchange.records import Book, Code, FileRefused, nearest
from ideas.exchange.thoughts import Thought, parted, standing, titles
from ideas.exchange.thoughts import matched as matched_ideas
from ideas.models import Coding, Idea, Theme
from ideas.querysets import Tree

Key = tuple[int, str, int, int, str]
NEW, SAME, DIFFERENT = "new", "same", "different"


@dataclass
class Row:
    """One code of a file beside the theme that it is; ``changes`` are (field, what stands here, what the file says)."""

    code: Code
    depth: int
    theme: Theme | None
    changes: dict[str, tuple[Any, Any]]

    @property
    def state(self) -> str:
        """Whether it is new, the same, or says something else."""
        return NEW if self.theme is None else DIFFERENT if self.changes else SAME

    @property
    def said(self) -> list[str]:
        """What the file says otherwise, in words."""
        return [words(name, old, new) for name, (old, new) in self.changes.items()]


@dataclass(frozen=True, slots=True)
class Plan:
    """What an import of a file would do."""

    rows: list[Row]
    placed: list[Placed]
    here: int
    left: list[Left]
    elsewhere: int
    notes: tuple[str, ...] = ()
    thoughts: list[Thought] = field(default_factory=list)

    def count(self, state: str) -> int:
        """Return how many codes are in a state."""
        return sum(row.state == state for row in self.rows)

    def thought_count(self, state: str) -> int:
        """Return how many ideas are in a state."""
        return sum(row.state == state for row in self.thoughts)

    @property
    def left_count(self) -> int:
        """Return how many passages find no place."""
        return self.elsewhere + sum(each.count for each in self.left)


def words(name: str, old: Any, new: Any) -> str:
    """Return a difference in words."""
    labels = {
        "name_ru": _("name"), "name_en": _("name"), "description": _("description"), "colour": _("colour"),
        "kind": _("what it is"), "synonyms": _("other words for it"), "parent": _("belongs under"),
    }  # fmt: skip
    choices = {"colour": Colour, "kind": ThemeKind}.get(name)
    if choices is not None:
        old, new = choices(old).label, choices(new).label
    if name == "parent":
        old, new = old.label if old else "—", new.label if isinstance(new, Theme) else new.code.label
    return f"{labels[name]}: {old or '—'} → {new or '—'}"


def rows_of(codes: Sequence[Code], tree: Tree) -> list[Row]:
    """Return every code with the theme that it is; raises ``FileRefused`` where the trees would make a ring."""
    rows = [Row(code, 0, theme, {}) for code, theme in zip(codes, matched(codes, tree), strict=True)]
    for row in rows:
        above = None if row.code.parent is None else rows[row.code.parent]
        row.depth = 0 if above is None else above.depth + 1
        if row.theme is not None:
            row.changes = differences(row.theme, row.code, above, tree)
    check_rings(rows, tree)
    return rows


def matched(codes: Sequence[Code], tree: Tree) -> list[Theme | None]:
    """Return the theme of each code: by guid, else by its name under the same parent, else alone of its name."""
    by_guid = {str(theme.guid): tree.standing(theme) for theme in tree.by_id.values()}
    found: list[Theme | None] = [by_guid.get(code.guid) for code in codes]
    taken = {theme.pk for theme in found if theme}
    for place, code in enumerate(codes):
        if found[place] is None:
            theme = by_name(code, found, tree, taken)
            if theme is not None:
                found[place] = theme
                taken.add(theme.pk)
    return found


def by_name(code: Code, found: Sequence[Theme | None], tree: Tree, taken: set[int]) -> Theme | None:
    """Return the theme of this name beside which the code stands."""
    if code.parent is not None:
        parent = found[code.parent]
        beside: Iterable[Theme] = tree.children(parent.pk) if parent else ()
        return next((theme for theme in beside if is_named(theme, code) and theme.pk not in taken), None)
    tops = [theme for theme in tree.children(None) if is_named(theme, code) and theme.pk not in taken]
    if tops:
        return tops[0]
    every = [theme for theme, _depth in tree.walk() if is_named(theme, code) and theme.pk not in taken]
    return every[0] if len(every) == 1 else None


def is_named(theme: Theme, code: Code) -> bool:
    """Whether a theme has one of a code's names."""
    return bool({theme.name_ru.casefold(), theme.name_en.casefold()}.intersection(code.names))


def differences(theme: Theme, code: Code, above: Row | None, tree: Tree) -> dict[str, tuple[Any, Any]]:
    """Return what a file says otherwise; what it does not say takes nothing from us."""
    says = {
        "name_ru": code.name_ru, "name_en": code.name_en, "description": code.description,
        "colour": nearest(code.colour), "kind": code.kind, "synonyms": code.synonyms,
    }  # fmt: skip
    found: dict[str, tuple[Any, Any]] = {
        name: (old, new) for name, new in says.items() if new and new != plain(old := getattr(theme, name))
    }
    if above is not None:
        mine = tree.standing(tree.by_id[theme.parent_id]) if theme.parent_id else None
        if above.theme is None or mine is None or above.theme.pk != mine.pk:
            found["parent"] = (mine, above.theme or above)
    return found


def plain(text: str) -> str:
    """Return a text as files hold it."""
    return text.replace("\r\n", "\n").strip()


def check_rings(rows: Sequence[Row], tree: Tree) -> None:
    """Refuse a file in which something would come to lie under itself together with what is here."""
    above: dict[object, object] = {
        theme.pk: tree.standing(tree.by_id[theme.parent_id]).pk if theme.parent_id else None
        for theme in tree.by_id.values()
    }
    places: list[object] = [row.theme.pk if row.theme else ("new", number) for number, row in enumerate(rows)]
    for row, own in zip(rows, places, strict=True):
        if row.theme is None or "parent" in row.changes:
            above[own] = None if row.code.parent is None else places[row.code.parent]
    for row, start in zip(rows, places, strict=True):
        seen: set[object] = set()
        place: object = start
        while place is not None:
            if place in seen:
                said = _(
                    "“%(name)s” would lie under itself: the file and our themes put it the other way round."
                )
                raise FileRefused(said % {"name": row.code.name[:60]})
            seen.add(place)
            place = above.get(place)


def plan(book: Book, placed: Sequence[Placed], left: Sequence[Left]) -> Plan:
    """Return what importing a file would do now."""
    tree, ideas = Tree.load(), Idea.objects.in_bulk()
    codes, wishes = parted(book.codes, titles(ideas))
    rows, thoughts = rows_of(codes, tree), matched_ideas(wishes, ideas)
    every: list[Row | Thought] = [*rows, *thoughts]
    by_guid = {row.code.guid: row for row in every if row.code.guid}
    known = [each for each in placed if each.code in by_guid]
    strange = len(placed) - len(known)
    lost = [
        *left,
        *([Left("", _("coded to what is not in the file's codebook"), strange)] if strange else []),
    ]
    here = already(known, by_guid, tree, ideas)
    fresh = [each for each in known if key(each, target(by_guid[each.code])) not in here]
    return Plan(rows, fresh, len(known) - len(fresh), lost, book.elsewhere, book.notes, thoughts)


def target(row: Row | Thought) -> str:
    """Return a name for the theme or idea of ours; empty for what is new."""
    if isinstance(row, Thought):
        return f"idea {row.idea.pk}" if row.idea else ""
    return f"theme {row.theme.pk}" if row.theme else ""


def key(each: Placed, name: str) -> Key:
    """Return what makes a coding the same coding."""
    return each.story, each.block, each.start, each.end, name


def already(
    placed: Sequence[Placed], by_guid: Mapping[str, Row | Thought], tree: Tree, ideas: dict[int, Idea]
) -> set[Key]:
    """Return the codings of these stories that are here; a person's judgement stays as it is."""
    if not any(target(by_guid[each.code]) for each in placed):
        return set()
    stories = sorted({each.story for each in placed})
    found = set()
    for start in range(0, len(stories), 200):
        rows = Coding.objects.filter(highlight__story_id__in=stories[start : start + 200])
        columns = (
            "highlight__story_id",
            "highlight__block__block_id",
            "highlight__start",
            "highlight__end",
            "theme_id",
            "idea_id",
        )
        for story, block, begin, end, theme, idea in rows.order_by().values_list(*columns):
            if theme:
                name = f"theme {tree.standing(tree.by_id[theme]).pk}"
            else:
                name = f"idea {standing(ideas, ideas[idea]).pk}"
            found.add((story, block, begin, end, name))
    return found
