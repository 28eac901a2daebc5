"""After a failure nobody asks the server for a while: not this process, and not the others of this machine.

The pause lies in a file whose time of change is the moment to try again, so that a server that hangs costs one timeout
and not one for each worker. It grows from one second to fifteen and ends with the first answer.
"""

import os
import time
from contextlib import suppress
from pathlib import Path

from search.engines.base import EngineAway

FIRST_PAUSE = 1.0
LONGEST_PAUSE = 15.0


class Breaker:
    """Lets calls through, or refuses them until the server may be tried again."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def admit(self) -> bool:
        """Whether this call is an attempt after a failure; ``EngineAway`` while it is too early for one.

        Who may try moves the moment a little forward, so that others go on waiting meanwhile.
        """
        until = self._until()
        if until is None:
            return False
        now = time.time()
        if now < until <= now + LONGEST_PAUSE:
            raise EngineAway("the search server did not answer a moment ago")
        with suppress(OSError):
            os.utime(self._file, (now, now + FIRST_PAUSE))
        return True

    def trip(self) -> None:
        """Note a failure: the next attempt is after twice the pause before."""
        pause = min(self._pause() * 2 or FIRST_PAUSE, LONGEST_PAUSE)
        with suppress(OSError):
            self._file.parent.mkdir(parents=True, exist_ok=True)
            self._file.write_text(str(pause), encoding="ascii")
            until = time.time() + pause
            os.utime(self._file, (until, until))

    def close(self) -> None:
        """Note an answer: everybody may ask again."""
        self._file.unlink(missing_ok=True)

    def _until(self) -> float | None:
        try:
            return self._file.stat().st_mtime
        except OSError:
            return None

    def _pause(self) -> float:
        try:
            return float(self._file.read_text(encoding="ascii"))
        except (OSError, ValueError):
            return 0.0
