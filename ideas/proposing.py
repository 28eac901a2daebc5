"""Themes proposed for passages that nobody has coded yet, each with the coded passage that it is like.

Learnt, with every reading, from the codings that stand as evidence for this reader at this moment. A person accepts or
refuses; nothing is coded here.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from club.models import User
from consent.enums import Purpose
from ideas.enums import STANDING
from ideas.likeness import Example, Guess, Likeness, stems_of
from ideas.models import CodedBlock, Coding, Refusal, Theme
from ideas.passages import Passage, shown
from ideas.querysets import MARK, Ground, Mark, Tree, ground
from ideas.texts import Span, sentences, texts
from stories.models import StoryPage
from stories.querysets import visible

LEARNT = 1200  # codings that are looked at, the newest
REFUSED = 300  # refusals that are looked at, the newest
SHOWN = 6
SHORTEST = 25  # characters of a passage that is worth a proposal
LONGEST = 400
FLOOR = 0.12  # how near a theme must lie to be proposed
# How like a coded passage a passage must be, and how much the stems that they share must tell, in stems that occur
# once only: common words meet by chance. Chosen on the stories of the demonstration.
ALIKE, TELLING = 0.23, 1.25
AROUND, LEAST_AROUND = 150, 20  # blocks of coded stories that show which words are common


@dataclass(frozen=True, slots=True)
class Candidate:
    """A passage with the theme it may speak for."""

    block: str
    span: Span
    words: str
    guess: Guess


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a person is asked: does this passage speak for this theme, as that one does?"""

    block: str
    start: int
    end: int
    words: str
    theme: Theme
    like: Passage


@dataclass(frozen=True, slots=True)
class Learnt:
    """What people said so far: examples with the mark and the stems behind each, and the themes as they stand."""

    likeness: Likeness
    marks: Mapping[int, Mark]
    stems: Mapping[int, Collection[str]]
    tree: Tree


def digest_of(words: str) -> str:
    """Return what tells words from other words without holding them."""
    return hashlib.blake2b(words.encode(), digest_size=16).hexdigest()


def proposals(user: User, story: StoryPage) -> list[Proposal]:
    """Return proposals for a story that came through the gate for ideas, in the order of its text."""
    here = ground(user)
    told = learnt(user, here)
    if not told.marks:
        return []
    blocks = texts(story.raw_body())
    chosen = best(candidates(blocks, told, taken(story), refused_here(story)))
    likes = {
        passage.coding: passage for passage in shown(user, [told.marks[each.guess.like] for each in chosen])
    }
    order = {block: place for place, block in enumerate(blocks)}
    chosen.sort(key=lambda each: (order[each.block], each.span.start))
    return [
        Proposal(
            each.block, each.span.start, each.span.end, each.words,
            told.tree.by_id[each.guess.theme], likes[each.guess.like],
        )
        for each in chosen
        if each.guess.like in likes
    ]  # fmt: skip


def learnt(user: User, here: Ground) -> Learnt:
    """Return what can be learnt from standing codings of themes and from refusals."""
    tree = Tree.load()
    rows = (
        Coding.objects.filter(theme__isnull=False, highlight__state__in=STANDING)
        .order_by("-pk")
        .values_list(*MARK[:4], "theme_id", *MARK[4:], "highlight__exact")[:LEARNT]
    )
    marks, examples = {}, []
    for *columns, exact in rows:
        mark = Mark(*columns)
        if here.stands(mark):
            marks[mark.pk] = mark
            theme = tree.standing(tree.by_id[mark.target]).pk
            examples.append(Example(mark.pk, theme, stems_of(exact)))
    stems = {each.key: each.stems.keys() for each in examples}
    if not examples:
        return Learnt(Likeness([]), marks, stems, tree)
    return Learnt(Likeness(examples, refused(user, tree), around(marks)), marks, stems, tree)


def around(marks: Mapping[int, Mark]) -> list[Counter[str]]:
    """Return the sentences beside the newest coded passages, as stems; where much is coded, that shows it already."""
    most = max(LEAST_AROUND, AROUND - len(marks) // 8)
    newest = {marks[pk].highlight for pk in sorted(marks, reverse=True)[: 4 * most]}
    blocks = CodedBlock.objects.filter(highlights__in=newest).order_by("-pk")
    said = blocks.distinct().values_list("text", flat=True)[:most]
    return [stems_of(text[span.start : span.end]) for text in said for span in sentences(text)]


def refused(user: User, tree: Tree) -> list[Example]:
    """Return refused passages whose words still read so, of stories that may serve as evidence now."""
    rows = list(Refusal.objects.order_by("-pk")[:REFUSED])
    if not rows:
        return []
    stories = visible(user, Purpose.IDEAS).filter(pk__in={row.story_id for row in rows}).order_by()
    blocks = {story.pk: texts(story.raw_body()) for story in stories.only("pk", "body")}
    found = []
    for row in rows:
        words = blocks.get(row.story_id, {}).get(row.block_id, "")[row.start : row.end]
        if words and digest_of(words) == row.digest:
            theme = tree.standing(tree.by_id[row.theme_id]).pk
            found.append(Example(row.pk, theme, stems_of(words)))
    return found


def refused_here(story: StoryPage) -> set[tuple[int, str]]:
    """Return what was refused for passages of this story: theme and digest of the words."""
    return set(Refusal.objects.filter(story_id=story.pk).order_by().values_list("theme_id", "digest"))


def taken(story: StoryPage) -> dict[str, list[Span]]:
    """Return the passages of a published story that are coded already, by block."""
    rows = Coding.objects.filter(
        highlight__story_id=story.pk,
        highlight__revision=story.live_revision_id,
        highlight__state__in=STANDING,
    )
    found: dict[str, list[Span]] = defaultdict(list)
    columns = rows.order_by().values_list("highlight__block__block_id", "highlight__start", "highlight__end")
    for block, start, end in columns.distinct():
        found[block].append(Span(start, end))
    return found


def windows(text: str) -> list[Span]:
    """Return what may be a passage: sentences, and neighbours of one paragraph together."""
    single = sentences(text)
    double = [
        Span(one.start, other.end)
        for one, other in pairwise(single)
        if "\n" not in text[one.end : other.start]
    ]
    return [each for each in (*single, *double) if SHORTEST <= each.end - each.start <= LONGEST]


def candidates(
    blocks: Mapping[str, str],
    told: Learnt,
    coded: Mapping[str, Sequence[Span]],
    no: Collection[tuple[int, str]],
) -> Iterable[Candidate]:
    """Yield every passage that is like a coded one, with the theme nearest to it that nobody has refused for it."""
    for block, text in blocks.items():
        for span in windows(text):
            if any(meet(span, other) for other in coded.get(block, ())):
                continue
            words = text[span.start : span.end]
            stems, digest = stems_of(words), digest_of(words)
            for guess in told.likeness.guess(stems, floor=FLOOR):
                common = stems.keys() & set(told.stems[guess.like])
                telling = told.likeness.telling(common)
                if guess.alike >= ALIKE and telling >= TELLING and (guess.theme, digest) not in no:
                    yield Candidate(block, span, words, guess)
                    break


def best(found: Iterable[Candidate]) -> list[Candidate]:
    """Return the surest candidates that do not lie over each other."""
    chosen: list[Candidate] = []
    for each in sorted(found, key=lambda one: (-one.guess.score - one.guess.alike, one.span.start)):
        if len(chosen) == SHOWN:
            break
        if not any(each.block == other.block and meet(each.span, other.span) for other in chosen):
            chosen.append(each)
    return chosen


def meet(one: Span, other: Span) -> bool:
    """Whether two passages share a character."""
    return one.start < other.end and other.start < one.end
