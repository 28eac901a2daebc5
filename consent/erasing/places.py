"""Every place on this machine where bytes of a member may lie: the database, its log, the index, files, caches."""

import shutil
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.db import DatabaseError, connection, transaction

from search.engines import get_engine

# Keys are secrets and hold nothing of a member; collected static files come with the product.
SKIPPED = ("keys", "static")
PIECE = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Place:
    """Something that can be read from end to end: a file, or parts that are made as they are read."""

    name: str
    kind: str
    path: Path | None = None
    parts: Iterable[bytes] = ()


def all_places() -> Iterator[Place]:
    """Yield the database and every file of the install, each once."""
    yield from database()
    seen: set[Path] = set()
    for root in dict.fromkeys((Path(settings.KB_DATA_DIR), Path(settings.MEDIA_ROOT), *caches())):
        for path in files(root):
            if path not in seen:
                seen.add(path)
                yield Place(str(path.relative_to(root.parent)), "file", path)
    # A search server is on no disk of ours: what it gives back of every index of this install is read instead.
    engine = get_engine()
    if engine.name != "embedded":
        yield Place("search server", "index", parts=engine.contents())


def caches() -> list[Path]:
    """Return the folders of caches that lie on the disk, and of the search index."""
    configured: Iterable[Any] = settings.CACHES.values()
    found = [Path(each["LOCATION"]) for each in configured if each["BACKEND"].endswith("FileBasedCache")]
    return [*found, Path(settings.SEARCH_INDEX_DIR)]


def files(root: Path) -> Iterator[Path]:
    """Yield the files below a folder of the install, without keys and static files."""
    skipped = {Path(settings.KB_DATA_DIR) / name for name in SKIPPED}
    for path in sorted(root.rglob("*")):
        if path.is_file() and not path.is_symlink() and not skipped.intersection(path.parents):
            yield path


def database() -> Iterator[Place]:
    """Yield the database's own bytes: what lies in files, and for PostgreSQL also what its rows say."""
    if connection.vendor == "postgresql":
        yield from dumped()
        yield from relations()
        return
    name = str(connection.settings_dict["NAME"])
    if in_memory():
        connection.ensure_connection()
        image = connection.connection.serialize()
        yield Place("database in memory", "database", parts=cut(image))
        return
    for suffix in ("", "-wal", "-shm", "-journal"):
        path = Path(name + suffix)
        if path.exists() and Path(settings.KB_DATA_DIR) not in path.parents:
            yield Place(path.name, "database", path)


def in_memory() -> bool:
    """Whether the database is SQLite's in memory, as in tests."""
    return connection.vendor == "sqlite" and bool(connection.is_in_memory_db())  # type: ignore[attr-defined]


def cut(data: bytes) -> Iterator[bytes]:
    """Yield the bytes in pieces."""
    return (data[start : start + PIECE] for start in range(0, len(data), PIECE))


def dumped() -> Iterator[Place]:
    """Yield what ``pg_dump`` writes: every row as text, compressed values opened. Without it nothing is proved."""
    if not shutil.which("pg_dump"):
        raise OSError("pg_dump is not on this machine (Debian: apt-get install postgresql-client)")
    yield Place("pg_dump", "database", parts=dump_parts())


def dump_parts() -> Iterator[bytes]:
    """Run ``pg_dump`` and give its output piece by piece; raises ``OSError`` if it fails."""
    arguments, environment = postgres_call("pg_dump", "--no-owner", "--no-privileges")
    with subprocess.Popen(  # noqa: S603 our own database's tool
        arguments, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        stream: IO[bytes] = process.stdout  # type: ignore[assignment]  # asked for above
        while part := stream.read(PIECE):
            yield part
        error = process.stderr.read().decode(errors="replace") if process.stderr else ""
    if process.returncode:
        raise OSError(f"pg_dump failed: {error.strip()[:300]}")


def postgres_call(tool: str, *arguments: str, database: str = "") -> tuple[list[str], dict[str, str]]:
    """Return the command line and environment of one of PostgreSQL's tools for our database; no secret on the line."""
    import os

    options = connection.settings_dict
    place = [
        f"--{name}={options[key]}"
        for name, key in (("host", "HOST"), ("port", "PORT"), ("username", "USER"))
        if options[key]
    ]
    environment = {**os.environ, "PGPASSWORD": str(options["PASSWORD"] or "")}
    tls = {
        f"PG{name.upper()}": str(value)
        for name, value in options["OPTIONS"].items()
        if name in ("sslmode", "sslrootcert", "sslcert", "sslkey")
    }
    name = database or str(options["NAME"])
    return [tool, *place, f"--dbname={name}", *arguments], environment | tls


def relations() -> Iterator[Place]:
    """Yield the server's own files of our tables, where this account may read them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.oid::regclass::text, pg_relation_filepath(c.oid), pg_relation_size(c.oid) FROM pg_class c "
            "WHERE pg_relation_filepath(c.oid) IS NOT NULL AND NOT c.relisshared AND c.relpersistence = 'p' "
            "AND (c.relnamespace IN ('public'::regnamespace, 'pg_toast'::regnamespace) OR c.relname = 'pg_statistic')"
        )
        found = cursor.fetchall()
    if found and may_read_files(found[0][1]):
        for name, path, size in found:
            if size:
                yield Place(name, "relation", parts=relation_parts(path, size))


def may_read_files(path: str) -> bool:
    """Whether the account is a superuser or a member of ``pg_read_server_files``."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT pg_read_binary_file(%s, 0, 1)", [path])
    except DatabaseError:
        return False
    return True


def relation_parts(path: str, size: int) -> Iterator[bytes]:
    """Read a server's file through the connection."""
    for start in range(0, size, PIECE):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_read_binary_file(%s, %s, %s, true)", [path, start, PIECE])
            part = cursor.fetchone()[0]
        if part:
            yield bytes(part)


@contextmanager
def opened(place: Place) -> Iterator[Any]:
    """Open a place for reading from its beginning."""
    if place.path is None:
        yield place.parts
        return
    with place.path.open("rb", buffering=0) as stream:
        yield stream
