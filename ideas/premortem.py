"""A pre-mortem by archive: whose episodes a planned change touches, and which anti-patterns it repeats.

Candidates come from the search engine (sentence by sentence of the plan) and from coded passages that are like it; all
of them pass the gate twice, as evidence and as reading. Which side somebody is on is read from what the plan does and
how the episode ended:

=================  =======================  ==========================
the sentence       the episode was bad      the episode was good
=================  =======================  ==========================
gives or repairs   would please             would hurt: they praise how it is
takes or limits    would hurt still more    would hurt: they lose it
=================  =======================  ==========================

An episode without a feeling is shown apart: read and judge.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils import timezone

from club.models import Stratum, User
from consent.enums import Purpose
from consent.expressions import Granted
from ideas import antipatterns
from ideas.antipatterns import AntiPattern
from ideas.enums import Direction, Side
from ideas.likeness import rarity, stems_of
from ideas.models import Premortem, Theme
from ideas.proposing import learnt
from ideas.querysets import ground, pairs
from ideas.texts import sentences, text_of
from search import analysis
from search.services import Query, search
from stories.cards import StoryCard, card, card_rows
from stories.enums import BlockKind
from stories.models import StoryPage, Touchpoint
from stories.querysets import Reader, visible

SENTENCES = 6  # of a plan are asked one by one
PER_SENTENCE = 20
FROM_CODINGS = 20
STORIES = 60
EPISODES = 24
PER_STORY = 2
# What an episode must share with the plan: cosine of weighted stems, and stems.
NEAR, COMMON = 0.08, 2
THEMES, THEME_NEAR = 6, 0.1
PATTERN_STORIES = 60
PATTERN_QUOTES = 3
EXCERPT = 420


@dataclass(frozen=True, slots=True)
class Block:
    """One episode, narrative or quotation of a story: its text, and how it ended (−1, 0, 1; None: not said)."""

    story: int
    block: str
    text: str
    tone: int | None
    feeling: int | None
    place: int | None


@dataclass(frozen=True, slots=True)
class Pick:
    """A reference to an episode and the side it was found on."""

    story: int
    block: str
    side: str
    pattern: str = ""


@dataclass(frozen=True, slots=True)
class Touched:
    """An episode as the page shows it."""

    words: str
    feeling: int | None
    place: str
    card: StoryCard
    url: str


@dataclass(frozen=True, slots=True)
class Group:
    """One side: the people counted once, their strata, their episodes."""

    side: str
    label: str
    people: int
    strata: list[dict[str, Any]]
    episodes: list[Touched]


@dataclass(frozen=True, slots=True)
class Repeated:
    """An anti-pattern that the plan repeats, with those who have lived through it."""

    label: str
    why: str
    sentence: str
    people: int
    quotes: list[Touched]


@dataclass(frozen=True, slots=True)
class Outcome:
    """All that the archive says to a plan."""

    groups: list[Group]
    patterns: list[Repeated]
    themes: list[tuple[Theme, int]]
    picks: list[Pick]
    people: int
    gone: bool = False


@dataclass(slots=True)
class Archive:
    """Stories that this reader may meet as evidence and may read, loaded as they are asked for."""

    user: Reader
    at: datetime = field(default_factory=timezone.now)
    stories: dict[int, StoryPage] = field(default_factory=dict)
    asked: set[int] = field(default_factory=set)

    def load(self, ids: Iterable[int]) -> dict[int, StoryPage]:
        """Return those of the stories that pass the gate now; one query."""
        wanted = set(ids)
        if fresh := wanted - self.asked:
            self.asked |= fresh
            rows = visible(self.user, Purpose.IDEAS, self.at).filter(
                Granted("member_id", Purpose.READ, self.at), pk__in=fresh
            )
            self.stories |= {story.pk: story for story in rows.select_related("member").order_by()}
        return {pk: self.stories[pk] for pk in wanted if pk in self.stories}

    def blocks(self, ids: Iterable[int]) -> list[Block]:
        """Return the texts of stories, block by block."""
        return [
            block_of(pk, raw)
            for pk, story in sorted(self.load(ids).items())
            for raw in story.raw_body()
            if raw.get("id") and text_of(raw)
        ]


def block_of(story: int, raw: Mapping[str, Any]) -> Block:
    """Return a block with what its narrator said of how it ended."""
    value = raw["value"] if raw["type"] == BlockKind.EPISODE else {}
    feeling, loyalty = value.get("feeling"), value.get("loyalty")
    said = loyalty or feeling
    tone = None if said is None else (said > 0) - (said < 0)
    return Block(story, str(raw["id"]), text_of(raw), tone, feeling, value.get("touchpoint"))


def plan_sentences(change: str) -> list[str]:
    """Return the sentences of a plan."""
    return [change[each.start : each.end] for each in sentences(change)]


def taking(sentence: str, direction: str) -> bool:
    """Whether a sentence takes something, as its writer says or as its words do."""
    return antipatterns.takes(sentence) if direction == Direction.AUTO else direction == Direction.TAKES


def examine(user: User, change: str, direction: str = Direction.AUTO) -> Outcome:
    """Return what the archive says to a planned change, for this reader at this moment."""
    archive, plan = Archive(user), plan_sentences(change)
    here = ground(user)
    told = learnt(user, here)
    found = Counter(asked(user, plan))
    guesses = []
    if told.marks:
        vector = told.likeness.vector(stems_of(change))
        guesses = told.likeness.guess(stems_of(change), limit=THEMES, floor=THEME_NEAR)
        alike = sorted(told.likeness.alike(vector).items(), key=lambda pair: -pair[1])[:FROM_CODINGS]
        for index, near in alike:
            if near >= NEAR:
                found[told.marks[told.likeness.examples[index].key].story] += 1
    places = named_places(change)
    for place in places.values():
        found.update(at_place(user, place))
    blocks = archive.blocks(pk for pk, _n in found.most_common(STORIES))
    picks = sided(nearest(plan, blocks, places), direction)
    lived = lived_through(user, archive, plan, direction)
    by_theme = pairs(here) if guesses else {}
    themes = [
        (
            told.tree.by_id[each.theme],
            len(here.people(theme_stories(told.tree, told.tree.by_id[each.theme], by_theme))),
        )
        for each in guesses
    ]
    return drawn(archive, change, direction, [*picks, *lived], themes)


def theme_stories(tree: Any, theme: Theme, by_theme: Mapping[int, set[int]]) -> set[int]:
    """Return the stories that speak for a theme and all under it."""
    return set().union(*(by_theme.get(each.pk, set()) for each in tree.closure(theme)))


def asked(user: User, plan: Sequence[str]) -> Iterable[int]:
    """Yield ids of stories that the search engine finds for the longest sentences of a plan."""
    for sentence in sorted(plan, key=len, reverse=True)[:SENTENCES]:
        yield from ids_for(user, " ".join(stems_in_order(sentence)), PER_SENTENCE)


def stems_in_order(sentence: str) -> list[str]:
    """Return the words of a sentence that say something, in order: no sign in a plan is a command to the search."""
    return [word for word in analysis.words(sentence) if not analysis.is_stop(word)]


def ids_for(user: User, text: str, size: int) -> list[int]:
    """Return the ids of stories found for a text, as evidence only."""
    if not text:
        return []
    query = Query(text, kinds=("story",), size=size, purpose=Purpose.IDEAS, literal=True)
    return [hit.object_id for hit in search(user, query).hits]


def named_places(change: str) -> dict[int, Touchpoint]:
    """Return the touchpoints that a plan names, in either language."""
    wanted = stems_of(change).keys()
    return {
        place.pk: place
        for place in Touchpoint.objects.all()
        if wanted & stems_of(f"{place.name_ru} {place.name_en}").keys()
    }


def at_place(user: User, place: Touchpoint) -> list[int]:
    """Return the ids of stories told of a touchpoint, the newest."""
    query = Query(
        filters={"touchpoint": (place.slug,)}, kinds=("story",), size=STORIES, purpose=Purpose.IDEAS
    )
    return [hit.object_id for hit in search(user, query).hits]


def nearest(
    plan: Sequence[str], blocks: Sequence[Block], places: Mapping[int, Touchpoint]
) -> list[tuple[Block, str]]:
    """Return the blocks that share most with a plan, the nearest first, each with the sentence nearest to it.

    A touchpoint that the plan names counts as words of every episode that happened there.
    """
    stems = [stems_at(block, places) for block in blocks]
    # The candidates were found by the words of the plan, so these are common among them: none may come to nothing.
    rare = {stem: 1 + tells for stem, tells in rarity(stems).items()}
    wanted = stems_of(" ".join(plan))
    asked = {stem: rare[stem] for stem in wanted if stem in rare}
    length = math.sqrt(sum(weight * weight for weight in asked.values())) or 1.0
    scored: list[tuple[float, int]] = []
    for place, own in enumerate(stems):
        common = asked.keys() & own.keys()
        near = sum(asked[stem] ** 2 for stem in common) / length / lengthen(own, rare)
        if len(common) >= COMMON and near >= NEAR:
            scored.append((near, place))
    chosen: list[tuple[Block, str]] = []
    per_story: Counter[int] = Counter()
    for _near, place in sorted(scored, key=lambda each: (-each[0], each[1])):
        block = blocks[place]
        if per_story[block.story] < PER_STORY and len(chosen) < EPISODES:
            chosen.append((block, sentence_for(plan, stems[place].keys(), rare)))
            per_story[block.story] += 1
    return chosen


def stems_at(block: Block, places: Mapping[int, Touchpoint]) -> Counter[str]:
    """Return the stems of a block, with the names of the touchpoint where it happened."""
    place = places.get(block.place or 0)
    return stems_of(f"{block.text} {place.name_ru} {place.name_en}" if place else block.text)


def sentence_for(plan: Sequence[str], own: Collection[str], rare: Mapping[str, float]) -> str:
    """Return the sentence of a plan that a block shares most with."""
    return max(plan, key=lambda sentence: sum(rare[stem] for stem in stems_of(sentence) if stem in own))


def lengthen(stems: Mapping[str, int], rare: Mapping[str, float]) -> float:
    """Return the length of a text's weights, its stems counted once."""
    return math.sqrt(sum(rare[stem] ** 2 for stem in stems)) or 1.0


def sided(found: Sequence[tuple[Block, str]], direction: str) -> list[Pick]:
    """Return each episode on its side."""
    return [
        Pick(block.story, block.block, side_of(block.tone, taking(sentence, direction)))
        for block, sentence in found
    ]


def side_of(tone: int | None, takes: bool) -> str:
    """Return on which side an episode is; the table at the top of this module."""
    if not tone:
        return Side.OPEN
    return Side.PLEASE if tone < 0 and not takes else Side.HURT


def lived_through(user: User, archive: Archive, plan: Sequence[str], direction: str) -> list[Pick]:
    """Return the episodes of people who have lived through a pattern that the plan repeats."""
    shown = repeated(plan, direction)
    patterns = [each.pattern for each in shown]
    if not patterns:
        return []
    ids: set[int] = set()
    for pattern in patterns:
        for group in antipatterns.TOLD[pattern][:1]:
            ids |= set(ids_for(user, group, PATTERN_STORIES))
    picks = []
    for block in archive.blocks(ids):
        if block.tone is not None and block.tone > 0:
            continue
        said = [block.text[each.start : each.end] for each in sentences(block.text)]
        picks += [
            Pick(block.story, block.block, Side.HURT, pattern.value)
            for pattern in antipatterns.told(said, patterns)
        ]
    return picks


def repeated(plan: Sequence[str], direction: str) -> list[antipatterns.Shown]:
    """Return the anti-patterns of a plan."""
    return antipatterns.planned(plan, taking=any(taking(each, direction) for each in plan))


def replay(user: User, kept: Premortem) -> Outcome:
    """Return a kept pre-mortem as it may be shown now: what was taken back since then is not in it."""
    rows = kept.findings.values_list("story_id", "block_id", "side", "pattern")
    return drawn(Archive(user), kept.change, kept.direction, [Pick(*row) for row in rows], [])


def drawn(
    archive: Archive,
    change: str,
    direction: str,
    picks: Sequence[Pick],
    themes: list[tuple[Theme, int]],
) -> Outcome:
    """Return the outcome of picks: people counted once, episodes with the sentences nearest to the plan."""
    plan = plan_sentences(change)
    ids = {pick.story for pick in picks}
    blocks = {(block.story, block.block): block for block in archive.blocks(ids)}
    standing = [pick for pick in picks if (pick.story, pick.block) in blocks]
    stories = archive.load(ids)
    cards = {row.pk: card(row) for row in card_rows(archive.user, Purpose.IDEAS, list(stories), archive.at)}
    places = Touchpoint.objects.in_bulk({block.place for block in blocks.values() if block.place})

    def touched(pick: Pick) -> Touched:
        block = blocks[pick.story, pick.block]
        place = places.get(block.place or 0)
        words = (
            pattern_words(block.text, AntiPattern(pick.pattern))
            if pick.pattern
            else excerpt(block.text, plan)
        )
        url = f"{cards[pick.story].url}#{pick.block}"
        return Touched(words, block.feeling, place.label if place else "", cards[pick.story], url)

    people = {pk: story.member_id for pk, story in stories.items()}
    strata = Stratum.objects.in_bulk() if stories else {}
    own = [pick for pick in standing if not pick.pattern]
    groups = []
    for side in (Side.HURT, Side.PLEASE, Side.OPEN):
        mine = [pick for pick in own if pick.side == side]
        if mine:
            members = {people[pick.story] for pick in mine}
            groups.append(
                Group(
                    side.value, str(side.label), len(members), strata_of(mine, stories, strata),
                    [touched(pick) for pick in mine],
                )
            )  # fmt: skip
    patterns = []
    for shown in repeated(plan, direction):
        mine = [pick for pick in standing if pick.pattern == shown.pattern]
        members = {people[pick.story] for pick in mine}
        patterns.append(
            Repeated(
                str(shown.pattern.label), str(antipatterns.WHY[shown.pattern]), shown.words, len(members),
                [touched(pick) for pick in one_each(mine, people)[:PATTERN_QUOTES]],
            )
        )  # fmt: skip
    everyone = {people[pick.story] for pick in standing}
    return Outcome(groups, patterns, themes, list(picks), len(everyone), gone=len(standing) < len(picks))


def one_each(picks: Sequence[Pick], people: Mapping[int, int]) -> list[Pick]:
    """Return one episode of each member."""
    seen: set[int] = set()
    return [
        pick
        for pick in picks
        if not (people[pick.story] in seen or seen.add(people[pick.story]))  # type: ignore[func-returns-value]
    ]


def strata_of(
    picks: Sequence[Pick], stories: Mapping[int, StoryPage], strata: Mapping[int, Stratum]
) -> list[dict[str, Any]]:
    """Return the strata of the people of one side, each person once, the largest first."""
    members: dict[int, set[int]] = defaultdict(set)
    for pick in picks:
        member = stories[pick.story].member
        if member.stratum_id:
            members[member.stratum_id].add(member.pk)
    rows = [{"name": strata[pk].name, "people": len(each)} for pk, each in members.items() if pk in strata]
    return sorted(rows, key=lambda row: (-row["people"], row["name"]))


def excerpt(text: str, plan: Sequence[str]) -> str:
    """Return the part of an episode nearest to a plan: its best sentence with those after it, within measure."""
    spans = sentences(text)
    if not spans:
        return text[:EXCERPT]
    wanted = stems_of(" ".join(plan)).keys()
    shared = [len(wanted & stems_of(text[span.start : span.end]).keys()) for span in spans]
    first = max(range(len(spans)), key=lambda place: (shared[place], -place))
    last = first
    while last + 1 < len(spans) and spans[last + 1].end - spans[first].start <= EXCERPT:
        last += 1
    while first and spans[last].end - spans[first - 1].start <= EXCERPT:
        first -= 1
    return text[spans[first].start : spans[last].end]


def pattern_words(text: str, pattern: AntiPattern) -> str:
    """Return the sentence of an episode that shows a pattern, with the one after it."""
    spans = sentences(text)
    said = [text[span.start : span.end] for span in spans]
    place = antipatterns.told(said, [pattern]).get(pattern, 0)
    return text[spans[place].start : spans[min(place + 1, len(spans) - 1)].end] if spans else text[:EXCERPT]
