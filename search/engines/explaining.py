"""Why a document has its score: the ingredients of a plan, and how what an engine measured for each adds up."""

from collections.abc import Sequence
from dataclasses import dataclass

from search.engines.base import Explanation, Part
from search.plan import CODE_BOOST, GRAM_BOOST, LEAD_BOOST, PAIR_BOOST, TIE, TITLE_BOOST, Clause, Plan, Stage


@dataclass(frozen=True, slots=True)
class Ingredient:
    """One token (or two side by side) in one field; ``boost`` scales what the engine gives for it."""

    label: str
    tokens: tuple[str, ...]
    name: str
    field: str
    boost: float


@dataclass(frozen=True, slots=True)
class Group:
    """Ingredients of which the best counts, and the others ``tie`` times; ``counts`` makes a match of it."""

    members: tuple[Ingredient, ...]
    tie: float = 0.0
    counts: bool = False


def groups(plan: Plan, stage: Stage | None) -> list[Group]:
    """Everything that can give a document a score for a plan at a stage."""
    by_grams = stage is not None and stage.by_grams
    found = [] if by_grams else [_matching(clause) for clause in plan.clauses]
    found += [_lead(clause) for clause in plan.clauses if clause.alternatives]
    boost = 1.0 if by_grams else GRAM_BOOST
    grams = (Ingredient(gram, (gram,), "grams", "grams", boost) for gram in plan.grams)
    found += [Group((each,), counts=by_grams) for each in grams]
    pairs = (Ingredient(" ".join(pair), pair, "pairs", "stems", PAIR_BOOST) for pair in plan.pairs)
    return found + [Group((each,)) for each in pairs]


def members(found: Sequence[Group]) -> list[Ingredient]:
    """All ingredients of the groups, in order."""
    return [each for group in found for each in group.members]


def explanation(found: Sequence[Group], scores: Sequence[float], stage: Stage | None) -> Explanation:
    """Add up what each ingredient gave, in the order of ``members``; 0 means that it is not in the document."""
    parts: list[Part] = []
    left = iter(scores)
    matched = 0
    for group in found:
        given = [(each, next(left)) for each in group.members]
        best = max((score for _each, score in given), default=0.0)
        matched += group.counts and best > 0
        whole = True
        for each, score in given:
            share = 1.0 if whole and score == best else group.tie
            whole = whole and score != best
            if score and share:
                parts.append(Part(each.label, " ".join(each.tokens), each.name, score * share))
    total = sum(part.score for part in parts)
    return Explanation(tuple(parts), total, matched, stage.minimum if stage else 0)


def _matching(clause: Clause) -> Group:
    if clause.code:
        return Group((Ingredient(clause.code, (clause.code,), "code", "codes", CODE_BOOST),), counts=True)
    label = clause.alternatives[0].stem if clause.alternatives else ""
    fields = (("text", "stems", 1.0), ("title", "title", TITLE_BOOST))
    options = tuple(
        Ingredient(label, (each.stem,), name, field, each.weight * boost)
        for each in clause.alternatives
        for name, field, boost in fields
    )
    return Group(options, TIE, counts=True)


def _lead(clause: Clause) -> Group:
    label = clause.alternatives[0].stem
    return Group(
        tuple(
            Ingredient(label, (each.stem,), "lead", "lead", each.weight * LEAD_BOOST)
            for each in clause.alternatives
        )
    )
