"""Stories as documents of the search."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from club.models import Member
from consent.enums import Purpose
from search.documents import Document, Window, fingerprint
from search.enums import EVERYONE
from stories.cards import StoryHit, card_rows, for_cards, hit, rows_of, story_url
from stories.enums import Outcome, Provenance
from stories.models import ProductLine, StoryPage, StoryTag, Tag, Touchpoint
from stories.querysets import Reader, Term, clearances, for_index, visible
from stories.vocabularies import Word, vocabularies

LEAD_WORDS = 60
BATCH = 500
COLUMNS = (
    "pk", "title", "slug", "external_id", "language", "summary", "plain_text", "provenance", "period_start",
    "period_end",
    "first_published_at", "loyalty_outcome", "member__code", "member__persona_name", "live_revision_id",
    "last_published_at", "wording_sha256",
)  # fmt: skip
# Words that stories carry: facet → (model with slug and names, rows that tie it to stories, story's and its column).
VOCABULARIES: dict[str, tuple[type[Any], type[Any], str, str]] = {
    "tag": (Tag, StoryTag, "content_object_id", "tag_id"),
    "touchpoint": (Touchpoint, StoryPage.touchpoints.through, "storypage_id", "touchpoint_id"),
    "product": (ProductLine, StoryPage.product_lines.through, "storypage_id", "productline_id"),
}
TITLES = {
    "tag": _("Tag"),
    "touchpoint": _("Touchpoint"),
    "product": _("Product line"),
    "provenance": _("How she knows"),
    "outcome": _("How it ended"),
    "year": _("Year"),
    "language": _("Language"),
}

def outcome_of(total: int | None) -> tuple[str, ...]:
    """Return the facet value of a loyalty sum."""
    if total is None:
        return ()
    return (Outcome.FLAT if total == 0 else Outcome.RISING if total > 0 else Outcome.FALLING,)


def names_of(words: Iterable[Word]) -> list[str]:
    """Return the names of vocabulary words in both languages. Product lines stay out: they fit everything."""
    return [name for word in words for name in dict.fromkeys(word[1:]) if name]


def story_date(row: Mapping[str, Any]) -> date | None:
    """Return the day a story belongs to: the end of its period, or when it was published."""
    day = row["period_end"] or row["period_start"] or row["first_published_at"]
    return day.date() if isinstance(day, datetime) else day


def words_of(ids: Sequence[int] | None) -> dict[str, Mapping[int, Sequence[Word]]]:
    """Return the vocabulary words of stories: ``{facet: {story id: [word]}}``; two queries a vocabulary."""
    result: dict[str, Mapping[int, Sequence[Word]]] = {}
    for facet, (model, through, story_column, word_column) in VOCABULARIES.items():
        known = {
            pk: word for pk, *word in model.objects.order_by().values_list("pk", "slug", "name_ru", "name_en")
        }
        rows = through.objects.order_by()
        if ids is not None:
            rows = rows.filter(**{f"{story_column}__in": ids})
        per_story: dict[int, list[Word]] = defaultdict(list)
        for story, word in rows.values_list(story_column, word_column):
            per_story[story].append(tuple(known[word]))
        result[facet] = per_story
    return result | {facet: found.words(ids) for facet, found in vocabularies().items()}


def audiences_of(ids: Sequence[int] | None) -> dict[int, tuple[str, ...]]:
    """Return the audience groups of stories that have any: ``{story id: (group id as text, …)}``."""
    rows = StoryPage.audience_groups.through.objects.order_by()
    if ids is not None:
        rows = rows.filter(storypage_id__in=ids)
    found: dict[int, list[str]] = defaultdict(list)
    for story, group in rows.values_list("storypage_id", "group_id"):
        found[story].append(str(group))
    return {story: tuple(sorted(groups)) for story, groups in found.items()}


def window(term: Term) -> Window:
    """Return a term in epoch seconds; rounded so that the index never shows longer than the ledger."""
    return Window(int(term.start.timestamp()), None if term.until is None else int(term.until.timestamp()))


class Batch:
    """Everything that the documents of a set of stories need, loaded with a fixed number of queries."""

    def __init__(self, ids: Sequence[int] | None) -> None:
        self.ids = list(ids) if ids is not None else None
        self.terms = clearances(self.ids)
        self.words = words_of(self.ids)
        self.audiences = audiences_of(self.ids)

    def rows(self, columns: Sequence[str]) -> Iterable[dict[str, Any]]:
        """Yield the rows of live and approved stories."""
        for row in for_index(self.ids).order_by("pk").values(*columns).iterator(chunk_size=1000):
            if row["pk"] in self.terms:
                yield row

    def fingerprint(self, row: Mapping[str, Any]) -> str:
        """Return what changes whenever a document of this row would."""
        pk = row["pk"]
        return fingerprint(
            row["live_revision_id"], row["last_published_at"], row["wording_sha256"], row["member__persona_name"],
            row["slug"], self.audiences.get(pk), sorted((p, window(t)) for p, t in self.terms[pk].items()),
            [sorted(told.get(pk, ())) for told in self.words.values()],
        )  # fmt: skip

    def document(self, row: Mapping[str, Any]) -> Document:
        """Return the document of one row."""
        pk = row["pk"]
        words = {facet: told.get(pk, []) for facet, told in self.words.items()}
        day = story_date(row)
        facets = {facet: tuple(slug for slug, _ru, _en in found) for facet, found in words.items()} | {
            "provenance": (row["provenance"],),
            "outcome": outcome_of(row["loyalty_outcome"]),
            "year": (str(day.year),) if day else (),
            "language": (row["language"],),
        }
        return Document(
            kind=StorySource.kind,
            object_id=pk,
            external_id=row["external_id"] or "",
            url=story_url(row["slug"]),
            language=row["language"],
            title=row["title"],
            lead=row["summary"] or " ".join(row["plain_text"].split()[:LEAD_WORDS]),
            headings=(row["member__persona_name"], *names_of(words["tag"]), *names_of(words["touchpoint"])),
            body=row["plain_text"],
            facets=facets,
            person=row["member__code"],
            date=int(datetime.combine(day, time(), UTC).timestamp()) if day else None,
            audience=self.audiences.get(pk) or (EVERYONE,),
            visible={purpose: window(term) for purpose, term in self.terms[pk].items()},
            fingerprint=self.fingerprint(row),
        )


class StorySource:
    """Stories for the search: what may be found, and what a reader may see of it."""

    kind = "story"
    label = _("Stories")
    template = "stories/hit.html"
    pages = True

    @property
    def facets(self) -> tuple[str, ...]:
        """Names of the facets in the order they are shown."""
        return ("touchpoint", "outcome", "product", "tag", *vocabularies(), "provenance", "year", "language")

    @property
    def gated(self) -> dict[str, str]:
        """Facets whose values stand only while a story is open for one more purpose."""
        return {facet: found.purpose for facet, found in vocabularies().items()}

    def ids(self) -> Iterable[int]:
        """Return the ids of every live story."""
        return for_index().order_by("pk").values_list("pk", flat=True)

    def documents(self, ids: Sequence[int]) -> Iterable[Document]:
        """Yield the documents of those of ``ids`` that are live and approved."""
        for start in range(0, len(ids), BATCH):
            batch = Batch(ids[start : start + BATCH])
            for row in batch.rows(COLUMNS):
                yield batch.document(row)

    def fingerprints(self, ids: Sequence[int] | None = None) -> Iterable[tuple[int, str]]:
        """Yield (id, fingerprint) with a fixed number of queries and without reading any text."""
        batch = Batch(ids)
        columns = [name for name in COLUMNS if name not in ("summary", "plain_text", "title")]
        for row in batch.rows(columns):
            yield row["pk"], batch.fingerprint(row)

    def hits(self, user: Reader, purpose: str, ids: Sequence[int], at: datetime) -> Mapping[int, StoryHit]:
        """Return what the user may see of ``ids``, through the gate, in one query."""
        return {row.pk: hit(row) for row in card_rows(user, Purpose(purpose), ids, at)}

    def fallback(self, user: Reader, purpose: str, text: str, limit: int) -> Mapping[int, StoryHit]:
        """Return the newest stories that hold every word of the text, straight from the database."""
        stories = visible(user, Purpose(purpose))
        for word in text.split()[:8]:
            stories = stories.filter(Q(title__icontains=word) | Q(plain_text__icontains=word))
        newest = for_cards(stories).order_by("-period_end", "-first_published_at", "-pk")[:limit]
        return {row.pk: hit(row) for row in rows_of(newest)}

    def facet_title(self, facet: str) -> str:
        """Return the title of a facet."""
        if found := vocabularies().get(facet):
            return found.title
        return str(TITLES.get(facet, facet))

    def facet_labels(self, facet: str, values: Sequence[str]) -> Mapping[str, str]:
        """Return the labels of facet values in the active language."""
        if facet == "member":
            people = Member.objects.filter(code__in=list(values))
            return dict(people.values_list("code", "persona_name"))
        if found := vocabularies().get(facet):
            return found.labels(values)
        if facet in VOCABULARIES:
            model = VOCABULARIES[facet][0]
            return {word.slug: word.label for word in model.objects.filter(slug__in=list(values))}
        fixed: dict[str, Mapping[str, object]] = {
            "provenance": dict(Provenance.choices),
            "outcome": dict(Outcome.choices),
            "language": dict(settings.LANGUAGES),
        }
        return {value: str(fixed.get(facet, {}).get(value, value)) for value in values}

    def names(self, facet: str) -> Iterable[tuple[str, tuple[str, ...]]]:
        """Yield the values of a facet with their names; figures are named by whoever tells a published story."""
        if facet == "member":
            tellers = for_index().order_by().values_list("member__code", "member__persona_name").distinct()
            yield from ((code, (persona,)) for code, persona in tellers)
        elif found := vocabularies().get(facet):
            yield from ((slug, (russian, english)) for slug, russian, english in found.names())
        elif facet in VOCABULARIES:
            words = VOCABULARIES[facet][0].objects.order_by().values_list("slug", "name_ru", "name_en")
            yield from ((slug, (russian, english)) for slug, russian, english in words)
