"""The writers' lock of an index: one writer at a time, free again when its process dies."""

import fcntl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from zlib import crc32

from django.db import connection

from search.engines.base import EngineUnavailable

LOCK_SECONDS = 10.0
STEP_SECONDS = 0.02
_SPACE = 0x6B62  # keeps our advisory locks apart from those of other products in the same database


@contextmanager
def machine_lock(file: Path) -> Iterator[None]:
    """Hold off other processes of this machine; ``EngineUnavailable`` after 10 s."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w") as opened:
        _wait(lambda: _take(opened.fileno()))
        yield


@contextmanager
def only_writer(directory: Path, name: str) -> Iterator[None]:
    """Hold off other writers of this machine, and where the database is PostgreSQL those of other machines too."""
    with machine_lock(directory / "write.lock"), _database_lock(name):
        yield


@contextmanager
def _database_lock(name: str) -> Iterator[None]:
    """An advisory lock in a session of its own, which ends with the process."""
    if connection.vendor != "postgresql":
        yield
        return
    session = connection.copy()
    try:
        with session.cursor() as cursor:

            def taken() -> bool:
                cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [_SPACE, crc32(name.encode()) >> 1])
                return bool(cursor.fetchone()[0])

            _wait(taken)
            yield
    finally:
        session.close()


def _wait(taken: Callable[[], bool]) -> None:
    deadline = time.monotonic() + LOCK_SECONDS
    while not taken():
        if time.monotonic() > deadline:
            raise EngineUnavailable("another process holds the writers' lock of the index")
        time.sleep(STEP_SECONDS)


def _take(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
