"""Template tag that draws a member's medallion."""

from __future__ import annotations

from functools import lru_cache

from django import template
from django.core.cache import caches
from django.utils.safestring import SafeString, mark_safe

from club import medallion as engraving

register = template.Library()


@register.simple_tag
def medallion(
    code: str | None, size: engraving.Size = "s", hair: str = "", dress: str = "", label: str = ""
) -> SafeString:
    """Draw the medallion of a member's code; without a code, the empty dashed ring of a story taken back."""
    if not code:
        return mark_safe(engraving.empty_medallion(size, label=label))  # noqa: S308 - the label is escaped
    if label:
        drawing = engraving.medallion(code, size, hair=hair, dress=dress, label=label)
    else:
        drawing = kept(code, size, hair or "", dress or "")
    return mark_safe(drawing)  # noqa: S308 - numbers from a hash, the label is escaped


@lru_cache(maxsize=2048)
def kept(code: str, size: engraving.Size, hair: str, dress: str) -> str:
    """Return a drawing from this process's memory, else from the cache that all processes share, else draw it.

    Drawing takes some 20 ms and depends on the arguments only, so a drawing never becomes wrong.
    """
    key = f"{engraving.VERSION}.{code}.{size}.{hair}.{dress}"
    shared = caches["medallions"]
    drawing = shared.get(key)
    if drawing is None:
        drawing = engraving.medallion(code, size, hair=hair, dress=dress)
        shared.set(key, drawing)
    return drawing
