"""Templates of consent texts: YAML files beside this module, and the rows made of them.

A file holds ``law``, ``scope``, ``language``, ``title`` and ``elements``; one about distribution also ``categories``,
each with its own ``title`` and with the elements that differ: every category becomes a document of its own.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from django.db import transaction

from consent.enums import Law, TextScope
from consent.models import ConsentText
from consent.texts.checking import compose, fill, unresolved
from consent.texts.operator import Source, operator

FOLDER = Path(__file__).parent / "files"
SLOT = ("law", "scope", "category", "language")


@dataclass(frozen=True, slots=True)
class Template:
    """One template, its placeholders not filled."""

    law: str
    scope: str
    category: str
    language: str
    title: str
    elements: Mapping[str, str]

    @property
    def slot(self) -> dict[str, str]:
        """What it is a version of."""
        return {name: getattr(self, name) for name in SLOT}

    def filled(self, source: Source = operator) -> dict[str, Any]:
        """Return title, elements and body with what is known of the company."""
        values = source(self.language)
        return composed(
            self.slot, fill(self.title, values), {k: fill(v, values) for k, v in self.elements.items()}
        )


def composed(slot: Mapping[str, str], title: str, elements: Mapping[str, str]) -> dict[str, Any]:
    """Return the fields of a row that say something."""
    body = compose(elements, law=slot["law"], scope=slot["scope"], language=slot["language"])
    return {"title": title, "elements": dict(elements), "body": body}


@cache
def templates() -> tuple[Template, ...]:
    """Return all templates, read once."""
    return tuple(each for file in sorted(FOLDER.glob("*.yaml")) for each in read(file))


def read(file: Path) -> Iterator[Template]:
    """Yield the templates of a file: one, or one for each of its categories."""
    data = yaml.safe_load(file.read_text(encoding="utf-8"))
    law, scope, language = Law(data["law"]), TextScope(data["scope"]), data["language"]
    for category, own in (data.get("categories") or {"": {}}).items():
        elements = {**data["elements"], **own.get("elements", {})}
        stripped = {key: str(text).strip() for key, text in elements.items()}
        yield Template(law.value, scope.value, category, language, own.get("title", data["title"]), stripped)


def template_for(slot: Mapping[str, str]) -> Template | None:
    """Return the template of a law, scope, category and language."""
    return next((each for each in templates() if each.slot == {name: slot[name] for name in SLOT}), None)


@transaction.atomic
def install_templates(source: Source = operator) -> int:
    """Put every template on a shelf that has no text yet, and fill gaps of templates that nobody has agreed to.

    Idempotent; a shelf with a text of its own is left alone, and so is every text that somebody has agreed to or a
    lawyer has read. ``source`` gives the values of a language's placeholders. Returns the number of rows written.
    """
    taken = set(ConsentText.objects.values_list(*SLOT))
    new = [each for each in templates() if tuple(each.slot.values()) not in taken]
    for template in new:
        ConsentText.objects.create(**template.slot, version=1, is_template=True, **template.filled(source))
    return len(new) + sum(
        fill_gaps(text, source) for text in ConsentText.objects.filter(is_template=True, consents=None)
    )


def fill_gaps(text: ConsentText, source: Source = operator) -> bool:
    """Fill the placeholders of a template whose values have become known; returns whether anything changed."""
    values = source(text.language)
    if not any(values.get(name) for name in unresolved(f"{text.title} {' '.join(text.elements.values())}")):
        return False
    slot = {name: getattr(text, name) for name in SLOT}
    elements = {key: fill(words, values) for key, words in text.elements.items()}
    for name, value in composed(slot, fill(text.title, values), elements).items():
        setattr(text, name, value)
    text.save()
    return True
