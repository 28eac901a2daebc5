"""Compiles plans into queries of ``elasticsearch.dsl``, from terms: nothing a person typed is ever parsed.

Each ``bool`` says its own ``minimum_should_match``: without one, a ``should`` beside a filter matches everything.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from elasticsearch.dsl.aggs import Filters
from elasticsearch.dsl.query import (
    Bool,
    DisMax,
    Ids,
    Match,
    MatchAll,
    MatchNone,
    MatchPhrase,
    Query,
    Range,
    Term,
    Terms,
)

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
    SimilarPlan,
    Stage,
    TitlePlan,
)


@dataclass(frozen=True, slots=True)
class Limits:
    """What a document must be and must not be; neither scores."""

    must: tuple[Query, ...] = ()
    must_not: tuple[Query, ...] = ()

    def around(self, query: Query | None = None, should: Sequence[Query] = ()) -> Bool:
        """A query inside these limits, with what only adds to the score."""
        must = [query] if query is not None else []
        return Bool(
            must=must, should=list(should), filter=list(self.must), must_not=list(self.must_not),
            minimum_should_match=0,
        )  # fmt: skip


def within(scope: Scope) -> Limits:
    """Limits of a scope."""
    must = open_for(scope.purpose, scope.at)
    if scope.audience is not None:
        must.append(any_of("audience", scope.audience))
    if scope.kinds:
        must.append(any_of("kind", scope.kinds))
    excluded = [key(kind, object_id) for kind, ids in scope.excluded.items() for object_id in ids]
    return Limits(tuple(must), (Ids(values=sorted(excluded)),) if excluded else ())


def limits(plan: Plan) -> Limits:
    """Limits of a plan: its scope, its phrases, its dates, and the words and values it shuts out."""
    scope = within(plan.scope)
    must = [*scope.must, *(phrase(stems) for stems in plan.phrases if stems)]
    if span := dated(plan.after, plan.before):
        must.append(Range("newest", {"gte": span[0], "lt": span[1]}))
    shut: list[Query] = [matching_clause(each) for each in plan.without if each.alternatives or each.code]
    shut += [
        Bool(filter=[any_of(facet_field(name), values), *gate(plan, name)])
        for name, values in plan.lacking.items()
    ]
    return Limits(tuple(must), (*scope.must_not, *shut))


def open_for(purpose: str, at: int) -> list[Query]:
    """Conditions that keep to documents that are open for a purpose at a moment."""
    return [Range(f"from_{purpose}", {"lte": at}), Range(f"until_{purpose}", {"gt": at})]


def gate(plan: Plan, name: str) -> list[Query]:
    """Conditions without which a document has no values of a facet."""
    return open_for(plan.gated[name], plan.scope.at) if name in plan.gated else []


def chosen(plan: Plan, without: str = "") -> list[Query]:
    """Conditions of chosen facet values, except those of one facet."""
    found: list[Query] = []
    for name, values in plan.filters.items():
        if name != without:
            found += [any_of(facet_field(name), values), *gate(plan, name)]
    return found


def matching(plan: Plan, stage: Stage) -> Query:
    """What makes a document a hit at a stage, with the score of that."""
    if stage.by_grams:
        return _grams(plan, stage.minimum)
    if len(plan.clauses) < stage.minimum:
        return MatchNone()
    clauses = [matching_clause(each) for each in plan.clauses]
    return Bool(should=clauses, minimum_should_match=stage.minimum)


def scoring(plan: Plan, stage: Stage) -> list[Query]:
    """What adds to the score of a hit and never makes one: words in the lead, grams, pairs."""
    leads = [_lead(clause) for clause in plan.clauses if clause.alternatives]
    grams = [_joined_grams(plan, boost=GRAM_BOOST, minimum=1)] if plan.grams and not stage.by_grams else []
    return [*leads, *grams, *(phrase(pair, PAIR_BOOST) for pair in plan.pairs)]


def matching_clause(clause: Clause) -> Query:
    """The best of the alternatives of a word, in text or title; or an exact code."""
    if clause.code:
        return Term("codes", {"value": clause.code, "boost": CODE_BOOST})
    options = [
        Term(field, {"value": each.stem, "boost": each.weight * boost})
        for each in clause.alternatives
        for field, boost in (("stems", 1.0), ("title", TITLE_BOOST))
    ]
    return DisMax(queries=options, tie_breaker=TIE) if options else MatchNone()


def phrase(stems: Sequence[str], boost: float = 1.0) -> Query:
    """Documents in which the stems stand side by side."""
    if len(stems) == 1:
        return Term("stems", {"value": stems[0], "boost": boost})
    return MatchPhrase("stems", {"query": " ".join(stems), "slop": 0, "boost": boost})


def ingredient(each: Ingredient, name: str) -> Query:
    """One ingredient by itself, with its weight, under a name."""
    if len(each.tokens) > 1:
        return Bool(must=[phrase(each.tokens, each.boost)], _name=name)
    return Term(each.field, {"value": each.tokens[0], "boost": each.boost, "_name": name})


def any_of(field: str, values: Iterable[str]) -> Query:
    """Documents that hold one of several tokens."""
    return Terms(field, list(values))


def completing(plan: TitlePlan) -> Bool:
    """Titles in which each word begins with one of its prefixes."""
    scope = within(plan.scope)
    prefixes = [any_of("prefixes", options) for options in plan.prefixes]
    return Limits((*scope.must, *prefixes), scope.must_not).around()


def resembling(plan: SimilarPlan) -> Bool:
    """Documents that share at least a fifth of the weighted stems, the one compared with left out."""
    scope = within(plan.scope)
    terms = [Term("stems", {"value": each.stem, "boost": each.weight}) for each in plan.stems]
    shared = Bool(should=terms, minimum_should_match=max(1, len(terms) // 5))
    itself = Ids(values=[key(plan.kind, plan.object_id)])
    return Limits(scope.must, (*scope.must_not, itself)).around(shared)


def each_of(queries: Sequence[Query]) -> Filters:
    """An aggregation that counts each of several queries; the buckets have their places as names."""
    return Filters(filters={str(place): query for place, query in enumerate(queries)})


def counted(response: Mapping[str, Any], name: str) -> list[int]:
    """The counts of ``each_of``, in order."""
    buckets = response["aggregations"][name]["buckets"]
    return [int(buckets[str(place)]["doc_count"]) for place in range(len(buckets))]


def everything() -> Query:
    """Every document."""
    return MatchAll()


def _grams(plan: Plan, minimum: int) -> Query:
    return _joined_grams(plan, boost=1.0, minimum=minimum) if len(plan.grams) >= minimum else MatchNone()


def _joined_grams(plan: Plan, *, boost: float, minimum: int) -> Query:
    return Match("grams", {"query": " ".join(plan.grams), "minimum_should_match": minimum, "boost": boost})


def _lead(clause: Clause) -> Query:
    return DisMax(
        queries=[
            Term("lead", {"value": each.stem, "boost": each.weight * LEAD_BOOST})
            for each in clause.alternatives
        ],
        tie_breaker=0.0,
    )
