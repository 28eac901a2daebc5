"""Composing a text from its elements, and saying what is missing from it."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from consent.models import ConsentText
from consent.texts.requirements import Element, elements_of, mentions_of

PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
# An element of fewer letters says nothing.
SHORTEST = 10


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one element (``""`` for the text as a whole), in a sentence that names the article."""

    key: str
    message: str


def fill(text: str, values: Mapping[str, str]) -> str:
    """Put values in the place of ``{placeholders}``; what has no value stays as it is."""
    return PLACEHOLDER.sub(lambda found: values.get(found[1]) or found[0], text)


def unresolved(text: str) -> list[str]:
    """Return the placeholders that are left in a text, each once."""
    return list(dict.fromkeys(PLACEHOLDER.findall(text)))


def compose(elements: Mapping[str, str], *, law: str, scope: str, language: str) -> str:
    """Return the body: every element under its heading, numbered, in the order of the law."""
    parts = []
    for number, element in enumerate(elements_of(law, scope), start=1):
        words, heading = elements.get(element.key, "").strip(), element.headings[language]
        parts.append(f"{number}. {heading}\n{words}" if heading else words)
    return "\n\n".join(parts)


def check(elements: Mapping[str, str], *, law: str, scope: str, category: str = "") -> Iterator[Problem]:
    """Yield what the law asks for and the elements do not say."""
    for element in elements_of(law, scope):
        yield from check_element(element, elements.get(element.key, ""), category)


def check_element(element: Element, text: str, category: str) -> Iterator[Problem]:
    """Yield what one element does not say."""
    text = text.strip()
    if len(text) < SHORTEST:
        message = (
            _("“%(element)s” is missing: %(article)s asks for it.")
            if element.article
            else _("Write the text.")
        )
        yield Problem(element.key, message % {"element": element.label, "article": element.article})
        return
    for mention in mentions_of(element, category):
        if not mention.is_in(text):
            message = _("“%(element)s” must name %(what)s: %(article)s asks for it.")
            values = {"element": element.label, "what": mention.label, "article": element.article}
            yield Problem(element.key, message % values)
    if left := unresolved(text):
        message = _("“%(element)s” still has a gap: %(gaps)s. Write in its place what belongs there.")
        yield Problem(
            element.key, message % {"element": element.label, "gaps": ", ".join(f"{{{gap}}}" for gap in left)}
        )


def problems(text: ConsentText) -> list[Problem]:
    """Return what keeps people from agreeing to a text; one without elements is only looked through for gaps."""
    if text.elements:
        return list(check(text.elements, law=text.law, scope=text.scope, category=text.category))
    gaps = ", ".join(f"{{{gap}}}" for gap in unresolved(f"{text.title} {text.body}"))
    return [Problem("", _("The text still has a gap: %(gaps)s.") % {"gaps": gaps})] if gaps else []
