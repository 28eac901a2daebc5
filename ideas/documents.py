"""Themes and ideas as documents of the search: found by the company's own words, never by a client's."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from consent.enums import Purpose
from ideas.enums import IdeaKind, IdeaState, ThemeKind, ThemeState
from ideas.models import Idea, Theme
from search.documents import Document, PlainHit, Window, fingerprint
from stories.languages import language_of
from stories.querysets import Reader

ALWAYS = {Purpose.READ.value: Window(0), Purpose.IDEAS.value: Window(0)}


class ThemeSource:
    """Themes: names in both languages, synonyms, what they say, our answer."""

    kind = "theme"
    label = _("Themes")
    template = "ideas/hit.html"
    facets = ("theme_kind", "theme_state")

    def ids(self) -> Iterable[int]:
        """Return the ids of the themes that stand."""
        return Theme.objects.filter(merged_into=None).order_by("pk").values_list("pk", flat=True)

    def rows(self, ids: Sequence[int] | None) -> list[Theme]:
        """Return the standing themes among ``ids``, with the words of what went into them."""
        rows = Theme.objects.filter(merged_into=None).order_by("pk")
        found = list(rows if ids is None else rows.filter(pk__in=list(ids)))
        words: dict[int, list[str]] = defaultdict(list)
        merged = Theme.objects.filter(merged_into__in=[each.pk for each in found]).order_by("pk")
        for into, *names in merged.values_list("merged_into_id", "name_ru", "name_en", "synonyms"):
            words[into] += [name for name in names if name]
        for each in found:
            each.more_words = words[each.pk]  # type: ignore[attr-defined]
        return found

    def fingerprint(self, row: Theme) -> str:
        """Return what changes whenever the theme's document would."""
        more = row.more_words  # type: ignore[attr-defined]
        return fingerprint(
            row.slug,
            row.name_ru,
            row.name_en,
            row.description,
            row.synonyms,
            row.answer,
            row.kind,
            row.state,
            more,
        )

    def documents(self, ids: Sequence[int]) -> Iterable[Document]:
        """Yield the documents of standing themes."""
        for row in self.rows(ids):
            more = row.more_words  # type: ignore[attr-defined]
            yield Document(
                kind=self.kind,
                object_id=row.pk,
                external_id=row.slug,
                url=reverse("ideas:theme", args=[row.slug]),
                language="ru" if row.name_ru else "en",
                title=row.name_ru or row.name_en,
                lead=row.description,
                headings=tuple(
                    word for word in (row.name_en, *row.synonyms.splitlines(), *more) if word.strip()
                ),
                body=row.answer,
                facets={"theme_kind": (row.kind,), "theme_state": (row.state,)},
                visible=ALWAYS,
                fingerprint=self.fingerprint(row),
            )

    def fingerprints(self, ids: Sequence[int] | None = None) -> Iterable[tuple[int, str]]:
        """Yield (id, fingerprint) of standing themes."""
        return ((row.pk, self.fingerprint(row)) for row in self.rows(ids))

    def hits(self, user: Reader, purpose: str, ids: Sequence[int], at: datetime) -> Mapping[int, PlainHit]:
        """Return the themes this person may see."""
        if not user.has_perm("ideas.view_theme"):
            return {}
        rows = Theme.objects.filter(pk__in=list(ids), merged_into=None)
        return {
            row.pk: PlainHit(
                row.label, row.get_absolute_url(), row.slug, f"{row.description}\n\n{row.answer}".strip()
            )
            for row in rows
        }

    def facet_title(self, facet: str) -> str:
        """Return the title of a facet."""
        return str({"theme_kind": _("Kind of theme"), "theme_state": _("State of the theme")}.get(facet, facet))

    def facet_labels(self, facet: str, values: Sequence[str]) -> Mapping[str, str]:
        """Return the labels of facet values in the active language."""
        return labels({"theme_kind": ThemeKind, "theme_state": ThemeState}.get(facet), values)


class IdeaSource:
    """Ideas: title and what we would do."""

    kind = "idea"
    label = _("Ideas")
    template = "ideas/hit.html"
    facets = ("idea_kind", "idea_state")

    def ids(self) -> Iterable[int]:
        """Return the ids of the ideas that stand."""
        return Idea.objects.filter(merged_into=None).order_by("pk").values_list("pk", flat=True)

    def rows(self, ids: Sequence[int] | None) -> Iterable[Any]:
        """Return the standing ideas among ``ids``."""
        rows = Idea.objects.filter(merged_into=None).order_by("pk")
        found = rows if ids is None else rows.filter(pk__in=list(ids))
        return found.values("pk", "title", "statement", "kind", "state", "created_at")

    def documents(self, ids: Sequence[int]) -> Iterable[Document]:
        """Yield the documents of standing ideas."""
        for row in self.rows(ids):
            yield Document(
                kind=self.kind,
                object_id=row["pk"],
                external_id=f"idea-{row['pk']}",
                url=reverse("ideas:idea", args=[row["pk"]]),
                language=written_in(row),
                title=row["title"],
                lead=row["statement"],
                facets={"idea_kind": (row["kind"],), "idea_state": (row["state"],)},
                date=int(row["created_at"].timestamp()),
                visible=ALWAYS,
                fingerprint=fingerprint(written_in(row), *row.values()),
            )

    def fingerprints(self, ids: Sequence[int] | None = None) -> Iterable[tuple[int, str]]:
        """Yield (id, fingerprint) of standing ideas."""
        return ((row["pk"], fingerprint(written_in(row), *row.values())) for row in self.rows(ids))

    def hits(self, user: Reader, purpose: str, ids: Sequence[int], at: datetime) -> Mapping[int, PlainHit]:
        """Return the ideas this person may see."""
        if not user.has_perm("ideas.view_idea"):
            return {}
        rows = Idea.objects.filter(pk__in=list(ids), merged_into=None)
        return {
            row.pk: PlainHit(row.title, row.get_absolute_url(), f"idea-{row.pk}", row.statement) for row in rows
        }

    def facet_title(self, facet: str) -> str:
        """Return the title of a facet."""
        return str({"idea_kind": _("Kind of idea"), "idea_state": _("State of the idea")}.get(facet, facet))

    def facet_labels(self, facet: str, values: Sequence[str]) -> Mapping[str, str]:
        """Return the labels of facet values in the active language."""
        return labels({"idea_kind": IdeaKind, "idea_state": IdeaState}.get(facet), values)


def written_in(row: Mapping[str, Any]) -> str:
    """Return the language an idea is written in."""
    return language_of(f"{row['title']} {row['statement']}")


def labels(choices: Any, values: Sequence[str]) -> dict[str, str]:
    """Return the labels of values of a choice."""
    known = dict(choices.choices) if choices else {}
    return {value: str(known.get(value, value)) for value in values}
