"""How well the right story comes first: MRR@10 of the product, on one engine or both, against tantivy as it comes.

Two sets of questions over the stories of this install: *judged*, written by people (``tests/search/judged``,
questions and external ids), and *known items*, sentences of the stories themselves. Each is asked in five ways:
clean, with one typo, by its two or three rarest words, by those with a typo, and wholly typed in the wrong keyboard
layout. Anything that is tuned is tuned on the half of the questions whose hash is even; figures are of the other half.
"""

import hashlib
import json
import random
import re
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import tantivy

from search import analysis, layout, registry, understanding
from search import plan as planning
from search.documents import Document
from search.engines import open_engine
from search.engines.base import Answer, Engine
from search.engines.elastic.engine import ElasticEngine
from search.engines.expecting import expected
from search.plan import Query, Scope
from search.understanding import Understood

DEPTH = 10
BATCH = 500
SENTENCES = {
    "ru": 14,
    "en": 1,
}  # known items from one story; there are few Russian stories and many English ones
MOST = 700  # known items of one language
SENTENCE = re.compile(r"[^.!?…\n]+")
VARIANTS = ("clean", "typo", "keywords", "keywords, typo", "wrong layout")
LETTERS = {"ru": "абвгдежзиклмнопрстуфхцчшщыэюя", "en": "abcdefghijklmnopqrstuvwxyz"}

EMBEDDED = "embedded"
Search = Callable[[str], "Found"]


@dataclass(frozen=True, slots=True)
class Question:
    """A text and the external ids of the stories it should find."""

    qid: str
    source: str
    language: str
    text: str
    relevant: frozenset[str]
    variant: str = "clean"

    @property
    def is_held_out(self) -> bool:
        """Whether it belongs to the half that nothing is tuned on."""
        return hashlib.sha256(self.qid.encode()).digest()[0] % 2 == 1


@dataclass(frozen=True, slots=True)
class Found:
    """External ids, the best first, and how many stories were found at all."""

    ids: Sequence[str]
    total: int = 0


@dataclass(frozen=True, slots=True)
class CellFigure:
    """MRR@10 of one set, language and variant; ``elastic`` is the product on a server, where one was measured.

    ``unequal`` is how many questions the product's two engines found another number of stories for.
    """

    source: str
    language: str
    variant: str
    questions: int
    product: float
    plain: float
    elastic: float | None = None
    unequal: int = 0


def measure_relevance(folder: Path, *, held_out: bool = True, server: str | None = None) -> dict[str, Any]:
    """Return MRR@10 by cell over the documents of this install; ``folder`` holds the judged questions.

    ``server`` is an Elasticsearch to ask beside, as in ``SEARCH_URL``; the index made there is dropped again.
    """
    documents = list(_documents())
    judged = list(read_judged(folder))
    known = {document.external_id for document in documents}
    usable = [each for each in judged if each.relevant & known]
    questions = [*usable, *known_items(documents)]
    asked = [each for each in varied(questions, documents) if each.is_held_out == held_out]
    urls = [EMBEDDED, *([f"{server.rpartition('/')[0]}/r{uuid4().hex[:8]}"] if server else [])]
    with tempfile.TemporaryDirectory() as place, ExitStack() as opened:
        engines = [opened.enter_context(product(documents, url, Path(place))) for url in urls]
        cells = figures(asked, plain(documents), *engines)
    return {
        "documents": len(documents),
        "judged": len(judged),
        "judged_without_their_stories": len(judged) - len(usable),
        "half": "held out" if held_out else "tuned on",
        "cells": cells,
    }


def read_judged(folder: Path) -> Iterator[Question]:
    """Yield the questions written by people; ``FileNotFoundError`` if the folder has none."""
    files = sorted(folder.glob("*.jsonl"))
    if not files:
        raise FileNotFoundError(f"{folder} holds no judged questions.")
    for file in files:
        for line in file.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            yield Question(row["qid"], "judged", row["language"], row["text"], frozenset(row["relevant"]))


def known_items(documents: Sequence[Document]) -> Iterator[Question]:
    """Yield sentences of the stories, the same ones every time, at most ``MOST`` of each language."""
    taken: Counter[str] = Counter()
    for document in sorted(documents, key=lambda each: _drawn(each.external_id)):
        sentences = [each.strip() for each in SENTENCE.findall(document.body)]
        fitting = sorted((each for each in sentences if 6 <= len(each.split()) <= 14), key=_drawn)
        for number, text in enumerate(fitting[: SENTENCES.get(document.language, 1)]):
            if taken[document.language] < MOST and not re.search(r"XX|\d", text):
                taken[document.language] += 1
                qid = f"{document.external_id}/{number}"
                yield Question(qid, "known items", document.language, text, frozenset({document.external_id}))


def varied(questions: Iterable[Question], documents: Sequence[Document]) -> Iterator[Question]:
    """Yield every question in its five variants."""
    frequency = Counter(
        word for document in documents for word in set(analysis.words(f"{document.title} {document.body}"))
    )
    for question in questions:
        chance = random.Random(question.qid)  # noqa: S311 - the same slips every time, no secrets
        keywords = _keywords(question.text, frequency)
        texts = (
            question.text,
            _with_typo(question.text, question.language, chance),
            keywords,
            _with_typo(keywords, question.language, chance),
            layout.swap(question.text),
        )
        for variant, text in zip(VARIANTS, texts, strict=True):
            yield replace(question, variant=variant, text=text)


def figures(questions: Iterable[Question], theirs: Search, *ours: Search) -> list[CellFigure]:
    """MRR@10 of a plain search and of the product's one or two engines in every cell."""
    ranks: dict[tuple[str, str, str], list[list[float]]] = defaultdict(list)
    unequal: Counter[tuple[str, str, str]] = Counter()
    for each in questions:
        cell = (each.source, each.language, each.variant)
        told = [ask(each.text) for ask in (*ours, theirs)]
        ranks[cell].append([reciprocal(found.ids, each.relevant) for found in told])
        unequal[cell] += len({found.total for found in told[:-1]}) > 1
    order = {variant: place for place, variant in enumerate(VARIANTS)}
    cells = []
    for cell, rows in sorted(ranks.items(), key=lambda pair: (*pair[0][:2], order[pair[0][2]])):
        first, *second, last = (round(sum(column) / len(rows), 3) for column in zip(*rows, strict=True))
        cells.append(CellFigure(*cell, len(rows), first, last, next(iter(second), None), unequal[cell]))
    return cells


def reciprocal(found: Sequence[str], relevant: frozenset[str]) -> float:
    """One divided by the rank of the first right story among ten; 0 without one."""
    return next((1 / rank for rank, each in enumerate(found[:DEPTH], 1) if each in relevant), 0.0)


@contextmanager
def product(documents: Sequence[Document], url: str, place: Path) -> Iterator[Search]:
    """The product's own plan and one of its engines, over an index of its own, open to everybody."""
    engine = open_engine(url, place)
    build = engine.build()
    for start in range(0, len(documents), BATCH):
        build.index(documents[start : start + BATCH])
    build.commit()
    build.switch()
    try:
        yield _asking(engine, documents)
    finally:
        if isinstance(engine, ElasticEngine):
            engine.destroy()


def _asking(engine: Engine, documents: Sequence[Document]) -> Search:
    names = {(each.kind, each.object_id): each.external_id for each in documents}
    scope = Scope("read", 1, None)
    reader = engine.reader()

    def answered(said: Understood, text: str) -> Answer:
        words = reader.vocabulary(scope, expected(text))
        return reader.search(planning.plan(Query(size=DEPTH), scope, words, understood=said))

    def ask(text: str) -> Found:
        said = understanding.understand(text)
        answer = answered(said, text)
        if not answer.total and said.phrases:  # as search.services.searching does
            answer = answered(understanding.unquoted(said), text)
        return Found([names[hit.kind, hit.object_id] for hit in answer.hits], answer.total)

    return ask


def plain(documents: Sequence[Document]) -> Search:
    """Tantivy with its default tokenizer and its own parser, words joined by "or"."""
    builder = tantivy.SchemaBuilder()
    for name in ("title", "text"):
        builder.add_text_field(name)
    builder.add_text_field("id", stored=True, tokenizer_name="raw")
    index = tantivy.Index(builder.build())
    writer = index.writer(50_000_000, 1)
    for each in documents:
        text = "\n".join((each.lead, *each.headings, each.body))
        writer.add_document(tantivy.Document(title=each.title, text=text, id=each.external_id))
    writer.commit()
    index.reload()
    searcher = index.searcher()

    def ask(text: str) -> Found:
        query, _errors = index.parse_query_lenient(text, ["title", "text"])
        hits = searcher.search(query, DEPTH).hits
        return Found([str(searcher.doc(address).get_first("id")) for _score, address in hits])

    return ask


def as_table(report: dict[str, Any]) -> str:
    """Return the report as an aligned table."""
    head = f"{report['documents']} stories, {report['judged']} judged questions, half: {report['half']}"
    if report["judged_without_their_stories"]:
        head += f"; {report['judged_without_their_stories']} ask for stories that are not here"
    columns = f"{'set':<14}{'language':<10}{'variant':<16}{'n':>5}{'product':>9}{'plain':>8}"
    two = any(each.elastic is not None for each in report["cells"])
    lines = [head, "", columns + (f"{'elastic':>9}{'totals differ':>15}" if two else "")]
    return "\n".join([*lines, *map(_line, report["cells"])])


def _line(each: CellFigure) -> str:
    told = f"{each.source:<14}{each.language:<10}{each.variant:<16}{each.questions:>5}"
    told += f"{each.product:>9.3f}{each.plain:>8.3f}"
    return told if each.elastic is None else f"{told}{each.elastic:>9.3f}{each.unequal:>15}"


def _documents() -> Iterator[Document]:
    """Every story that everybody may read now, as the index has it."""
    source = registry.source("story")
    for document in source.documents(list(source.ids())):
        window = document.visible.get("read")
        if document.external_id and window and document.body:
            yield replace(document, visible={"read": replace(window, start=0, until=None)})


def _drawn(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _keywords(text: str, frequency: Counter[str]) -> str:
    """The two or three rarest words of a text, in their order."""
    words = [word for word in dict.fromkeys(analysis.words(text)) if not analysis.is_stop(word)]
    rarest = set(
        sorted(words, key=lambda word: (frequency[word] or 10**6, word))[: 3 if len(words) > 5 else 2]
    )
    return " ".join(word for word in words if word in rarest) or text


def _with_typo(text: str, language: str, chance: random.Random) -> str:
    """The text with one letter of one longer word left out, doubled by a neighbour, changed or swapped."""
    places = list(re.finditer(r"[^\W\d_]{5,}", text))
    if not places:
        return text
    word = chance.choice(places)
    at = chance.randrange(word.start() + 1, word.end() - 1)
    letter = chance.choice(LETTERS[language])
    slips = (
        text[:at] + text[at + 1 :],
        text[:at] + letter + text[at:],
        text[:at] + letter + text[at + 1 :],
        text[:at] + text[at + 1] + text[at] + text[at + 2 :],
    )
    return chance.choice(slips)
