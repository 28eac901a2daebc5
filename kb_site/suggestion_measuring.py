"""How well themes are proposed: every story is left out once, and its code is guessed from all the others.

A code is the one tag of a story, as the importer makes it of the column ``issue``. Two sets are measured: the stories
as they came, where a few codes hold most of them, and an *even* one, of at most ``EVEN`` stories a code and of codes
with ``LEAST`` or more, in which naming the most frequent codes is worth little. The baseline names the three most
frequent codes of the whole set, the story's own among them: a little more than it could know.

``precision_at_3`` is the share of right codes among three named; as a story has one code it is at most a third.
``found_at_3`` is the share of stories whose code is among the three.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from consent.enums import Purpose
from ideas.likeness import LIMIT, Example, Likeness, stems_of
from kb_site.measuring import reader
from stories.models import StoryPage
from stories.querysets import visible

FEWEST_OF_A_CODE = 10
EVEN, LEAST = 40, 30
STORIES, CODES = 500, 10

Progress = Callable[[Iterable[Example]], Iterable[Example]]


def measure_suggestions(progress: Progress = iter) -> dict[str, Any]:
    """Return the figures of both sets; ``LookupError`` if there are too few coded stories to say anything."""
    examples = coded_stories()
    natural = with_codes_of(examples, FEWEST_OF_A_CODE)
    if len(natural) < STORIES or len({each.theme for each in natural}) < CODES:
        raise LookupError(
            f"{len(natural)} stories with one tag that {FEWEST_OF_A_CODE} or more share; {STORIES} stories and "
            f"{CODES} tags are needed. Import narratives with the column `issue` first."
        )
    return {
        "even": figures(even(examples), progress),
        "as_they_came": figures(natural, progress),
    }


def coded_stories() -> list[Example]:
    """Return the stories that have one tag, with the words of their body: a title may name the tag."""
    stories = visible(reader(), Purpose.READ).order_by("pk")
    tags: dict[int, list[int]] = defaultdict(list)
    through = StoryPage.tagged_items.rel.related_model.objects.order_by()
    for story, tag in through.values_list("content_object_id", "tag_id"):
        tags[story].append(tag)
    return [
        Example(pk, tags[pk][0], stems_of(text))
        for pk, text in stories.values_list("pk", "plain_text")
        if len(tags[pk]) == 1
    ]


def with_codes_of(examples: Sequence[Example], least: int) -> list[Example]:
    """Return the examples of codes that have enough of them."""
    counts = Counter(each.theme for each in examples)
    return [each for each in examples if counts[each.theme] >= least]


def even(examples: Sequence[Example]) -> list[Example]:
    """Return at most so many of every frequent code, the first ones."""
    taken: Counter[int] = Counter()
    chosen = []
    for each in with_codes_of(examples, LEAST):
        if taken[each.theme] < EVEN:
            taken[each.theme] += 1
            chosen.append(each)
    return chosen


def figures(examples: Sequence[Example], progress: Progress) -> dict[str, Any]:
    """Return the figures of one set."""
    likeness, counts = Likeness(examples), Counter(each.theme for each in examples)
    first = among = 0
    by_code: Counter[int] = Counter()
    for place, each in enumerate(progress(examples)):
        codes = [guess.theme for guess in likeness.guess(each.stems, without=(place,))]
        first += codes[:1] == [each.theme]
        among += each.theme in codes
        by_code[each.theme] += each.theme in codes
    total, base = len(examples), sum(count for _code, count in counts.most_common(LIMIT))
    return {
        "stories": total,
        "codes": len(counts),
        "precision_at_1": round(first / total, 3),
        "precision_at_3": round(among / total / LIMIT, 3),
        "found_at_3": round(among / total, 3),
        "baseline_precision_at_3": round(base / total / LIMIT, 3),
        "baseline_found_at_3": round(base / total, 3),
        "times_baseline": round(among / base, 2),
        "found_at_3_mean_of_codes": round(
            sum(by_code[code] / counts[code] for code in counts) / len(counts), 3
        ),
    }


def as_table(report: dict[str, Any]) -> str:
    """Return both sets side by side."""
    names = list(report)
    lines = [f"{'':<28}" + "".join(f"{name.replace('_', ' '):>16}" for name in names)]
    for row in report[names[0]]:
        lines.append(f"{row.replace('_', ' '):<28}" + "".join(f"{report[name][row]!s:>16}" for name in names))
    return "\n".join(lines)
