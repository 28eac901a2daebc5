"""Compiles plans into tantivy queries, from terms: nothing a person typed is ever parsed."""

from collections.abc import Iterable, Mapping, Sequence

import tantivy
from tantivy import FieldType, Occur, Query

from search import analysis
from search.engines.explaining import Ingredient
from search.engines.keys import dated, facet_field, key
from search.plan import (
    CODE_BOOST,
    GRAM_BOOST,
    LEAD_BOOST,
    PAIR_BOOST,
    TIE,
    TITLE_BOOST,
    Clause,
    Plan,
    Scope,
    Stage,
)

Part = tuple[Occur, Query]

FEW_TERMS = 16


class Compiler:
    """Builds queries for one schema."""

    def __init__(self, schema: tantivy.Schema) -> None:
        self.schema = schema

    def within(self, scope: Scope) -> list[Part]:
        """Parts that keep a query inside a scope; they do not score."""
        parts = self.open_for(scope.purpose, scope.at)
        if scope.audience is not None:
            parts.append(self._must(self.any_of("audience", scope.audience)))
        if scope.kinds:
            parts.append(self._must(self.any_of("kind", scope.kinds)))
        excluded = [key(kind, object_id) for kind, ids in scope.excluded.items() for object_id in ids]
        if excluded:
            parts.append((Occur.MustNot, self.any_of("key", excluded)))
        return parts

    def limits(self, plan: Plan) -> list[Part]:
        """Parts that keep a query inside the scope of a plan, its phrases, its dates, and without what it shuts out."""
        parts = self.within(plan.scope)
        parts += [self._must(self.phrase(stems)) for stems in plan.phrases if stems]
        parts += [
            (Occur.MustNot, self.holding(each)) for each in plan.without if each.alternatives or each.code
        ]
        for name, values in plan.lacking.items():
            having = [(Occur.Must, self.any_of(facet_field(name), values)), *self.gate(plan, name)]
            parts.append((Occur.MustNot, self.all_of(having)))
        if span := dated(plan.after, plan.before):
            parts.append(self._must(self._dated(*span)))
        return parts

    def open_for(self, purpose: str, at: int) -> list[Part]:
        """Parts that keep to documents that are open for a purpose at a moment."""
        return [self._must(self._opened(purpose, at)), self._must(self._not_closed(purpose, at))]

    def gate(self, plan: Plan, name: str) -> list[Part]:
        """Parts without which a document has no values of a facet."""
        return self.open_for(plan.gated[name], plan.scope.at) if name in plan.gated else []

    def chosen(self, plan: Plan, without: str = "") -> list[Part]:
        """Parts for chosen facet values, except those of one facet."""
        parts: list[Part] = []
        for name, values in plan.filters.items():
            if name != without:
                parts += [self._must(self.any_of(facet_field(name), values)), *self.gate(plan, name)]
        return parts

    def matching(self, plan: Plan, stage: Stage) -> Query:
        """What makes a document a hit at a stage, without the parts that only add to its score."""
        options = self._grams(plan.grams) if stage.by_grams else [self.clause(each) for each in plan.clauses]
        return self._enough(options, stage)

    def counting(self, plan: Plan, stage: Stage | None, *, inside: Part | None = None) -> Query:
        """The hits of :meth:`matching`, without scores; only those ``inside`` a part, which is cheap if it is small.

        The part narrows every word by itself: joined words cannot skip what lies outside it.
        """
        if stage is None:
            return self.all_of([inside]) if inside else Query.all_query()
        options = self._grams(plan.grams) if stage.by_grams else [self.holding(each) for each in plan.clauses]
        if inside:
            options = [self.all_of([inside, (Occur.Must, each)]) for each in options]
        return self._enough(options, stage)

    def scoring(self, plan: Plan, stage: Stage) -> list[Part]:
        """The matching part and everything that adds to the score."""
        extra = [self._boosted("lead", clause, LEAD_BOOST) for clause in plan.clauses if clause.alternatives]
        if not stage.by_grams:
            extra += [Query.boost_query(gram, GRAM_BOOST) for gram in self._grams(plan.grams)]
        extra += [self._pair(pair) for pair in plan.pairs]
        return [(Occur.Must, self.matching(plan, stage)), *((Occur.Should, each) for each in extra)]

    def clause(self, clause: Clause) -> Query:
        """The best of the alternatives of a word, in text or title; or an exact code."""
        if clause.code:
            return Query.boost_query(self.term("codes", clause.code), CODE_BOOST)
        options = []
        for each in clause.alternatives:
            options.append(Query.boost_query(self.term("stems", each.stem), each.weight))
            options.append(Query.boost_query(self.term("title", each.stem), each.weight * TITLE_BOOST))
        return Query.disjunction_max_query(options, TIE)

    def holding(self, clause: Clause) -> Query:
        """What :meth:`clause` matches, without a score."""
        if clause.code:
            return self.any_of("codes", [clause.code])
        stems = [each.stem for each in clause.alternatives]
        if not stems:
            return Query.empty_query()
        options = [self.any_of("stems", stems)]
        # The words of a title are among the stems of its text, but for stop words.
        if stops := [stem for stem in stems if stem in analysis.STOP_STEMS]:
            options.append(self.any_of("title", stops))
        return options[0] if len(options) == 1 else self.some(options, 1)

    def phrase(self, stems: Sequence[str]) -> Query:
        """Documents in which the stems stand side by side."""
        if len(stems) == 1:
            return self.term("stems", stems[0])
        return Query.phrase_query(self.schema, "stems", list(stems))

    def ingredient(self, each: Ingredient) -> Query:
        """One ingredient by itself, with its weight."""
        single = len(each.tokens) == 1 and each.field != "stems"
        query = self.term(each.field, each.tokens[0]) if single else self.phrase(each.tokens)
        return Query.boost_query(query, each.boost)

    def term(self, field: str, value: str) -> Query:
        """Documents that hold one token."""
        return Query.term_query(self.schema, field, value, "freq")

    def any_of(self, field: str, values: Iterable[str]) -> Query:
        """Documents that hold one of several tokens; does not score.

        A set of terms is read to the end of every list for each query; a few terms are skipped through instead.
        """
        told = list(values)
        if not told or len(told) > FEW_TERMS:
            return Query.const_score_query(Query.term_set_query(self.schema, field, told), 0.0)
        terms = [Query.term_query(self.schema, field, value, "basic") for value in told]
        return Query.const_score_query(terms[0] if len(terms) == 1 else self.some(terms, 1), 0.0)

    def sampled(self, lots: int) -> Part:
        """A part that keeps to so many of the lots."""
        return self._must(Query.term_set_query(self.schema, "lot", list(range(lots))))

    def any_value(self, chosen: Mapping[str, Sequence[str]]) -> Part:
        """A part that keeps to documents with one of several values of one of several facets."""
        options = [self.any_of(facet_field(name), values) for name, values in chosen.items()]
        return self._must(self.some(options, 1))

    def _enough(self, options: Sequence[Query], stage: Stage) -> Query:
        return self.some(options, stage.minimum) if len(options) >= stage.minimum else Query.empty_query()

    @staticmethod
    def all_of(parts: Sequence[Part]) -> Query:
        """All parts together."""
        return Query.boolean_query(list(parts))

    @staticmethod
    def some(options: Sequence[Query], minimum: int) -> Query:
        """At least ``minimum`` of the options."""
        return Query.boolean_query(
            [(Occur.Should, option) for option in options], minimum_number_should_match=minimum
        )

    def _grams(self, grams: Iterable[str]) -> list[Query]:
        return [self.term("grams", gram) for gram in grams]

    def _boosted(self, field: str, clause: Clause, boost: float) -> Query:
        options = [
            Query.boost_query(self.term(field, each.stem), each.weight * boost)
            for each in clause.alternatives
        ]
        return Query.disjunction_max_query(options, 0.0)

    def _pair(self, pair: tuple[str, str]) -> Query:
        return Query.boost_query(self.phrase(pair), PAIR_BOOST)

    def _dated(self, start: int, end: int) -> Query:
        return Query.range_query(
            self.schema, "newest", FieldType.Unsigned, lower_bound=start, upper_bound=end, include_upper=False
        )

    def _opened(self, purpose: str, at: int) -> Query:
        return Query.range_query(
            self.schema, f"from_{purpose}", FieldType.Integer, upper_bound=at, include_upper=True
        )

    def _not_closed(self, purpose: str, at: int) -> Query:
        return Query.range_query(
            self.schema, f"until_{purpose}", FieldType.Integer, lower_bound=at, include_lower=False
        )

    @staticmethod
    def _must(query: Query) -> Part:
        return Occur.Must, Query.const_score_query(query, 0.0)
