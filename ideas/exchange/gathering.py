"""What may leave now: the codebook, which is the company's own, and coded passages through the gate."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from django.utils import timezone

from club.models import Stratum, User
from consent.enums import Purpose
from ideas.exchange.records import Code, line, prose
from ideas.exchange.thoughts import standing
from ideas.models import Coding, Highlight, Idea, Theme
from ideas.querysets import Ground, Mark, Tree, ground, idea_marks, theme_marks
from ideas.texts import texts
from stories.cards import CardRow, card_rows
from stories.importing.records import BY_SLUG
from stories.models import StoryPage, Touchpoint
from stories.querysets import visible

CHUNK = 200
GAP = "\n\n"  # between two blocks of a story's text


def codes(tree: Tree | None = None) -> list[Code]:
    """Return the themes that stand as codes, parents before their children."""
    found: list[Code] = []
    above: list[int] = []
    for theme, depth in (tree or Tree.load()).walk():
        del above[depth:]
        found.append(code_of(theme, above[-1] if above else None))
        above.append(len(found) - 1)
    return found


def code_of(theme: Theme, parent: int | None) -> Code:
    """Return a theme as a code."""
    russian, english = line(theme.name_ru), line(theme.name_en)
    return Code(
        guid=str(theme.guid), name_ru=russian, name_en=english or ("" if russian else theme.slug), parent=parent,
        description=prose(theme.description), colour=theme.colour, kind=theme.kind, synonyms=prose(theme.synonyms),
        slug=theme.slug,
    )  # fmt: skip


class Place(NamedTuple):
    """Where a highlight lies and what it says."""

    pk: int
    block: str
    start: int
    end: int
    exact: str
    prefix: str
    suffix: str


@dataclass(frozen=True, slots=True)
class Cited:
    """One coding of a passage that may leave. ``theme`` or ``idea`` is what stands now where others were merged."""

    coding: int
    story: int
    place: Place
    valence: int
    importance: int
    touchpoint: int | None
    memo: str
    at: datetime
    coder: int | None
    theme: Theme | None = None
    idea: Idea | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """What a file says of a story and its teller: what every reader may see."""

    external_id: str
    title: str
    slug: str
    language: str
    persona: str
    code: str
    day: date | None
    stratum: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything that may leave at a moment."""

    here: Ground
    tree: Tree
    cited: list[Cited]
    told: dict[int, Told]
    touchpoints: dict[int, str]
    ideas: list[Idea]

    @property
    def members(self) -> list[int]:
        """Return the members whose words are in it."""
        return sorted(self.here.people(self.told))


def gather(user: User, at: datetime | None = None) -> Evidence:
    """Return the codings whose passages may serve this person as evidence now."""
    at = at or timezone.now()
    here, tree = ground(user, at), Tree.load()
    by_theme = [
        (mark, tree.standing(tree.by_id[mark.target]), None) for mark in theme_marks(tree.by_id, here)
    ]
    ideas = Idea.objects.prefetch_related("themes").order_by("pk").in_bulk()
    by_idea = [(mark, None, standing(ideas, ideas[mark.target])) for mark in idea_marks(None, here)]
    every: list[tuple[Mark, Theme | None, Idea | None]] = [*by_theme, *by_idea]
    rows = (
        card_rows(user, Purpose.IDEAS, sorted({mark.story for mark, _theme, _idea in every}), at)
        if every
        else []
    )
    told = told_of(rows, here)
    cited = list(citations([each for each in every if each[0].story in told]))
    places = Touchpoint.objects.filter(pk__in={each.touchpoint for each in cited if each.touchpoint})
    stand = [idea for idea in ideas.values() if not idea.merged_into_id]
    return Evidence(here, tree, cited, told, {word.pk: word.label for word in places}, stand)


def told_of(rows: Sequence[CardRow], here: Ground) -> dict[int, Told]:
    """Return the stories of cards."""
    strata = {stratum.pk: stratum.name for stratum in Stratum.objects.all()}
    return {
        row.pk: Told(
            row.external_id or f"{BY_SLUG}{row.slug}", row.title, row.slug, row.language, row.persona, row.code,
            here.stories[row.pk].day, strata.get(here.stories[row.pk].stratum or 0, ""),
        )
        for row in rows
    }  # fmt: skip


def citations(every: Sequence[tuple[Mark, Theme | None, Idea | None]]) -> Iterator[Cited]:
    """Yield codings with their words, each passage once for what it speaks for."""
    codings = more_of(
        Coding.objects.all(), {mark.pk for mark, _theme, _idea in every}, "memo", "at", "coder_id"
    )
    columns = ("block__block_id", "start", "end", "exact", "prefix", "suffix")
    places = more_of(Highlight.objects.all(), {mark.highlight for mark, _theme, _idea in every}, *columns)
    seen: set[tuple[int, int | None, int | None]] = set()
    for mark, theme, idea in sorted(every, key=lambda each: (each[0].story, each[0].highlight, each[0].pk)):
        key = (mark.highlight, theme.pk if theme else None, idea.pk if idea else None)
        if key in seen or mark.pk not in codings or mark.highlight not in places:
            continue
        seen.add(key)
        memo, moment, coder = codings[mark.pk]
        yield Cited(
            mark.pk, mark.story, Place(mark.highlight, *places[mark.highlight]), mark.valence, mark.importance,
            mark.touchpoint, memo, moment, coder, theme, idea,
        )  # fmt: skip


def more_of(rows: Any, ids: set[int], *columns: str) -> dict[int, tuple[Any, ...]]:
    """Return columns by id, asked for in chunks that every database takes."""
    wanted = sorted(ids)
    found: dict[int, tuple[Any, ...]] = {}
    for start in range(0, len(wanted), CHUNK):
        chunk = rows.filter(pk__in=wanted[start : start + CHUNK]).order_by()
        found |= {pk: rest for pk, *rest in chunk.values_list("pk", *columns)}
    return found


@dataclass(frozen=True, slots=True)
class Text:
    """A story's codable text as one document: its blocks one after the other, and where each begins."""

    story: StoryPage
    text: str
    starts: dict[str, int]

    def block_at(self, start: int, end: int) -> tuple[str, int] | None:
        """Return the block that holds a passage, and where it begins; None for one over several blocks."""
        blocks = list(self.starts.items())
        for number, (block, begins) in enumerate(blocks):
            last = blocks[number + 1][1] - len(GAP) if number + 1 < len(blocks) else len(self.text)
            if begins <= start and end <= last:
                return block, begins
        return None


def story_text(story: StoryPage) -> Text:
    """Return the text of a story as one document."""
    found = texts(story.raw_body())
    starts, at = {}, 0
    for block, text in found.items():
        starts[block] = at
        at += len(text) + len(GAP)
    return Text(story, GAP.join(found.values()), starts)


def story_texts(user: User, ids: Sequence[int], at: datetime | None = None) -> Iterator[Text]:
    """Yield the texts of those stories that may serve this person as evidence at this moment."""
    at = at or timezone.now()
    wanted = sorted(ids)
    for start in range(0, len(wanted), CHUNK):
        found = visible(user, Purpose.IDEAS, at).filter(pk__in=wanted[start : start + CHUNK])
        for story in found.order_by("pk"):
            yield story_text(story)
