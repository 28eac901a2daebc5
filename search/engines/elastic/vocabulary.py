"""The words of visible documents, asked for many at a time: each question to a server costs milliseconds."""

from collections.abc import Iterable, Mapping
from typing import Any

from elasticsearch.dsl import Search
from elasticsearch.dsl.query import Bool, Fuzzy

from search.engines.elastic import compiler
from search.engines.elastic.client import Connection
from search.engines.elastic.names import Names
from search.engines.expecting import Expected
from search.engines.keys import NEAR_READ, nearest
from search.plan import Scope

Token = tuple[str, str]  # field and value


class ElasticVocabulary:
    """Words of the documents inside a scope; whatever lies outside is not known to exist."""

    def __init__(self, connection: Connection, names: Names, scope: Scope, expected: Expected) -> None:
        self._connection = connection
        self._names = names
        self._limits = compiler.within(scope)
        self._seen: dict[Token, int] = {}
        self._expected: list[Token] = [("stems", stem) for stem in expected.stems]
        self._expected += [("codes", code) for code in expected.codes]

    def frequency(self, stem: str) -> int:
        """Number of visible documents with this stem."""
        return self._visible(("stems", stem))

    def has_code(self, code: str) -> bool:
        """Whether a visible document carries exactly this code."""
        return bool(code) and self._visible(("codes", code)) > 0

    def near(self, word: str, stem: str, *, word_distance: int, stem_distance: int) -> list[tuple[str, str]]:
        """Pairs of word and stem within one of the two distances; their frequencies are asked for at once."""
        asked = (("word", word, word_distance), ("stem", stem, stem_distance))
        options = [_fuzzy(*each) for each in asked if each[2]]
        if not options:
            return []
        search = Search(index=self._names.in_use.words).query(Bool(should=options, minimum_should_match=1))
        entries = self._execute(search.extra(size=NEAR_READ, track_total_hits=False))["hits"]["hits"]
        found = nearest(((each["_source"]["word"], each["_source"]["stem"]) for each in entries), word, stem)
        self._ask(("stems", near) for _word, near in found)
        return found

    def _visible(self, token: Token) -> int:
        if token not in self._seen:
            self._ask([token, *self._expected])
            self._expected = []
        return self._seen[token]

    def _ask(self, tokens: Iterable[Token]) -> None:
        """Count tokens in one request."""
        wanted = [token for token in dict.fromkeys(tokens) if token not in self._seen]
        if not wanted:
            return
        search = Search(index=self._names.in_use.documents).query(self._limits.around())
        search.aggs.bucket(
            "found", compiler.each_of([compiler.any_of(field, [value]) for field, value in wanted])
        )
        response = self._execute(search.extra(size=0, track_total_hits=False))
        self._seen |= dict(zip(wanted, compiler.counted(response, "found"), strict=True))

    def _execute(self, search: Search[Any]) -> Mapping[str, Any]:
        with self._connection.asking() as client:
            answer: Mapping[str, Any] = search.using(client).execute().to_dict()
            return answer


def _fuzzy(field: str, value: str, distance: int) -> Fuzzy:
    return Fuzzy(
        field,
        {"value": value, "fuzziness": distance, "transpositions": True, "rewrite": "constant_score"},
    )
