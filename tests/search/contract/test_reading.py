"""Plans and their answers: stages, facets, limits, order, pages, titles, neighbours, words, explanations."""

import pytest

from search import analysis
from search.documents import Document, Window
from search.engines.base import Engine
from search.engines.expecting import expected as will_ask
from search.enums import Sort, StageName
from search.plan import Clause, Plan, TitlePlan, similar_plan
from tests.search.contract.conftest import written
from tests.search.contract.world import FACETS, NOW, clause, document, expected, plan, scope, values


def ids(engine: Engine, asked: Plan) -> list[int]:
    return [hit.object_id for hit in engine.reader().search(asked).hits]


def test_a_plan_that_nothing_fits_finds_nothing(crowded: Engine) -> None:
    for asked in (
        plan("вода", minimum=2),
        plan(stages=(plan("вода").stages[0],)),
        plan("неттакого", grams=()),
    ):
        assert crowded.reader().search(asked).total == 0


def test_a_stage_loosens_only_as_far_as_it_must(crowded: Engine, many: list[Document]) -> None:
    for words in (("вода", "лифт"), ("loan", "fee", "bank", "горячая", "вечер"), ("воданет", "вод")):
        asked = plan(*words, wanted=30)
        answer = crowded.reader().search(asked)
        assert {(hit.kind, hit.object_id) for hit in answer.hits} == expected(many, asked)[0]
    assert crowded.reader().search(plan("гвода")).stage in (StageName.PARTS, StageName.HALF)


def test_facets_count_exactly_and_ignore_their_own_choice(crowded: Engine, many: list[Document]) -> None:
    asked = plan(
        "вода", filters={"tag": ("fees", "calls"), "member": ("KD-3", "KD-5", "KD-7")}, facets=FACETS
    )
    answer = crowded.reader().search(asked)
    hits, facets = expected(many, asked)
    assert answer.facets == facets
    assert answer.total == len(hits) > 0
    assert {(hit.kind, hit.object_id) for hit in answer.hits} == hits


def test_people_are_counted_exactly_where_a_sample_leaves_them_open(
    crowded: Engine, many: list[Document], monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("tantivy_reader", "elastic.reader"):
        monkeypatch.setattr(f"search.engines.{module}.SAMPLE", 4)
    for asked in (
        plan(facets=FACETS),
        plan("вода", "loan", facets=FACETS, filters={"tag": ("fees",), "year": ("2021",)}),
    ):
        assert crowded.reader().search(asked).facets == expected(many, asked)[1]


def test_kinds_are_found_together_and_counted_as_a_facet(crowded: Engine, many: list[Document]) -> None:
    asked = plan("loan", facets=("kind",), filters={"kind": ("theme",)})
    answer = crowded.reader().search(asked)
    assert {hit.kind for hit in answer.hits} == {"theme"}
    assert {cell.value for cell in answer.facets["kind"]} == {"story", "theme"}
    assert answer.facets == expected(many, asked)[1]


def test_phrases_exclusions_and_dates_narrow_what_is_found(crowded: Engine, many: list[Document]) -> None:
    body = next(one for one in many if len(one.body.split()) > 10).body.split()
    stems = tuple(analysis.stem(word) for word in body[3:5])
    limits = (
        {"phrases": (stems,)},
        {"phrases": ((stems[0],), (stems[1],))},
        {"without": (clause("вода"), clause("loan", "fee"))},
        {"without": (Clause(code="kd-3"), Clause())},
        {"lacking": {"tag": ("fees", "calls")}},
        {"lacking": {"tag": ("fees",), "member": ("KD-3",), "kind": ("theme",)}},
        {"lacking": {"tag": ("fees",)}, "filters": {"year": ("2021", "2022")}},
        {"after": 0},
        {"before": 0},
        {"after": 1000, "before": NOW, "without": (clause("лифт"),)},
        {"after": -(10**18), "before": 10**18},
    )
    for each in limits:
        for asked in (plan("счёт", facets=FACETS, **each), plan(facets=FACETS, **each)):
            answer = crowded.reader().search(asked)
            hits, facets = expected(many, asked)
            assert ({(hit.kind, hit.object_id) for hit in answer.hits}, answer.facets) == (hits, facets), each
            assert answer.total == len(hits) > 0, each


def test_newest_first_is_one_order_and_pages_cover_it_once(crowded: Engine, many: list[Document]) -> None:
    asked = plan("вода", sort=Sort.NEWEST, minimum=1)
    whole = ids(crowded, asked)
    dates = {one.object_id: -(10**12) if one.date is None else one.date for one in many}
    assert [dates[each] for each in whole] == sorted((dates[each] for each in whole), reverse=True)
    paged = [
        each
        for offset in range(0, len(whole) + 7, 7)
        for each in ids(crowded, plan("вода", sort=Sort.NEWEST, minimum=1, limit=7, offset=offset))
    ]
    assert paged == whole
    assert crowded.reader().search(plan("вода", offset=10_000, limit=200)).hits == ()


def test_best_first_pages_cover_everything_once(crowded: Engine) -> None:
    whole = ids(crowded, plan("вода", "лифт", minimum=1))
    paged = [
        each
        for offset in range(0, len(whole), 5)
        for each in ids(crowded, plan("вода", "лифт", minimum=1, limit=5, offset=offset))
    ]
    assert sorted(paged) == sorted(whole)
    assert len(set(whole)) == len(whole)


def test_a_scope_shuts_out_by_window_audience_kind_and_number(crowded: Engine, many: list[Document]) -> None:
    scopes = (
        scope(at=NOW + 5),
        scope(at=NOW - 1, audience=("*",)),
        scope(audience=("*", "8")),
        scope(kinds=("theme",)),
        scope(kinds=("",)),
        scope(purpose="train"),
        scope(purpose="promote"),
        scope(excluded={"story": frozenset(range(1, 90)), "theme": frozenset({91, 92})}),
    )
    for inside in scopes:
        asked = plan(scope=inside, facets=FACETS)
        answer = crowded.reader().search(asked)
        hits, facets = expected(many, asked)
        assert ({(hit.kind, hit.object_id) for hit in answer.hits}, answer.facets) == (hits, facets)


def test_a_window_opens_and_closes_by_the_clock_alone(engine: Engine) -> None:
    written(engine, document(1, visible={"read": Window(NOW, NOW + 60)}))
    seconds = (NOW - 1, NOW, NOW + 59, NOW + 60)
    reader = engine.reader()
    assert [reader.search(plan("вода", scope=scope(at=at))).total for at in seconds] == [0, 1, 1, 0]


def test_codes_find_their_own_and_outweigh_words(engine: Engine) -> None:
    written(engine, document(1, "Вода", "вода вода", person="KD-482913-7"), document(2, "Вода"))
    code = Clause(code=analysis.code("KD-482913-7"))
    asked = plan("вода", clauses=(code, clause("вода")))
    assert ids(engine, asked) == [1, 2]
    assert ids(engine, plan("вода", clauses=(Clause(code="s-2"),))) == [2]


def test_few_people_are_counted_exactly(engine: Engine) -> None:
    told = [document(number, person=f"p{min(number, 4)}", facets={"tag": ("one",)}) for number in range(1, 9)]
    told += [document(number, person=f"p{number}", facets={"tag": ("two",)}) for number in range(20, 50)]
    written(engine, *told)
    cells = engine.reader().search(plan(facets=("tag",))).facets["tag"]
    assert [(cell.value, cell.count, cell.people) for cell in cells] == [("two", 30, 10), ("one", 8, 4)]


def test_a_gated_facet_has_values_only_while_its_purpose_is_open(crowded: Engine, many: list[Document]) -> None:
    for gated in ({"tag": "train"}, {"tag": "train", "year": "train"}):
        for chosen in ({}, {"tag": ("fees",)}, {"tag": ("fees",), "year": ("2021", "2022")}):
            asked = plan("вода", "loan", facets=FACETS, filters=chosen, gated=gated)
            free = plan("вода", "loan", facets=FACETS, filters=chosen)
            answer = crowded.reader().search(asked)
            assert answer.facets == expected(many, asked)[1] != expected(many, free)[1]
            assert answer.total == len(expected(many, asked)[0])
        # Who may not be told of a value may not learn of it by shutting it out either.
        asked = plan("вода", "loan", facets=FACETS, lacking={"tag": ("fees",)}, gated=gated)
        hits, facets = expected(many, asked)
        answer = crowded.reader().search(asked)
        assert ({(hit.kind, hit.object_id) for hit in answer.hits}, answer.facets) == (hits, facets)
        assert hits > expected(many, plan("вода", "loan", lacking={"tag": ("fees",)}))[0]


def test_only_the_most_frequent_values_and_the_chosen_ones_are_told(engine: Engine) -> None:
    told = [document(number, facets={"tag": tuple("abcd"[: 1 + number % 4])}) for number in range(1, 9)]
    written(engine, *told)
    reader = engine.reader()
    assert [cell.value for cell in reader.search(plan(facets=("tag",), values=2)).facets["tag"]] == ["a", "b"]
    chosen = reader.search(plan(facets=("tag",), values=2, filters={"tag": ("d",)})).facets["tag"]
    assert [(cell.value, cell.count) for cell in chosen] == [("a", 8), ("b", 6), ("d", 2)]


def test_titles_are_completed_newest_first(engine: Engine) -> None:
    written(
        engine,
        document(1, "Три вечера у окна", date=10),
        document(2, "Вечер в подъезде", date=30),
        document(3, "Утро", "вечер", date=40),
        document(4, "Три веретена", date=20, kind="theme"),
    )

    def completed(*prefixes: tuple[str, ...], limit: int = 5) -> list[int]:
        return [hit.object_id for hit in engine.reader().complete(TitlePlan(scope(), prefixes, limit))]

    assert completed(("ве",)) == [2, 4, 1]
    assert completed(("ве",), limit=1) == [2]
    assert completed(("три",), ("веч",)) == [1]
    assert completed(("трн", "три"), ("веч", "вер")) == [4, 1]
    assert completed(("нет",)) == []


def test_similar_documents_share_the_telling_words(crowded: Engine, many: list[Document]) -> None:
    reader = crowded.reader()
    one = max((each for each in many if each.kind == "story"), key=lambda each: len(each.body))
    always = scope(at=NOW - 1)
    sketch = reader.sketch(scope(at=one.visible["read"].start), "story", one.object_id)
    assert sketch == {stem: told for stem, told in sketch.items() if told > 0} != {}
    assert reader.sketch(scope(purpose="promote"), "story", one.object_id) == {}
    assert reader.sketch(always, "theme", one.object_id) == {}
    wanted = similar_plan(always, "story", one.object_id, sketch, reader.rarity(sketch), 5)
    hits = reader.similar(wanted)
    assert 0 < len(hits) <= 5
    assert ("story", one.object_id) not in {(hit.kind, hit.object_id) for hit in hits}
    assert reader.similar(similar_plan(always, "story", 1, {}, {}, 5)) == ()


def test_words_are_known_only_as_far_as_their_documents_are(engine: Engine) -> None:
    written(
        engine,
        document(1, "Диспетчер", "обещала горячую воду"),
        document(2, "Канарейка", visible={"train": Window(0)}),
        document(3, "Вода", person="KD-1"),
    )
    for ahead in (None, will_ask("вода rfyfhtqrf KD-1 диспетчр")):
        known = engine.reader().vocabulary(scope(), ahead)
        frequencies = [known.frequency(analysis.stem(word)) for word in ("вода", "канарейка", "снег")]
        assert frequencies == [2, 0, 0]
        assert (known.has_code("kd-1"), known.has_code("s-2"), known.has_code("")) == (True, False, False)
        near = dict(known.near("диспетчр", "диспетчр", word_distance=1, stem_distance=1))
        assert near == {"диспетчер": analysis.stem("диспетчер")}
        assert known.near("диспетчр", "диспетчр", word_distance=0, stem_distance=0) == []


@pytest.mark.parametrize("words", [("вода", "лифт"), ("loan",), ("водагор",)])
def test_an_explanation_adds_up_to_the_score(crowded: Engine, words: tuple[str, ...]) -> None:
    asked = plan(*words)
    reader = crowded.reader()
    answer = reader.search(asked)
    for hit in answer.hits[:5]:
        told = reader.explain(asked, hit.kind, hit.object_id)
        assert told.total == pytest.approx(hit.score, rel=1e-4)
        assert told.total == pytest.approx(sum(part.score for part in told.parts))
        assert told.matched >= told.needed > 0
    hidden = plan(*words, scope=scope(purpose="promote"))
    assert reader.explain(hidden, "story", 1).parts == ()


def test_every_value_of_a_document_can_be_chosen(crowded: Engine, many: list[Document]) -> None:
    one = next(each for each in many if len(each.facets["tag"]) == 3)
    for facet in (*FACETS, "member"):
        asked = plan(filters={facet: values(one, facet)[:1]})
        answer = crowded.reader().search(asked)
        assert answer.total == len(expected(many, asked)[0])
