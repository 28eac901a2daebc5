"""Periods in words: «февраль — октябрь 2026 года», “February – October 2026”."""

from datetime import date

from django.utils import formats
from django.utils.translation import get_language


def period_label(start: date | None, end: date | None) -> str:
    """Return the span of a story in months of the active language, or an empty string."""
    first, last = start or end, end or start
    if first is None or last is None:
        return ""
    if (first.year, first.month) == (last.year, last.month):
        return month_label(last)
    if first.year == last.year:
        return (
            f"{_month(first)} — {month_label(last)}"
            if _russian()
            else f"{_month(first)} – {month_label(last)}"
        )
    return (
        f"{month_label(first)} — {month_label(last)}"
        if _russian()
        else f"{month_label(first)} – {month_label(last)}"
    )


def month_label(day: date | None) -> str:
    """Return month and year: «октябрь 2026», “October 2026”."""
    return f"{_month(day)} {day.year}" if day else ""


def _month(day: date) -> str:
    return formats.date_format(day, "F").lower() if _russian() else formats.date_format(day, "F")


def _russian() -> bool:
    return (get_language() or "").startswith("ru")
