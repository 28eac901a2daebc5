"""Other people's schemas and samples to test against: beside the project, or where ``KB_TEST_ORACLES`` says."""

import json
import os
from pathlib import Path
from typing import Any

from tests import needs

FOLDER = Path(os.environ.get("KB_TEST_ORACLES") or Path(__file__).resolve().parents[2] / "shared" / "oracles")


def folder(name: str) -> Path:
    """Return a folder of the oracles; skips the test where there is none."""
    found = FOLDER / name
    if not found.is_dir():
        needs.missing("oracles", f"set KB_TEST_ORACLES to a folder that has {name}/")
    return found


def sample(path: Path) -> Any:
    """Return a JSON file."""
    return json.loads(path.read_text(encoding="utf-8"))
