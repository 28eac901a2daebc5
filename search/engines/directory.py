"""Where generations of the embedded index live: which is in use, the switch to another, the writers' lock.

``<root>/current-<version>`` holds the name of the generation in use and is replaced by renaming, so every
process sees the old one or the new one and nothing in between. Generations are
``<root>/<version>-<random>/``; one that is being built ends in ``.building``.
"""

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from search.engines.locks import machine_lock

BUILDING = ".building"
ABANDONED_SECONDS = 24 * 3600
_POINTER = "current-"


class IndexDirectory:
    """Generations of one version of the index under one root."""

    def __init__(self, root: Path, version: str) -> None:
        self.root = root
        self.version = version

    def current(self) -> str | None:
        """Name of the generation in use, if there is one of this version."""
        try:
            name = self._pointer.read_text(encoding="utf-8").strip()
        except (FileNotFoundError, NotADirectoryError, UnicodeDecodeError):
            return None
        return name if name.startswith(f"{self.version}-") and "/" not in name else None

    def path(self, name: str) -> Path:
        """Directory of a generation."""
        return self.root / name

    def create(self) -> Path:
        """A new empty directory to build a generation in."""
        path = self.root / f"{self.version}-{uuid4().hex[:12]}{BUILDING}"
        path.mkdir(parents=True)
        return path

    def switch(self, building: Path) -> str:
        """Put a built generation into use and drop every other one. Call it under ``exclusive``."""
        name = building.name.removesuffix(BUILDING)
        building.rename(self.path(name))
        temporary = self.root / f".{uuid4().hex}"
        with temporary.open("w", encoding="utf-8") as file:
            file.write(name)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(self._pointer)
        self._sync()
        self._drop_others(name)
        return name

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """Hold the writers' lock, free again when the process dies; ``EngineUnavailable`` after 10 s."""
        with machine_lock(self.root / "write.lock"):
            yield

    @property
    def _pointer(self) -> Path:
        return self.root / f"{_POINTER}{self.version}"

    def _sync(self) -> None:
        descriptor = os.open(self.root, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def _drop_others(self, name: str) -> None:
        """Remove other generations and versions, so that no withdrawn words stay on the disk."""
        for path in self.root.iterdir():
            if path.name.startswith(_POINTER) and path != self._pointer:
                path.unlink(missing_ok=True)
            elif path.is_dir() and path.name != name and not _being_built(path):
                shutil.rmtree(path, ignore_errors=True)


def _being_built(path: Path) -> bool:
    return path.name.endswith(BUILDING) and time.time() - path.stat().st_mtime < ABANDONED_SECONDS
