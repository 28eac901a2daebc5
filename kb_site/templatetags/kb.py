"""Filters and tags of every page: typography, dates and numbers as people read them, signs and icons.

They format what they are given; none of them reads the database.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Mapping
from dataclasses import fields, replace
from html import escape
from typing import Any, Final

from django import template
from django.utils import dateformat
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext

from kb_site.typography import NBSP, typeset, typeset_html
from search.enums import FEW

register = template.Library()

MINUS: Final = "−"

_SOLID: Final = 'viewBox="0 0 10 10" fill="currentColor"'
_LINE: Final = 'viewBox="0 0 12 12" fill="none" stroke="currentColor" stroke-width="1.6"'
ICONS: Final[Mapping[str, tuple[str, str]]] = {  # name: (attributes, content)
    "mark": (
        'viewBox="0 0 28 28" fill="none" stroke="currentColor" stroke-width="1.5"',
        '<circle cx="14" cy="14" r="13"/><circle cx="10.5" cy="14" r="6.2"/>'
        '<circle cx="17.5" cy="14" r="6.2"/>'
        '<path stroke-width="1" d="M11.6 12h4.8M11.3 14h5.4M11.6 16h4.8"/>',
    ),
    "search": (
        'viewBox="0 0 20 20" fill="none" stroke="currentColor" stroke-width="2"',
        '<circle cx="8.5" cy="8.5" r="6"/><path d="m13 13 5 5"/>',
    ),
    "seal": (
        'viewBox="0 0 20 20" fill="none" stroke="currentColor" stroke-width="1.4"',
        '<path d="M10 1.5l2 1.6 2.6-.3.9 2.4 2.4.9-.3 2.6 1.6 2-1.6 2 .3 2.6-2.4.9-.9 2.4-2.6-.3-2 1.6-2-1.6'
        '-2.6.3-.9-2.4-2.4-.9.3-2.6-1.6-2 1.6-2-.3-2.6 2.4-.9.9-2.4 2.6.3z"/>'
        '<path d="m6.6 10.6 2.3 2.3 4.5-4.7"/>',
    ),
    "rise": (_SOLID, '<path d="M5 .8 9.8 9.2H.2z"/>'),
    "fall": (_SOLID, '<path d="M5 9.2.2.8h9.6z"/>'),
    "turn": ('viewBox="0 0 12 12" fill="none" stroke="currentColor"', '<circle cx="6" cy="6" r="5"/>'),
    "close": (_LINE, '<path d="m2 2 8 8m0-8-8 8"/>'),
    "next": (_LINE, '<path d="m4 1.5 5 4.5-5 4.5"/>'),
    "back": (_LINE, '<path d="m8 1.5-5 4.5 5 4.5"/>'),
}
DRAWN: Final = {
    name: SafeString(f'<svg class="icon" {attributes} aria-hidden="true" focusable="false">{content}</svg>')
    for name, (attributes, content) in ICONS.items()
}


@register.simple_tag
def icon(name: str) -> SafeString:
    """Draw a decorative icon in the colour of the text; raise ``KeyError`` for an unknown name."""
    return DRAWN[name]


@register.filter
def typo(value: Any, language: str = "") -> str:
    """Set text or safe HTML by the rules of a language, the active one by default; safe stays safe."""
    language = language or get_language() or "en"
    if hasattr(value, "__html__"):
        return mark_safe(typeset_html(value.__html__(), language))  # noqa: S308 - markup goes through unchanged
    return typeset("" if value is None else str(value), language)


@register.filter
def typo_fields(items: Iterable[Any], language: str = "") -> list[Any]:
    """Set the texts of dataclass instances, such as the points of a chart, whose words are drawn."""
    language = language or get_language() or "en"
    return [replace(item, **_typeset_texts(item, language)) for item in items]


def _typeset_texts(item: Any, language: str) -> dict[str, str]:
    values = {each.name: getattr(item, each.name) for each in fields(item)}
    return {name: typeset(text, language) for name, text in values.items() if isinstance(text, str) and text}


@register.filter
def paragraphs(value: Any, language: str = "") -> SafeString:
    """Set plain text and put it into paragraphs: an empty line parts them, a single one breaks the line."""
    text = escape(typeset(str(value or "").replace("\r\n", "\n").strip(), language or get_language() or "en"))
    parts = [part.strip().replace("\n", "<br>") for part in re.split(r"\n\s*\n", text)]
    return mark_safe("".join(f"<p>{part}</p>" for part in parts if part))  # noqa: S308 - escaped above


@register.filter
def signed(value: int | None) -> str:
    """Write a number with its sign: ``+2``, ``−3`` with a real minus, ``0``; nothing for ``None``."""
    if value is None:
        return ""
    return f"+{value}" if value > 0 else f"{MINUS}{-value}" if value < 0 else "0"


def direction(value: int) -> str:
    """Return the name of a change: ``rise``, ``fall`` or ``flat``."""
    return "rise" if value > 0 else "fall" if value < 0 else "flat"


@register.simple_tag
def sign(value: int | None, words: str = "") -> SafeString:
    """Show a change as shape, number and word, colour last; nothing for ``None``."""
    if value is None:
        return mark_safe("")
    kind = direction(value)
    text = f"{signed(value)} {escape(words)}".rstrip()
    shape = DRAWN[kind] if value else ""
    return mark_safe(f'<span class="sign {kind}">{shape}{text}</span>')  # noqa: S308 - words are escaped


def _dated(value: datetime.date | None, russian: str, english: str) -> str:
    """Format a date by the active language with spaces that do not break; nothing for ``None``."""
    if not value:
        return ""
    form = russian if (get_language() or "en").startswith("ru") else english
    return dateformat.format(value, form).replace(" ", NBSP)


@register.filter
def long_date(value: datetime.date | None) -> str:
    """Write a date in full: «12 ноября 2028 года», "12 November 2028"."""
    return _dated(value, r"j E Y \г\о\д\а", "j F Y")


@register.filter
def plain_date(value: datetime.date | None) -> str:
    """Write a date for a line of facts: «12 ноября 2028», "12 November 2028"."""
    return _dated(value, "j E Y", "j F Y")


@register.filter
def month(value: datetime.date | None) -> str:
    """Write a month: «апрель 2026», "April 2026"."""
    text = _dated(value, "F Y", "F Y")
    return text.lower() if (get_language() or "").startswith("ru") else text


@register.filter
def people(count: int | None) -> str:
    """Write a number of people; under five it says "few", and a dash stands for nobody."""
    if not count:
        return "—"
    return gettext("few") if count < FEW else str(count)


@register.filter
def grouped(number: int | None) -> str:
    """Write a number of things with its thousands apart: «12 850» in Russian, "12,850" in English."""
    if number is None:
        return ""
    mark = NBSP if (get_language() or "").startswith("ru") else ","
    text = f"{round(number):,}"
    return text.replace(",", mark) if abs(number) >= 10_000 or mark == "," else text.replace(",", "")


def _mood_cell(count: int | None, few: bool, kind: str) -> dict[str, Any]:
    """Return what one cell of the mood table shows: the signed number of people, "few", or nobody."""
    shown = 0 if few else count or 0
    return {"few": few, "value": -shown if kind == "fall" else shown}


@register.inclusion_tag("components/mood.html")
def mood_table(rows: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Draw touchpoints with the people for whom loyalty fell and rose there: a table with bars to both sides.

    A row has ``label``, ``url``, ``falls`` and ``rises`` (people), ``few_falls`` and ``few_rises``; a "few"
    has no bar.
    """
    shown = []
    for row in rows:
        falls = _mood_cell(row.get("falls"), bool(row.get("few_falls")), "fall")
        rises = _mood_cell(row.get("rises"), bool(row.get("few_rises")), "rise")
        shown.append({"label": row["label"], "url": row.get("url", ""), "falls": falls, "rises": rises})
    largest = max([1, *(max(-row["falls"]["value"], row["rises"]["value"]) for row in shown)])
    for row in shown:
        row["left"] = round(-row["falls"]["value"] / largest * 92)
        row["right"] = round(row["rises"]["value"] / largest * 92)
        row["from"] = 100 - row["left"]
    return {"rows": shown}


@register.simple_tag(takes_context=True)
def again(context: template.Context, *names: str) -> list[tuple[str, str]]:
    """Return the (name, value) pairs of the query string under ``names``, to repeat them in a form."""
    request = context.get("request")
    if request is None:
        return []
    return [(name, value) for name in names for value in request.GET.getlist(name)]
