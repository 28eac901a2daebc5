"""The benchmark: CPU time and query counts of what people do, in process, least of several runs.

CPU time of this process and query counts move little when the machine is busy; wall time does not count here.
"""

import json
import resource
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from functools import partial
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext, override_settings
from django.urls import reverse

from club.models import User
from kb_site.consent_measuring import consents
from kb_site.figures import Figure, cpu_ms, figure
from search.services import Query, search, suggest
from stories.querysets import for_index, visible

RUNS = 12
QUERIES = (
    "they kept calling my employer", "горячая вода", "late fee charged twice", "dispatcher promised",
    "кто обещал прийти",
    "interest rate", "emploeyr calld", "ujhzxfz djlf", "lift again", "payment not credited", "звонок в диспетчерскую",
    "customer service rude", "build pipeline", "bank account closed", "неделя ожидания", "loan",
)  # fmt: skip

BEGINNINGS = (
    "pay", "payment pro", "str", "struggling to p", "лиф", "горя", "kban", "вод", "char", "charged fes",
    "getting the l", "umbre", "umbrela", "сосе", "хозяйка т", "a", "problem wit", "zzzz", "диспетчр", "incor",
)  # fmt: skip


@contextmanager
def as_on_the_server() -> Iterator[None]:
    """Allow the test client's host and keep the query log off."""
    hosts = settings.ALLOWED_HOSTS
    settings.ALLOWED_HOSTS = [*hosts, "testserver"]
    try:
        yield
    finally:
        settings.ALLOWED_HOSTS = hosts


@contextmanager
def nothing_stays() -> Iterator[None]:
    """Roll back what is done inside; its journals go with a folder of their own."""
    with tempfile.TemporaryDirectory() as folder, override_settings(KB_DATA_DIR=folder), transaction.atomic():
        try:
            yield
        finally:
            transaction.set_rollback(True)


def reader() -> User:
    """Return the person in whose eyes pages are measured: an active reader, else an active superuser."""
    people = User.objects.filter(is_active=True).order_by("pk")
    found = people.filter(groups__name="Reader").first() or people.filter(is_superuser=True).first()
    if found is None:
        raise User.DoesNotExist(
            "There is nobody to measure for: run `manage.py demo` or create a superuser first."
        )
    return found


def pages() -> Iterator[Figure]:
    """Measure the pages a reader opens: CPU in process, query counts, bytes of HTML."""
    user = reader()
    client = Client()
    client.force_login(user, backend="club.backends.EmployeeBackend")
    story = visible(user).order_by("-episode_count", "pk").first()
    addresses = {
        "healthz (nothing but middleware)": reverse("healthz"),
        "home": reverse("home"),
        "list": reverse("stories:list"),
        "search": f"{reverse('search:results')}?q=water+loan",
    }
    if story is not None:
        addresses["story"] = reverse("stories:detail", args=[story.slug])
    with as_on_the_server():
        for name, address in addresses.items():
            yield page(client, name, address)


def page(client: Client, name: str, address: str, runs: int = RUNS) -> Figure:
    """Measure one page: queries once, CPU of several runs."""
    for _warm in range(3):
        response = client.get(address)
    if response.status_code != 200:
        raise RuntimeError(f"{address} answered {response.status_code}")
    with CaptureQueriesContext(connection) as captured:
        client.get(address)
    asked = len(captured)  # counted now: the log is emptied by the next request
    samples = [cpu_ms(lambda: client.get(address)) for _run in range(runs)]
    return figure(name, samples, queries=asked, bytes=len(response.content))


def searches() -> Iterator[Figure]:
    """Measure search alone: plan, engine, facets and ten excerpts, wall time, p95 over many queries."""
    user = reader()

    def ask(text: str) -> None:
        search(user, Query(text, size=10))

    for text in QUERIES:
        ask(text)
    wall, cpu = [], []
    for _run in range(RUNS):
        for text in QUERIES:
            began = time.perf_counter()
            cpu.append(cpu_ms(partial(ask, text)))
            wall.append((time.perf_counter() - began) * 1000)
    yield figure("search, wall", wall, notes={"queries": len(QUERIES)})
    yield figure("search, CPU", cpu)


def completions() -> Iterator[Figure]:
    """Measure what answers while somebody types: wall time over beginnings, slips and the wrong layout."""
    user = reader()
    wall = []
    for _warm in range(2):
        for text in BEGINNINGS:
            suggest(user, text)
    for _run in range(RUNS):
        for text in BEGINNINGS:
            began = time.perf_counter()
            suggest(user, text)
            wall.append((time.perf_counter() - began) * 1000)
    yield figure("autocomplete, wall", wall, notes={"queries": len(BEGINNINGS)})


def measure(what: str) -> dict[str, Any]:
    """Return all figures of a topic (``pages``, ``search``, ``consent`` or ``all``) with what they were measured on."""
    figures: list[Figure] = []
    with transaction.atomic():
        if what in ("pages", "all"):
            figures += pages()
        if what in ("search", "all"):
            figures += searches()
            figures += completions()
        if what in ("consent", "all"):
            figures += consents(reader())
        transaction.set_rollback(True)  # whoever is measured has neither signed in nor read anything
    return {
        "database": connection.vendor,
        "stories": for_index().count(),
        "peak_memory_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "figures": [asdict(one) for one in figures],
    }


def as_text(report: dict[str, Any]) -> str:
    """Return a report as an aligned table."""
    lines = [
        f"{report['stories']} live stories, {report['database']}, peak memory {report['peak_memory_mb']} MB",
        "",
    ]
    lines.append(f"{'what':<34}{'least ms':>10}{'median':>10}{'p95':>10}{'queries':>9}{'bytes':>10}")
    for row in report["figures"]:
        lines.append(
            f"{row['name']:<34}{row['least_ms']:>10}{row['median_ms']:>10}{row['p95_ms']:>10}"
            f"{row['queries'] if row['queries'] is not None else '':>9}{row['bytes'] or '':>10}"
        )
    return "\n".join(lines)


def as_json(report: dict[str, Any]) -> str:
    """Return a report as JSON."""
    return json.dumps(report, ensure_ascii=False, indent=2)
