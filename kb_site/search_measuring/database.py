"""Wagtail's own search in the database on the same made-up stories, for comparison; in a throw-away install.

On SQLite its time grows with the square of the number of hits, so it is measured with few stories and asked little.
"""

import time
from typing import Any

from django.contrib.contenttypes.models import ContentType
from wagtail.models import Locale, Page
from wagtail.search.models import IndexEntry

from kb_site.figures import figure
from kb_site.search_measuring.stories import Recombined, paragraphs, questions

EACH = 4
LONGEST = 60.0
HITS = 10


def compared(count: int) -> dict[str, Any]:
    """Seconds of Wagtail's search over ``count`` stories, any word and every word; ends after a minute."""
    pool = paragraphs()
    fill(Recombined(count, pool))
    report: dict[str, Any] = {"stories": count}
    for operator in ("or", "and"):
        samples: list[float] = []
        began = time.perf_counter()
        for _variant, text in questions(count, tuple(pool), EACH):
            if time.perf_counter() - began > LONGEST:
                break
            asked = time.perf_counter()
            found = Page.objects.all().search(text.replace('"', " "), operator=operator)
            list(found[:HITS])
            found.count()
            samples.append((time.perf_counter() - asked) * 1000)
        told = figure(operator, samples)
        report |= {
            f"{operator}, asked": len(samples),
            f"{operator}, median ms": told.median_ms,
            f"{operator}, p95 ms": told.p95_ms,
        }
    return report


def fill(source: Recombined) -> None:
    """Make a bare page for each story and its entry in Wagtail's index."""
    root, locale = Page.get_first_root_node(), Locale.objects.get()
    kind = ContentType.objects.get_for_model(Page)
    pages = []
    for number in source.ids():
        title, _language, _text = source.words(number)
        path = Page._get_path(root.path, root.depth + 1, 1000 + number)
        pages.append(
            Page(
                title=title[:250], draft_title=title[:250], slug=f"measured-{number}", path=path, depth=root.depth + 1,
                content_type=kind, locale=locale, url_path=f"/measured-{number}/", live=True,
            )
        )  # fmt: skip
    made = Page.objects.bulk_create(pages, batch_size=200)
    entries = (
        IndexEntry(
            content_type=kind, object_id=str(page.pk), title=source.words(number)[0], body=source.words(number)[2],
            autocomplete=source.words(number)[0], title_norm=1.0,
        )
        for number, page in zip(source.ids(), made, strict=True)
    )  # fmt: skip
    IndexEntry.objects.bulk_create(entries, batch_size=200)
