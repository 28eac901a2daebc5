"""From what a person typed to a plan that any engine can carry out, without knowing the engine.

A word becomes a clause of alternatives of which the best one counts. A hit holds half of the words; where
that gives fewer than ten hits a third; where that gives fewer still any one of them; and only where no word
is found at all, shared runs of letters. Lead, grams and pairs never match, they only score.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from search import analysis, layout, spelling, understanding
from search.enums import Purpose, Sort, StageName
from search.grammar import Part
from search.spelling import Vocabulary
from search.thesaurus import NO_SYNONYMS, Thesaurus
from search.understanding import Understood

TEXT_LIMIT = 200
WORDS_LIMIT = 32
GRAMS_LIMIT = 60
DEPTH_LIMIT = 10_000
SIZE_LIMIT = 200
WANTED_HITS = 10
VALUES_LIMIT = 1000
# Looking for two frequent words side by side takes most of a search's time, and tells little.
PAIR_FREQUENCY = 4000
RARE_WEIGHT = 0.45
SYNONYM_WEIGHT = 0.6
ALTERNATIVES_LIMIT = 16

# What a match counts for where it is not the text itself. Chosen with `measure relevance --tuned` over 2,207 real and
# invented stories; a title that is only a category must not win, nor a word because it has many letters.
TITLE_BOOST = 1.2
LEAD_BOOST = 0.15
GRAM_BOOST = 0.2
PAIR_BOOST = 0.8
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

    No stage means browsing. ``phrases`` are runs of stems that must stand side by side in text or title, every
    one of them; ``without`` are clauses of which none may match; ``after`` (included) and ``before`` (excluded)
    bound the date of a document, epoch seconds, and leave out those without a date. ``filters`` map facets to values of
    which a document has one, ``lacking`` to values of which it has none; both may name, beside facets, ``member``
    (codes of people) and ``kind``. ``facets`` are names to count, each without its own choice
    in ``filters``; they may name ``kind``. ``gated`` maps facets to a purpose for which a document must be open too,
    beside the scope's, to have values of theirs. ``values`` is how many values of a facet are told, the most frequent
    and beside them the chosen ones. ``corrected`` is the query really used if it was repaired, ``meant`` another one to
    offer, ``also`` the synonyms looked for: words to show, which engines ignore.
    """

    scope: Scope
    clauses: tuple[Clause, ...] = ()
    grams: tuple[str, ...] = ()
    pairs: tuple[tuple[str, str], ...] = ()
    stages: tuple[Stage, ...] = ()
    phrases: tuple[tuple[str, ...], ...] = ()
    without: tuple[Clause, ...] = ()
    lacking: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    after: int | None = None
    before: int | None = None
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    facets: tuple[str, ...] = ()
    gated: Mapping[str, str] = field(default_factory=dict)
    values: int = VALUES_LIMIT
    sort: Sort = Sort.RELEVANCE
    offset: int = 0
    limit: int = 20
    wanted: int = WANTED_HITS
    corrected: str | None = None
    meant: str | None = None
    also: tuple[str, ...] = ()

    @property
    def together(self) -> list[str]:
        """Facets that are counted over the same hits: those without a choice and without a gate."""
        return [name for name in self.facets if name not in self.filters and name not in self.gated]

    @property
    def stems(self) -> frozenset[str]:
        """Every stem a match may rest on, for marking it in excerpts."""
        told = frozenset(each.stem for clause in self.clauses for each in clause.alternatives)
        return told.union(*self.phrases) if self.phrases else told


@dataclass(frozen=True, slots=True)
class TitlePlan:
    """Titles in which one of the alternatives of every prefix begins some word."""

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
    """The words of a query while they are being understood, chunk by chunk; ``shown`` has a text for each chunk."""

    clauses: dict[str, Clause] = field(default_factory=dict)
    typed: list[str] = field(default_factory=list)
    shown: list[str] = field(default_factory=list)
    meant: list[str] = field(default_factory=list)
    spoken: frozenset[str] = frozenset()
    repaired: bool = False


def plan(
    query: Query,
    scope: Scope,
    vocabulary: Vocabulary,
    facets: Sequence[str] = (),
    *,
    understood: Understood | None = None,
    thesaurus: Thesaurus = NO_SYNONYMS,
) -> Plan:
    """Turn a query into a plan, with the vocabulary its reader may know of.

    ``understood`` is the query's text with the values of its fields looked up; without it fields are words.
    """
    typed = understood or understanding.understand(query.text[:TEXT_LIMIT])
    said = typed if query.literal else _relaid(typed, vocabulary)
    base = replace(_bounded(query, scope, said, vocabulary), facets=tuple(facets), sort=_sort(query.sort))
    chunks = [part.text for part in said.words]
    if not base.phrases and not any(analysis.words(chunk) for chunk in chunks):
        return _browsing(base, is_asked=bool(chunks))
    spoken = thesaurus.stems if not query.literal else frozenset()
    reading = _read(chunks, vocabulary, literal=query.literal, spoken=spoken)
    clauses = list(reading.clauses.values())
    also: tuple[str, ...] = ()
    if not query.literal:
        clauses, also = _with_synonyms(reading.clauses, thesaurus, vocabulary)
    found = tuple(clause for clause in clauses if clause.alternatives or clause.code)
    quoted = _quoted(base.phrases, found)
    grams = _grams(reading.typed)
    stems = [_first_stem(clause) for clause in clauses]
    return replace(
        base,
        clauses=(*found, *quoted),
        grams=grams,
        pairs=tuple(_pairs((stems, *map(list, base.phrases)), vocabulary)),
        stages=stages(len(found), 0 if query.literal else len(grams), sure=len(quoted)),
        corrected=_rewritten(said, reading.shown) if reading.repaired or said.parts != typed.parts else None,
        meant=_meant(said, reading, vocabulary, literal=query.literal),
        also=also,
    )


def _pairs(runs: Sequence[list[str]], vocabulary: Vocabulary) -> Iterator[tuple[str, str]]:
    """Neighbours of which at least one is no frequent word."""
    for one, other in (pair for run in runs for pair in analysis.pairs(run)):
        if one and other and min(map(vocabulary.frequency, (one, other))) <= PAIR_FREQUENCY:
            yield one, other


def _browsing(base: Plan, *, is_asked: bool) -> Plan:
    """A plan without words: what dates, exclusions and choices leave; nothing, if only signs were typed."""
    bounded = base.without or base.lacking or base.after is not None or base.before is not None
    if is_asked and not bounded and not base.filters:
        return replace(base, stages=_nothing())
    return replace(base, sort=Sort.NEWEST)


def _quoted(phrases: Sequence[tuple[str, ...]], clauses: Sequence[Clause]) -> tuple[Clause, ...]:
    """Clauses for the words of phrases, so that they score too; whatever holds the phrases holds them all."""
    known = {_first_stem(clause) for clause in clauses}
    stems = dict.fromkeys(stem for phrase in phrases for stem in phrase if stem not in known)
    return tuple(Clause((Alternative(stem),)) for stem in stems)[
        : WORDS_LIMIT - min(len(clauses), WORDS_LIMIT)
    ]


def _bounded(query: Query, scope: Scope, said: Understood, vocabulary: Vocabulary) -> Plan:
    """A plan with everything of a query but its words."""
    chosen = {name: (*query.filters.get(name, ()), *values) for name, values in said.filters.items()}
    base = _paged(replace(query, filters={**query.filters, **chosen}), scope)
    phrases = tuple(_phrase(part.text) for part in said.phrases)
    return replace(
        base,
        phrases=tuple(filter(None, phrases)),
        without=tuple(_unwanted(said.left_out, vocabulary)),
        lacking=said.lacking,
        after=said.after,
        before=said.before,
    )


def _phrase(text: str) -> tuple[str, ...]:
    """The stems of a phrase in order; stop words are not in the index."""
    told = [word for word in analysis.words(text) if not analysis.is_stop(word)]
    return tuple(analysis.stem(word) for word in told)[:WORDS_LIMIT]


def _in_layout(text: str, vocabulary: Vocabulary) -> str:
    """A text with the words that were typed in the wrong layout put right."""
    return " ".join(layout.repair(text.split(), lambda stem: vocabulary.frequency(stem) > 0))


def _relaid(said: Understood, vocabulary: Vocabulary) -> Understood:
    """A query with its phrases and what it leaves out typed in the right layout."""
    changed: dict[int, Part] = {}
    for part in said.phrases:
        meant = _in_layout(part.text, vocabulary)
        if meant.split() != part.text.split():
            changed[id(part)] = replace(part, text=meant, source=f'"{meant}"')
    left_out = tuple(_in_layout(text, vocabulary) for text in said.left_out)
    if not changed:
        return replace(said, left_out=left_out)
    parts = tuple(changed.get(id(part), part) for part in said.parts)
    phrases = tuple(changed.get(id(part), part) for part in said.phrases)
    return replace(said, parts=parts, phrases=phrases, left_out=left_out)


def _unwanted(texts: Sequence[str], vocabulary: Vocabulary) -> Iterator[Clause]:
    """Clauses of what must not be there: words by their stems exactly, and codes."""
    for text in texts:
        if _is_code(text, vocabulary):
            yield Clause(code=analysis.code(text))
            continue
        for stem in _phrase(text):
            yield Clause((Alternative(stem),))


def _rewritten(said: Understood, shown: Sequence[str]) -> str:
    """The query with other words in the places of its own."""
    instead = dict(zip(map(id, said.words), shown, strict=True))
    return " ".join(instead.get(id(part), part.source) for part in said.parts)


def _meant(said: Understood, reading: _Reading, vocabulary: Vocabulary, *, literal: bool) -> str | None:
    """Another query to offer: the repair that was refused, or commoner words for rare ones that are known."""
    if literal:
        second = _read([part.text for part in said.words], vocabulary, literal=False)
        return _rewritten(said, second.shown) if second.repaired else None
    return _rewritten(said, reading.meant) if reading.meant != reading.shown else None


def _with_synonyms(
    clauses: Mapping[str, Clause], thesaurus: Thesaurus, vocabulary: Vocabulary
) -> tuple[list[Clause], tuple[str, ...]]:
    """Clauses with the synonyms of their words as further alternatives, and the synonyms that can be found."""
    order = [stem if stem in thesaurus.stems else _first_stem(clause) for stem, clause in clauses.items()]
    widened, also = list(clauses.values()), []
    for match in thesaurus.matches(order):
        stem = _rarest(match.stems, vocabulary)
        if stem is None:
            continue
        also.append(match.label)
        for place in match.places:
            known = {each.stem for each in widened[place].alternatives}
            if stem not in known and len(known) < ALTERNATIVES_LIMIT:
                extra = Alternative(stem, SYNONYM_WEIGHT)
                widened[place] = replace(widened[place], alternatives=(*widened[place].alternatives, extra))
    return widened, tuple(dict.fromkeys(also))


def _rarest(stems: Sequence[str], vocabulary: Vocabulary) -> str | None:
    """The stem that says most of a synonym of several words; nothing if one of them is in no document."""
    counted = [(vocabulary.frequency(stem), stem) for stem in stems]
    return min(counted)[1] if counted and all(count for count, _stem in counted) else None


def stages(clauses: int, grams: int, *, sure: int = 0) -> tuple[Stage, ...]:
    """The attempts for a number of clauses; one that asks for no less than the one before is left out.

    ``sure`` clauses beside them are in every document anyway, because they belong to phrases.
    """
    if sure and not clauses:
        return (Stage(StageName.HALF, sure),)
    shares = ((StageName.HALF, 0.5), (StageName.THIRD, 0.3), (StageName.ANY, 0.0))
    found: list[Stage] = []
    for name, share in shares if clauses else ():
        minimum = max(1, math.ceil(clauses * share)) + sure
        if not found or minimum < found[-1].minimum:
            found.append(Stage(name, minimum))
    if grams:
        found.append(Stage(StageName.PARTS, max(1, math.ceil(grams * 0.6)), by_grams=True))
    return tuple(found) or _nothing()


def title_plans(text: str, scope: Scope, limit: int, vocabulary: Vocabulary) -> Iterator[TitlePlan]:
    """Plans for completing ``text``: as typed, as if typed in the other layout, then with words near the typed ones.

    They are made one by one: the last asks the vocabulary and is seldom needed.
    """
    typed = analysis.clean(text[:TEXT_LIMIT])
    readings = [analysis.words(each)[:WORDS_LIMIT] for each in (typed, layout.swap(typed))]
    for words in filter(None, readings):
        yield TitlePlan(scope, tuple((_cut(word),) for word in words), limit)
    for words in filter(None, readings):
        near = _near_prefixes(words, vocabulary)
        if any(len(alternatives) > 1 for alternatives in near):
            yield TitlePlan(scope, near, limit)


def _near_prefixes(words: Sequence[str], vocabulary: Vocabulary) -> tuple[tuple[str, ...], ...]:
    """Alternatives for each prefix: as typed, and beginnings that differ by one letter."""
    return tuple((_cut(word), *_slips(word, vocabulary)) for word in words)


def _slips(word: str, vocabulary: Vocabulary) -> list[str]:
    """Beginnings of known words that a slip of one letter may have meant."""
    if len(word) <= spelling.SHORTEST:
        return []
    return [_cut(each.word) for each in spelling.candidates(word, vocabulary)]


def _cut(word: str) -> str:
    return word[: analysis.PREFIX_LIMIT]


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


def _read(
    chunks: list[str], vocabulary: Vocabulary, *, literal: bool, spoken: frozenset[str] = frozenset()
) -> _Reading:
    """Understand words one by one; stems in ``spoken`` are known although perhaps no document holds them."""
    reading = _Reading(spoken=spoken)
    codes = {chunk for chunk in chunks if _is_code(chunk, vocabulary)}
    plain = [chunk for chunk in chunks if chunk not in codes]
    repaired = plain
    if not literal:
        repaired = layout.repair(plain, lambda stem: stem in spoken or vocabulary.frequency(stem) > 0)
    reading.repaired = repaired != plain
    only_stops = all(analysis.is_stop(word) for chunk in repaired for word in analysis.words(chunk))
    meant = iter(repaired)
    for chunk in chunks:
        if chunk in codes:
            reading.clauses[chunk] = Clause(code=analysis.code(chunk))
            reading.shown.append(chunk)
            reading.meant.append(chunk)
        else:
            _read_chunk(next(meant), reading, vocabulary, literal=literal, keep_stops=only_stops)
    return reading


def _is_code(chunk: str, vocabulary: Vocabulary) -> bool:
    """Codes hold a digit or a hyphen: only such chunks are worth asking for."""
    return any(sign.isdigit() or sign == "-" for sign in chunk) and vocabulary.has_code(analysis.code(chunk))


def _read_chunk(
    chunk: str, reading: _Reading, vocabulary: Vocabulary, *, literal: bool, keep_stops: bool
) -> None:
    shown: list[str] = []
    commoner: list[str] = []
    words = analysis.words(chunk)
    for word in words:
        used = offered = word
        if (keep_stops or not analysis.is_stop(word)) and len(reading.clauses) < WORDS_LIMIT:
            exact = literal or (
                analysis.stem(word) in reading.spoken and not vocabulary.frequency(analysis.stem(word))
            )
            clause, used, offered = _clause(word, vocabulary, literal=exact)
            reading.clauses.setdefault(analysis.stem(word), clause)
            reading.typed.append(used)
        shown.append(used)
        commoner.append(offered)
    reading.repaired = reading.repaired or shown != words
    reading.shown.append(" ".join(shown) if shown != words else chunk)
    reading.meant.append(" ".join(commoner) if commoner != shown else reading.shown[-1])


def _clause(word: str, vocabulary: Vocabulary, *, literal: bool) -> tuple[Clause, str, str]:
    """The clause for one word, the word it was taken for, and the word to offer instead."""
    stem = analysis.stem(word)
    if literal or analysis.is_stop(word):
        return Clause((Alternative(stem),)), word, word
    if frequency := vocabulary.frequency(stem):
        slips = spelling.commoner(word, frequency, vocabulary)
        others = (Alternative(each.stem, RARE_WEIGHT) for each in slips)
        return Clause((Alternative(stem), *others)), word, slips[0].word if slips else word
    found = spelling.candidates(word, vocabulary) or _swapped(word, vocabulary)
    alternatives = tuple(Alternative(each.stem, each.weight) for each in found)
    used = found[0].word if found else word
    return Clause(alternatives), used, used


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
