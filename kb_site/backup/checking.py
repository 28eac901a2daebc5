"""Proving a backup: every byte, the copy of the database, its ledger, its migrations, its counts."""

import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings

from kb_site.backup import databases
from kb_site.backup.archive import BadBackup, Manifest, Progress, Reader, opened
from kb_site.backup.making import key_print


@dataclass(slots=True)
class Checked:
    """What a check found: what is wrong, and what is only worth knowing."""

    problems: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    manifest: Manifest | None = None


def check(path: Path, progress: Progress = lambda done, total, what: None) -> Checked:
    """Check a backup without touching the install; never raises for what is wrong with the file."""
    result = Checked()
    try:
        with opened(path) as reader:
            result.manifest = reader.manifest
            result.problems += reader.problems(progress)
            if not result.problems:
                _check_database(reader, result)
                _remark(reader.manifest, result)
    except BadBackup as problem:
        result.problems += problem.problems
    except databases.ToolMissing as problem:
        result.problems.append(str(problem))
    return result


def _check_database(reader: Reader, result: Checked) -> None:
    """Unpack the database's copy into a folder of its own and read it through."""
    manifest = reader.manifest
    with tempfile.TemporaryDirectory(prefix="kb-verify-", dir=_roomy()) as folder:
        copy = Path(folder) / manifest.database
        reader.extract(manifest.database, copy)
        found = databases.contents(copy, manifest.vendor)
    result.problems += found.problems
    if found.ledger != manifest.ledger:
        result.problems.append("ledger: its length or last hash is not that of the manifest")
    if found.counts != manifest.counts:
        names = sorted(n for n in {*found.counts, *manifest.counts} if found.counts.get(n) != manifest.counts.get(n))
        result.problems.append(f"database: the number of rows differs from the manifest in {', '.join(names[:8])}")
    result.problems += newer(found.migrations)


def newer(there: dict[str, list[str]]) -> list[str]:
    """Return what is wrong when a copy knows migrations that this version does not: it cannot be brought back here."""
    own = databases.own_migrations()
    unknown = [
        f"{app}.{name}" for app, names in there.items() if app in own for name in names if name not in own[app]
    ]
    return [f"the backup is of a newer version: {', '.join(unknown[:5])}"] if unknown else []


def _remark(manifest: Manifest, result: Checked) -> None:
    own = databases.own_migrations()
    missing = sum(len(set(names) - set(manifest.migrations.get(app, ()))) for app, names in own.items())
    if missing:
        result.remarks.append(f"{missing} migrations are newer than the backup; a restore applies them.")
    if manifest.key and manifest.key != key_print() and not manifest.with_keys:
        result.remarks.append("The identities in it were sealed with another key than this install has.")
    result.remarks += manifest.notes


def _roomy() -> str | None:
    """Return the data folder for temporary copies: a system's temporary folder may be small or in memory."""
    folder = Path(settings.KB_DATA_DIR)
    return str(folder) if folder.is_dir() else None
