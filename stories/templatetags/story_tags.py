"""Template tags that draw the line of loyalty."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import template
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from stories import arc

register = template.Library()


@register.simple_tag
def sparkline(changes: Sequence[int] | None) -> SafeString:
    """Draw a story's line at the size of a word; nothing when the story has no episodes."""
    if not changes:
        return mark_safe("")
    label = gettext("Loyalty: from 0 to %(total)s") % {"total": arc.signed(sum(changes))}
    return mark_safe(arc.sparkline(changes, label=label))  # noqa: S308 - arc escapes the label


@register.inclusion_tag("components/loyalty_arc.html")
def loyalty_arc(points: Sequence[arc.ArcPoint], key: str = "arc") -> dict[str, Any]:
    """Draw the line in one drawing per range of widths, and the same data as a table.

    ``key`` keeps the ids unique when a page shows more than one line.
    """
    steps = [f"{point.label} {arc.signed(point.change)}" for point in points]
    title = gettext("Line of loyalty: %(steps)s") % {"steps": "; ".join(steps)}
    drawings = [arc.loyalty_arc(points, key=key, title=title, layout=layout) for layout in arc.LAYOUTS]
    rows = [
        {"number": number, "point": point, "total": total}
        for number, (point, total) in enumerate(
            zip(points, arc.totals(point.change for point in points)[1:], strict=True), start=1
        )
    ]
    svg = mark_safe("".join(drawings))  # noqa: S308 - arc escapes every caption
    return {"drawings": svg, "rows": rows}
