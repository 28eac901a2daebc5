"""What the keepers chose for a query by hand, with Wagtail's search promotions; shown through the gate only.

Only the promotions of that app are used: its log of queries writes what people type, so it is left alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import connection
from wagtail.search.utils import normalise_query_string

from search import registry
from search.documents import HitObject
from search.enums import Purpose
from search.plan import Query
from search.results import Promoted

PICKS = """
    SELECT p.page_id, p.external_link_url, p.external_link_text, p.description
    FROM wagtailsearchpromotions_searchpromotion p JOIN wagtailsearchpromotions_query q ON q.id = p.query_id
    WHERE q.query_string IN (%s, %s) ORDER BY p.sort_order, p.id LIMIT 5
"""


@dataclass(frozen=True, slots=True)
class Pick:
    """One promotion: a page by its id, or an address outside."""

    page: int | None
    url: str
    title: str
    note: str


def picks(query: Query, corrected: str | None) -> list[Pick]:
    """The promotions of a text, as typed or as repaired; on the first page of readers' searches only. One query."""
    if not query.text.strip() or query.page > 1 or query.purpose != Purpose.READ or query.kinds:
        return []
    if any(query.filters.values()):
        return []
    texts = {normalise_query_string(text) for text in (query.text, corrected) if text}
    with connection.cursor() as cursor:  # asked with every search: not worded anew each time
        cursor.execute(PICKS, [*texts, *texts][:2])
        return [Pick(page, url, title or url, note) for page, url, title, note in cursor.fetchall()]


def pages(found: Sequence[Pick]) -> list[tuple[str, int]]:
    """Kinds and ids of the promoted pages."""
    source = registry.page_source()
    return [(source.kind, each.page) for each in found if source and each.page is not None]


def shown(found: Sequence[Pick], loaded: Mapping[tuple[str, int], HitObject]) -> tuple[Promoted, ...]:
    """The promotions their reader may see."""
    source = registry.page_source()
    kind = source.kind if source else ""
    promoted: list[Promoted] = []
    for each in found:
        if each.page is None:
            promoted.append(Promoted(each.title, each.url, each.note))
        elif thing := loaded.get((kind, each.page)):
            promoted.append(Promoted(thing.title, thing.url, each.note, kind, each.page, thing.card))
    return tuple(promoted)
