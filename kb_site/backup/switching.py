"""Putting a restored copy into use at once, or not at all.

What has to change places is written down first and flushed (``restore.plan`` in the data folder). Each move is one
rename within a disk. A process that dies between two of them leaves the plan behind; whoever comes next (``serve``,
``restore``, ``backup``) carries it out to the end. Without a plan nothing in use was touched, and what lies in a
staging folder is waste.
"""

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, connections

from consent.erasing.places import in_memory
from kb_site.backup.archive import sync
from kb_site.backup.making import STAGING

PLAN = "restore.plan"
OLD, NEW = "old", "new"
JOURNALS = ("-wal", "-shm", "-journal")


def plan_path() -> Path:
    """Return where the plan of a switch lies."""
    return Path(settings.KB_DATA_DIR) / PLAN


def places() -> dict[str, Path]:
    """Return the folders of an install in which a restore may stage, each once, by a name."""
    found = {"data": Path(settings.KB_DATA_DIR), "media": Path(settings.MEDIA_ROOT)}
    if connection.vendor == "sqlite" and not in_memory():
        found["database"] = Path(str(connection.settings_dict["NAME"])).parent
    return found


def swaps(name: str) -> list[list[str]]:
    """Return what changes places: in use, where it goes aside, what comes instead (nothing: it only goes)."""
    folders = places()
    data, media = folders["data"] / f"{STAGING}{name}", folders["media"] / f"{STAGING}{name}"
    found: list[list[str]] = []
    if "database" in folders:
        live = Path(str(connection.settings_dict["NAME"]))
        aside = folders["database"] / f"{STAGING}{name}" / OLD
        found.append([str(live), str(aside / live.name), str(data / NEW / "kb.sqlite3")])
    index = Path(settings.SEARCH_INDEX_DIR)
    found.append([str(index), str(data / OLD / "search"), str(data / NEW / "search")])
    fresh = {child.name for child in (media / NEW).iterdir()}
    keeps_more = folders["media"] == folders["data"] or folders["media"] in folders["data"].parents
    there = {child.name for child in folders["media"].iterdir() if not child.name.startswith(STAGING)}
    for child in sorted(fresh | (set() if keeps_more else there)):
        new = str(media / NEW / child) if child in fresh else ""
        found.append([str(folders["media"] / child), str(media / OLD / child), new])
    return found


def begin(name: str, databases: tuple[str, str] | None) -> None:
    """Write the plan down; from here on the switch happens, whoever finishes it."""
    plan = {"name": name, "swaps": swaps(name), "databases": databases}
    temporary = plan_path().with_suffix(".part")
    with temporary.open("w", encoding="utf-8") as file:
        json.dump(plan, file)
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, plan_path())
    sync(plan_path().parent)


def carry_out() -> bool:
    """Finish a switch that was begun; says whether there was one. Safe to repeat from any point."""
    if not plan_path().exists():
        return False
    plan: dict[str, Any] = json.loads(plan_path().read_text(encoding="utf-8"))
    connections.close_all()
    if plan["databases"]:
        swap_databases(*plan["databases"])
    for live, aside, new in plan["swaps"]:
        swap(Path(live), Path(aside), Path(new) if new else None)
    plan_path().unlink()
    sync(plan_path().parent)
    clear(plan["name"])
    return True


def swap(live: Path, aside: Path, new: Path | None) -> None:
    """Put what is in use aside and the new in its place; what was done before a crash is not done again."""
    if new is not None and not new.exists():
        return
    if not aside.exists():
        for suffix in JOURNALS:  # before the database: a log that stays behind would be taken for the new one's
            move(live.with_name(live.name + suffix), aside.with_name(aside.name + suffix))
        move(live, aside)
    if new is not None:
        move(new, live)


def move(source: Path, target: Path) -> None:
    """Rename and flush both folders; what is not there is fine."""
    if source.exists():
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.rename(source, target)
        sync(target.parent)
        sync(source.parent)


def swap_databases(fresh: str, old: str) -> None:
    """Give the restored PostgreSQL database the name of the one in use, both renames in one transaction."""
    live = str(connection.settings_dict["NAME"])
    quote = connection.ops.quote_name
    with maintenance() as cursor:
        cursor.execute("SELECT datname FROM pg_database WHERE datname = ANY(%s)", [[fresh, old]])
        there = {name for (name,) in cursor.fetchall()}
        if fresh not in there:
            return
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = ANY(%s) AND pid <> pg_backend_pid()",
            [[live, fresh]],
        )
        cursor.execute("BEGIN")
        cursor.execute(f"ALTER DATABASE {quote(live)} RENAME TO {quote(old)}")
        cursor.execute(f"ALTER DATABASE {quote(fresh)} RENAME TO {quote(live)}")
        cursor.execute("COMMIT")


class maintenance:
    """A connection to the server outside our database, for what cannot be done from inside it."""

    def __enter__(self) -> Any:
        import psycopg

        options = connection.settings_dict
        try:
            self.connection = psycopg.connect(
                dbname="postgres", user=options["USER"], password=options["PASSWORD"], host=options["HOST"],
                port=options["PORT"] or None, autocommit=True,
            )  # fmt: skip
        except psycopg.Error as error:
            raise OSError(f"the server's database “postgres” cannot be reached: {error}") from error
        return self.connection.cursor()

    def __exit__(self, *_: object) -> None:
        self.connection.close()


def leftovers() -> Iterator[Path]:
    """Yield staging folders of restores that did not get as far as a plan."""
    for folder in dict.fromkeys(places().values()):
        yield from sorted(folder.glob(f"{STAGING}*"))


def clear(name: str = "") -> None:
    """Remove staging folders and databases: of one restore, or all there are."""
    for path in leftovers():
        if path.name.endswith(name):
            shutil.rmtree(path, ignore_errors=True)
    if connection.vendor == "postgresql":
        drop_databases(name)


def drop_databases(name: str = "") -> None:
    """Drop databases that a restore made beside ours."""
    prefix = database_prefix() + name
    with maintenance() as cursor:
        cursor.execute("SELECT datname FROM pg_database WHERE left(datname, length(%s)) = %s", [prefix, prefix])
        for (found,) in cursor.fetchall():
            cursor.execute(f"DROP DATABASE IF EXISTS {connection.ops.quote_name(found)} WITH (FORCE)")


def database_prefix() -> str:
    """Return how the names of databases beside ours begin; at most 63 characters in all."""
    return f"{str(connection.settings_dict['NAME'])[:40]}_restore_"
