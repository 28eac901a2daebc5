"""Coded passages as W3C Web Annotations (Data Model, 2017-02-23) in JSON-LD; out only."""

import json
from datetime import datetime
from typing import Any

from django.conf import settings
from django.urls import reverse

from ideas.exchange.gathering import Cited, Evidence, Told
from ideas.exchange.qdpx import moment
from ideas.exchange.records import named
from stories.cards import story_url
from stories.languages import language_of

CONTEXT = "http://www.w3.org/ns/anno.jsonld"


def write(evidence: Evidence, *, at: datetime) -> bytes:
    """Return an AnnotationCollection with one page that holds everything."""
    items = [annotation(each, evidence.told[each.story]) for each in evidence.cited]
    found = {
        "@context": CONTEXT,
        "id": f"urn:uuid:{named('collection', moment(at))}",
        "type": "AnnotationCollection",
        "created": moment(at),
        "total": len(items),
        "first": {
            "id": f"urn:uuid:{named('page', moment(at))}",
            "type": "AnnotationPage",
            "startIndex": 0,
            "items": items,
        },
    }
    return json.dumps(found, ensure_ascii=False, indent=1).encode()


def annotation(each: Cited, told: Told) -> dict[str, Any]:
    """Return one coding: its passage is the target, what it speaks for the body."""
    found: dict[str, Any] = {
        "id": f"urn:uuid:{named('coding', each.coding)}",
        "type": "Annotation",
        "motivation": "classifying",
        "created": moment(each.at),
        "body": bodies(each),
        "target": target(each, told),
    }
    if each.coder:
        found["creator"] = {"id": f"urn:uuid:{named('user', each.coder)}", "type": "Person"}
    return found


def bodies(each: Cited) -> list[dict[str, Any]]:
    """Return what a passage speaks for, how it was judged, and the memo."""
    found: list[dict[str, Any]] = []
    if each.theme is not None:
        found.append(
            {"type": "SpecificResource", "purpose": "classifying", "source": f"urn:uuid:{each.theme.guid}"}
        )
        names = (("ru", each.theme.name_ru), ("en", each.theme.name_en))
        found += [textual("tagging", name, language) for language, name in names if name]
    if each.idea is not None:
        address = absolute(reverse("ideas:idea", args=[each.idea.pk]))
        found.append({"type": "SpecificResource", "purpose": "linking", "source": address})
        found.append(textual("tagging", each.idea.title, language_of(each.idea.title)))
    found.append(textual("assessing", f"feeling {each.valence}, importance {each.importance}", "en"))
    if each.memo:
        found.append(textual("commenting", each.memo, language_of(each.memo)))
    return found


def textual(purpose: str, value: str, language: str) -> dict[str, Any]:
    """Return a body that is a text."""
    return {
        "type": "TextualBody",
        "purpose": purpose,
        "value": value,
        "language": language,
        "format": "text/plain",
    }


def target(each: Cited, told: Told) -> dict[str, Any]:
    """Return the passage by position in its block and by quotation."""
    position = {"type": "TextPositionSelector", "start": each.place.start, "end": each.place.end}
    quotation = {
        "type": "TextQuoteSelector",
        "exact": each.place.exact,
        "prefix": each.place.prefix,
        "suffix": each.place.suffix,
    }
    return {
        "type": "SpecificResource",
        "source": absolute(story_url(told.slug)),
        "selector": [
            {"type": "FragmentSelector", "value": each.place.block, "refinedBy": position},
            quotation,
        ],
    }


def absolute(path: str) -> str:
    """Return the whole address of a page."""
    return settings.KB_BASE_URL.rstrip("/") + path
