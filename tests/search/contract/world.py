"""Documents, plans, and what an answer has to be, worked out by looking at every document."""

import random
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from search import analysis
from search.analysis import Analysed
from search.documents import Document, Window
from search.engines.base import PEOPLE, Cell
from search.plan import Alternative, Clause, Plan, Scope, Stage
from search.plan import stages as planned_stages

NOW = 1_000_000
WORDS = [
    "вода",
    "горячая",
    "лифт",
    "подъезд",
    "диспетчер",
    "мастер",
    "счёт",
    "телефон",
    "квитанция",
    "сосед",
    "стояк",
    "вечер",
    "ждали",
    "обещали",
    "loan",
    "fee",
    "bank",
    "account",
    "payment",
    "letter",
    "charged",
    "manager",
    "branch",
    "statement",
    "calling",
    "employer",
    "twice",
    "closed",
]
TAGS = ("hot-water", "waiting", "fees", "calls", "silence")
FACETS = ("tag", "year", "kind")


def document(object_id: int, title: str = "Вода", body: str = "", **fields: Any) -> Document:
    """One document that everybody may find, unless told otherwise."""
    given: dict[str, Any] = {
        "kind": "story", "external_id": f"s-{object_id}", "url": f"/{object_id}/", "language": "ru",
        "fingerprint": f"f{object_id}", "person": f"KD-{object_id}", "visible": {"read": Window(0)},
    }  # fmt: skip
    return Document(object_id=object_id, title=title, body=body, **(given | fields))


def crowd(count: int, seed: int = 5) -> list[Document]:
    """Documents of all sorts: several kinds, people, audiences, windows, dates or none, words of both languages."""
    chance = random.Random(seed)
    return [
        document(
            number,
            title=" ".join(chance.choices(WORDS, k=chance.randint(1, 4))).capitalize(),
            body=" ".join(chance.choices(WORDS, k=chance.randint(0, 40))),
            lead=" ".join(chance.choices(WORDS, k=3)) if chance.random() < 0.5 else "",
            kind=chance.choice(("story", "story", "theme")),
            person=f"KD-{chance.randint(1, 15)}",
            date=chance.choice((None, chance.randint(-NOW, 2 * NOW))),
            facets={"tag": tuple(chance.sample(TAGS, chance.randint(0, 3))), "year": (str(chance.randint(2020, 2023)),)},
            audience=chance.choice((("*",), ("*",), ("7",), ("7", "8"))),
            visible=trained(number)
            | {"read": Window(chance.randint(0, NOW + 10), chance.choice((None, NOW, NOW + 5)))}
            if chance.random() < 0.9
            else {"train": Window(0)},
        )
        for number in range(1, count + 1)
    ]  # fmt: skip


def trained(number: int) -> dict[str, Window]:
    """For two of three documents a window for a second purpose, some of them over."""
    return {"train": Window(number % 7, None if number % 2 else NOW - number % 5)} if number % 3 else {}


def scope(**fields: Any) -> Scope:
    """What a superuser may find now."""
    given: dict[str, Any] = {"purpose": "read", "at": NOW, "audience": None}
    return Scope(**(given | fields))


def clause(*words: str) -> Clause:
    """A clause whose first word counts whole and the others less."""
    return Clause(
        tuple(Alternative(analysis.stem(word), 1.0 / (place + 1)) for place, word in enumerate(words))
    )


def plan(*words: str, minimum: int | None = None, **fields: Any) -> Plan:
    """A plan for words as a reader's query would be planned; ``minimum`` asks for one stage with so many of them."""
    stems = [analysis.stem(word) for word in words]
    grams = tuple(dict.fromkeys(gram for word in words for gram in analysis.grams(word)))
    given: dict[str, Any] = {
        "scope": scope(),
        "clauses": tuple(clause(word) for word in words),
        "grams": grams,
        "pairs": tuple(analysis.pairs(stems)),
        "limit": 100,
    }
    if words:
        stages = planned_stages(len(words), len(grams))
        given["stages"] = stages if minimum is None else (replace(stages[0], minimum=minimum),)
    return Plan(**(given | fields))


def holds(told: Analysed, each: Clause) -> bool:
    """Whether a clause matches a document."""
    if each.code:
        return each.code in told.codes
    tokens = {*told.stems.split(), *told.title.split()}
    return any(option.stem in tokens for option in each.alternatives)


def stands(told: Analysed, phrase: Sequence[str]) -> bool:
    """Whether stems stand side by side in a document."""
    return f" {' '.join(phrase)} " in f" {told.stems} "


def allowed(one: Document, asked: Plan) -> bool:
    """Whether a document lies inside the limits of a plan, its chosen facets left out of account."""
    inside, analysed = asked.scope, analysis.analyse(one)
    window = one.visible.get(inside.purpose)
    return bool(
        window
        and window.holds(inside.at)
        and (inside.audience is None or set(inside.audience) & set(one.audience))
        and (not inside.kinds or one.kind in inside.kinds)
        and one.object_id not in inside.excluded.get(one.kind, frozenset())
        and all(stands(analysed, phrase) for phrase in asked.phrases)
        and not any(holds(analysed, each) for each in asked.without)
        and not any(set(unwanted) & set(told(one, name, asked)) for name, unwanted in asked.lacking.items())
        and (asked.after is None or (one.date is not None and one.date >= asked.after))
        and (asked.before is None or (one.date is not None and one.date < asked.before))
    )


def matches(one: Document, asked: Plan, stage: Stage | None) -> bool:
    """Whether a document is a hit at a stage, limits left out of account."""
    if stage is None:
        return True
    told = analysis.analyse(one)
    if stage.by_grams:
        found = set(told.grams.split())
        return sum(gram in found for gram in asked.grams) >= stage.minimum
    return sum(holds(told, each) for each in asked.clauses) >= stage.minimum


def values(one: Document, facet: str) -> tuple[str, ...]:
    """The values of a document in a facet."""
    own = {"kind": (one.kind,), "member": (one.person,)}
    return own[facet] if facet in own else one.facets.get(facet, ())


def told(one: Document, facet: str, asked: Plan) -> tuple[str, ...]:
    """The values of a document in a facet, if it is open for the purpose that the facet asks for."""
    if facet in asked.gated:
        window = one.visible.get(asked.gated[facet])
        if window is None or not window.holds(asked.scope.at):
            return ()
    return values(one, facet)


def passing(found: Iterable[Document], asked: Plan, without: str = "") -> list[Document]:
    """Documents with one of the chosen values in every facet but one."""
    filters = {name: set(chosen) for name, chosen in asked.filters.items() if name != without}
    return [one for one in found if all(chosen & set(told(one, name, asked)) for name, chosen in filters.items())]


def expected(
    documents: Sequence[Document], asked: Plan
) -> tuple[set[tuple[str, int]], dict[str, tuple[Cell, ...]]]:
    """Hits and facets of a plan by looking at every document."""
    reach = [one for one in documents if allowed(one, asked)]
    found = [one for one in reach if matches(one, asked, None)]
    for place, stage in enumerate(asked.stages):
        found = [one for one in reach if matches(one, asked, stage)]
        following = asked.stages[place + 1] if place + 1 < len(asked.stages) else None
        if following is None or len(found) >= (1 if following.by_grams else asked.wanted):
            break
    facets = {
        name: cells(passing(found, asked, without=name), name, asked) for name in asked.facets
    }
    return {(one.kind, one.object_id) for one in passing(found, asked)}, facets


def cells(found: Sequence[Document], facet: str, asked: Plan) -> tuple[Cell, ...]:
    """The cells of a facet over documents."""
    people: dict[str, list[str]] = {}
    for one in found:
        for value in told(one, facet, asked):
            people.setdefault(value, []).append(one.person)
    counted = [Cell(value, len(all_), min(len(set(all_)), PEOPLE)) for value, all_ in people.items()]
    return tuple(sorted(counted, key=lambda cell: (-cell.count, cell.value)))
