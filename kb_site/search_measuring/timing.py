"""One engine with made-up stories in an index of its own: rebuild, search, completion, edit to findable."""

import random
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.db import transaction
from django.test.utils import override_settings
from django.utils import timezone

from club.models import User
from kb_site.figures import Figure, figure
from kb_site.search_measuring.stories import KIND, Recombined, paragraphs, questions
from search import analysis, registry
from search.engines import engine_name, get_engine
from search.engines.elastic.engine import ElasticEngine
from search.enums import Purpose
from search.plan import Alternative, Clause, Plan, stages
from search.services import Query, drain, enqueue, rebuild, search, suggest
from search.services.searching import scope_of

EACH = 60
WARM = 40
COMPLETIONS = 200
EDITS = 20
HITS = 10
LOOK_SECONDS = 0.005
LONGEST_WAIT = 60.0

Say = Callable[[str], None]


@contextmanager
def index_of_its_own(url: str, source: Recombined) -> Iterator[None]:
    """Search, for a while and in this process, in an empty index with nothing but these stories."""
    with tempfile.TemporaryDirectory(prefix="kb-measure-") as folder:
        address = url if engine_name(url) == "embedded" else f"{url.rpartition('/')[0]}/m{uuid4().hex[:8]}"
        with override_settings(SEARCH_URL=address, SEARCH_INDEX_DIR=Path(folder)), registry.only(source):
            try:
                yield
            finally:
                engine = get_engine()
                if isinstance(engine, ElasticEngine):
                    engine.destroy()


def timed(url: str, count: int, user: User, say: Say = lambda line: None) -> list[Figure]:
    """Every figure of one engine at one size; nothing is left in the database."""
    pool = paragraphs()
    source = Recombined(count, pool)
    with index_of_its_own(url, source), transaction.atomic():
        name = f"{get_engine().name}, {count:,}"
        say(f"{name}: building")
        found = [rebuilt(name, count)]
        say(f"{name}: asking")
        found += searches(name, user, questions(count, tuple(pool), EACH))
        found.append(browsing(name, user))
        found.append(completions(name, user, source))
        found.append(edits(name, user, source))
        transaction.set_rollback(True)
    return found


def rebuilt(name: str, count: int) -> Figure:
    """Build the whole index; stories a second and bytes on the disk are in the notes."""
    began, cpu = time.perf_counter(), time.process_time()
    rebuild()
    wall, spent = time.perf_counter() - began, time.process_time() - cpu
    notes = {"stories_per_s": round(count / wall), "cpu_s": round(spent, 1), "index_mb": round(size() / 1e6)}
    return figure(f"{name}: rebuild", [wall * 1000], notes=notes)


def size() -> int:
    """Bytes of the index in use."""
    engine = get_engine()
    if isinstance(engine, ElasticEngine):
        return engine.size()
    folder: Path = engine.directory.root  # type: ignore[attr-defined]
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def searches(name: str, user: User, asked: Sequence[tuple[str, str]]) -> Iterator[Figure]:
    """Search with five facets and ten excerpts, wall time, all questions once."""
    order = list(asked)
    random.Random(3).shuffle(order)  # noqa: S311
    for _variant, text in order[:WARM]:
        search(user, Query(text, size=HITS))
    samples: dict[str, list[float]] = {}
    for variant, text in order:
        samples.setdefault(variant, []).append(_ms(lambda text=text: search(user, Query(text, size=HITS))))  # type: ignore[misc]
    yield figure(f"{name}: search", [each for told in samples.values() for each in told])
    for variant, told in samples.items():
        yield figure(f"{name}: search, {variant}", told)


def browsing(name: str, user: User) -> Figure:
    """The list of everything with its facets, nothing typed."""
    return figure(
        f"{name}: browsing all", [_ms(lambda: search(user, Query(size=HITS))) for _ in range(EDITS)]
    )


def completions(name: str, user: User, source: Recombined) -> Figure:
    """Completing what is typed, from three letters to two words."""
    chance = random.Random(4)  # noqa: S311
    titles = [source.words(chance.randint(1, source.count))[0] for _ in range(COMPLETIONS)]
    typed = [title[: chance.randint(3, 12)] for title in titles]
    return figure(f"{name}: completion", [_ms(lambda text=text: suggest(user, text)) for text in typed])  # type: ignore[misc]


def edits(name: str, user: User, source: Recombined) -> Figure:
    """From the note of an edit to the first search that finds it; the merges that follow keep nobody waiting.

    Somebody asks every few milliseconds meanwhile, as other processes do. The worker begins up to half a second later.
    """
    samples, longest = [], 0.0
    for number in range(1, EDITS + 1):
        source.edited[number * 10 + 1] = word = f"новизна{number}"
        watch = Watch(user, word)
        enqueue(KIND, [number * 10 + 1])
        drain()
        longest = max(longest, watch.seconds())
        samples.append(watch.found() * 1000)
    return figure(f"{name}: edit to findable", samples, notes={"tidied up after s, at most": round(longest, 2)})


class Watch:
    """Asks the engine for a word again and again from now on, in a thread of its own."""

    def __init__(self, user: User, word: str) -> None:
        scope = scope_of(user, Purpose.READ, (KIND,), timezone.now())
        clauses = (Clause((Alternative(analysis.stem(word)),)),)
        self._plan = Plan(replace(scope, excluded={}), clauses, stages=stages(1, 0), limit=1)
        self._word, self._took = word, 0.0
        self._began = time.perf_counter()
        self._thread = threading.Thread(target=self._look)
        self._thread.start()

    def seconds(self) -> float:
        """Return how long ago it began."""
        return time.perf_counter() - self._began

    def found(self) -> float:
        """Return the seconds until the word was found; ``RuntimeError`` if it never was."""
        self._thread.join()
        if not self._took:
            raise RuntimeError(f"the edit with {self._word} was not found")
        return self._took

    def _look(self) -> None:
        while self.seconds() < LONGEST_WAIT:
            if get_engine().reader().search(self._plan).total:
                self._took = self.seconds()
                return
            time.sleep(LOOK_SECONDS)


def _ms(run: Callable[[], Any]) -> float:
    began = time.perf_counter()
    run()
    return (time.perf_counter() - began) * 1000
