"""Whether this install can do its work."""

import shutil
import time
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection

from search.models import Outbox

LEAST_FREE_BYTES = 200 * 1024 * 1024
HEARTBEAT = "worker.heartbeat"
WORKER_SILENCE_SECONDS = 120


def state() -> dict[str, Any]:
    """Return the checks of ``/readyz``; ``ready`` is false when pages cannot be served truthfully."""
    database = database_answers()
    free = shutil.disk_usage(settings.KB_DATA_DIR).free
    return {
        "ready": database and free > LEAST_FREE_BYTES,
        "database": database,
        "disk_free_bytes": free,
        "outbox_waiting": Outbox.objects.count() if database else None,
        "worker_seconds_ago": worker_age(),
    }


def database_answers() -> bool:
    """Whether the database answers a query."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            return cursor.fetchone() == (1,)
    except DatabaseError:
        return False


def beat() -> None:
    """Note that the worker is alive."""
    (settings.KB_DATA_DIR / HEARTBEAT).touch()


def worker_age() -> int | None:
    """Return the seconds since the worker's last sign of life; None if there never was one."""
    file = settings.KB_DATA_DIR / HEARTBEAT
    return int(time.time() - file.stat().st_mtime) if file.exists() else None
