"""Bringing a backup back: beside what is in use, with every ending done again, then into use at once."""

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from secrets import token_hex
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection, connections

from consent import endings
from consent.erasing import replaying
from consent.erasing.places import in_memory
from kb_site.backup import checking, databases, locking, switching
from kb_site.backup.archive import JOURNAL, KEYS, MEDIA, BadBackup, Manifest, Progress, Reader, opened
from kb_site.backup.making import STAGING, Refused, key_print, room_for


@dataclass(slots=True)
class Restored:
    """What a restore did."""

    manifest: Manifest
    seconds: float = 0.0
    replayed: dict[str, Any] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Stage:
    """Where a restored copy is made ready: folders of its own on the disks of what it will replace."""

    name: str
    data: Path
    media: Path
    database: str

    @property
    def environment(self) -> dict[str, str]:
        """The environment in which the product sees the copy instead of what is in use."""
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("KB_SECRET_KEY", "KB_IDENTITY_KEY", "SEARCH_"))
            and name != "DATABASE_URL_FILE"
        }
        return kept | {
            "DATABASE_URL": self.database,
            "KB_DATA_DIR": str(self.data),
            "KB_MEDIA_ROOT": str(self.media),
            "KB_SECRET_KEY": settings.SECRET_KEY,
            "KB_IDENTITY_KEY": ",".join(settings.IDENTITY_KEYS),
            "DJANGO_SETTINGS_MODULE": "kb_site.settings",
        }


def restore(
    path: Path,
    *,
    force: bool = False,
    wait: float = 0,
    journal: Path | None = None,
    progress: Progress = lambda done, total, what: None,
) -> Restored:
    """Bring a backup back; raises ``BadBackup``, ``Refused``, ``InUse`` or ``OSError`` and has changed nothing then."""
    began = time.monotonic()
    with locking.alone(wait=wait, force=force):
        switching.carry_out()
        switching.clear()
        checked = checking.check(path, progress)
        if checked.problems or checked.manifest is None:
            raise BadBackup(*checked.problems)
        manifest = checked.manifest
        _refuse_strangers(manifest, force)
        result = Restored(manifest, remarks=checked.remarks)
        name = token_hex(6)
        try:
            with opened(path) as reader:
                stage = _unpack(reader, name, progress)
            journals = [endings.path(), stage.data / JOURNAL, *([journal] if journal else [])]
            result.replayed = _finish(stage, journals, result)
            _keep_journal(stage)
        except BaseException:
            switching.clear(name)
            raise
        progress(1, 1, "switch")
        switching.begin(name, _names(name) if connection.vendor == "postgresql" else None)
        switching.carry_out()
    result.seconds = time.monotonic() - began
    return result


def _refuse_strangers(manifest: Manifest, force: bool) -> None:
    """A dump goes back into its own kind of database; sealed identities need their key."""
    if manifest.vendor != connection.vendor:
        raise Refused(f"The backup is of {manifest.vendor}; this install uses {connection.vendor}.")
    if in_memory():
        raise Refused("A database in memory cannot be replaced.")
    if manifest.key and manifest.key != key_print() and not force:
        raise Refused(
            "The identities in this backup were sealed with another key, and endings are known by it. Put the old key "
            "file in the keys folder (or give KB_IDENTITY_KEY) and try again; --force restores without it."
        )


def _unpack(reader: Reader, name: str, progress: Progress) -> Stage:
    """Write everything inside into staging folders."""
    manifest, folders = reader.manifest, switching.places()
    data = folders["data"] / f"{STAGING}{name}" / switching.NEW
    media = folders["media"] / f"{STAGING}{name}" / switching.NEW
    for folder in (data, media):
        folder.mkdir(parents=True, mode=0o700)
    # The copy grows while it is migrated and compacted, so there must be room for the database three times.
    [size] = [entry.size for entry in manifest.entries if entry.name == manifest.database]
    room_for(3 * size, data)
    room_for(sum(entry.size for entry in reader.media()), media)
    done, total = 0, manifest.size
    for entry in manifest.entries:
        progress(done, total, entry.name)
        if entry.name.startswith(MEDIA):
            reader.extract(entry.name, media.joinpath(*PurePosixPath(entry.name).parts[1:]))
        elif not entry.name.startswith(KEYS):
            target = "kb.sqlite3" if entry.name == "database.sqlite3" else entry.name
            reader.extract(entry.name, data / target)
        done += entry.size
    return Stage(name, data, media, _database_url(data, manifest, name))


def _database_url(data: Path, manifest: Manifest, name: str) -> str:
    """Return the address of the staged database; for PostgreSQL make it and load the dump."""
    if manifest.vendor == "sqlite":
        return f"sqlite://{data / 'kb.sqlite3'}"
    fresh, _old = _names(name)
    try:
        with switching.maintenance() as cursor:
            cursor.execute(f"CREATE DATABASE {connection.ops.quote_name(fresh)} TEMPLATE template0")
    except Exception as error:  # psycopg's errors; the account may lack the right
        raise Refused(f"A database beside the one in use cannot be made: {error}".strip()) from error
    databases.restore_into(data / manifest.database, fresh)
    (data / manifest.database).unlink()
    return _postgres_url(fresh)


def _names(name: str) -> tuple[str, str]:
    """Return the names of the restored database before the switch and of the old one after it."""
    prefix = switching.database_prefix() + name
    return f"{prefix}_new", f"{prefix}_old"


def _postgres_url(database: str) -> str:
    from urllib.parse import quote, urlencode

    options = connection.settings_dict
    account = f"{quote(str(options['USER']), safe='')}:{quote(str(options['PASSWORD']), safe='')}"
    query = urlencode({**options["OPTIONS"], "host": options["HOST"]})
    port = f":{options['PORT']}" if options["PORT"] else ""
    return f"postgres://{account}@localhost{port}/{quote(database)}?{query}"


def _finish(stage: Stage, journals: list[Path], result: Restored) -> dict[str, Any]:
    """Migrate the copy and do every ending again, in a process that sees nothing of what is in use."""
    orders: dict[str, Any] = {"journals": [str(each) for each in journals], "endings": [], "marks": []}
    try:
        found, marks = replaying.remembered()
        orders["endings"], orders["marks"] = [endings.row_of(ending) for ending in found], marks
    except DatabaseError as error:
        result.remarks.append(f"The database in use cannot be read ({error}); the journal of endings speaks alone.")
    if not any(each.exists() for each in journals) and not orders["endings"]:
        result.remarks.append("There is no journal of endings: nothing could be taken back again.")
    connections.close_all()
    done = subprocess.run(
        [sys.executable, "-m", "kb_site.backup.staging"], env=stage.environment, cwd=settings.BASE_DIR,
        input=json.dumps(orders), capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1:] or ["no reason given"]
        raise Refused(f"The restored copy could not be brought up to date: {last[0][:400]}")
    replayed: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    result.remarks += replayed.pop("remarks")
    return replayed


def _keep_journal(stage: Stage) -> None:
    """Add what the copy's own journal says to ours before the switch: a line too many is replayed for nothing."""
    ours, theirs = endings.path(), stage.data / JOURNAL
    if theirs.exists():
        known = set(ours.read_bytes().splitlines()) if ours.exists() else set()
        endings.write_raw([line for line in theirs.read_bytes().splitlines() if line.strip() and line not in known])
