"""Answers from one committed state of the embedded index."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import tantivy
from tantivy import Occur, Query

from search.engines.base import PEOPLE, Answer, Cell, EngineHit, EngineUnavailable, Explanation
from search.engines.expecting import Expected
from search.engines.explaining import explanation, groups, members
from search.engines.keys import LOTS, NEAR_READ, facet_field, key, nearest, split_key
from search.engines.people import SAMPLE, Seen, Settled, most_frequent, settle
from search.engines.tantivy_query import Compiler, Part
from search.enums import Sort, StageName
from search.plan import VALUES_LIMIT, Plan, Scope, SimilarPlan, Stage, TitlePlan


@contextmanager
def guarded(*passing: type[Exception]) -> Iterator[None]:
    """Turn everything the library raises into ``EngineUnavailable``, except the ``passing`` types.

    A damaged file can make the Rust side panic, and a panic arrives as a ``BaseException`` of its own.
    """
    try:
        yield
    except Exception as error:
        if isinstance(error, (EngineUnavailable, *passing)):
            raise
        raise EngineUnavailable(f"{type(error).__name__} in the index") from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        raise EngineUnavailable("panic in the index") from error


@dataclass(frozen=True, slots=True)
class TantivyReader:
    """A snapshot of documents and words."""

    schema: tantivy.Schema
    words_schema: tantivy.Schema
    documents: tantivy.Searcher
    words: tantivy.Searcher
    generation: str

    def search(self, plan: Plan) -> Answer:
        """Carry out a plan: stage after stage until enough is found, then the facets of that stage."""
        with guarded():
            compiler = Compiler(self.schema)
            stage, found = self._staged(plan, compiler)
            facets = self._facets(plan, compiler, stage)
            name = stage.name if stage else StageName.ALL
            return Answer(tuple(self._hits(found)), counted(found), facets, name)

    def complete(self, plan: TitlePlan) -> tuple[EngineHit, ...]:
        """Newest documents whose titles hold every prefix."""
        with guarded():
            compiler = Compiler(self.schema)
            parts = [(Occur.Must, compiler.any_of("prefixes", options)) for options in plan.prefixes]
            query = compiler.all_of(parts + compiler.within(plan.scope))
            return tuple(self._hits(self.documents.search(query, plan.limit, order_by_field="newest")))

    def similar(self, plan: SimilarPlan) -> tuple[EngineHit, ...]:
        """Documents that share most of the weighted stems, at least a fifth of them."""
        if not plan.stems:
            return ()
        with guarded():
            compiler = Compiler(self.schema)
            terms = ((compiler.term("stems", each.stem), each.weight) for each in plan.stems)
            options = [Query.boost_query(term, weight) for term, weight in terms]
            shared = compiler.some(options, max(1, len(options) // 5))
            itself = compiler.any_of("key", [key(plan.kind, plan.object_id)])
            parts = [(Occur.Must, shared), (Occur.MustNot, itself), *compiler.within(plan.scope)]
            return tuple(self._hits(self.documents.search(compiler.all_of(parts), plan.limit)))

    def sketch(self, scope: Scope, kind: str, object_id: int) -> Mapping[str, int]:
        """Frequent stems of one document with their counts; empty if it is not inside ``scope``."""
        with guarded():
            compiler = Compiler(self.schema)
            itself = (Occur.Must, compiler.any_of("key", [key(kind, object_id)]))
            found = self.documents.search(compiler.all_of([itself, *compiler.within(scope)]), 1)
            stored = [self.documents.doc(address).get_first("sketch") or "" for _, address in found.hits]
            pairs = (entry.rpartition(":") for entry in "".join(stored).split())
            return {stem: int(count) for stem, _, count in pairs}

    def rarity(self, stems: Iterable[str]) -> Mapping[str, float]:
        """Inverse document frequency of stems; those of one document only are left out."""
        with guarded():
            total = self.documents.num_docs
            counts = {stem: self.documents.doc_freq("stems", stem) for stem in stems}
            return {stem: math.log(1 + total / count) for stem, count in counts.items() if count > 1}

    def vocabulary(self, scope: Scope, expected: Expected | None = None) -> "TantivyVocabulary":
        """The words of documents inside ``scope``; every question is answered at once, so none is expected."""
        return TantivyVocabulary(self, scope)

    def explain(self, plan: Plan, kind: str, object_id: int) -> Explanation:
        """What each ingredient gives one document; nothing for one outside the plan's scope."""
        with guarded():
            compiler = Compiler(self.schema)
            itself = (Occur.Must, compiler.any_of("key", [key(kind, object_id)]))
            if not counted(self.documents.search(compiler.all_of([itself, *compiler.limits(plan)]), 1)):
                return Explanation()
            stage, _found = self._staged(plan, compiler)
            told = groups(plan, stage)
            scores = (
                self._score([itself, (Occur.Must, compiler.ingredient(each))]) for each in members(told)
            )
            return explanation(told, list(scores), stage)

    def fingerprints(self) -> Mapping[str, Mapping[int, str]]:
        """Fingerprints of all documents by kind and id."""
        with guarded():
            found: dict[str, dict[int, str]] = {}
            for state, _ in self.documents.terms_with_prefix("state", "", Query.all_query(), None):
                kind, object_id, fingerprint = state.split(":", 2)
                found.setdefault(kind, {})[int(object_id)] = fingerprint
            return found

    def count(self) -> int:
        """Number of documents, whoever may see them."""
        return int(self.documents.num_docs)

    def _score(self, parts: Sequence[Part]) -> float:
        """The score of the only document that can match; 0 if it does not."""
        hits = self.documents.search(Compiler.all_of(parts), 1).hits
        return float(hits[0][0]) if hits else 0.0

    def _staged(self, plan: Plan, compiler: Compiler) -> tuple[Stage | None, tantivy.SearchResult]:
        limits = compiler.limits(plan) + compiler.chosen(plan)
        if not plan.stages:
            return None, self._page(plan, [(Occur.Must, Query.all_query()), *limits])
        # The stage is chosen without the facets: choosing one narrows what was shown, and its count was a promise.
        used = plan.stages[0]
        found = self._tried(plan, compiler, used)
        for stage in plan.stages[1:]:
            if counted(found) >= (1 if stage.by_grams else plan.wanted):
                break
            used, found = stage, self._tried(plan, compiler, stage)
        if plan.filters:
            found = self._page(plan, compiler.scoring(plan, used) + limits)
        return used, found

    def _tried(self, plan: Plan, compiler: Compiler, stage: Stage) -> tantivy.SearchResult:
        """Carry out a stage without the chosen facets; where there are any, only its count matters."""
        parts = compiler.scoring(plan, stage) + compiler.limits(plan)
        return self.documents.search(compiler.all_of(parts), 1) if plan.filters else self._page(plan, parts)

    def _page(self, plan: Plan, parts: Sequence[Part]) -> tantivy.SearchResult:
        order = "newest" if plan.sort == Sort.NEWEST or not plan.stages else None
        query = Compiler.all_of(parts)
        return self.documents.search(query, plan.limit, order_by_field=order, offset=plan.offset)

    def _facets(self, plan: Plan, compiler: Compiler, stage: Stage | None) -> dict[str, tuple[Cell, ...]]:
        """Count every facet over the hits as they would be without its own choice."""
        free = plan.together
        cells = self._count(plan, compiler, stage, free) if free else {}
        for name in plan.facets:
            if name not in free:
                cells |= self._count(plan, compiler, stage, [name], alone=name)
        return {name: cells[name] for name in plan.facets}

    def _count(
        self, plan: Plan, compiler: Compiler, stage: Stage | None, names: Sequence[str], alone: str = ""
    ) -> dict[str, tuple[Cell, ...]]:
        limits = [*compiler.limits(plan), *compiler.chosen(plan, alone), *compiler.gate(plan, alone)]
        every = [(Occur.Must, compiler.counting(plan, stage)), *limits]
        counts = {
            name: most_frequent(values, plan.values, plan.filters.get(name, ()))
            for name, values in self._documents_of(compiler.all_of(every), names).items()
        }
        most = max((count for values in counts.values() for count in values.values()), default=0)
        lots = math.ceil(LOTS * SAMPLE / most) if most else LOTS
        if 2 * lots >= LOTS:
            settled = Settled(open={name: list(values) for name, values in counts.items() if values})
            left = every
        else:
            some = (Occur.Must, compiler.counting(plan, stage, inside=compiler.sampled(lots)))
            settled = settle(counts, self._people_of(compiler.all_of([some, *limits]), names))
            left = [*every, compiler.any_value(settled.open)]
        if settled.open:
            for name, seen in self._people_of(compiler.all_of(left), list(settled.open)).items():
                settled.learn(name, {value: seen[value] for value in settled.open[name]})
        return {name: settled.cells(name, counts[name]) for name in names}

    def _documents_of(self, query: Query, names: Sequence[str]) -> dict[str, dict[str, int]]:
        """Number of documents of each value of facets."""
        buckets = self._buckets(query, {name: {"terms": _values(name)} for name in names})
        return {
            name: {str(each["key"]): int(each["doc_count"]) for each in found}
            for name, found in buckets.items()
        }

    def _people_of(self, query: Query, names: Sequence[str]) -> dict[str, Seen]:
        """Number of documents and, up to ``PEOPLE``, of people of each value of facets."""
        people = {"people": {"terms": {"field": "people", "size": PEOPLE, "segment_size": PEOPLE}}}
        buckets = self._buckets(query, {name: {"terms": _values(name), "aggs": people} for name in names})
        return {
            name: {
                str(each["key"]): (int(each["doc_count"]), len(each["people"]["buckets"])) for each in found
            }
            for name, found in buckets.items()
        }

    def _buckets(self, query: Query, asked: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
        answer: dict[str, Any] = self.documents.aggregate(query, asked)
        return {name: answer[name]["buckets"] for name in asked}

    def _hits(self, found: tantivy.SearchResult) -> Iterator[EngineHit]:
        for score, address in found.hits:
            kind, object_id = split_key(str(self.documents.doc(address).get_first("key")))
            yield EngineHit(kind, object_id, float(score) if isinstance(score, float) else 0.0)


class TantivyVocabulary:
    """Words of the documents inside a scope; whatever lies outside is not known to exist."""

    def __init__(self, reader: TantivyReader, scope: Scope) -> None:
        self._reader = reader
        self._compiler = Compiler(reader.schema)
        self._limits = self._compiler.within(scope)
        self._seen: dict[tuple[str, str], int] = {}

    def frequency(self, stem: str) -> int:
        """Number of visible documents with this stem."""
        return self._visible("stems", stem)

    def has_code(self, code: str) -> bool:
        """Whether a visible document carries exactly this code."""
        return bool(code) and self._visible("codes", code) > 0

    def near(self, word: str, stem: str, *, word_distance: int, stem_distance: int) -> list[tuple[str, str]]:
        """Pairs of word and stem within one of the two distances."""
        with guarded():
            schema, words = self._reader.words_schema, self._reader.words
            asked = (("word", word, word_distance), ("stem", stem, stem_distance))
            options = [Query.fuzzy_term_query(schema, *each) for each in asked if each[2]]
            found = words.search(Compiler.some(options, 1), NEAR_READ, count=False)
            entries = (words.doc(address) for _, address in found.hits)
            pairs = ((str(each.get_first("word")), str(each.get_first("stem"))) for each in entries)
            return nearest(pairs, word, stem)

    def _visible(self, field: str, value: str) -> int:
        if (field, value) not in self._seen:
            with guarded():
                self._seen[field, value] = self._count(field, value)
        return self._seen[field, value]

    def _count(self, field: str, value: str) -> int:
        if not self._reader.documents.doc_freq(field, value):
            return 0
        term = (Occur.Must, self._compiler.any_of(field, [value]))
        return counted(self._reader.documents.search(self._compiler.all_of([term, *self._limits]), 1))


def counted(found: tantivy.SearchResult) -> int:
    """Exact number of hits; the library's stubs do not know of it."""
    return int(getattr(found, "count", None) or 0)


def _values(name: str) -> dict[str, Any]:
    return {"field": facet_field(name), "size": VALUES_LIMIT, "segment_size": VALUES_LIMIT}
