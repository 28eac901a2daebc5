"""Keeping a running server and a restore apart: one lock in the data folder, held as long as the process lives."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db import connection

from kb_site import health
from kb_site.backup import switching

NAME = "serving.lock"
# The worker beats every five seconds; a server that was killed is silent after this.
QUIET_SECONDS = 15
STEP_SECONDS = 0.5


class InUse(Exception):
    """A server or another restore works on this install."""


def path() -> Path:
    """Return where the lock lies."""
    return Path(settings.KB_DATA_DIR) / NAME


def take(*, shared: bool = False) -> int | None:
    """Take the lock and return its descriptor, None if somebody else holds it. Servers share it among themselves."""
    descriptor = os.open(path(), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor


def keep_for_server() -> None:
    """Take the lock for a server that is about to take this process's place; raises ``InUse``."""
    descriptor = take(shared=True)
    if descriptor is None:
        raise InUse("A backup is being restored here. Wait until it is done.")
    os.set_inheritable(descriptor, True)  # held on through exec, given up when the supervisor ends


def tidy() -> None:
    """Finish a switch that was cut off, and remove what a restore that was cut off before left; not while one works."""
    descriptor = take()
    if descriptor is None:
        return
    try:
        switching.carry_out()
        if any(switching.leftovers()):
            switching.clear()
    finally:
        os.close(descriptor)


def in_use() -> str | None:
    """Say who works on this install besides the holder of the lock, None if nobody seems to."""
    age = health.worker_age()
    if age is not None and age < QUIET_SECONDS:
        return f"A server's worker gave a sign of life {age} s ago."
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            others = cursor.fetchone()[0]
        if others:
            return f"{others} other connections to the database are open."
    return None


@contextmanager
def alone(*, wait: float = 0, force: bool = False) -> Iterator[None]:
    """Hold the install for a restore; raises ``InUse`` unless it becomes free within ``wait`` seconds or ``force``."""
    deadline = time.monotonic() + wait
    descriptor = take()
    while (descriptor is None or in_use()) and time.monotonic() < deadline:
        time.sleep(STEP_SECONDS)
        descriptor = descriptor if descriptor is not None else take()
    reason = "A server or another restore holds this install." if descriptor is None else in_use()
    try:
        if reason and not force:
            raise InUse(reason)
        yield
    finally:
        if descriptor is not None:
            os.close(descriptor)
