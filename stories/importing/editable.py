"""HTML that the editor can open: Wagtail's converter stops with an error at markup it does not expect."""

import re
from functools import cache

from wagtail.admin.rich_text.converters.contentstate import ContentstateConverter

from stories.blocks import NARRATIVE_FEATURES
from stories.services.capturing import paragraphs
from stories.wording import plain

EMPTY_ELEMENT = re.compile(r"<(br|hr)>")
# What needs no trial: paragraphs of text, as most imports have.
SIMPLE = re.compile(r"(?:<p>[^<]*(?:<br/>[^<]*)*</p>\s*)+")
INNER = re.compile(
    r"(<(li|blockquote)>)\s*<p>((?:(?!</?(?:li|blockquote|ul|ol)\b).)*)</p>\s*(</\2>|<[uo]l>)", re.DOTALL
)
BETWEEN = re.compile(r"</p>\s*<p>")


@cache
def _converter() -> ContentstateConverter:
    return ContentstateConverter(features=NARRATIVE_FEATURES)


def editable(markup: str) -> str:
    """Return clean HTML, empty elements closed; as plain paragraphs where the editor cannot open it."""
    closed = EMPTY_ELEMENT.sub(r"<\1/>", markup).strip()
    if SIMPLE.fullmatch(closed):
        return closed
    unwrapped = INNER.sub(lambda match: f"{match[1]}{BETWEEN.sub('<br/>', match[3])}{match[4]}", closed)
    try:
        _converter().from_database_format(unwrapped)
    except (AssertionError, IndexError, KeyError, ValueError, TypeError, AttributeError):
        return paragraphs(plain(unwrapped))
    return unwrapped
