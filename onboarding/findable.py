"""Modules as documents of the search: found by the company's own words, while all their stories may be taught with."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from consent.enums import Purpose
from onboarding.models import ModulePage
from search.documents import Document, PlainHit, Window, fingerprint
from stories.documents import window
from stories.querysets import Reader, clearances, may_read, teachable

KIND = "module"


class ModuleSource:
    """Modules: title, what one can do afterwards, the titles of the steps; no word of a story."""

    kind = KIND
    label = _("Modules")
    template = "onboarding/hit.html"
    facets: tuple[str, ...] = ()

    def ids(self) -> Iterable[int]:
        """Return the ids of published modules."""
        return published().values_list("pk", flat=True)

    def documents(self, ids: Sequence[int]) -> Iterable[Document]:
        """Yield the documents of published modules whose stories may all be taught with."""
        for page, term in with_terms(published(ids)):
            yield Document(
                kind=self.kind,
                object_id=page.pk,
                external_id=f"module-{page.pk}",
                url=address(page.pk),
                language=page.language,
                title=page.title,
                lead=page.objective,
                headings=tuple(step_titles(page)),
                date=int(page.first_published_at.timestamp()) if page.first_published_at else None,
                visible={Purpose.READ.value: term},
                fingerprint=fingerprint_of(page, term),
            )

    def fingerprints(self, ids: Sequence[int] | None = None) -> Iterable[tuple[int, str]]:
        """Yield (id, fingerprint) of modules that may be found."""
        return ((page.pk, fingerprint_of(page, term)) for page, term in with_terms(published(ids)))

    def hits(self, user: Reader, purpose: str, ids: Sequence[int], at: datetime) -> Mapping[int, PlainHit]:
        """Return the modules this person may see."""
        if not may_read(user):
            return {}
        return {
            page.pk: PlainHit(page.title, address(page.pk), f"module-{page.pk}", page.objective)
            for page in open_modules(published(ids), at)
        }

    def facet_title(self, facet: str) -> str:
        """Modules have no facets."""
        return facet

    def facet_labels(self, facet: str, values: Sequence[str]) -> Mapping[str, str]:
        """Modules have no facets."""
        return {value: value for value in values}


def published(ids: Iterable[int] | None = None) -> QuerySet[ModulePage]:
    """Return published modules."""
    rows = ModulePage.objects.filter(live=True, alias_of=None).order_by("pk")
    return rows if ids is None else rows.filter(pk__in=list(ids))


def open_modules(rows: Iterable[ModulePage], at: datetime | None = None) -> list[ModulePage]:
    """Return the modules whose stories may all be taught with at this moment, in one query."""
    return [page for page, _stories in standing(rows, at)]


def standing(
    rows: Iterable[ModulePage], at: datetime | None = None
) -> list[tuple[ModulePage, set[int]]]:
    """Return the same modules, each with the stories it stands on."""
    told = [(page, stories_of(page)) for page in rows]
    wanted = {pk for _page, stories in told for pk in stories}
    allowed = set(teachable(wanted, at).values_list("pk", flat=True)) if wanted else set()
    return [(page, stories) for page, stories in told if stories <= allowed]


def with_terms(rows: Iterable[ModulePage]) -> Iterable[tuple[ModulePage, Window]]:
    """Yield modules with until when they may be found: as long as every one of their stories may be taught with."""
    told = standing(rows)
    ends = clearances({pk for _page, stories in told for pk in stories})
    for page, stories in told:
        terms = [ends.get(pk, {}).get(Purpose.TRAIN.value) for pk in stories]
        if all(terms):
            until = [end for term in terms if term and (end := window(term).until) is not None]
            yield page, Window(0, min(until, default=None))


def stories_of(page: ModulePage) -> set[int]:
    """Return the stories its steps stand on."""
    return {pk for step in page.raw_steps() if (pk := step["value"].get("story"))}


def step_titles(page: ModulePage) -> list[str]:
    """Return the titles of the steps."""
    return [title for step in page.raw_steps() if (title := (step["value"].get("title") or "").strip())]


def fingerprint_of(page: ModulePage, term: Window) -> str:
    """Return what changes whenever the module's document would."""
    return fingerprint(page.title, page.objective, page.language, *step_titles(page), term.until)


def address(pk: int) -> str:
    """Return the address of a module's page."""
    return reverse("onboarding:module", args=[pk])
