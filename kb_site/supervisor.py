"""Runs the web server and the worker side by side, without Django in its own memory.

``python -m kb_site.supervisor HOST PORT PROCESSES`` starts granian and ``manage.py run_worker``, restarts the worker if
it dies, stops both when the web server ends or on SIGTERM and SIGINT.
"""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

MANAGE = Path(__file__).resolve().parent.parent / "manage.py"
LOOK_SECONDS = 0.5
GRACE_SECONDS = 10


def web_command(host: str, port: str, processes: str) -> list[str]:
    """Return granian's command line: WSGI, one blocking thread a process, as measured fastest."""
    return [
        sys.executable, "-m", "granian", "--interface", "wsgi", "--host", host, "--port", port, "--workers", processes,
        "--blocking-threads", "1", "--respawn-failed-workers", "--no-access-log", "--log-level", "warning",
        "kb_site.wsgi:application",
    ]  # fmt: skip


def worker_command() -> list[str]:
    """Return the worker's command line."""
    return [sys.executable, str(MANAGE), "run_worker"]


def supervise(host: str, port: str, processes: str) -> int:
    """Run both until the web server ends; returns its exit code."""
    stopping = False

    def stop(*_: object) -> None:
        nonlocal stopping
        stopping = True

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    web = subprocess.Popen(web_command(host, port, processes), start_new_session=True)
    worker = subprocess.Popen(worker_command(), start_new_session=True)
    while not stopping and web.poll() is None:
        if worker.poll() is not None:
            worker = subprocess.Popen(worker_command(), start_new_session=True)
        time.sleep(LOOK_SECONDS)
    return end(web, worker)


def end(*children: subprocess.Popen[bytes]) -> int:
    """Ask the children to stop, wait, and insist; returns the first one's exit code, 0 if it was asked to stop."""
    asked = children[0].poll() is None
    for child in children:
        if child.poll() is None:
            os.killpg(child.pid, signal.SIGTERM)
    for child in children:
        try:
            child.wait(GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()
    return 0 if asked else children[0].returncode


if __name__ == "__main__":
    sys.exit(supervise(*sys.argv[1:4]))
