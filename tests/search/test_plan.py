"""From a text to clauses and stages."""

import pytest

from search import analysis, plan
from search.enums import Sort, StageName
from search.plan import Query, Scope, Stage

SCOPE = Scope("read", 0, None)


class Words:
    """A vocabulary that knows stems and codes, and offers every known word as near."""

    def __init__(self, *words: str, codes: tuple[str, ...] = ()) -> None:
        self.words = words
        self.codes = codes

    def frequency(self, stem: str) -> int:
        return int(stem in map(analysis.stem, self.words))

    def near(self, word: str, stem: str, *, word_distance: int, stem_distance: int) -> list[tuple[str, str]]:
        return [(each, analysis.stem(each)) for each in self.words]

    def has_code(self, code: str) -> bool:
        return code in self.codes


def planned(text: str, words: Words | None = None, **fields: object) -> plan.Plan:
    return plan.plan(Query(text, **fields), SCOPE, words or Words("вода", "клиент", "вечер"))  # type: ignore[arg-type]


def test_no_text_means_browsing_newest_first() -> None:
    browse = planned("  \x00 ")
    assert (browse.stages, browse.sort) == ((), Sort.NEWEST)


def test_signs_without_words_find_nothing_instead_of_everything() -> None:
    assert planned("?!").stages == (Stage(StageName.ANY, 1),)
    assert planned("?!").clauses == ()


@pytest.mark.parametrize(
    ("clauses", "minimums"), [(1, [1]), (2, [1]), (3, [2, 1]), (4, [2, 1]), (7, [4, 3, 1]), (10, [5, 3, 1])]
)
def test_stages_ask_for_half_then_a_third_then_any(clauses: int, minimums: list[int]) -> None:
    assert [stage.minimum for stage in plan.stages(clauses, 0)] == minimums


def test_shared_letters_are_the_last_resort_and_never_for_a_literal_search() -> None:
    assert planned("вода").stages[-1].by_grams
    assert not any(stage.by_grams for stage in planned("вода", literal=True).stages)


def test_stop_words_are_dropped_unless_there_is_nothing_else() -> None:
    assert planned("вода и клиент").stems == {"вод", "клиент"}
    assert planned("кто там").stems == {"кто", "там"}


def test_a_repeated_word_counts_once() -> None:
    assert len(planned("вода воды воде клиент").clauses) == 2


def test_a_typo_is_repaired_and_said() -> None:
    assert planned("клеинт").corrected == "клиент"
    assert planned("вода клеинт").corrected == "вода клиент"


def test_the_wrong_layout_is_repaired_and_said() -> None:
    assert planned("rkbtyn").corrected == "клиент"
    assert planned("djlf rkbtyn").stems == {"вод", "клиент"}


def test_a_typo_in_the_wrong_layout_is_repaired() -> None:
    assert planned("rktbyn").corrected == "клиент"


def test_a_literal_search_repairs_nothing() -> None:
    literal = planned("rkbtyn клеинт", literal=True)
    assert literal.corrected is None
    assert literal.stems == {analysis.stem("rkbtyn"), analysis.stem("клеинт")}


def test_an_unknown_word_has_no_clause_but_grams() -> None:
    unknown = planned("абракадабра")
    assert (unknown.clauses, unknown.corrected) == ((), None)
    assert "абра" in unknown.grams


def test_an_exact_code_is_a_clause_of_its_own() -> None:
    codes = planned("KD-482913-7", Words(codes=("kd-482913-7",)))
    assert [clause.code for clause in codes.clauses] == ["kd-482913-7"]


def test_the_length_of_the_text_and_the_number_of_words_are_limited() -> None:
    assert (
        len(planned(" ".join(f"x{number}" for number in range(500)), literal=True).clauses)
        <= plan.WORDS_LIMIT
    )


@pytest.mark.parametrize(
    ("page", "size", "offset", "limit"),
    [
        (1, 20, 0, 20),
        (3, 20, 40, 20),
        (0, 20, 0, 20),
        (-5, 0, 0, 1),
        (10**9, 20, plan.DEPTH_LIMIT, 20),
        (1, 10**9, 0, 200),
    ],
)
def test_pages_are_kept_within_limits(page: int, size: int, offset: int, limit: int) -> None:
    made = planned("вода", page=page, size=size)
    assert (made.offset, made.limit) == (offset, limit)


def test_an_unknown_sort_is_relevance() -> None:
    assert planned("вода", sort="'; drop").sort == Sort.RELEVANCE


class Frequent(Words):
    """A vocabulary of words that stand nearly everywhere, but for one."""

    def frequency(self, stem: str) -> int:
        return 5 if stem == "вод" else plan.PAIR_FREQUENCY + 1


def test_two_frequent_words_are_not_looked_for_side_by_side() -> None:
    assert planned("клиент вечер вода", Frequent()).pairs == (("вечер", "вод"),)


def test_pairs_are_neighbours_of_the_query() -> None:
    assert planned("вечер вода клиент").pairs == (("вечер", "вод"), ("вод", "клиент"))


def test_a_similar_plan_prefers_frequent_and_rare_stems() -> None:
    made = plan.similar_plan(SCOPE, "note", 1, {"a": 4, "b": 1, "c": 1}, {"a": 1.0, "b": 5.0}, 3)
    assert [each.stem for each in made.stems] == ["b", "a"]
    assert made.stems[0].weight == 1.0
