"""A test database copied from a file: with ``KB_TEST_TEMPLATE`` each process copies it, and migrations run once for all.

For runs of the suite by the hundred, as mutation testing is: ``scripts/mutate``. Needs ``--reuse-db`` and SQLite. The
first run of all makes the file.
"""

import os
import shutil
from pathlib import Path

TEMPLATE = Path(os.environ["KB_TEST_TEMPLATE"]) if os.environ.get("KB_TEST_TEMPLATE") else None


def database() -> str | None:
    """Return the name of this process's test database, copied now; nothing without a template."""
    if TEMPLATE is None:
        return None
    if not TEMPLATE.exists():
        return str(TEMPLATE)
    for old in TEMPLATE.parent.glob("[0-9]*.sqlite3*"):
        if not Path("/proc", old.name.partition(".")[0]).exists():
            old.unlink(missing_ok=True)
    own = TEMPLATE.parent / f"{os.getpid()}.sqlite3"
    shutil.copy(TEMPLATE, own)
    return str(own)
