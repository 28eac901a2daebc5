"""What tests of stories share: an index of their own, and pictures in blocks."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from search.models import Outbox
from stories.models import StoryImage


@pytest.fixture(autouse=True)
def index_directory(settings: Any, tmp_path: Path) -> Path:
    """A search index of this test."""
    settings.SEARCH_URL = "embedded"
    settings.SEARCH_INDEX_DIR = tmp_path / "index"
    return tmp_path / "index"


@pytest.fixture
def enqueued(db: None) -> Callable[[], set[int]]:
    """Return a function that gives the stories in the outbox and empties it."""

    def take() -> set[int]:
        ids = set(Outbox.objects.filter(kind="story").values_list("object_id", flat=True))
        Outbox.objects.all().delete()
        return ids

    return take


def photo(image: StoryImage, **fields: Any) -> tuple[str, dict[str, Any]]:
    """A photo block."""
    return "photo", {"image": image, "caption": "", "alt": "A door", **fields}
