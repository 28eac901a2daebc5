"""A PostgreSQL server that lives as long as one command: ``python -m tests.postgres -- pytest``.

It is made from the machine's own binaries in a temporary directory, listens on a free port of this machine
only, does not care for power cuts, and runs as an ordinary user even where the tests run as root.
"""

import os
import pwd
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import IO, Any, NoReturn

from tests.needs import required
from tests.ports import free_port

REMEDY = "PostgreSQL's initdb and postgres are not on this machine (Debian: apt-get install postgresql)"
PLACES = ("/usr/lib/postgresql/*/bin", "/usr/local/pgsql/bin", "/opt/homebrew/opt/postgresql*/bin")
TOOLS = ("initdb", "postgres", "pg_isready", "createdb")
START_SECONDS = 30
STOP_SECONDS = 20
ATTEMPTS = 5  # another process may take the free port between our finding and our using it
# Tests hold no lock for long: a forgotten one becomes an error that names its statement, not a hanging suite.
OPTIONS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "jit": "off",
    "lock_timeout": "60s",
}


class StartError(RuntimeError):
    """The server did not come up; the message is the end of its log."""


def binaries() -> Path | None:
    """Return the directory that holds the server and its tools, the newest if there are several."""
    on_path = shutil.which("initdb")
    places = [Path(on_path).resolve().parent] if on_path else []
    places += [path for place in PLACES for path in Path("/").glob(place[1:])]
    whole = [path for path in places if all((path / tool).exists() for tool in TOOLS)]
    return max(whole, key=_version, default=None)


@contextmanager
def server() -> Iterator[str]:
    """Start a server, give the URL of an empty database in it, stop it by its process id.

    Raises ``FileNotFoundError`` with a remedy if binaries lack, ``StartError`` if it does not come up.
    """
    tools = binaries()
    if tools is None:
        raise FileNotFoundError(REMEDY)
    password = secrets.token_urlsafe(16)
    owner = _ordinary_user()
    directory = Path(tempfile.mkdtemp(prefix="kb-postgres-"))
    try:
        data = _new_cluster(tools, directory, password, owner)
        process, port = _start(tools, data, directory / "log", owner)
        try:
            place = ("--host=127.0.0.1", f"--port={port}", "--username=kb")
            _run(tools / "createdb", *place, "kb", password=password)
            yield f"postgres://kb:{password}@127.0.0.1:{port}/kb"
        finally:
            _stop(process)
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def main(arguments: Sequence[str]) -> int:
    """Run the command after ``--`` with ``DATABASE_URL`` set; return its exit code, 0 if it was skipped."""
    if len(arguments) < 2 or arguments[0] != "--":
        print("usage: python -m tests.postgres -- COMMAND…", file=sys.stderr)
        return 2
    if binaries() is None:
        print(f"Skipped: {REMEDY}", file=sys.stderr)
        return 1 if required("postgres") else 0
    signal.signal(signal.SIGTERM, _leave)
    with server() as url:
        command = subprocess.Popen(arguments[1:], env={**os.environ, "DATABASE_URL": url})
        try:
            return command.wait()
        finally:
            if command.poll() is None:
                command.terminate()
                command.wait()


def _version(directory: Path) -> tuple[int, ...]:
    return tuple(int(part) for part in directory.parent.name.split(".") if part.isdigit())


def _ordinary_user() -> dict[str, Any]:
    """Return the ``subprocess`` arguments that drop root's rights, which PostgreSQL refuses to run with."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
    raise StartError("PostgreSQL refuses to run as root, and there is neither a user postgres nor nobody")


def _new_cluster(tools: Path, directory: Path, password: str, owner: dict[str, Any]) -> Path:
    """Initialise a cluster whose only user is ``kb`` and whose case rules know Cyrillic (``C.UTF-8``)."""
    data, secret = directory / "data", directory / "password"
    secret.write_text(password, encoding="ascii")
    if owner:
        for path in (directory, secret):
            os.chown(path, owner["user"], owner["group"])
    _run(
        tools / "initdb",
        f"--pgdata={data}",
        "--username=kb",
        f"--pwfile={secret}",
        "--auth=scram-sha-256",
        "--encoding=UTF8",
        "--locale=C.UTF-8",
        "--no-sync",
        "--no-instructions",
        **owner,
    )
    return data


def _run(tool: Path, *arguments: str, password: str = "", **owner: Any) -> None:
    """Run one of PostgreSQL's tools, which must succeed."""
    environment = {**os.environ, "PGPASSWORD": password} if password else dict(os.environ)
    done = subprocess.run(
        [tool, *arguments], env=environment, cwd="/", capture_output=True, text=True, check=False, **owner
    )
    if done.returncode:
        raise StartError(f"{tool.name} failed: {(done.stderr or done.stdout).strip()}")


def _start(tools: Path, data: Path, log: Path, owner: dict[str, Any]) -> tuple[subprocess.Popen[bytes], int]:
    """Start the server on a free port; return it once it answers."""
    for _ in range(ATTEMPTS):
        port = free_port()
        with log.open("wb") as output:
            process = _launch(tools, data, port, output, owner)
        try:
            if _answers(tools, process, port):
                return process, port
        except BaseException:
            _stop(process)
            raise
        _stop(process)
        if "already in use" not in log.read_text(errors="replace"):
            break
    raise StartError(log.read_text(errors="replace")[-2000:])


def _launch(
    tools: Path, data: Path, port: int, output: IO[bytes], owner: dict[str, Any]
) -> subprocess.Popen[bytes]:
    settings = [part for name, value in OPTIONS.items() for part in ("-c", f"{name}={value}")]
    return subprocess.Popen(
        [tools / "postgres", "-D", data, "-p", str(port), *settings],
        stdout=output,
        stderr=subprocess.STDOUT,
        cwd="/",
        start_new_session=True,  # Ctrl-C ends the command first, then the server
        **owner,
    )


def _answers(tools: Path, process: subprocess.Popen[bytes], port: int) -> bool:
    """Wait until the server takes connections; False if it has ended or is too late."""
    ask: list[str | Path] = [tools / "pg_isready", "--quiet", "--host=127.0.0.1", f"--port={port}"]
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        if subprocess.run(ask, check=False).returncode == 0:
            return process.poll() is None
        time.sleep(0.1)
    return False


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Ask for a fast shutdown, then for an immediate one."""
    for request in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
        if process.poll() is None:
            process.send_signal(request)
        try:
            process.wait(STOP_SECONDS)
            return
        except subprocess.TimeoutExpired:
            continue


def _leave(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise SystemExit(128 + signal.SIGTERM)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
