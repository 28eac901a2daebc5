"""HTML that the editor can open: Wagtail's converter stops with an error at markup it does not expect."""

import re
from functools import cache

from wagtail.admin.rich_text.converters.contentstate import ContentstateConverter

from stories.blocks import NARRATIVE_FEATURES
from stories.sanitising import clean
from stories.services.capturing import paragraphs
from stories.wording import plain

EMPTY_ELEMENT = re.compile(r"<(br|hr)>")
# What needs no trial: paragraphs of text, as most imports have.
SIMPLE = re.compile(r"(?:<p>[^<]*(?:<br/>[^<]*)*</p>\s*)+")
INNER = re.compile(
    r"(<(li|blockquote)>)\s*<p>((?:(?!</?(?:li|blockquote|ul|ol)\b).)*)</p>\s*(</\2>|<[uo]l>)", re.DOTALL
)
BETWEEN = re.compile(r"</p>\s*<p>")


def closed_and_clean(markup: str) -> str:
    """Return the allowed part of HTML with empty elements closed."""
    return EMPTY_ELEMENT.sub(r"<\1/>", clean(markup)).strip()


@cache
def _converter() -> ContentstateConverter:
    return ContentstateConverter(features=NARRATIVE_FEATURES)


def editable(markup: str) -> str:
    """Return the allowed part of HTML as the editor opens it, plain paragraphs where it could not.

    What was returned once is returned the same again: tags that parsers move about every time fall away.
    """
    closed = closed_and_clean(markup)
    if SIMPLE.fullmatch(closed):
        return closed
    unwrapped = INNER.sub(lambda match: f"{match[1]}{BETWEEN.sub('<br/>', match[3])}{match[4]}", closed)
    if INNER.search(unwrapped) or closed_and_clean(unwrapped) != unwrapped:
        return paragraphs(plain(unwrapped))
    try:
        _converter().from_database_format(unwrapped)
    except (AssertionError, IndexError, KeyError, ValueError, TypeError, AttributeError):
        return paragraphs(plain(unwrapped))
    return unwrapped
