"""``python -m kb_site.backup.staging``: finishes a restored copy in a process of its own.

Its environment points at the copy: database, data folder, media. Migrates, does every ending again, builds the search
index, and prints what it did as one line of JSON. Exit status 0 only if all of it went well.
"""

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

# What the restored copy may not answer with. Whatever else is wrong was wrong in the backup: it is said, not refused.
MUST_HOLD = ("clearances", "search index", "forgotten members")


def read_orders(stream: Any) -> dict[str, Any]:
    """Return what the restore wants: the journals to read and what the database in use remembers."""
    return json.loads(stream.read())


def finish(orders: dict[str, Any]) -> dict[str, Any]:
    """Bring the copy up to date; raises whatever goes wrong."""
    from django.core.management import call_command

    call_command("migrate", interactive=False, verbosity=0)

    from django.utils import timezone

    from consent import endings
    from consent.erasing import replaying
    from kb_site.verification import CHECKS
    from search.services import drain, rebuild

    journals = [endings.read(Path(name)) for name in orders["journals"]]
    found = [ending for journal in journals for ending in journal.endings]
    found += [endings.ending_of(row) for row in orders["endings"]]
    marks = {*orders["marks"], *(mark for journal in journals for mark in journal.marks)}
    replayed = replaying.replay(found, marks, lambda line: sys.stderr.write(line + "\n"))
    documents = rebuild()
    drain()
    found_wrong = {name: list(check(timezone.now())) for name, check in CHECKS.items()}
    wrong = [problem for name in MUST_HOLD for problem in found_wrong[name]]
    if wrong:
        raise RuntimeError("; ".join(wrong[:5]))
    settle()
    return {
        **asdict(replayed),
        "remarks": [problem for problems in found_wrong.values() for problem in problems],
        "documents": documents,
        "broken": sum(journal.broken for journal in journals),
    }


def settle() -> None:
    """Put everything into the database's file itself and close it: only that file changes places."""
    from django.db import connection, connections

    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            if cursor.fetchone()[0]:
                raise RuntimeError("the restored database could not be settled")
    connections.close_all()


def main() -> int:
    """Finish the copy that the environment names."""
    import django

    django.setup()
    sys.stdout.write(json.dumps(finish(read_orders(sys.stdin))) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
