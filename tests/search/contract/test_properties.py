"""Whatever is asked: counts and facets are those of a look at every document, and both engines say the same."""

import math
from itertools import groupby
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from search.documents import Document
from search.engines.base import Answer, Engine
from search.enums import Sort
from search.plan import Plan
from tests.search.contract.world import FACETS, NOW, TAGS, WORDS, clause, expected, plan, scope

EXAMPLES = 25

subsets = st.lists(st.sampled_from(TAGS), min_size=1, max_size=2, unique=True).map(tuple)
years = st.lists(st.sampled_from(["2020", "2021", "2023"]), min_size=1, max_size=2, unique=True).map(tuple)
members = st.lists(st.sampled_from([f"KD-{number}" for number in range(1, 16)]), min_size=1, max_size=6).map(
    tuple
)
filters = st.fixed_dictionaries({}, optional={"tag": subsets, "year": years, "member": members})
scopes = st.builds(
    scope,
    at=st.integers(0, NOW + 6),
    audience=st.sampled_from([None, ("*",), ("*", "7"), ("8",)]),
    kinds=st.sampled_from([(), ("story",), ("theme",), ("story", "theme")]),
    excluded=st.fixed_dictionaries({}, optional={"story": st.frozensets(st.integers(1, 160), max_size=30)}),
)
moments = st.none() | st.integers(-NOW, 2 * NOW)
misspelt = st.sampled_from([*WORDS, "воод", "loann", "ждать", "совсемнет"])


@st.composite
def plans(draw: Any) -> Plan:
    """A plan with anything in it."""
    words = draw(st.lists(misspelt, max_size=5, unique=True))
    return plan(
        *words,
        scope=draw(scopes),
        filters=draw(filters),
        facets=FACETS,
        gated=draw(st.sampled_from([{}, {"tag": "train"}, {"year": "train"}])),
        sort=draw(st.sampled_from(list(Sort))),
        limit=200,
        wanted=draw(st.sampled_from([1, 10, 40])),
        lacking=draw(filters),
        without=tuple(clause(word) for word in draw(st.lists(misspelt, max_size=1))),
        phrases=tuple((clause(word).alternatives[0].stem,) for word in draw(st.lists(misspelt, max_size=1))),
        after=draw(moments),
        before=draw(moments),
    )


@settings(max_examples=EXAMPLES, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(asked=plans())
def test_counts_and_facets_are_those_of_a_look_at_every_document(
    crowded: Engine, many: list[Document], asked: Plan
) -> None:
    answer = crowded.reader().search(asked)
    hits, facets = expected(many, asked)
    assert answer.total == len(hits)
    assert {(hit.kind, hit.object_id) for hit in answer.hits} == hits
    assert answer.facets == facets


def lists(answer: Answer) -> list[set[tuple[str, int]]]:
    """Hits in order; those with the same score to four digits may stand in any order among themselves."""

    def score(hit: Any) -> float:
        return float(f"{hit.score:.3g}")

    return [{(hit.kind, hit.object_id) for hit in same} for _score, same in groupby(answer.hits, key=score)]


@pytest.mark.elasticsearch
@settings(max_examples=EXAMPLES, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(asked=plans())
def test_both_engines_give_the_same_answer(
    embedded_crowd: Engine, elastic_crowd: Engine, asked: Plan
) -> None:
    one, other = (engine.reader().search(asked) for engine in (embedded_crowd, elastic_crowd))
    assert (one.total, one.stage, one.facets) == (other.total, other.stage, other.facets)
    if asked.sort == Sort.NEWEST:
        assert one.hits == other.hits
    else:
        ours = {(hit.kind, hit.object_id): hit.score for hit in one.hits}
        theirs = {(hit.kind, hit.object_id): hit.score for hit in other.hits}
        assert ours.keys() == theirs.keys()
        assert all(math.isclose(score, theirs[name], rel_tol=0.02) for name, score in ours.items())
