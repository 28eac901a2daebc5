"""Answers from the server: one request for a search with its facets, its exact total and its page."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from elasticsearch.dsl import Search
from elasticsearch.dsl.aggs import Agg, Filter, Terms
from elasticsearch.dsl.query import Bool, Ids, Query

from search.engines.base import PEOPLE, Answer, Cell, EngineHit, Explanation, ordered
from search.engines.elastic import compiler
from search.engines.elastic.client import Connection
from search.engines.elastic.names import Names
from search.engines.elastic.vocabulary import ElasticVocabulary
from search.engines.expecting import Expected
from search.engines.explaining import explanation, groups, members
from search.engines.keys import facet_field, key, split_key
from search.enums import Sort, StageName
from search.plan import Plan, Scope, SimilarPlan, Stage, TitlePlan

FACET_VALUES = 1000
COUNTED_PEOPLE = 100  # up to so many people are counted and not estimated
SCAN_PAGE = 10_000


@dataclass(frozen=True, slots=True)
class ElasticReader:
    """The generation in use, as every request finds it."""

    connection: Connection
    names: Names

    @property
    def generation(self) -> str:
        """Which index is in use, and how often it changed what it shows."""
        with self.connection.asking() as client:
            stats = client.indices.stats(index=self.names.in_use.documents, metric="refresh").body["indices"]
            return "-".join(
                f"{name}-{each['primaries']['refresh']['external_total']}"
                for name, each in sorted(stats.items())
            )

    def search(self, plan: Plan) -> Answer:
        """Carry out a plan: stage after stage until enough is found; each stage is one request."""
        stage, response = self._staged(plan)
        facets = {name: _cells(response, plan, name) for name in plan.facets}
        name = stage.name if stage else StageName.ALL
        return Answer(tuple(_hits(response)), _total(response), facets, name)

    def complete(self, plan: TitlePlan) -> tuple[EngineHit, ...]:
        """Newest documents whose titles hold a prefix of every word."""
        asked = self._documents().query(compiler.completing(plan)).sort("-newest")
        return tuple(_hits(self._execute(asked.extra(size=plan.limit, track_total_hits=False))))

    def similar(self, plan: SimilarPlan) -> tuple[EngineHit, ...]:
        """Documents that share most of the weighted stems, at least a fifth of them."""
        if not plan.stems:
            return ()
        asked = self._documents().query(compiler.resembling(plan))
        return tuple(_hits(self._execute(asked.extra(size=plan.limit, track_total_hits=False))))

    def sketch(self, scope: Scope, kind: str, object_id: int) -> Mapping[str, int]:
        """Frequent stems of one document with their counts; empty if it is not inside ``scope``."""
        itself = compiler.within(scope).around(Ids(values=[key(kind, object_id)]))
        asked = self._documents().query(itself).source(["sketch"]).extra(size=1, track_total_hits=False)
        stored = [hit["_source"].get("sketch", "") for hit in self._execute(asked)["hits"]["hits"]]
        pairs = (entry.rpartition(":") for entry in "".join(stored).split())
        return {stem: int(count) for stem, _, count in pairs}

    def rarity(self, stems: Iterable[str]) -> Mapping[str, float]:
        """Inverse document frequency of stems; those of one document only are left out."""
        wanted = list(stems)
        if not wanted:
            return {}
        asked = self._documents().extra(size=0, track_total_hits=True)
        asked.aggs.bucket("found", compiler.each_of([compiler.any_of("stems", [stem]) for stem in wanted]))
        response = self._execute(asked)
        counts = dict(zip(wanted, compiler.counted(response, "found"), strict=True))
        total = _total(response)
        return {stem: math.log(1 + total / count) for stem, count in counts.items() if count > 1}

    def vocabulary(self, scope: Scope, expected: Expected | None = None) -> ElasticVocabulary:
        """The words of documents inside ``scope``; what is expected is asked for with the first question."""
        return ElasticVocabulary(self.connection, self.names, scope, expected or Expected())

    def explain(self, plan: Plan, kind: str, object_id: int) -> Explanation:
        """What each ingredient gives one document; nothing for one outside the plan's scope."""
        stage, _response = self._staged(plan)
        told = groups(plan, stage)
        named = [compiler.ingredient(each, str(place)) for place, each in enumerate(members(told))]
        itself = compiler.limits(plan).around(Ids(values=[key(kind, object_id)]), should=named)
        asked = self._documents().query(itself).params(include_named_queries_score=True).extra(size=1)
        hits = self._execute(asked)["hits"]["hits"]
        if not hits:
            return Explanation()
        scores: Mapping[str, float] = hits[0].get("matched_queries") or {}
        return explanation(told, [scores.get(str(place), 0.0) for place in range(len(named))], stage)

    def fingerprints(self) -> Mapping[str, Mapping[int, str]]:
        """Fingerprints of all documents by kind and id."""
        return fingerprints(self.connection, self.names.in_use.documents)

    def _documents(self) -> Search[Any]:
        return Search(index=self.names.in_use.documents).source(False)

    def _execute(self, asked: Search[Any]) -> Mapping[str, Any]:
        return execute(self.connection, asked)

    def _staged(self, plan: Plan) -> tuple[Stage | None, Mapping[str, Any]]:
        if not plan.stages:
            return None, self._execute(self._page(plan, None))
        used = plan.stages[0]
        response = self._execute(self._page(plan, used))
        for stage in plan.stages[1:]:
            # The stage is chosen without the facets: choosing one narrows what was shown, and its count was a promise.
            if _unfiltered(response, plan) >= (1 if stage.by_grams else plan.wanted):
                break
            used, response = stage, self._execute(self._page(plan, stage))
        return used, response

    def _page(self, plan: Plan, stage: Stage | None) -> Search[Any]:
        """One request: hits under the chosen facets, counts of every facet without its own choice."""
        query = compiler.matching(plan, stage) if stage else compiler.everything()
        extra = compiler.scoring(plan, stage) if stage else []
        asked = self._documents().query(compiler.limits(plan).around(query, should=extra))
        if plan.filters:
            asked = asked.post_filter(Bool(filter=compiler.chosen(plan.filters)))
        for name, counted in _counts(plan).items():
            asked.aggs.bucket(name, counted)
        if plan.sort == Sort.NEWEST or not stage:
            asked = asked.sort("-newest")
        return asked.extra(from_=plan.offset, size=plan.limit, track_total_hits=True)


def execute(connection: Connection, asked: Search[Any]) -> Mapping[str, Any]:
    """Carry out a search; half an answer is none."""
    with connection.asking() as client:
        response = asked.using(client).params(allow_partial_search_results=False).execute()
        answer: Mapping[str, Any] = response.to_dict()
        return answer


def fingerprints(connection: Connection, index: str) -> dict[str, dict[int, str]]:
    """Fingerprints of all documents of an index, read page by page from one state of it."""
    found: dict[str, dict[int, str]] = {}
    with connection.writing() as client:
        state = client.open_point_in_time(index=index, keep_alive="2m")["id"]
        after: list[Any] | None = None
        try:
            while True:
                hits = client.search(
                    pit={"id": state, "keep_alive": "2m"}, sort=["_shard_doc"], size=SCAN_PAGE, search_after=after,
                    docvalue_fields=[{"field": "state"}], source=False, track_total_hits=False,
                )["hits"]["hits"]  # fmt: skip
                if not hits:
                    return found
                after = hits[-1]["sort"]
                for hit in hits:
                    kind, object_id, fingerprint = hit["fields"]["state"][0].split(":", 2)
                    found.setdefault(kind, {})[int(object_id)] = fingerprint
        finally:
            client.close_point_in_time(id=state)


def _counts(plan: Plan) -> dict[str, Agg[Any]]:
    """Aggregations: what is counted under every choice, each chosen facet under the others, and everything."""
    counted: dict[str, Agg[Any]] = {}
    if plan.filters:
        counted["unfiltered"] = Filter(compiler.everything())
    free = [name for name in plan.facets if name not in plan.filters]
    if free:
        counted["free"] = _under(compiler.chosen(plan.filters), free)
    for name in plan.facets:
        if name in plan.filters:
            counted[f"own.{name}"] = _under(compiler.chosen(plan.filters, without=name), [name])
    return counted


def _under(conditions: Sequence[Query], names: Sequence[str]) -> Agg[Any]:
    inside = Filter(Bool(filter=list(conditions)) if conditions else compiler.everything())
    for name in names:
        values = Terms(field=facet_field(name), size=FACET_VALUES, shard_size=FACET_VALUES)
        values.metric("people", "cardinality", field="person", precision_threshold=COUNTED_PEOPLE)
        inside.bucket(name, values)
    return inside


def _cells(response: Mapping[str, Any], plan: Plan, name: str) -> tuple[Cell, ...]:
    place = f"own.{name}" if name in plan.filters else "free"
    buckets = response["aggregations"][place][name]["buckets"]
    return ordered(
        Cell(str(each["key"]), int(each["doc_count"]), min(int(each["people"]["value"]), PEOPLE))
        for each in buckets
    )


def _unfiltered(response: Mapping[str, Any], plan: Plan) -> int:
    """Hits without the chosen facets."""
    return int(response["aggregations"]["unfiltered"]["doc_count"]) if plan.filters else _total(response)


def _total(response: Mapping[str, Any]) -> int:
    return int(response["hits"]["total"]["value"])


def _hits(response: Mapping[str, Any]) -> Iterator[EngineHit]:
    for hit in response["hits"]["hits"]:
        kind, object_id = split_key(hit["_id"])
        yield EngineHit(kind, object_id, float(hit["_score"] or 0.0))
