"""What of HTML may stand in a story: a small allowlist, applied after conversion and again when a page is rendered."""

import nh3

TAGS = {"p", "h2", "h3", "h4", "ul", "ol", "li", "blockquote", "code", "pre", "table", "thead", "tbody", "tr", "th", "td",
        "a", "b", "strong", "i", "em", "br", "hr"}  # fmt: skip
ATTRIBUTES = {"a": {"href", "title"}}
SCHEMES = {"http", "https", "mailto"}


def clean(markup: str) -> str:
    """Return the allowed part of a piece of HTML. Images, classes, ids, styles and scripts fall away."""
    return nh3.clean(markup, tags=TAGS, attributes=ATTRIBUTES, url_schemes=SCHEMES, link_rel="noopener noreferrer nofollow")
