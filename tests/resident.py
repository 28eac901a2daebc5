"""Django started once for an install, by ``python -m tests.resident``; each command runs in a fork of that process.

Orders come as lines of JSON on standard input: ``arguments``, ``text`` for the command's standard input, ``patch``
(Python done first, in the fork alone) and ``output``, a file for both its streams. The answer to each is a line with
the command's return code, negative for a signal, as ``subprocess`` has it.
"""

import json
import os
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent


class Resident:
    """The process, from the outside. It begins with the first command and ends with ``close``."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.resident"], cwd=ROOT, env={**environment, "PYTHONPATH": str(ROOT)},
            text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip

    def run(self, *arguments: str, text: str = "", patch: str = "") -> tuple[int, str]:
        """Run a command of ``manage.py``; returns its code and what it said on both streams."""
        handle, said = tempfile.mkstemp()
        os.close(handle)
        try:
            order = {"arguments": arguments, "text": text, "patch": patch, "output": said}
            self.process.stdin.write(json.dumps(order) + "\n")
            self.process.stdin.flush()
            return int(self.process.stdout.readline()), Path(said).read_text(encoding="utf-8")
        finally:
            os.unlink(said)

    def close(self) -> None:
        """End the process."""
        self.process.communicate()


def carry_out(order: dict[str, Any]) -> None:
    """Be the command; never returns."""
    code = 1
    try:
        streams = [os.open(order["output"], os.O_WRONLY | os.O_CREAT | os.O_APPEND) for _ in range(2)]
        entry, text = os.pipe(), order["text"].encode()
        os.write(entry[1], text)  # less than a pipe holds
        os.close(entry[1])
        for number, stream in enumerate((entry[0], *streams)):
            os.dup2(stream, number)
        sys.stdin = open(0, closefd=False)  # noqa: SIM115 nothing of what the parent read ahead
        exec(order["patch"], {})  # noqa: S102 a test's own words
        sys.argv = ["manage.py", *order["arguments"]]
        from django.core.management import execute_from_command_line

        execute_from_command_line(sys.argv)
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def main() -> None:
    """Serve until standard input ends."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "kb_site.settings"
    import django

    django.setup()
    for line in sys.stdin:
        child = os.fork()
        if not child:
            carry_out(json.loads(line))
        _pid, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


if __name__ == "__main__":
    main()
