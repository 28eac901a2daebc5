"""XLSX: the first sheet, its first row naming the columns."""

from collections.abc import Iterator, Sequence
from typing import Any

from openpyxl import load_workbook

from stories.importing.errors import ImportRefused, RowRefused
from stories.importing.readers import archives, cells
from stories.importing.readers.base import LONGEST_ROW, Row, Source, canonical


class Spreadsheet(Source):
    """An ``.xlsx`` file."""

    def count(self) -> None:
        return None

    def rows(self) -> Iterator[Row]:
        try:
            archives.check(self.path)
            book = load_workbook(self.path, read_only=True, data_only=True)
        except RowRefused as problem:
            raise ImportRefused(f"{self.path.name}: {problem}") from None
        except Exception as problem:  # openpyxl raises whatever its parts raise
            raise ImportRefused(
                f"{self.path.name} is not an XLSX workbook: {type(problem).__name__}"
            ) from None
        try:
            yield from self._rows(book)
        finally:
            book.close()

    def _rows(self, book: Any) -> Iterator[Row]:
        if not book.worksheets:
            raise ImportRefused(f"{self.path.name} has no sheet.")
        sheet = book.worksheets[0]
        sheet.reset_dimensions()
        names: list[str] = []
        try:
            for number, found in enumerate(sheet.iter_rows(values_only=True, max_col=cells.MOST_COLUMNS + 1)):
                if number == 0:
                    names = cells.header(found)
                elif any(cell not in (None, "") for cell in found):
                    yield _row(number, names, found)
        except ImportRefused:
            raise
        except Exception as problem:  # a broken sheet fails while it is read
            raise ImportRefused(
                f"{self.path.name} cannot be read to its end: {type(problem).__name__}"
            ) from None


def _row(number: int, names: list[str], found: Sequence[Any]) -> Row:
    try:
        data = cells.record(names, found)
    except RowRefused as problem:
        return Row(number, problem=str(problem))
    raw = canonical(dict(zip(names, found, strict=False)))
    if len(raw) > LONGEST_ROW:
        return Row(number, problem=f"the row is longer than {LONGEST_ROW // 1024 // 1024} MB")
    return Row(number, data, raw)
