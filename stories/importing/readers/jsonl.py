"""JSON Lines: one object a line, read in bounded pieces."""

import json
from collections.abc import Iterator
from typing import IO, Any

from stories.importing import tidying
from stories.importing.errors import ImportRefused
from stories.importing.readers.base import LONGEST_ROW, Row, Source, undecodable

PIECE = 1024 * 1024
UTF16 = (b"\xff\xfe", b"\xfe\xff")
BOM = b"\xef\xbb\xbf"


class JsonLines(Source):
    """A ``.jsonl`` file."""

    def count(self) -> int:
        with self.path.open("rb") as file:
            return sum(piece.count(b"\n") for piece in iter(lambda: file.read(PIECE), b"")) or 1

    def rows(self) -> Iterator[Row]:
        with self.path.open("rb") as file:
            _refuse_other_forms(file)
            for number, line in enumerate(_lines(file), 1):
                if line is None:
                    yield Row(number, problem=f"the line is longer than {LONGEST_ROW // 1024 // 1024} MB")
                elif line.strip():
                    yield _row(number, line)


def _refuse_other_forms(file: IO[bytes]) -> None:
    """Look at the beginning and leave the file there, behind a byte order mark."""
    start = file.read(4096)
    if start.startswith(UTF16):
        raise ImportRefused(
            f"The file is UTF-16 (it begins with 0x{start[0]:02X} 0x{start[1]:02X}). Save it as UTF-8."
        )
    body = start.removeprefix(BOM)
    if body.lstrip().startswith(b"["):
        raise ImportRefused("The file holds a JSON array. Write one object a line instead.")
    file.seek(len(start) - len(body))


def _lines(file: IO[bytes]) -> Iterator[bytes | None]:
    """Yield lines; None for one that is too long, which is passed over in pieces."""
    while line := file.readline(LONGEST_ROW + 1):
        if len(line) > LONGEST_ROW and not line.endswith(b"\n"):
            while (rest := file.readline(PIECE)) and not rest.endswith(b"\n"):
                pass
            yield None
        else:
            yield line


def _row(number: int, line: bytes) -> Row:
    try:
        data: Any = json.loads(line.decode("utf-8"))
    except UnicodeDecodeError as problem:
        return Row(number, problem=undecodable(problem))
    except json.JSONDecodeError as problem:
        return Row(number, problem=f"not JSON: {problem.msg} at position {problem.pos + 1}")
    except (RecursionError, ValueError):
        return Row(number, problem="not JSON that can be read: too deep, or a number too long")
    if not isinstance(data, dict):
        return Row(number, problem=f"must be a JSON object, not {tidying.kind_of(data)}")
    return Row(number, data, line.strip())
