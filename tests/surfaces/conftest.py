"""What tests of all surfaces share: an index of their own and a quiet search before it is built."""

from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(autouse=True)
def index_directory(settings: Any, tmp_path: Path) -> Path:
    """A search index of this test."""
    settings.SEARCH_URL = "embedded"
    settings.SEARCH_INDEX_DIR = tmp_path / "index"
    return tmp_path / "index"
