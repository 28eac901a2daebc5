"""Members' medallions drawn once and kept for every process, so that no reader waits for the engraver.

A page draws one that is missing; for others it shows a blank coin at once, and they are drawn in the background, in
this process for those somebody has just asked for and by the worker for everybody.
"""

import logging
import threading
import time
from functools import lru_cache

from django.core.cache import caches

from club import medallion as engraving
from club.medallion import Size
from club.models import Member

logger = logging.getLogger(__name__)

SIZES: tuple[Size, ...] = ("s", "l")
AT_ONCE = 1  # drawing of 13 to 35 ms that a page waits for: that of its first person
WAITING = 240
PAUSE = 0.2  # seconds between two drawings in the background: those who are being answered come first

Portrait = tuple[str, Size, str, str]


class NotDrawnError(LookupError):
    """Nobody has drawn this medallion yet."""


@lru_cache(maxsize=2048)
def found(code: str, size: Size, hair: str, dress: str) -> str:
    """Return a drawing from this process's memory or from the cache of all processes; ``NotDrawnError`` without one."""
    drawing: str | None = caches["medallions"].get(_key(code, size, hair, dress))
    if drawing is None:
        raise NotDrawnError(code)
    return drawing


def kept(code: str, size: Size, hair: str, dress: str) -> str:
    """Return a drawing, made now if there is none.

    It depends on the arguments only, so a drawing never becomes wrong.
    """
    try:
        return found(code, size, hair, dress)
    except NotDrawnError:
        drawing = engraving.medallion(code, size, hair=hair, dress=dress)
        caches["medallions"].set(_key(code, size, hair, dress), drawing)
        return drawing


def shown(portrait: Portrait, drawn: int) -> tuple[str, int]:
    """Return what a page shows that has ``drawn`` medallions already, and how many it has drawn then."""
    try:
        return found(*portrait), drawn
    except NotDrawnError:
        if drawn < AT_ONCE:
            return kept(*portrait), drawn + 1
        BACKGROUND.want(portrait)
        return engraving.blank_medallion(portrait[1]), drawn


class Background:
    """Draws what pages did without, in a thread that ends when nothing is wanted."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._wanted: dict[Portrait, None] = {}
        self._thread: threading.Thread | None = None

    def want(self, portrait: Portrait) -> None:
        """Have it drawn soon; beyond ``WAITING`` it is left to the worker."""
        with self._lock:
            if len(self._wanted) < WAITING:
                self._wanted[portrait] = None
            if self._wanted and (self._thread is None or not self._thread.is_alive()):
                self._thread = threading.Thread(target=self._draw, name="portraits", daemon=True)
                self._thread.start()

    def finish(self) -> None:
        """Return when nothing is wanted any more."""
        with self._lock:
            thread = self._thread
        if thread is not None:
            thread.join()

    def _draw(self) -> None:
        while (portrait := self._next()) is not None:
            try:
                kept(*portrait)
            except Exception:
                logger.exception("A medallion could not be drawn")
            time.sleep(PAUSE)

    def _next(self) -> Portrait | None:
        with self._lock:
            if not self._wanted:
                self._thread = None
                return None
            portrait = next(iter(self._wanted))
            del self._wanted[portrait]
            return portrait


BACKGROUND = Background()


class Engraver:
    """Walks through the members, oldest first, and draws what the cache of all processes does not hold yet."""

    def __init__(self) -> None:
        self.after = 0

    def draw(self, seconds: float = 0.2) -> int:
        """Draw for about so many seconds and go on from there the next time; returns the members passed."""
        until, passed = time.monotonic() + seconds, 0
        members = Member.objects.filter(pk__gt=self.after, erased_at=None).order_by("pk")
        for pk, code, hair, dress in members.values_list("pk", "code", "hair", "dress")[:1000]:
            for size in SIZES:
                if not caches["medallions"].has_key(_key(code, size, hair, dress)):
                    kept(code, size, hair, dress)
            self.after, passed = pk, passed + 1
            if time.monotonic() > until:
                break
        return passed


def _key(code: str, size: Size, hair: str, dress: str) -> str:
    return f"{engraving.VERSION}.{code}.{size}.{hair}.{dress}"
