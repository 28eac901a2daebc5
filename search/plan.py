"""From what a person typed to a plan that any engine can carry out, without knowing the engine.

A word becomes a clause of alternatives of which the best one counts. A hit holds half of the words; where
that gives fewer than ten hits a third; where that gives fewer still any one of them; and only where no word
is found at all, shared runs of letters. Lead, grams and pairs never match, they only score.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from search import analysis, layout, spelling
from search.enums import Purpose, Sort, StageName
from search.spelling import Vocabulary

TEXT_LIMIT = 200
WORDS_LIMIT = 32
GRAMS_LIMIT = 60
DEPTH_LIMIT = 10_000
SIZE_LIMIT = 200
WANTED_HITS = 10
RARE_WEIGHT = 0.45

# What a match counts for where it is not the text itself. Found by looking for 400 of 2,183 real complaints
# again by passages and by four of their words, with and without a typo; a title that is only a category must
# not win.
TITLE_BOOST = 1.5
LEAD_BOOST = 0.2
GRAM_BOOST = 0.3
PAIR_BOOST = 0.6
CODE_BOOST = 20.0
TIE = 0.1


@dataclass(frozen=True, slots=True)
class Query:
    """What a reader asks for. ``filters`` map facet names to chosen values: any of them, in every facet."""

    text: str = ""
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    page: int = 1
    size: int = 20
    sort: str = Sort.RELEVANCE
    purpose: str = Purpose.READ
    kinds: tuple[str, ...] = ()
    literal: bool = False


@dataclass(frozen=True, slots=True)
class Scope:
    """What one reader may be told of: every answer of an engine stays inside.

    ``at`` is epoch seconds; ``audience`` are the values of which a document must carry one, nothing for a
    reader to whom no audience is closed; ``excluded`` are ids by kind whose state the index may not know yet.
    """

    purpose: str
    at: int
    audience: tuple[str, ...] | None
    kinds: tuple[str, ...] = ()
    excluded: Mapping[str, frozenset[int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Alternative:
    """A stem that may stand for a word of the query; ``weight`` scales its score."""

    stem: str
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Clause:
    """One word of the query (the best alternative counts), or one exact code."""

    alternatives: tuple[Alternative, ...] = ()
    code: str = ""


@dataclass(frozen=True, slots=True)
class Stage:
    """One attempt: at least ``minimum`` clauses must match, or that many grams where ``by_grams`` is set."""

    name: StageName
    minimum: int
    by_grams: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """A search, ready to be compiled. Stages are tried in order until one gives ``wanted`` hits.

    No stage means browsing. ``facets`` are names to count, each without its own choice in ``filters``.
    ``phrases`` are runs of stems that must stand side by side, every one of them; of ``without`` no clause may match;
    ``after`` (included) and ``before`` (excluded) are epoch seconds, and what has no date lies in no span.
    """

    scope: Scope
    clauses: tuple[Clause, ...] = ()
    grams: tuple[str, ...] = ()
    pairs: tuple[tuple[str, str], ...] = ()
    stages: tuple[Stage, ...] = ()
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    facets: tuple[str, ...] = ()
    sort: Sort = Sort.RELEVANCE
    offset: int = 0
    limit: int = 20
    wanted: int = WANTED_HITS
    corrected: str | None = None
    phrases: tuple[tuple[str, ...], ...] = ()
    without: tuple[Clause, ...] = ()
    after: int | None = None
    before: int | None = None

    @property
    def stems(self) -> frozenset[str]:
        """Every stem a match may rest on, for marking it in excerpts."""
        return frozenset(each.stem for clause in self.clauses for each in clause.alternatives)


@dataclass(frozen=True, slots=True)
class TitlePlan:
    """Titles in which, for each word, one of its prefixes begins some word."""

    scope: Scope
    prefixes: tuple[tuple[str, ...], ...]
    limit: int


@dataclass(frozen=True, slots=True)
class SimilarPlan:
    """Documents that share weighted stems with one, which is itself left out."""

    scope: Scope
    kind: str
    object_id: int
    stems: tuple[Alternative, ...]
    limit: int


@dataclass(slots=True)
class _Reading:
    """A query while it is being understood, chunk by chunk."""

    clauses: dict[str, Clause] = field(default_factory=dict)
    typed: list[str] = field(default_factory=list)
    shown: list[str] = field(default_factory=list)
    repaired: bool = False


def plan(query: Query, scope: Scope, vocabulary: Vocabulary, facets: Sequence[str] = ()) -> Plan:
    """Turn a query into a plan, with the vocabulary its reader may know of."""
    base = replace(_paged(query, scope), facets=tuple(facets), sort=_sort(query.sort))
    chunks = analysis.clean(query.text[:TEXT_LIMIT]).split()
    if not any(analysis.words(chunk) for chunk in chunks):
        return replace(base, sort=Sort.NEWEST) if not chunks else replace(base, stages=_nothing())
    reading = _read(chunks, vocabulary, literal=query.literal)
    stems = [_first_stem(clause) for clause in reading.clauses.values()]
    found = tuple(clause for clause in reading.clauses.values() if clause.alternatives or clause.code)
    grams = _grams(reading.typed)
    return replace(
        base,
        clauses=found,
        grams=grams,
        pairs=tuple(pair for pair in analysis.pairs(stems) if all(pair)),
        stages=stages(len(found), 0 if query.literal else len(grams)),
        corrected=" ".join(reading.shown) if reading.repaired else None,
    )


def stages(clauses: int, grams: int) -> tuple[Stage, ...]:
    """The attempts for a number of clauses; one that asks for no less than the one before is left out."""
    shares = ((StageName.HALF, 0.5), (StageName.THIRD, 0.3), (StageName.ANY, 0.0))
    found: list[Stage] = []
    for name, share in shares if clauses else ():
        minimum = max(1, math.ceil(clauses * share))
        if not found or minimum < found[-1].minimum:
            found.append(Stage(name, minimum))
    if grams:
        found.append(Stage(StageName.PARTS, max(1, math.ceil(grams * 0.6)), by_grams=True))
    return tuple(found) or _nothing()


def title_plans(text: str, scope: Scope, limit: int) -> list[TitlePlan]:
    """Plans for completing ``text``: as typed, then as if typed in the other keyboard layout."""
    typed = analysis.clean(text[:TEXT_LIMIT])
    readings = (analysis.words(typed), analysis.words(layout.swap(typed)))
    prefixes = (tuple((word[: analysis.PREFIX_LIMIT],) for word in each[:WORDS_LIMIT]) for each in readings)
    return [TitlePlan(scope, each, limit) for each in prefixes if each]


def similar_plan(
    scope: Scope,
    kind: str,
    object_id: int,
    sketch: Mapping[str, int],
    rarity: Mapping[str, float],
    limit: int,
) -> SimilarPlan:
    """Rank the stems of a document by frequency times rarity and ask for the 25 that tell most of it."""
    weights = {stem: math.sqrt(count) * rarity[stem] for stem, count in sketch.items() if rarity.get(stem)}
    best = sorted(weights, key=lambda stem: (-weights[stem], stem))[:25]
    top = max((weights[stem] for stem in best), default=1.0)
    stems = tuple(Alternative(stem, weights[stem] / top) for stem in best)
    return SimilarPlan(scope, kind, object_id, stems, limit)


def _paged(query: Query, scope: Scope) -> Plan:
    size = min(max(query.size, 1), SIZE_LIMIT)
    offset = min((max(query.page, 1) - 1) * size, DEPTH_LIMIT)
    filters = {name: tuple(values) for name, values in query.filters.items() if values}
    return Plan(scope=scope, filters=filters, offset=offset, limit=size)


def _sort(value: str) -> Sort:
    return Sort(value) if value in Sort.values else Sort.RELEVANCE


def _nothing() -> tuple[Stage, ...]:
    """The one stage of a text with nothing to look for in it: it has no clauses, so it finds nothing."""
    return (Stage(StageName.ANY, 1),)


def _read(chunks: list[str], vocabulary: Vocabulary, *, literal: bool) -> _Reading:
    reading = _Reading()
    codes = [chunk for chunk in chunks if _is_code(chunk, vocabulary)]
    plain = [chunk for chunk in chunks if chunk not in codes]
    repaired = plain if literal else layout.repair(plain, lambda stem: vocabulary.frequency(stem) > 0)
    reading.repaired = repaired != plain
    for chunk in codes:
        reading.clauses[chunk] = Clause(code=analysis.code(chunk))
        reading.shown.append(chunk)
    only_stops = all(analysis.is_stop(word) for chunk in repaired for word in analysis.words(chunk))
    for chunk in repaired:
        _read_chunk(chunk, reading, vocabulary, literal=literal, keep_stops=only_stops)
    return reading


def _is_code(chunk: str, vocabulary: Vocabulary) -> bool:
    """Codes hold a digit or a hyphen: only such chunks are worth asking for."""
    return any(sign.isdigit() or sign == "-" for sign in chunk) and vocabulary.has_code(analysis.code(chunk))


def _read_chunk(
    chunk: str, reading: _Reading, vocabulary: Vocabulary, *, literal: bool, keep_stops: bool
) -> None:
    shown: list[str] = []
    changed = False
    for word in analysis.words(chunk):
        meant = word
        if (keep_stops or not analysis.is_stop(word)) and len(reading.clauses) < WORDS_LIMIT:
            clause, meant = _clause(word, vocabulary, literal=literal)
            reading.clauses.setdefault(analysis.stem(word), clause)
            reading.typed.append(meant)
        shown.append(meant)
        changed = changed or meant != word
    reading.repaired = reading.repaired or changed
    reading.shown.append(" ".join(shown) if changed else chunk)


def _clause(word: str, vocabulary: Vocabulary, *, literal: bool) -> tuple[Clause, str]:
    """The clause for one word, and the word that was probably meant."""
    stem = analysis.stem(word)
    if literal or analysis.is_stop(word):
        return Clause((Alternative(stem),)), word
    if frequency := vocabulary.frequency(stem):
        slips = spelling.commoner(word, frequency, vocabulary)
        return Clause((Alternative(stem), *(Alternative(each.stem, RARE_WEIGHT) for each in slips))), word
    found = spelling.candidates(word, vocabulary) or _swapped(word, vocabulary)
    alternatives = tuple(Alternative(each.stem, each.weight) for each in found)
    return Clause(alternatives), found[0].word if found else word


def _swapped(word: str, vocabulary: Vocabulary) -> list[spelling.Candidate]:
    """Candidates for a word that has a typo and the wrong layout at once."""
    swapped = analysis.words(layout.swap(word))
    if len(swapped) != 1 or len(swapped[0]) <= spelling.SHORTEST:
        return []
    return [each for each in spelling.candidates(swapped[0], vocabulary) if each.distance <= 1]


def _first_stem(clause: Clause) -> str:
    return clause.alternatives[0].stem if clause.alternatives else ""


def _grams(words: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(gram for word in words for gram in analysis.grams(word)))[:GRAMS_LIMIT]
