"""Writing a backup while the site is in use."""

import hashlib
import hmac
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.utils import timezone

from consent import endings
from kb_site.backup import databases
from kb_site.backup.archive import DATABASES, JOURNAL, KEYS, MEDIA, Manifest, Progress, Writer

STAGING = ".restore-"
SLACK = 64 * 1024 * 1024


class Refused(Exception):
    """What was asked for cannot be done; nothing was changed."""


@dataclass(frozen=True, slots=True)
class Made:
    """A finished backup."""

    path: Path
    size: int
    files: int
    seconds: float
    notes: list[str]


def back_up(
    path: Path, *, force: bool = False, with_keys: bool = False, progress: Progress = lambda done, total, what: None
) -> Made:
    """Write database, media and manifest to one file; raises ``Refused`` or ``OSError`` and leaves nothing then."""
    began = time.monotonic()
    if path.exists() and not force:
        raise Refused(f"{path} is there already; --force replaces it.")
    if not path.parent.is_dir():
        raise Refused(f"There is no folder {path.parent}.")
    writer = Writer(path)
    try:
        with tempfile.TemporaryDirectory(prefix=".kb-backup-", dir=path.parent) as folder:
            manifest = _fill(writer, Path(folder), with_keys, progress)
        writer.finish(manifest)
    except BaseException:
        writer.abandon()
        raise
    return Made(path, path.stat().st_size, len(manifest.entries), time.monotonic() - began, manifest.notes)


def _fill(writer: Writer, folder: Path, with_keys: bool, progress: Progress) -> Manifest:
    """Copy everything into the writer; the database first, so that media it names are there."""
    vendor = connection.vendor
    copy = folder / DATABASES[vendor]
    progress(0, 1, "database")
    databases.copy_to(copy)
    found = databases.contents(copy, vendor)
    if found.problems:
        raise Refused(f"The database is not whole: {'; '.join(found.problems[:5])}")
    manifest = Manifest(
        created_at=timezone.now().isoformat(), vendor=vendor, database=copy.name, versions=databases.versions(),
        migrations=found.migrations, counts=found.counts, ledger=found.ledger, key=key_print(), with_keys=with_keys,
    )  # fmt: skip
    sources = [(copy.name, copy), *((MEDIA + name, file) for name, file in media_files())]
    if endings.path().exists():
        sources.append((JOURNAL, endings.path()))
    if with_keys:
        keys = Path(settings.KB_DATA_DIR) / "keys"
        sources += [(KEYS + file.name, file) for file in sorted(keys.glob("*.key"))]
    _copy(writer, sources, manifest, progress)
    return manifest


def _copy(writer: Writer, sources: list[tuple[str, Path]], manifest: Manifest, progress: Progress) -> None:
    total, done = sum(_size(file) for _name, file in sources), 0

    def moved(size: int) -> None:
        nonlocal done
        done += size
        progress(done, total, name)

    for name, file in sources:
        try:
            with file.open("rb") as stream:
                writer.add(name, stream, squeeze=name.endswith((".sqlite3", ".jsonl")), moved=moved)
        except FileNotFoundError:
            # A picture that was forgotten between the copy of the database and its own.
            manifest.notes.append(f"{name} went away while the backup was made")


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except FileNotFoundError:
        return 0


def media_files() -> Iterator[tuple[str, Path]]:
    """Yield every file below the media folder with its name there, but for what a restore left half way."""
    root = Path(settings.MEDIA_ROOT)
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(each for each in folders if not each.startswith(STAGING))
        for name in sorted(names):
            file = Path(folder) / name
            if not file.is_symlink():
                yield str(file.relative_to(root).as_posix()), file


def key_print() -> str:
    """Return a print of the identity keys by which a restore sees whether it can open the identities; opens nothing."""
    key = settings.IDENTITY_KEYS[-1].encode()
    return hmac.new(key, b"kb backup 1", hashlib.sha256).hexdigest()[:16]


def room_for(size: int, folder: Path) -> None:
    """Raise ``Refused`` where a folder's disk has no room for so many bytes."""
    free = shutil.disk_usage(folder).free
    if free < size + SLACK:
        raise Refused(f"{folder} has room for {free / 1e6:,.0f} MB; {(size + SLACK) / 1e6:,.0f} MB are needed.")
