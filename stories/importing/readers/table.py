"""CSV: with commas, semicolons or tabs, in UTF-8 or, with a note, in cp1251."""

import codecs
import csv
from collections.abc import Iterator
from functools import cached_property

from stories.importing.errors import ImportRefused, RowRefused
from stories.importing.readers import cells
from stories.importing.readers.base import LONGEST_ROW, Row, Source, canonical, undecodable
from stories.importing.readers.jsonl import UTF16

PIECE = 1024 * 1024
DELIMITERS = ",;\t"


class Table(Source):
    """A ``.csv`` or ``.tsv`` file whose first row names the columns."""

    def count(self) -> None:
        return None

    def rows(self) -> Iterator[Row]:
        csv.field_size_limit(LONGEST_ROW)
        with self.path.open(encoding=self.encoding, errors="strict", newline="") as file:
            reader = csv.reader(file, delimiter=self.delimiter)
            names: list[str] = []
            for number, found in enumerate(_survived(reader)):
                if number == 0:
                    if found is None:
                        raise ImportRefused("The first row cannot be read: it must name the columns.")
                    names = cells.header(found)
                elif found is None:
                    yield Row(
                        number,
                        problem=f"cannot be read: a cell is longer than {LONGEST_ROW // 1024 // 1024} MB",
                    )
                elif any(cell.strip() for cell in found):
                    yield _row(number, names, found)

    @cached_property
    def encoding(self) -> str:
        """UTF-8, or cp1251 with a note naming the byte that is not UTF-8."""
        with self.path.open("rb") as file:
            if file.read(2) in UTF16:
                raise ImportRefused("The file is UTF-16. Save it as UTF-8.")
        problem = self._problem("utf-8-sig")
        if not problem:
            return "utf-8-sig"
        if self._problem("cp1251"):
            raise ImportRefused(f"The file is {problem}. Save it as UTF-8.")
        self.notes.append(
            f"The file is {problem}; it is read as cp1251. If letters look wrong, save it as UTF-8."
        )
        return "cp1251"

    def _problem(self, encoding: str) -> str:
        decoder = codecs.getincrementaldecoder(encoding)()
        offset = 0
        with self.path.open("rb") as file:
            try:
                while piece := file.read(PIECE):
                    held = len(decoder.getstate()[0])
                    decoder.decode(piece)
                    offset += len(piece)
                held = len(decoder.getstate()[0])
                decoder.decode(b"", final=True)
            except UnicodeDecodeError as problem:
                return undecodable(problem, offset - held)
        return ""

    @cached_property
    def delimiter(self) -> str:
        """The separator that the first line uses most outside quotes."""
        with self.path.open(encoding=self.encoding, newline="") as file:
            first = file.readline(65536)
        bare = "".join(first.split('"')[::2])
        return max(DELIMITERS, key=bare.count)


def _survived(reader: Iterator[list[str]]) -> Iterator[list[str] | None]:
    """Yield rows; None for one that the csv module refuses."""
    while True:
        try:
            yield next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield None


def _row(number: int, names: list[str], found: list[str]) -> Row:
    try:
        data = cells.record(names, found)
    except RowRefused as problem:
        return Row(number, problem=str(problem))
    raw = canonical(dict(zip(names, found, strict=False)))
    if len(raw) > LONGEST_ROW:
        return Row(number, problem=f"the row is longer than {LONGEST_ROW // 1024 // 1024} MB")
    return Row(number, data, raw)
