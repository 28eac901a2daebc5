"""What search survives: an indexer killed at random moments, a server that is gone for a minute, nonsense.

Runs in a throw-away install of its own (``apart``): ``python -m kb_site.search_measuring.surviving kill 50``.
"""

import json
import os
import random
import shlex
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

import django
from django.conf import settings

MODULE = "kb_site.search_measuring.surviving"
STORIES = 400
TABLE = "measured_versions"
AT_ONCE = 40
LONGEST_LIFE = 0.6
SEARCHERS = 2
NOTICE = b"s-note"  # of the page when the database answers
BEFORE, AFTER = 5.0, 25.0  # seconds of an outage's phases


def apart(*orders: str) -> dict[str, Any]:
    """Carry out orders in an install of its own that is removed afterwards; returns what came of them."""
    with tempfile.TemporaryDirectory(prefix="kb-measure-") as folder:
        environment = {**os.environ, "KB_DATA_DIR": f"{folder}/data", "KB_MEDIA_ROOT": f"{folder}/media"}
        for name in ("DATABASE_URL", "DATABASE_URL_FILE", "SEARCH_URL", "SEARCH_URL_FILE"):
            environment.pop(name, None)
        environment["DJANGO_SETTINGS_MODULE"] = "kb_site.settings"
        run = [sys.executable, str(settings.BASE_DIR / "manage.py"), "migrate", "-v0"]
        subprocess.run(run, env=environment, check=True)  # noqa: S603 - our own command
        told = subprocess.run(  # noqa: S603 - this module
            [sys.executable, "-m", MODULE, *orders],
            env=environment, cwd=settings.BASE_DIR, check=True, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        report: dict[str, Any] = json.loads(told.stdout.strip().splitlines()[-1])
        return report


def versioned(count: int = STORIES) -> Any:
    """Made-up stories whose versions are rows of a table, changed in the transaction that notes the change."""
    from django.db import connection

    from kb_site.search_measuring.stories import Recombined, paragraphs

    class Versioned(Recombined):
        def read(self) -> dict[int, str]:
            with connection.cursor() as cursor:
                cursor.execute(f"SELECT number, version FROM {TABLE}")  # noqa: S608 - own name
                return {number: f"версия{version}ая" for number, version in cursor.fetchall()}

        def documents(self, ids: Any) -> Iterable[Any]:
            self.edited = self.read()
            return super().documents(ids)

        def fingerprints(self, ids: Any = None) -> Iterable[tuple[int, str]]:
            self.edited = self.read()
            return super().fingerprints(ids)

    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE IF NOT EXISTS {TABLE} (number integer PRIMARY KEY, version integer)")
    return Versioned(count, paragraphs())


def change(numbers: Iterable[int]) -> None:
    """Give stories their next version and note it in the outbox, in one transaction."""
    from django.db import connection, transaction

    from kb_site.search_measuring.stories import KIND
    from search.services import enqueue

    with transaction.atomic(), connection.cursor() as cursor:
        for number in numbers:
            cursor.execute(
                f"INSERT INTO {TABLE} VALUES (%s, 1) "  # noqa: S608 - own name
                "ON CONFLICT (number) DO UPDATE SET version = version + 1",
                [number],
            )
        enqueue(KIND, numbers)


def differences(source: Any) -> int:
    """How many stories the index holds otherwise than they are, those with a pending change left out."""
    from kb_site.search_measuring.stories import KIND
    from search.engines import get_engine
    from search.querysets import pending_ids

    have, want = get_engine().reader().fingerprints().get(KIND, {}), dict(source.fingerprints())
    waiting = pending_ids().get(KIND, frozenset())
    return sum(have.get(number) != want.get(number) for number in (have.keys() | want.keys()) - waiting)


def kills(times: int) -> dict[str, Any]:
    """Kill the indexer at random moments while stories change; after each look whether the index is whole."""
    from django.utils import timezone

    from search import registry
    from search.services import drain, rebuild

    chance = random.Random(9)  # noqa: S311 - no secret
    report: Counter[str] = Counter(kills=times)
    source = versioned()
    with registry.only(source):
        rebuild()
        for _ in range(times):
            with subprocess.Popen(  # noqa: S603 - this module
                [sys.executable, "-m", MODULE, "indexer"], stdout=subprocess.PIPE, text=True
            ) as indexer:
                if not indexer.stdout or indexer.stdout.readline() != "ready\n":
                    raise RuntimeError("the indexer did not begin")
                for _ in range(chance.randint(1, 6)):
                    numbers = chance.sample(range(1, STORIES + 1), chance.randint(1, AT_ONCE))
                    change(numbers)
                    report["changes"] += len(numbers)
                    time.sleep(chance.uniform(0, LONGEST_LIFE / 6))
                indexer.kill()
            try:
                report["broken states"] += differences(source) > 0
            except Exception:
                report["broken states"] += 1
        report["learned before the end"] = report["changes"] - sum(1 for _ in pending())
        while drain(now=timezone.now() + timedelta(hours=1)).done:
            continue
        report["differences after catch-up"] = differences(source) + sum(1 for _ in pending())
    return {"broken states": 0, **report}


def pending() -> Iterable[Any]:
    """Rows of the outbox."""
    from search.models import Outbox

    return Outbox.objects.values_list("pk", flat=True)


def index_for_ever() -> None:
    """The indexer that gets killed: drains the outbox without a pause."""
    from django.utils import timezone

    from search import registry
    from search.services import drain

    with registry.only(versioned()):
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        while True:
            # Leases of those who were killed before it are over.
            drain(now=timezone.now() + timedelta(minutes=1), batch=7)


def outage(seconds: float, url: str) -> dict[str, Any]:
    """Take the server away for so long while people search and stories change; half the time it hangs."""
    from kb_site.search_measuring.road import Road

    with Road(url) as road:
        return through(
            road.url,
            Phase("before", road.open, BEFORE),
            Phase("hanging", road.hang, seconds / 2),
            Phase("refusing", road.close, seconds / 2),
            Phase("after", road.open, AFTER),
        )


def killed_server(seconds: float, url: str, down: str, up: str) -> dict[str, Any]:
    """Kill the server's process, leave it dead for so long while people search and stories change, start it again.

    ``down`` and ``up`` are commands. The time it takes to come up is a phase of its own.
    """

    def run(command: str) -> None:
        subprocess.run(shlex.split(command), check=True, stdout=subprocess.DEVNULL)  # noqa: S603 - the operator's own

    return through(
        url,
        Phase("before", lambda: None, BEFORE),
        Phase("dead", partial(run, down), seconds),
        Phase("starting", partial(run, up), 0.0),
        Phase("after", lambda: None, AFTER),
    )


@dataclass(frozen=True, slots=True)
class Phase:
    """A part of an outage: what is done at its beginning, and how many seconds it lasts after that."""

    name: str
    act: Callable[[], None]
    lasting: float


def through(url: str, *phases: Phase) -> dict[str, Any]:
    """Search and change stories through all phases; what happened in each, and how the index is afterwards."""
    from kb_site.search_measuring.timing import index_of_its_own
    from search.engines import get_engine
    from search.services import rebuild

    source = versioned()
    load = Load()
    with index_of_its_own(url, source):
        rebuild()
        load.start()
        for phase in phases:
            load.phase = phase.name
            phase.act()
            time.sleep(phase.lasting)
        load.stop()
        return load.report() | {
            "differences after catch-up": differences(source) + sum(1 for _ in pending()),
            "in the index": get_engine().reader().count(),
        }


class Load:
    """People who search and an indexer, each a thread; a story changes five times a second."""

    def __init__(self) -> None:
        self.phase = "before"
        self.seen: dict[str, Counter[str]] = {}
        self.longest: dict[str, float] = {}
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._search) for _ in range(SEARCHERS)]
        self._threads += [threading.Thread(target=self._change), threading.Thread(target=self._drain)]

    def start(self) -> None:
        """Begin."""
        self.user = some_user()
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """End: no more changes, and the indexer ends when there is nothing left."""
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def report(self) -> dict[str, Any]:
        """What happened in each phase; ``errors`` are pages and suggestions that were not answered with 200."""
        return {
            name: dict(counted) | {"longest_ms": round(self.longest.get(name, 0))}
            for name, counted in self.seen.items()
        }

    def _count(self, what: str) -> None:
        self.seen.setdefault(self.phase, Counter(answers=0, errors=0, notices=0))[what] += 1

    def _search(self) -> None:
        from django.test import Client
        from django.urls import reverse

        results, suggestions = reverse("search:results"), reverse("api_suggest")
        browser = Client(HTTP_HOST="localhost", raise_request_exception=False)
        browser.force_login(self.user)
        while not self._stop.wait(0.05):
            began = time.perf_counter()
            page = browser.get(results, {"q": "payment letter"})
            typed = browser.get(suggestions, {"q": "pay"})
            if {page.status_code, typed.status_code} == {200}:
                self._count("notices" if NOTICE in page.content else "answers")
            else:
                self._count("errors")
            took = (time.perf_counter() - began) * 1000
            self.longest[self.phase] = max(self.longest.get(self.phase, 0), took)

    def _change(self) -> None:
        chance = random.Random(2)  # noqa: S311
        while not self._stop.wait(0.2):
            change([chance.randint(1, STORIES)])

    def _drain(self) -> None:
        from search.services import drain

        deadline = time.monotonic() + 3600
        while time.monotonic() < deadline and (not self._stop.wait(0.1) or any(True for _ in pending())):
            drain()


def fuzz(times: int, url: str) -> dict[str, Any]:
    """Search for any nonsense; an error is an exception or an answer with an excuse."""
    from kb_site.search_measuring.stories import Recombined, paragraphs
    from kb_site.search_measuring.timing import index_of_its_own
    from search.services import Query, rebuild, search, suggest

    chance = random.Random(6)  # noqa: S311
    user = some_user()
    report: Counter[str] = Counter(strings=times, errors=0)
    with index_of_its_own(url, Recombined(STORIES, paragraphs())):
        rebuild()
        for number in range(times):
            text = nonsense(chance)
            try:
                excused = search(user, Query(text, literal=number % 7 == 0, size=5)).notice is not None
                if number % 5 == 0:
                    suggest(user, text)
                report["errors"] += excused
            except Exception:
                report["errors"] += 1
    return dict(report)


STOPS = "и в не на я что с а то как the of and to in is it you that он она".split()  # noqa: SIM905 - a list to read
PIECES = (
    "\"'«»„“()[]{}<>+-~*?:^\\/|&!%$#@=;,.", "\x00\x01\x1f\ud800\udfff\ufeff\u200b\u202e", "🙂🔥👩‍👩‍👧‍👦🇷🇺",
    "абвгдеёжзийклмнопрстуфхцчшщъыьэюя", "abcdefghijklmnopqrstuvwxyz", "0123456789-", " \t\n\u00a0\u2028",
    "АБВABCёЁ",
)  # fmt: skip
PATTERNS = (
    "(a+)+$",
    ".*",
    "[а-я]{1,9}",
    "title:вода",
    "^x|y$",
    "a AND (b OR",
    "клиен*",
    '"вода',
    "' OR 1=1 --",
    "KD-482913-7",
    "-tag:вода -тема:«дом ",
    "-member:KD-482913-7,x -до:2026",
)


def nonsense(chance: random.Random) -> str:
    """One string: signs, emoji, stop words, patterns, both alphabets, up to ten kilobytes."""
    kind = chance.randint(0, 5)
    if kind == 0:
        return " ".join(chance.choices(STOPS, k=chance.randint(1, 30)))
    if kind == 1:
        return chance.choice(PATTERNS) * chance.choice((1, 1, 2, 1000))
    if kind == 2:
        return chance.choice(chance.choice(PIECES)) * chance.choice((1, 7, 10_240))
    whole = "".join(PIECES)
    return "".join(chance.choices(whole, k=chance.choice((1, 5, 30, 300))))


def some_user() -> Any:
    """Somebody who searches."""
    from club.models import User

    return User.objects.filter(is_superuser=True).first() or User.objects.create_superuser(
        "measured", "", "x"
    )


def main(order: str, *values: str) -> None:
    """Carry out one order and print what came of it as JSON."""
    django.setup()
    if order == "indexer":
        index_for_ever()
    elif order == "kill":
        report = kills(int(values[0]))
    elif order == "database":
        from kb_site.search_measuring.database import compared

        report = compared(int(values[0]))
    elif order == "http":
        from kb_site.search_measuring.visiting import visited

        report = visited(int(values[0]))
    elif order == "outage":
        report = outage(float(values[0]), values[1])
    elif order == "killed-server":
        report = killed_server(float(values[0]), *values[1:])
    else:
        report = fuzz(int(values[0]), values[1])
    sys.stdout.write(json.dumps(report, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
