"""The board of ideas: columns by state, each card with the people behind it. The same queries for 5 and 500 ideas."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone

from club.models import User
from ideas import charts
from ideas.enums import ASIDE, BOARD, MOVES, IdeaKind, IdeaState
from ideas.estimating import rounded
from ideas.models import Idea, LoopClosure
from ideas.querysets import Ground, Tree, ground, idea_marks, lost
from search.enums import FEW
from stories.querysets import Reader

COLUMN = 12
ORDERS = ("people", "new", "due")


class Row(NamedTuple):
    """What the board needs of an idea."""

    pk: int
    title: str
    kind: str
    state: str
    owner: int | None
    due: date | None
    merged_into: int | None
    moved_at: datetime | None
    evidence_lost_at: datetime | None


@dataclass(frozen=True, slots=True)
class Card:
    """One idea on the board."""

    pk: int
    title: str
    url: str
    kind: str
    state: str
    themes: list[str]
    people: int
    silent: int | None
    single: bool
    lost: bool
    owner: str
    due: date | None
    days: int | None
    told: Mapping[str, int] | None
    moves: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Asked:
    """The board's filters as the address gives them; what is not offered counts as not given."""

    kind: str = ""
    theme: int | None = None
    owner: int | None = None
    order: str = "people"
    whole: str = ""
    aside: bool = False

    @classmethod
    def of(cls, query: QueryDict) -> "Asked":
        """Read the filters from an address."""
        order, kind, whole = query.get("order", ""), query.get("kind", ""), query.get("all", "")
        return cls(
            kind=kind if kind in IdeaKind.values else "",
            theme=_number(query.get("theme", "")),
            owner=_number(query.get("owner", "")),
            order=order if order in ORDERS else "people",
            whole=whole if whole in IdeaState.values else "",
            aside="aside" in query,
        )


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None


def context(user: Reader, query: QueryDict) -> dict[str, Any]:
    """Return the context of the board."""
    asked, tree, here = Asked.of(query), Tree.load(), ground(user)
    rows = [Row(*row) for row in Idea.objects.order_by("-pk").values_list(
        "pk", "title", "kind", "state", "owner_id", "due", "merged_into_id", "moved_at", "evidence_lost_at"
    )]  # fmt: skip
    stories = stories_by_idea(rows, here)
    themes = themes_by_idea(tree)
    wanted = [row for row in rows if fits(row, asked, themes, tree)]
    ranked = sorted(wanted, key=lambda row: rank(row, asked.order, stories, here))
    states = ASIDE if asked.aside else BOARD
    columns: dict[str, list[Row]] = {state: [row for row in ranked if row.state == state] for state in states}
    cut = {state: each if asked.whole == state else each[:COLUMN] for state, each in columns.items()}
    shown = [row for each in cut.values() for row in each]
    draw = Drawer(user, here, tree, stories, themes, shown)
    owners: set[int | None] = {row.owner for row in rows if row.owner}
    counts = {state: sum(row.state == state for row in rows) for state in IdeaState}
    return {
        "asked": asked,
        "columns": [
            {
                "state": state,
                "label": IdeaState(state).label,
                "count": len(columns[state]),
                "cards": [draw.card(row) for row in cut[state]],
                "more": len(columns[state]) - len(cut[state]),
                "more_url": more_url(query, state),
            }
            for state in states
        ],
        "kinds": IdeaKind.choices,
        "themes": [(theme, depth) for theme, depth in tree.walk()],
        "owners": sorted(((pk, name) for pk, name in names(owners).items()), key=lambda each: each[1]),
        "total": sum(counts[state] for state in BOARD),
        "declined": counts[IdeaState.DECLINED],
        "parked": counts[IdeaState.PARKED],
        "merged": counts[IdeaState.MERGED],
        "funnel": funnel(counts),
    }


def more_url(query: QueryDict, state: str) -> str:
    """Return the address of the board with one column shown whole."""
    changed = query.copy()
    changed["all"] = state
    return f"{reverse('ideas:board')}?{changed.urlencode()}#column-{state}"


def stories_by_idea(rows: Sequence[Row], here: Ground) -> dict[int, set[int]]:
    """Return the stories behind each idea; those of merged ideas count for where they went."""
    into = {row.pk: row.merged_into for row in rows}
    found: dict[int, set[int]] = defaultdict(set)
    for mark in idea_marks(None, here):
        pk, seen = mark.target, set()
        while into.get(pk) is not None and pk not in seen:
            seen.add(pk)
            pk = into[pk] or pk
        found[pk].add(mark.story)
    return found


def themes_by_idea(tree: Tree) -> dict[int, list[int]]:
    """Return the standing themes of each idea."""
    found: dict[int, list[int]] = defaultdict(list)
    for idea, theme in Idea.themes.through.objects.order_by("pk").values_list("idea_id", "theme_id"):
        found[idea].append(tree.standing(tree.by_id[theme]).pk)
    return found


def fits(row: Row, asked: Asked, themes: Mapping[int, list[int]], tree: Tree) -> bool:
    """Whether an idea passes the filters."""
    if asked.kind and row.kind != asked.kind:
        return False
    if asked.owner and row.owner != asked.owner:
        return False
    if asked.theme and asked.theme in tree.by_id:
        family = {theme.pk for theme in tree.closure(tree.by_id[asked.theme])}
        return bool(family.intersection(themes.get(row.pk, ())))
    return True


def rank(row: Row, order: str, stories: Mapping[int, set[int]], here: Ground) -> tuple[Any, ...]:
    """Return where an idea comes in its column; numbers under five do not order, they would be given away."""
    if order == "due":
        return (row.due is None, row.due or date.max, -row.pk)
    people = len(here.people(stories.get(row.pk, ()))) if order == "people" else 0
    return (-people if people >= FEW else 0, -row.pk)


def names(people: set[int | None]) -> dict[int, str]:
    """Return what employees are called; the account's name where there is no other."""
    rows = (
        User.objects.filter(pk__in=[pk for pk in people if pk])
        .order_by()
        .values_list("pk", "first_name", "last_name", "username")
    )
    return {pk: f"{first} {last}".strip() or username for pk, first, last, username in rows}


def funnel(counts: Mapping[Any, int]) -> dict[str, Any]:
    """Return how many ideas got at least as far as each state, drawn and as rows."""
    rows = []
    for place, state in enumerate(BOARD):
        rows.append((str(state.label), sum(counts[each] for each in BOARD[place:])))
    return {
        "rows": rows,
        "drawing": charts.funnel(rows, ", ".join(f"{label}: {count}" for label, count in rows)),
    }


class Drawer:
    """Makes cards of rows; loads what only the shown ones need."""

    def __init__(
        self, user: Reader, here: Ground, tree: Tree, stories: Mapping[int, set[int]],
        themes: Mapping[int, list[int]], shown: Sequence[Row],
    ) -> None:  # fmt: skip
        self.here, self.tree, self.stories, self.themes = here, tree, stories, themes
        self.heard = here.heard()
        self.owners = names({row.owner for row in shown})
        ids = [row.pk for row in shown]
        self.lost = lost(ids)
        shipped = {
            row.pk: here.people(stories.get(row.pk, ())) for row in shown if row.state == IdeaState.SHIPPED
        }
        self.told = told(shipped)
        self.may_move = user.has_perm("ideas.change_idea")
        self.now = timezone.now()
        self.names = {state.value: str(state.label) for state in IdeaState}

    def card(self, row: Row) -> Card:
        """Return the card of one idea."""
        stories = self.stories.get(row.pk, set())
        people = len(self.here.people(stories))
        found = self.here.estimate(stories, self.heard) if people >= FEW else None
        moves = MOVES[row.state] if self.may_move else ()
        return Card(
            pk=row.pk,
            title=row.title,
            url=reverse("ideas:idea", args=[row.pk]),
            kind=str(IdeaKind(row.kind).label),
            state=row.state,
            themes=[self.tree.by_id[pk].label for pk in self.themes.get(row.pk, ())[:2]],
            people=people,
            silent=rounded(found.point) if found else None,
            single=bool(found and found.only),
            lost=row.pk in self.lost or row.evidence_lost_at is not None,
            owner=self.owners.get(row.owner or 0, ""),
            due=row.due,
            days=(self.now - row.moved_at).days if row.moved_at and row.state == IdeaState.NOTED else None,
            told=self.told.get(row.pk),
            moves=[(state.value, self.names[state]) for state in moves],
        )


def told(cited: Mapping[int, set[int]]) -> dict[int, dict[str, int]]:
    """Return for shipped ideas how many narrators there are to tell, were told, and what they said.

    Only those whose words still stand behind the idea count.
    """
    found: dict[int, dict[str, int]] = {}
    rows = LoopClosure.objects.filter(idea_id__in=list(cited)).order_by()
    for idea, member, told_at, verdict in rows.values_list("idea_id", "member_id", "told_at", "verdict"):
        if member not in cited[idea or 0]:
            continue
        counts = found.setdefault(idea, {"of": 0, "told": 0, "yes": 0, "partly": 0, "no": 0})
        counts["of"] += 1
        counts["told"] += told_at is not None
        if verdict:
            counts[verdict] += 1
    return found
