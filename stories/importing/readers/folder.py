"""A folder of Markdown and DOCX files, or one of them: each file is one story."""

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

from stories.importing.errors import ImportRefused, RowRefused
from stories.importing.readers.base import Row, Source
from stories.importing.readers.frontmatter import read_markdown
from stories.importing.readers.word import read_word

FORMATS = {".md": read_markdown, ".markdown": read_markdown, ".docx": read_word}


class FolderSource(Source):
    """Every ``.md`` and ``.docx`` file under a folder by name; hidden files and links are passed over."""

    @cached_property
    def files(self) -> list[Path]:
        found = [path for path in sorted(self.path.rglob("*")) if self._wanted(path)]
        if not found:
            raise ImportRefused(f"{self.path} holds no .md or .docx files.")
        return found

    def _wanted(self, path: Path) -> bool:
        inner = path.relative_to(self.path)
        hidden = any(part.startswith((".", "~$")) for part in inner.parts)
        return path.suffix.lower() in FORMATS and not hidden and not path.is_symlink() and path.is_file()

    def count(self) -> int:
        return len(self.files)

    def rows(self) -> Iterator[Row]:
        for number, path in enumerate(self.files, 1):
            name = path.relative_to(self.path) if path != self.path else Path(path.name)
            yield _row(number, path, name.as_posix())


class FileSource(FolderSource):
    """One Markdown or DOCX file."""

    @cached_property
    def files(self) -> list[Path]:
        return [self.path]


def _row(number: int, path: Path, name: str) -> Row:
    """Read one file; without an id of its own a story is known by the file's name."""
    try:
        record: dict[str, Any] = FORMATS[path.suffix.lower()](path)
        identified = (
            record
            if record.get("external_id") or record.get("id")
            else {**record, "external_id": name.rsplit(".", 1)[0]}
        )
        return Row(number, identified, path.read_bytes())
    except RowRefused as problem:
        return Row(number, problem=f"{name}: {problem}")
    except OSError as problem:
        return Row(number, problem=f"{name}: cannot be read: {problem.strerror}")
