"""What of HTML may stand in a story: a small allowlist, applied after conversion and again when a page is rendered."""

import re

import nh3

TAGS = {"p", "h2", "h3", "h4", "ul", "ol", "li", "blockquote", "code", "pre", "table", "thead",
        "tbody", "tr", "th", "td",
        "a", "b", "strong", "i", "em", "br", "hr"}  # fmt: skip
ATTRIBUTES = {"a": {"href", "title"}}
BETWEEN_BLOCKS = re.compile(r">\s*\n\s*<")
SCHEMES = {"http", "https", "mailto"}


def clean(markup: str) -> str:
    """Return the allowed part of a piece of HTML. Images, classes, ids, styles and scripts fall away."""
    return nh3.clean(
        markup, tags=TAGS, attributes=ATTRIBUTES, url_schemes=SCHEMES, link_rel="noopener noreferrer nofollow"
    )


def canonical(markup: str) -> str:
    """Return one spelling for all HTML that reads alike, so that saving in an editor without a change changes nothing.

    Keys and link attributes of editors fall away, ``strong`` is ``b``, ``em`` is ``i``, space between blocks goes.
    """
    text = nh3.clean(markup, tags=TAGS, attributes={"a": {"href"}}, url_schemes=SCHEMES, link_rel=None)
    for tag, same in (("strong", "b"), ("em", "i")):
        text = text.replace(f"<{tag}>", f"<{same}>").replace(f"</{tag}>", f"</{same}>")
    return BETWEEN_BLOCKS.sub("><", text).strip()
