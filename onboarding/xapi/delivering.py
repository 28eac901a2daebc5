"""Delivering statements: to a file, a line each, or to a learning record store. At least once; ids make it once.

Rows are leased, what fails is tried again later and later, and parked after ``ATTEMPTS``; HR's page shows parked rows.
"""

import base64
import http.client
import json
import logging
import os
import ssl
import time
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

from django.conf import settings
from django.db.models import F, QuerySet
from django.utils import timezone

from onboarding.enums import Delivery
from onboarding.models import Statement
from onboarding.xapi.statements import VERSION
from onboarding.xapi.telling import is_on

logger = logging.getLogger(__name__)
ATTEMPTS = 8
LEASE = timedelta(minutes=5)
FIRST_WAIT = timedelta(minutes=1)
BATCH = 50
RUN_SECONDS = 5.0
ACCEPTED, CONFLICT = (200, 204), 409
# Answers that say the statement itself is at fault: the store will not take it later either.
REFUSED = (400, 413, 422)


class NotDelivered(Exception):
    """The store did not take what was sent; says why in a word, and whether it ever will."""

    def __init__(self, word: str, *, for_good: bool = False) -> None:
        super().__init__(word)
        self.for_good = for_good


def deliver(*, seconds: float = RUN_SECONDS) -> int:
    """Send what is due, oldest first; returns how many left. The worker's job."""
    if not is_on():
        return 0
    started, sent = time.monotonic(), 0
    while time.monotonic() - started < seconds:
        rows = leased()
        if not rows:
            break
        sent += send(rows)
    return sent


def leased() -> list[Statement]:
    """Take some rows for this process; a dead process's lease runs out by itself."""
    now, mark = timezone.now(), uuid4()
    due = Statement.objects.filter(state=Delivery.WAITING, send_at__lte=now).order_by("send_at", "pk")
    wanted = list(due.values_list("pk", flat=True)[:BATCH])
    mine = Statement.objects.filter(pk__in=wanted, state=Delivery.WAITING, send_at__lte=now)
    mine.update(lease=mark, attempts=F("attempts") + 1, send_at=now + LEASE)
    return list(Statement.objects.filter(lease=mark).order_by("pk"))


def send(rows: Sequence[Statement]) -> int:
    """Send some rows together; where the store refuses them, each alone, so that one bad row holds up no other."""
    try:
        hand_over([row.body for row in rows])
    except NotDelivered as error:
        if error.for_good and len(rows) > 1:
            return sum(send([row]) for row in rows)
        for row in rows:
            retry(row, str(error), for_good=error.for_good)
        return 0
    ids = [row.pk for row in rows]
    Statement.objects.filter(pk__in=ids).update(
        state=Delivery.SENT, sent_at=timezone.now(), lease=None, last_error=""
    )
    return len(ids)


def retry(row: Statement, error: str, *, for_good: bool) -> None:
    """Try again later, twice as late each time; park it after the last attempt, or at once if that is no use."""
    logger.warning("Statement %s could not be delivered: %s", row.uuid, error)
    now = Statement.objects.filter(pk=row.pk)
    if for_good or row.attempts >= ATTEMPTS:
        now.update(state=Delivery.PARKED, last_error=error, lease=None)
        return
    wait = FIRST_WAIT * 2 ** (row.attempts - 1)
    now.update(send_at=timezone.now() + wait, last_error=error, lease=None)


def hand_over(bodies: list[dict[str, object]]) -> None:
    """Write to the file or send to the store; raises ``NotDelivered``."""
    if settings.KB_XAPI_URL == "file":
        write(Path(settings.KB_XAPI_FILE), bodies)
    else:
        post(bodies)


def write(file: Path, bodies: list[dict[str, object]]) -> None:
    """Append a line of JSON for each statement, on the disk before it counts as sent."""
    lines = "".join(json.dumps(body, ensure_ascii=False, sort_keys=True) + "\n" for body in bodies)
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(descriptor, "ab") as handle:
            handle.write(lines.encode())
            handle.flush()
            os.fsync(handle.fileno())
    except OSError as error:
        raise NotDelivered(type(error).__name__) from error


def post(bodies: list[dict[str, object]]) -> None:
    """Send statements to the store (xAPI 1.0.3, part three, 2.1.2); no redirect is followed."""
    parts = urlsplit(settings.KB_XAPI_URL)
    path = f"{parts.path.rstrip('/')}/statements"
    content = json.dumps(bodies if len(bodies) > 1 else bodies[0]).encode()
    try:
        connection = connected(parts.scheme, parts.hostname or "", parts.port)
        try:
            connection.request("POST", path, body=content, headers=headers())
            status = connection.getresponse().status
        finally:
            connection.close()
    except (OSError, http.client.HTTPException) as error:
        raise NotDelivered(type(error).__name__) from error
    if status in ACCEPTED or (status == CONFLICT and len(bodies) == 1):
        return  # a single statement in conflict is one that the store has already
    raise NotDelivered(f"HTTP {status}", for_good=status in REFUSED or status == CONFLICT)


def connected(scheme: str, host: str, port: int | None) -> http.client.HTTPConnection:
    """Return a connection to the store."""
    timeout = settings.KB_XAPI_TIMEOUT_SECONDS
    if scheme == "http":
        return http.client.HTTPConnection(host, port, timeout=timeout)
    return http.client.HTTPSConnection(host, port, timeout=timeout, context=ssl.create_default_context())


def headers() -> dict[str, str]:
    """Return what goes with every request."""
    found = {"Content-Type": "application/json; charset=utf-8", "X-Experience-API-Version": VERSION}
    if settings.KB_XAPI_USER:
        pair = f"{settings.KB_XAPI_USER}:{settings.KB_XAPI_PASSWORD}".encode()
        found["Authorization"] = f"Basic {base64.b64encode(pair).decode()}"
    return found


def parked() -> QuerySet[Statement]:
    """Return what was given up."""
    return Statement.objects.filter(state=Delivery.PARKED)


def retry_parked() -> int:
    """Try what was given up again, from the beginning; returns how many rows."""
    return parked().update(state=Delivery.WAITING, attempts=0, send_at=timezone.now(), last_error="")
