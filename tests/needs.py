"""What a machine may lack: a newcomer's run skips its tests, the run before a change is taken requires it."""

import os
from typing import NoReturn

import pytest


def required(name: str) -> bool:
    """Tell whether ``KB_REQUIRE``, a list with commas, names this part (``browser``, ``postgres``)."""
    return name in {part.strip() for part in os.environ.get("KB_REQUIRE", "").split(",")}


def missing(name: str, remedy: str) -> NoReturn:
    """Skip the test that asks, with the remedy as its reason; fail it where the part is required."""
    if required(name):
        pytest.fail(f"KB_REQUIRE names {name}, but: {remedy}", pytrace=False)
    pytest.skip(remedy)
