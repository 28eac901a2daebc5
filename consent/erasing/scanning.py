"""Looking for many pieces of text in many bytes at once.

Every piece of at least 15 bytes that stands anywhere holds a whole block of 8 bytes on an 8-byte border. So the bytes
are read as 64-bit numbers, all borders of all pieces are looked up in one set, and only a piece of which every block
was seen is looked for itself: the time hardly depends on the number of pieces. UTF-8 and UTF-16 are searched as they
stand; JSON's ``\\u0438``, also escaped twice, and forms' ``%D0%B8`` are unfolded first.
"""

import codecs
import struct
import warnings
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import IO, Any
from urllib.parse import unquote_to_bytes

from consent.erasing.canaries import Canary

BLOCK = 8
CHUNK = 256 * 1024
OVERLAP = 4096  # longer than any piece in any of its forms
LEAST_BLOCKS = 2 * BLOCK - 1


@dataclass(slots=True)
class Found:
    """What a search of one place gave: bytes read, and which pieces stand there."""

    size: int = 0
    hits: set[int] = field(default_factory=set)


class Scanner:
    """Pieces made ready to be looked for."""

    def __init__(self, canaries: Sequence[Canary]) -> None:
        self.canaries = canaries
        self.forms: list[tuple[int, bytes]] = list(_forms(canaries))
        self._short = [(number, form) for number, form in self.forms if len(form) < LEAST_BLOCKS]
        self._rows: list[tuple[int, bytes, tuple[int, ...]]] = []
        self._by_first: dict[int, list[int]] = defaultdict(list)
        for number, form in self.forms:
            if len(form) >= LEAST_BLOCKS:
                self._take(number, form)
        self._blocks = {block for _number, _form, blocks in self._rows for block in blocks}

    def _take(self, number: int, form: bytes) -> None:
        """Note the blocks of one piece for each way it may lie on the borders."""
        for start in range(BLOCK):
            count = (len(form) - start) // BLOCK
            blocks = struct.unpack_from(f"={count}Q", form, start)
            self._by_first[blocks[0]].append(len(self._rows))
            self._rows.append((number, form, tuple(dict.fromkeys(blocks))))

    def search(self, chunk: bytes) -> set[int]:
        """Return the numbers of the pieces that stand in these bytes, in any of the forms."""
        hits = self._plain(chunk)
        if b"\\u" in chunk:
            once = _unescaped(chunk)
            hits |= self._plain(once)
            if b"\\u" in once:
                hits |= self._plain(_unescaped(once))
        if b"%D" in chunk or b"%d" in chunk:
            hits |= self._plain(unquote_to_bytes(chunk.replace(b"+", b" ")))
        return hits

    def _plain(self, chunk: bytes) -> set[int]:
        hits = {number for number, form in self._short if form in chunk}
        whole = len(chunk) - len(chunk) % BLOCK
        seen = self._blocks.intersection(memoryview(chunk)[:whole].cast("Q").tolist())
        tried: set[bytes] = set()
        for block in seen:
            for row in self._by_first.get(block, ()):
                number, form, blocks = self._rows[row]
                if number not in hits and form not in tried and seen.issuperset(blocks):
                    tried.add(form)
                    if form in chunk:
                        hits.add(number)
        return hits

    def read(self, stream: IO[bytes] | Iterable[bytes]) -> Found:
        """Search a stream, in chunks that overlap."""
        found = Found()
        rest = b""
        with _quiet():
            for part in _chunks(stream):
                found.size += len(part)
                chunk = rest + part
                found.hits |= self.search(chunk)
                rest = chunk[-OVERLAP:]
        return found

    def without(
        self, texts: Iterable[str | bytes], *, keep: Callable[[Canary], bool] = lambda each: False
    ) -> "Scanner":
        """Return a scanner without the pieces that stand in these texts, unless ``keep`` holds on to them."""
        parts = ((text.encode() if isinstance(text, str) else bytes(text)) + b"\n" for text in texts)
        common = self.read(_gathered(parts)).hits if self.canaries else set()
        return Scanner(
            [each for number, each in enumerate(self.canaries) if number not in common or keep(each)]
        )


def _forms(canaries: Sequence[Canary]) -> Iterator[tuple[int, bytes]]:
    """Yield each piece as it stands and, if it is text, as UTF-16."""
    for number, each in enumerate(canaries):
        yield number, each.data
        try:
            yield number, each.data.decode().encode("utf-16-le")
        except UnicodeDecodeError:
            continue


def _unescaped(chunk: bytes) -> bytes:
    """Return the bytes with one level of backslash escapes unfolded, in UTF-8."""
    return codecs.unicode_escape_decode(chunk, "replace")[0].encode("utf-8", "ignore")


@contextmanager
def _quiet() -> Iterator[None]:
    """Unfolding what was never escaped is expected here, and no reason for a warning."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        yield


def _chunks(stream: IO[bytes] | Iterable[bytes]) -> Iterator[bytes]:
    read: Any = getattr(stream, "read", None)
    if read is None:
        yield from (part for part in stream if part)
        return
    while part := read(CHUNK):
        yield part


def _gathered(parts: Iterable[bytes]) -> Iterator[bytes]:
    """Join small parts and cut large ones, so that each search is worth its while."""
    waiting = bytearray()
    for part in parts:
        waiting += part
        while len(waiting) >= CHUNK:
            yield bytes(waiting[:CHUNK])
            del waiting[:CHUNK]
    if waiting:
        yield bytes(waiting)
