"""Answers from the server: one request for a search with its facets, its exact total and its page.

A search has two parts that the server works on side by side: the page with its counts, and samples for counting people.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from elasticsearch.dsl import Search
from elasticsearch.dsl.aggs import Agg, Filter, Terms
from elasticsearch.dsl.query import Bool, Ids, Query

from search.engines.base import Answer, Cell, EngineHit, Explanation
from search.engines.elastic import compiler
from search.engines.elastic.client import Connection
from search.engines.elastic.names import Names
from search.engines.elastic.vocabulary import ElasticVocabulary
from search.engines.expecting import Expected
from search.engines.explaining import explanation, groups, members
from search.engines.keys import facet_field, key, split_key
from search.engines.people import SAMPLE, Settled, most_frequent, settle
from search.enums import Sort, StageName
from search.plan import VALUES_LIMIT, Plan, Scope, SimilarPlan, Stage, TitlePlan

COUNTED_PEOPLE = 100  # up to so many people are counted and not estimated
SCAN_PAGE = 10_000
RESCORED = 1000


@dataclass(frozen=True, slots=True)
class _Told:
    """What the server told: the page with its counts, and of each place the people in a sample."""

    page: Mapping[str, Any]
    samples: Mapping[str, Mapping[str, Any]]


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
        stage, told = self._staged(plan)
        facets = self._facets(plan, stage, told) if plan.facets else {}
        name = stage.name if stage else StageName.ALL
        return Answer(tuple(_hits(told.page)), _total(told.page), facets, name)

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
        stage, _told = self._staged(plan)
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

    def count(self) -> int:
        """Number of documents, whoever may see them."""
        with self.connection.asking() as client:
            return int(client.count(index=self.names.in_use.documents)["count"])

    def _documents(self) -> Search[Any]:
        return Search(index=self.names.in_use.documents).source(False)

    def _execute(self, asked: Search[Any]) -> Mapping[str, Any]:
        return execute(self.connection, asked)

    def _staged(self, plan: Plan) -> tuple[Stage | None, _Told]:
        if not plan.stages:
            return None, self._ask(plan, None)
        used = plan.stages[0]
        told = self._ask(plan, used)
        for stage in plan.stages[1:]:
            # The stage is chosen without the facets: choosing one narrows what was shown, and its count was a promise.
            if _unfiltered(told.page, plan) >= (1 if stage.by_grams else plan.wanted):
                break
            used, told = stage, self._ask(plan, stage)
        return used, told

    def _ask(self, plan: Plan, stage: Stage | None) -> _Told:
        """Ask for the page and for a sample of each place in one request; the server looks for them side by side."""
        places = _places(plan)
        samples = [self._sample(plan, stage, place, names) for place, names in places.items()]
        page, *sampled = execute_all(
            self.connection, self.names.in_use.documents, [self._page(plan, stage), *samples]
        )
        return _Told(page, dict(zip(places, sampled, strict=True)))

    def _page(self, plan: Plan, stage: Stage | None) -> Search[Any]:
        """One request: hits under the chosen facets, counts of every facet without its own choice."""
        query = compiler.matching(plan, stage) if stage else compiler.everything()
        asked = self._documents().extra(from_=plan.offset, size=plan.limit, track_total_hits=True)
        if plan.sort == Sort.NEWEST or not stage:
            asked = asked.query(compiler.limits(plan).around(query)).sort("-newest")
        else:
            asked = asked.query(compiler.limits(plan).around(query))
            if added := compiler.scoring(plan, stage):
                asked = asked.extra(rescore=_rescoring(added))
        if plan.filters:
            asked = asked.post_filter(Bool(filter=compiler.chosen(plan)))
            asked.aggs.bucket("unfiltered", Filter(compiler.everything()))
        for place, names in _places(plan).items():
            asked.aggs.bucket(place, _counting(_conditions(plan, place), names))
        return asked

    def _sample(self, plan: Plan, stage: Stage | None, place: str, names: Sequence[str]) -> Search[Any]:
        """People behind the values of the first documents found: any will do, so the server stops early."""
        query = compiler.matching(plan, stage) if stage else compiler.everything()
        inside = compiler.limits(plan).around(Bool(filter=[query, *_conditions(plan, place)]))
        asked = self._documents().query(inside)
        asked = asked.extra(size=0, track_total_hits=False, terminate_after=SAMPLE)
        for name in names:
            asked.aggs.bucket(name, _with_people(_values(name)))
        return asked

    def _facets(
        self, plan: Plan, stage: Stage | None, told: _Told
    ) -> dict[str, tuple[Cell, ...]]:
        """Cells of the facets; a second request asks for the people that the samples left open, if they did."""
        found = {place: _settled(told, place, names, plan) for place, names in _places(plan).items()}
        left = {place: settled.open for place, (_counts, settled) in found.items() if settled.open}
        if left:
            query = compiler.matching(plan, stage) if stage else compiler.everything()
            asked = self._documents().query(compiler.limits(plan).around(query))
            asked = asked.extra(size=0, track_total_hits=False)
            for place, values in left.items():
                asked.aggs.bucket(place, _looking(_conditions(plan, place), values))
            response = self._execute(asked)
            for place, values in left.items():
                for name in values:
                    found[place][1].learn(name, _seen(response["aggregations"][place][name]["buckets"]))
        cells = {
            name: settled.cells(name, counts[name]) for counts, settled in found.values() for name in counts
        }
        return {name: cells[name] for name in plan.facets}


def execute_all(connection: Connection, index: str, asked: Sequence[Search[Any]]) -> list[Mapping[str, Any]]:
    """Carry out searches of an index in one request, side by side; one that fails fails them all."""
    if len(asked) == 1:
        return [execute(connection, asked[0])]
    searches: list[Mapping[str, Any]] = []
    for each in asked:
        searches += [{"index": index, "allow_partial_search_results": False}, each.to_dict()]
    with connection.asking() as client:
        responses: list[Mapping[str, Any]] = client.msearch(searches=searches).body["responses"]
    for response in responses:
        if "error" in response:
            raise connection.refusal(int(response["status"]))
    return responses


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


def _rescoring(added: Sequence[Query]) -> dict[str, Any]:
    """Let what only adds to the score be added to the best hits alone: looking for it everywhere takes most time."""
    query = Bool(should=list(added), minimum_should_match=0).to_dict()
    return {"window_size": RESCORED, "query": {"rescore_query": query, "score_mode": "total"}}


def _places(plan: Plan) -> dict[str, list[str]]:
    """Which facets are counted together, and which by themselves."""
    free = plan.together
    own = {f"own.{name}": [name] for name in plan.facets if name not in free}
    return ({"free": free} if free else {}) | own


def _conditions(plan: Plan, place: str) -> list[Query]:
    alone = place.removeprefix("own.") if place != "free" else ""
    return [*compiler.chosen(plan, without=alone), *compiler.gate(plan, alone)]


def _counting(conditions: Sequence[Query], names: Sequence[str]) -> Agg[Any]:
    """Documents of each value."""
    inside = Filter(Bool(filter=list(conditions)) if conditions else compiler.everything())
    for name in names:
        inside.bucket(name, _values(name))
    return inside


def _looking(conditions: Sequence[Query], values: Mapping[str, Sequence[str]]) -> Agg[Any]:
    """People of these values only, over the documents that have one of them."""
    options = [compiler.any_of(facet_field(name), chosen) for name, chosen in values.items()]
    inside = Filter(Bool(filter=list(conditions), should=options, minimum_should_match=1))
    for name, chosen in values.items():
        inside.bucket(name, _with_people(_values(name, include=list(chosen))))
    return inside


def _values(name: str, **options: Any) -> Terms[Any]:
    return Terms(field=facet_field(name), size=VALUES_LIMIT, shard_size=VALUES_LIMIT, **options)


def _with_people(values: Terms[Any]) -> Terms[Any]:
    values.metric("people", "cardinality", field="person", precision_threshold=COUNTED_PEOPLE)
    return values


def _settled(
    told: _Told, place: str, names: Sequence[str], plan: Plan
) -> tuple[dict[str, dict[str, int]], Settled]:
    """Counts of documents, and what the sample settled of people."""
    found, sampled = told.page["aggregations"][place], told.samples[place]["aggregations"]
    every = {
        name: {str(each["key"]): int(each["doc_count"]) for each in found[name]["buckets"]} for name in names
    }
    counts = {
        name: most_frequent(values, plan.values, plan.filters.get(name, ())) for name, values in every.items()
    }
    return counts, settle(counts, {name: _seen(sampled[name]["buckets"]) for name in names})


def _seen(buckets: Iterable[Mapping[str, Any]]) -> dict[str, tuple[int, int]]:
    return {str(each["key"]): (int(each["doc_count"]), int(each["people"]["value"])) for each in buckets}


def _unfiltered(response: Mapping[str, Any], plan: Plan) -> int:
    """Hits without the chosen facets."""
    return int(response["aggregations"]["unfiltered"]["doc_count"]) if plan.filters else _total(response)


def _total(response: Mapping[str, Any]) -> int:
    return int(response["hits"]["total"]["value"])


def _hits(response: Mapping[str, Any]) -> Iterator[EngineHit]:
    for hit in response["hits"]["hits"]:
        kind, object_id = split_key(hit["_id"])
        yield EngineHit(kind, object_id, float(hit["_score"] or 0.0))
