"""The backup file: a zip with the database, the media and a manifest that names everything in it by SHA-256."""

import hashlib
import json
import os
import re
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path, PurePosixPath
from secrets import token_hex
from typing import IO, Any

FORMAT = 1
MANIFEST = "manifest.json"
MEDIA = "media/"
KEYS = "keys/"
JOURNAL = "endings.jsonl"
DATABASES = {"sqlite": "database.sqlite3", "postgresql": "database.dump"}
PIECE = 1024 * 1024
LARGEST_MANIFEST = 256 * 1024 * 1024
# A name as we write it: no drive, no backslash, no control characters; ``..`` and absolute ones are refused besides.
SAFE = re.compile(r"[^\\:\x00-\x1f]+")

# Told as (bytes done, bytes in all, what).
Progress = Callable[[int, int, str], object]


class BadBackup(Exception):
    """The file is no backup, or not one that can be trusted; ``problems`` says what is wrong, a line each."""

    def __init__(self, *problems: str) -> None:
        super().__init__("; ".join(problems))
        self.problems = list(problems)


@dataclass(frozen=True, slots=True)
class Entry:
    """One file inside: its name, size in bytes, SHA-256."""

    name: str
    size: int
    sha256: str


@dataclass(slots=True)
class Manifest:
    """What a backup says of itself."""

    created_at: str
    vendor: str
    database: str
    versions: dict[str, str] = field(default_factory=dict)
    migrations: dict[str, list[str]] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    ledger: dict[str, Any] = field(default_factory=dict)
    key: str = ""
    with_keys: bool = False
    notes: list[str] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    format: int = FORMAT

    @property
    def size(self) -> int:
        """Bytes of everything inside, unpacked."""
        return sum(entry.size for entry in self.entries)


class Writer:
    """Writes a backup beside its place and puts it there whole, or not at all."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.temporary = path.with_name(f".{path.name}.{token_hex(6)}.part")
        descriptor = os.open(self.temporary, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        self.file = os.fdopen(descriptor, "w+b")
        self.zip = zipfile.ZipFile(self.file, "w", zipfile.ZIP_STORED, allowZip64=True)
        self.entries: list[Entry] = []

    def add(
        self, name: str, source: IO[bytes], *, squeeze: bool, moved: Callable[[int], object] = lambda size: None
    ) -> Entry:
        """Copy a stream into the backup under a name."""
        digest, size = hashlib.sha256(), 0
        info = zipfile.ZipInfo(name)
        info.compress_type = zipfile.ZIP_DEFLATED if squeeze else zipfile.ZIP_STORED
        info._compresslevel = 1  # type: ignore[attr-defined]  # zipfile's own way to say "fast" for a stream
        info.external_attr = 0o600 << 16
        with self.zip.open(info, "w", force_zip64=True) as target:
            while part := source.read(PIECE):
                target.write(part)
                digest.update(part)
                size += len(part)
                moved(len(part))
        entry = Entry(name, size, digest.hexdigest())
        self.entries.append(entry)
        return entry

    def finish(self, manifest: Manifest) -> None:
        """Write the manifest, flush everything to the disk and give the file its name."""
        manifest.entries = self.entries
        self.zip.writestr(zipfile.ZipInfo(MANIFEST), json.dumps(asdict(manifest), ensure_ascii=False, indent=1))
        self.zip.close()
        self.file.flush()
        os.fsync(self.file.fileno())
        self.file.close()
        os.replace(self.temporary, self.path)
        sync(self.path.parent)

    def abandon(self) -> None:
        """Leave nothing behind."""
        for end in (self.zip.close, self.file.close):
            with suppress(OSError, ValueError):
                end()
        self.temporary.unlink(missing_ok=True)


def sync(folder: Path) -> None:
    """Flush a folder's names to the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class Reader:
    """An opened backup. Nothing of it is believed before ``problems`` is empty."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self.zip = archive
        self.manifest = _manifest(archive)

    def problems(self, progress: Progress = lambda done, total, what: None) -> Iterator[str]:
        """Compare every file inside with the manifest: names, sizes, digests."""
        listed = {entry.name: entry for entry in self.manifest.entries}
        names = [info.filename for info in self.zip.infolist() if info.filename != MANIFEST]
        yield from (f"{name}: is in the file twice" for name in sorted({n for n in names if names.count(n) > 1}))
        yield from (f"{name}: is not in the manifest" for name in sorted(set(names) - set(listed)))
        yield from (f"{name}: is missing" for name in sorted(set(listed) - set(names)))
        yield from (f"{name}: is no name that a backup has" for name in sorted({*names, *listed}) if not safe(name))
        done, total = 0, self.manifest.size
        for entry in self.manifest.entries:
            if entry.name in names and safe(entry.name):
                progress(done, total, entry.name)
                found = self.found(entry)
                done += entry.size
                if found is not None:
                    yield f"{entry.name}: {found}"
        progress(total, total, "")

    def found(self, entry: Entry) -> str | None:
        """Return what is wrong with one file inside, or nothing."""
        digest, size = hashlib.sha256(), 0
        try:
            with self.zip.open(entry.name) as stream:
                while part := stream.read(PIECE):
                    size += len(part)
                    if size > entry.size:
                        return f"is longer than the {entry.size} bytes of the manifest"
                    digest.update(part)
        except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
            return f"cannot be read ({error})"
        except Exception as error:  # zlib.error and whatever else a damaged stream raises
            return f"cannot be read ({type(error).__name__})"
        if size != entry.size:
            return f"has {size} bytes instead of {entry.size}"
        return None if digest.hexdigest() == entry.sha256 else "is not what was backed up (SHA-256 differs)"

    def extract(self, name: str, target: Path, moved: Callable[[int], object] = lambda size: None) -> None:
        """Write one file inside to the disk, readable by its owner only, and flush it."""
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        with os.fdopen(descriptor, "wb") as out, self.zip.open(name) as stream:
            while part := stream.read(PIECE):
                out.write(part)
                moved(len(part))
            out.flush()
            os.fsync(out.fileno())

    def media(self) -> list[Entry]:
        """Return the media files inside."""
        return [entry for entry in self.manifest.entries if entry.name.startswith(MEDIA)]


@contextmanager
def opened(path: Path) -> Iterator[Reader]:
    """Open a backup; raises ``BadBackup`` for what is none."""
    try:
        archive = zipfile.ZipFile(path)
    except FileNotFoundError as error:
        raise BadBackup(f"{path}: there is no such file") from error
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise BadBackup(f"{path}: is not a backup or is cut off ({error})") from error
    with archive:
        yield Reader(archive)


def safe(name: str) -> bool:
    """Whether a name inside a backup is one that we would write, and stays below where it is unpacked."""
    path = PurePosixPath(name)
    return (
        SAFE.fullmatch(name) is not None
        and not path.is_absolute()
        and ".." not in path.parts
        and not name.endswith("/")
        and str(path) == name
        and (name in (*DATABASES.values(), JOURNAL) or name.startswith((MEDIA, KEYS)))
    )


def _manifest(archive: zipfile.ZipFile) -> Manifest:
    """Read the manifest; a stranger's zip has none, a damaged one no whole one."""
    try:
        info = archive.getinfo(MANIFEST)
        if info.file_size > LARGEST_MANIFEST:
            raise BadBackup("the manifest is too large to be one")
        data = json.loads(archive.read(info))
        entries = [Entry(str(row["name"]), int(row["size"]), str(row["sha256"])) for row in data.pop("entries")]
        manifest = Manifest(**data, entries=entries)
    except KeyError as error:
        raise BadBackup(f"this is no backup: {error} is missing") from error
    except BadBackup:
        raise
    except Exception as error:  # JSON, zlib, wrong types: all the same to whoever holds the file
        raise BadBackup(f"the manifest cannot be read ({type(error).__name__})") from error
    if manifest.format != FORMAT:
        raise BadBackup(f"the backup has format {manifest.format}; this version reads {FORMAT}")
    if DATABASES.get(manifest.vendor) != manifest.database:
        raise BadBackup(f"the backup is of an unknown database ({manifest.vendor})")
    return manifest
