"""Masks what people type into the search before it is kept."""

from stories.masking.finding import find
from stories.masking.findings import Finding, Kind

IN_ITS_PLACE = "[…]"


def mask_query(text: str) -> str:
    """Replace names and numbers of people; one name lets its neighbours be names without a capital letter too."""
    found = find(text)
    if any(each.kind == Kind.NAME for each in found) and len(text.title()) == len(text):
        found += find(text.title())
    return _without(text, found)


def _without(text: str, found: list[Finding]) -> str:
    parts: list[str] = []
    position = 0
    for each in sorted(found, key=lambda finding: (finding.start, -finding.end)):
        if each.end <= position:
            continue
        if each.start > position or not parts:
            parts += [text[position : each.start], IN_ITS_PLACE]
        position = each.end
    return "".join([*parts, text[position:]])
