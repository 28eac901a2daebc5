"""The company's answers on the stories they concern: written once at a theme, shown to every reader of its stories."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.urls import reverse

from consent.enums import Category, Purpose
from consent.expressions import IN_FORCE
from ideas.enums import STANDING
from stories.layers import Part
from stories.models.vocabulary import label_of

BETWEEN = "\x1f"  # parts the two names of a theme in one column
STATES = ", ".join(f"'{state.value}'" for state in STANDING)
# A merged theme's passages are answered by the one it went into; one step, as deep as merges usually go, in one query.
SQL = f"""
SELECT DISTINCT 'answer', t.id, t.slug, t.name_ru || '{BETWEEN}' || t.name_en, t.answer, 0 FROM ideas_highlight h
JOIN ideas_coding c ON c.highlight_id = h.id JOIN ideas_theme own ON own.id = c.theme_id
JOIN ideas_theme t ON t.id = COALESCE(own.merged_into_id, own.id)
JOIN wagtailcore_page p ON p.id = h.story_id JOIN stories_storypage s ON s.page_ptr_id = h.story_id
WHERE h.story_id = %s AND h.state IN ({STATES}) AND h.revision = p.live_revision_id AND t.answer <> ''
AND t.merged_into_id IS NULL AND EXISTS (SELECT 1 {IN_FORCE.format(member="s.member_id")})
"""  # noqa: S608 - constants only; values go as parameters


@dataclass(frozen=True, slots=True)
class Answer:
    """What the company answers to a theme that a story tells of."""

    label: str
    text: str
    url: str


def rows(pk: int, at: datetime) -> tuple[str, Sequence[Any]]:
    """Return SQL and parameters of the answers on one story, while its narrator lets it serve as evidence."""
    moment = connection.ops.adapt_datetimefield_value(at)
    return SQL, [pk, Purpose.IDEAS.value, Category.WORDS.value, moment, moment]


def made(pk: int, slug: str, names: str, text: str, order: int) -> Answer:
    """Return the answer of one row."""
    name_ru, _mark, name_en = names.partition(BETWEEN)
    return Answer(label_of(name_ru, name_en) or slug, text, reverse("ideas:theme", args=[slug]))


ANSWERS = Part("answer", rows, made)
