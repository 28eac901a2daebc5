"""The search page over HTTP: a server of its own, so many stories of as many people, questions at a steady rate.

It is the hour after a big import: no portrait is drawn yet, and the server's worker is busy with them.

Runs inside a throw-away install (``surviving.apart``). Questions begin when their time has come, whether earlier ones
were answered or not: an answer that waits behind another one is as late as its reader sees it.
"""

import json
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlencode

from kb_site.figures import figure

RATE = 10.0
SECONDS = 30.0
PROCESSES = 2
START_SECONDS = 60.0


def visited(count: int) -> dict[str, Any]:
    """Import ``count`` stories, serve them, ask the search page ``RATE`` times a second; wall time in milliseconds."""
    from kb_site.search_measuring.stories import questions

    source = imported(count)
    asked = [text for _variant, text in questions(count, tuple(source.pool), int(RATE * SECONDS / 5))]
    port = free_port()
    command = [sys.executable, "-m", "kb_site.supervisor", "127.0.0.1", str(port), str(PROCESSES)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:  # noqa: S603 own module
        try:
            cookie = session()
            wait_for(port)
            for text in asked[:40]:
                ask(port, cookie, text)
            report = steady(port, cookie, asked)
        finally:
            server.terminate()
    return {"stories": count, "questions a second": RATE, **report}


def imported(count: int) -> Any:
    """Import and publish made-up stories with the command that people use."""
    from django.core.management import call_command

    from club import codes
    from kb_site.search_measuring.stories import Recombined, paragraphs

    source = Recombined(count, paragraphs())
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl", encoding="utf-8") as file:
        for number in source.ids():
            title, language, text = source.words(number)
            row = {
                "id": f"measured-{number}", "date": f"2025-{number % 12 + 1:02d}-{number % 27 + 1:02d}",
                "lang": language, "title": title, "text": text, "product": f"Product {number % 7}",
                "issue": f"Issue {number % 23}", "consent": "Consent provided",
                "member": {"code": codes.compose(number)},
            }  # fmt: skip
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
        file.flush()
        call_command("import_stories", file.name, publish=True, consent_field="consent", stdout=sys.stderr)
    return source


def session() -> str:
    """Sign somebody in and return the cookie."""
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.auth.models import Group
    from django.contrib.sessions.backends.db import SessionStore

    from club.models import User

    user = User.objects.create_user("visitor", password=None)
    user.groups.add(Group.objects.get(name="Reader"))
    store = SessionStore()
    store[SESSION_KEY] = str(user.pk)
    store[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[-1]
    store[HASH_SESSION_KEY] = user.get_session_auth_hash()
    store.create()
    return f"{settings.SESSION_COOKIE_NAME}={store.session_key}"


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


def wait_for(port: int) -> None:
    """Return when the server answers."""
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            HTTPConnection("127.0.0.1", port, timeout=5).request("GET", "/")
            return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def ask(port: int, cookie: str, text: str) -> int:
    """Open the search page for a text and read it whole; returns the status."""
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", f"/search/?{urlencode({'q': text})}", headers={"Cookie": cookie})
        answer = connection.getresponse()
        answer.read()
        return answer.status
    finally:
        connection.close()


def steady(port: int, cookie: str, asked: list[str]) -> dict[str, Any]:
    """Ask every question at its time; returns times and what the server answered."""
    samples: list[float] = []
    answers: Counter[str] = Counter()
    began = time.perf_counter()

    def one(text: str, due: float) -> None:
        status = ask(port, cookie, text)
        samples.append((time.perf_counter() - due) * 1000)
        answers[f"answered {status}"] += 1

    threads = []
    for number, text in enumerate(asked):
        due = began + number / RATE
        time.sleep(max(due - time.perf_counter(), 0))
        threads.append(threading.Thread(target=one, args=(text, due)))
        threads[-1].start()
    for thread in threads:
        thread.join()
    told = figure("search page", samples)
    return {
        **answers,
        "median ms": told.median_ms,
        "p95 ms": told.p95_ms,
        "longest ms": round(max(samples), 2),
    }
