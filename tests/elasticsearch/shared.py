"""One server for a whole run: the first test that needs it starts it, whichever process that test is in.

The process that began the run makes a directory and names it in the environment, which the workers inherit; a file lock
in it keeps two workers from starting two servers. The same process stops the server at the end.
"""

import fcntl
import json
import os
import shutil
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tests.elasticsearch.server import Server, StartError, start, stop

RUN = "KB_TEST_ELASTICSEARCH"


def begin() -> bool:
    """Make the directory of a run; says whether this process did, and so has to end it."""
    if RUN in os.environ:
        return False
    os.environ[RUN] = tempfile.mkdtemp(prefix="kb-elasticsearch-")
    return True


def url() -> str:
    """The address of the run's server, started now if nobody has; ``StartError`` if it cannot be."""
    place = Path(os.environ[RUN])
    with (place / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        told = _told(place)
        if told is None:
            told = _started(place)
            (place / "server.json").write_text(json.dumps(told), encoding="utf-8")
    if "error" in told:
        raise StartError(told["error"])
    return str(told["url"])


def end() -> None:
    """Stop the run's server if one was started, and remove its directory."""
    place = Path(os.environ.pop(RUN))
    told = _told(place)
    if told and "pid" in told:
        stop(Server(told["url"], told["pid"], Path(told["directory"])))
    shutil.rmtree(place, ignore_errors=True)


def _told(place: Path) -> dict[str, Any] | None:
    file = place / "server.json"
    return json.loads(file.read_text(encoding="utf-8")) if file.exists() else None


def _started(place: Path) -> dict[str, Any]:
    """Start a server; a failure is kept, so that the tests after the first do not try again."""
    place.chmod(0o755)  # the server is another user
    directory = place / "server"
    directory.mkdir()
    try:
        server = start(directory)
    except (StartError, OSError) as error:
        return {"error": str(error)}
    return {name: value if isinstance(value, int) else str(value) for name, value in asdict(server).items()}
