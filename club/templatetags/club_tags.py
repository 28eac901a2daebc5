"""Template tag that draws a member's medallion."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.safestring import SafeString, mark_safe

from club import medallion as engraving
from club import portraits

register = template.Library()


@register.simple_tag(takes_context=True)
def medallion(
    context: dict[str, Any],
    code: str | None,
    size: engraving.Size = "s",
    hair: str = "",
    dress: str = "",
    label: str = "",
) -> SafeString:
    """Draw the medallion of a member's code; without a code, the empty dashed ring of a story taken back.

    A page that lacks many of them shows blank coins for most: they are there when it is opened the next time.
    """
    if not code:
        return mark_safe(engraving.empty_medallion(size, label=label))  # noqa: S308 - the label is escaped
    if label:
        drawing = engraving.medallion(code, size, hair=hair, dress=dress, label=label)
        return mark_safe(drawing)  # noqa: S308 - numbers from a hash, the label is escaped
    request = context.get("request")
    drawn = getattr(request, "portraits_drawn", 0)
    drawing, drawn = portraits.shown((code, size, hair or "", dress or ""), drawn)
    if request is not None:
        request.portraits_drawn = drawn
    return mark_safe(drawing)  # noqa: S308 - numbers from a hash
