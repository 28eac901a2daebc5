"""Measuring what needs no data of an install: do highlights stay in their places, do intervals hold?"""

import random
import time
from typing import Any

from ideas import edit_benchmark, simulating
from ideas.mapping import Changes

SEEDS = (11, 12, 13)
LETTERS, PASSAGES = 4000, 50


def anchors() -> dict[str, Any]:
    """Return the edit benchmark for three seeds, and the CPU milliseconds of mapping 50 passages of one story."""
    runs = {str(seed): edit_benchmark.run(1000, seed).as_dict() for seed in SEEDS}
    return {"edits": runs, "publish_with_50_highlights_ms": publish_ms()}


def publish_ms() -> float:
    """Return the CPU milliseconds of carrying 50 passages of 4,000 characters over 3 to 10 edits, the worst of ten."""
    chance, worst = random.Random(7), 0.0  # noqa: S311 - an experiment, no secret
    for number in range(10):
        words = edit_benchmark.RU if number % 2 else edit_benchmark.EN
        old = edit_benchmark.invented(words, chance, LETTERS)
        sheet = edit_benchmark.Sheet.of(old)
        for _edit in range(chance.randint(3, 10)):
            chance.choice(edit_benchmark.edits(words))(sheet, chance)
        marked = [edit_benchmark.passage(old, chance) for _ in range(PASSAGES)]
        began = time.process_time()
        changes = Changes(old, sheet.text)
        for span in marked:
            changes.carry(span)
        worst = max(worst, (time.process_time() - began) * 1000)
    return round(worst, 1)


def intervals() -> dict[str, float]:
    """Return how often the 95 % interval covers the truth in 2,000 clubs of each world."""
    return {name: round(share, 4) for name, share in simulating.run(2000).items()}
