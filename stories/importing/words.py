"""Words that stories carry, tags, touchpoints, product lines: codes made of names, rows where missing."""

import hashlib
import re
from collections.abc import Container, Iterable, Sequence
from typing import NamedTuple

from django.db.models import Max

from stories.models import ProductLine, Tag, Touchpoint
from stories.slugs import LONGEST, latin

CODE = re.compile(r"[-a-z0-9_]{1,60}")
LONGEST_NAME = 120


class Word(NamedTuple):
    """A word of a vocabulary: its code, and the name to give it if it is new."""

    slug: str
    name: str


def word(text: str, known: Container[str] = ()) -> Word:
    """Return the word that a text means: ``hot-water`` by its code, “Hot water” by its name.

    ``known`` are codes that exist, whatever they look like.
    """
    if text in known or CODE.fullmatch(text):
        return Word(
            text, text.replace("-", " ").replace("_", " ").strip().capitalize()[:LONGEST_NAME] or text
        )
    slug = latin(text)
    # A digest tells apart what was cut or has no Latin spelling: two names never share a code.
    if not slug or len(slug) >= LONGEST - 1:
        tail = hashlib.sha256(text.casefold().encode()).hexdigest()[:8]
        slug = f"{slug[: LONGEST - 9]}-{tail}".lstrip("-")
    return Word(slug, text[:LONGEST_NAME])


class Words:
    """The vocabularies while an import runs: ids by code. New words are made only when rows are written."""

    def __init__(self) -> None:
        self.made: list[str] = []
        self.load()

    def load(self) -> None:
        """Read what the database holds; again after a transaction failed."""
        self.tags = dict(Tag.objects.order_by().values_list("slug", "pk"))
        self.touchpoints = dict(Touchpoint.objects.order_by().values_list("slug", "pk"))
        self.product_lines = dict(ProductLine.objects.order_by().values_list("slug", "pk"))

    def ensure(
        self, *, tags: Iterable[Word], touchpoints: Iterable[Word], product_lines: Iterable[Word]
    ) -> None:
        """Make the words that are not there yet, in the caller's transaction."""
        for word in self._new(tags, self.tags):
            self.tags[word.slug] = Tag.objects.create(
                slug=word.slug, name=word.slug, name_ru=word.name, name_en=word.name
            ).pk
        for word in self._new(touchpoints, self.touchpoints):
            last = Touchpoint.objects.aggregate(last=Max("order"))["last"] or 0
            created = Touchpoint.objects.create(
                slug=word.slug, name_ru=word.name, name_en=word.name, order=last + 1
            )
            self.touchpoints[word.slug] = created.pk
        for word in self._new(product_lines, self.product_lines):
            created_line = ProductLine.objects.create(slug=word.slug, name_ru=word.name, name_en=word.name)
            self.product_lines[word.slug] = created_line.pk

    def _new(self, wanted: Iterable[Word], known: dict[str, int]) -> Sequence[Word]:
        found = {word.slug: word for word in wanted if word.slug not in known}
        self.made += found
        return list(found.values())
