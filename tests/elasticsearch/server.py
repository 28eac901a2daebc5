"""The server: its zip comes from Maven Central, it runs as an ordinary user on free ports of this machine only.

The zip is the published core of Elasticsearch without its modules. It needs a Java runtime (17 or newer) and Maven;
nothing of it is kept in this project. ``python -m tests.elasticsearch.server`` runs one until Ctrl-C, for trying out, and
prints its address, its process and its directory; ``… server kill DIRECTORY`` ends it as a power cut would, ``… server again
DIRECTORY`` starts it on the same port with the same data.
"""

import json
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.ports import free_port

VERSION = "8.19.21"
ARTIFACT = f"org.elasticsearch.distribution.integ-test-zip:elasticsearch:{VERSION}:zip"
REMEDY = (
    "a Java runtime and Maven are not on this machine (Debian: apt-get install default-jre-headless maven)"
)
LOCAL = f".m2/repository/org/elasticsearch/distribution/integ-test-zip/elasticsearch/{VERSION}"
QUICK_START = (
    "-XX:TieredStopAtLevel=1"  # for a server that lives for minutes; measuring wants the whole compiler
)
HEAP = "384m"
FETCH_SECONDS = 300
START_SECONDS = 120
STOP_SECONDS = 20
ATTEMPTS = 3  # another process may take a free port between our finding and our using it
OPTIONS = {
    "discovery.type": "single-node",
    "network.host": "127.0.0.1",
    "xpack.security.enabled": "false",
    "cluster.routing.allocation.disk.threshold_enabled": "false",
    "action.auto_create_index": "false",
}


class StartError(RuntimeError):
    """The server could not be fetched or did not come up; the message says why."""


@dataclass(frozen=True, slots=True)
class Server:
    """A running server: its address, the process to stop, the directory to remove."""

    url: str
    pid: int
    directory: Path


def available() -> bool:
    """Whether this machine has what the server needs."""
    return bool(shutil.which("java") and shutil.which("mvn"))


def start(directory: Path, *, heap: str = HEAP, port: int | None = None) -> Server:
    """Unpack and start a server in ``directory``; give it back once it answers."""
    owner = _ordinary_user()
    home = _unpacked(_fetched(directory), directory)
    for _ in range(ATTEMPTS):
        place = port or free_port()
        if _launched(home, directory, place, heap, owner):
            server = Server(f"http://127.0.0.1:{place}", _pid(directory), directory)
            if _answers(server):
                return server
            _end(server.pid)
        if "already in use" not in _log(directory):
            break
    raise StartError(_log(directory)[-2000:])


def stop(server: Server) -> None:
    """End the server and remove its directory."""
    _end(server.pid)
    shutil.rmtree(server.directory, ignore_errors=True)


def kill(directory: Path) -> None:
    """End the server of a directory at once, without a chance to write anything; return when it is gone."""
    pid = _pid(directory)
    os.kill(pid, signal.SIGKILL)
    while _alive(pid):
        time.sleep(0.05)


def again(directory: Path) -> Server:
    """Start a killed server of a directory on its own port with its own data; give it back once it answers."""
    home = directory / f"elasticsearch-{VERSION}"
    settings = (directory / "config" / "elasticsearch.yml").read_text(encoding="utf-8").splitlines()
    port = int(next(line.rpartition(":")[2] for line in settings if line.startswith("http.port:")))
    if _run(home, directory, os.environ.get("KB_TEST_HEAP", HEAP), _ordinary_user()):
        server = Server(f"http://127.0.0.1:{port}", _pid(directory), directory)
        if _answers(server):
            return server
    raise StartError(_log(directory)[-2000:])


@contextmanager
def running(*, heap: str = HEAP) -> Iterator[Server]:
    """A server for as long as the block lasts."""
    directory = Path(tempfile.mkdtemp(prefix="kb-elasticsearch-"))
    try:
        server = start(directory, heap=heap)
        try:
            yield server
        finally:
            _end(_pid(directory))  # it may have been killed and started again
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def _fetched(directory: Path) -> Path:
    """Return the zip: what Maven has already, else what it fetches."""
    kept = Path.home() / LOCAL / f"elasticsearch-{VERSION}.zip"
    if kept.exists():
        return kept
    command = [
        "mvn",
        "-B",
        "-q",
        "dependency:copy",
        f"-Dartifact={ARTIFACT}",
        f"-DoutputDirectory={directory}",
    ]
    done = subprocess.run(
        command, cwd=directory, capture_output=True, text=True, check=False, timeout=FETCH_SECONDS
    )
    fetched = directory / f"elasticsearch-{VERSION}.zip"
    if done.returncode or not fetched.exists():
        raise StartError(f"Maven could not fetch {ARTIFACT}: {(done.stdout + done.stderr).strip()[-800:]}")
    return fetched


def _unpacked(archive: Path, directory: Path) -> Path:
    """Unpack the zip with the rights of its files; everybody may read, for the server is not started as root."""
    with zipfile.ZipFile(archive) as packed:
        for entry in packed.infolist():
            path = Path(packed.extract(entry, directory))
            path.chmod(0o755 if path.is_dir() or "/bin/" in entry.filename else 0o644)
    if archive.parent == directory:
        archive.unlink()
    return directory / f"elasticsearch-{VERSION}"


def _ordinary_user() -> dict[str, Any]:
    """Return the ``subprocess`` arguments that drop root's rights, which the server refuses to run with."""
    if os.geteuid() != 0:
        return {}
    entry = pwd.getpwnam("nobody")
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def _launched(home: Path, directory: Path, port: int, heap: str, owner: dict[str, Any]) -> bool:
    """Configure and start the server."""
    directory.chmod(0o755)
    _configure(home, directory, port, owner)
    return _run(home, directory, heap, owner)


def _run(home: Path, directory: Path, heap: str, owner: dict[str, Any]) -> bool:
    """Start the server in the background with its own script, which returns when the node is ready."""
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(directory),
        "ES_JAVA_HOME": _java_home(),
        "ES_JAVA_OPTS": f"-Xms{heap} -Xmx{heap} {os.environ.get('KB_TEST_JAVA', QUICK_START)}",
        "ES_PATH_CONF": str(directory / "config"),
        "ES_TMPDIR": str(directory / "tmp"),
    }
    command = [str(home / "bin" / "elasticsearch"), "-d", "-p", str(directory / "pid")]
    with (directory / "console.log").open("wb") as console:
        done = subprocess.run(
            command, env=environment, cwd=directory, stdin=subprocess.DEVNULL, stdout=console,
            stderr=subprocess.STDOUT, start_new_session=True, check=False, timeout=START_SECONDS, **owner,
        )  # fmt: skip
    return done.returncode == 0


def _configure(home: Path, directory: Path, port: int, owner: dict[str, Any]) -> None:
    """Write the server's settings and make its folders, all of them its own user's."""
    for name in ("config", "data", "logs", "tmp"):
        (directory / name).mkdir(exist_ok=True)
    shutil.copytree(home / "config", directory / "config", dirs_exist_ok=True)
    options = OPTIONS | {
        "http.port": str(port),
        "transport.port": str(free_port()),
        "path.data": str(directory / "data"),
        "path.logs": str(directory / "logs"),
    }
    written = "".join(f"{name}: {value}\n" for name, value in options.items())
    (directory / "config" / "elasticsearch.yml").write_text(written, encoding="utf-8")
    if owner:
        for path in (directory, *(directory / "config").rglob("*"), *directory.glob("*")):
            if path != home:
                os.chown(path, owner["user"], owner["group"])


def _java_home() -> str:
    return str(Path(shutil.which("java") or "java").resolve().parent.parent)


def _pid(directory: Path) -> int:
    return int((directory / "pid").read_text())


def _answers(server: Server) -> bool:
    """Wait until the cluster can take an index; False if it is too late."""
    address = f"{server.url}/_cluster/health?wait_for_status=yellow&timeout=5s"
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and _alive(server.pid):
        with suppress(OSError, ValueError), urllib.request.urlopen(address, timeout=10) as answer:  # noqa: S310
            if not json.load(answer)["timed_out"]:
                return True
        time.sleep(0.1)
    return False


def _log(directory: Path) -> str:
    file = directory / "console.log"
    return file.read_text(errors="replace") if file.exists() else "The server left no log."


def _end(pid: int) -> None:
    """Ask the server to end, then make it; wait until it is gone."""
    for request in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.kill(pid, request)
        deadline = time.monotonic() + STOP_SECONDS
        while _alive(pid) and time.monotonic() < deadline:
            time.sleep(0.1)
        if not _alive(pid):
            return


def _alive(pid: int) -> bool:
    """Whether a process runs; one that has ended and was not asked about yet does not."""
    try:
        state = (
            Path(f"/proc/{pid}/stat")
            .read_text(encoding="ascii", errors="replace")
            .rpartition(")")[2]
            .split()[0]
        )
    except FileNotFoundError:
        return False
    return state != "Z"


def main() -> None:
    """Run a server until Ctrl-C or SIGTERM and print its address; or kill one, or start a killed one again."""
    match sys.argv[1:]:
        case ["kill", directory]:
            kill(Path(directory))
            return
        case ["again", directory]:
            again(Path(directory))
            return
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with running(heap=os.environ.get("KB_TEST_HEAP", HEAP)) as server:
        print(server.url, server.pid, server.directory, flush=True)
        with suppress(KeyboardInterrupt):
            signal.pause()


if __name__ == "__main__":
    main()
