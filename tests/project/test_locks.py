"""The locks: pinned by hash, silent about origins, in agreement with pyproject.toml and the code."""

import re
import sys
import tomllib
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.project.source import APPS, ROOT, imports, modules

LOCKS = [ROOT / "requirements" / name for name in ("base.txt", "test.txt")]
# Wagtail is made of these, and its documentation tells projects to import them; it chooses their versions.
PARTS_OF_WAGTAIL = (
    *("anyascii", "django-filter", "django-modelcluster", "django-ninja", "django-taggit", "django-tasks"),
    *("django-treebeard", "djangorestframework", "laces", "modelsearch", "willow"),
)
# The client's transport names its exceptions.
PARTS_OF_ELASTICSEARCH = ("elastic-transport",)


def pins(lock: Path) -> dict[str, list[tuple[Requirement, int]]]:
    """Return name → the requirements pinned under it, one for each marker, with their numbers of hashes."""
    found: dict[str, list[tuple[Requirement, int]]] = {}
    joined = lock.read_text(encoding="utf-8").replace("\\\n", " ")
    for line in joined.splitlines():
        if line.strip() and not line.lstrip().startswith("#"):
            requirement = Requirement(line.split("--hash=")[0].strip())
            hashes = len(re.findall(r"--hash=sha256:[0-9a-f]{64}(?= |$)", line))
            found.setdefault(canonicalize_name(requirement.name), []).append((requirement, hashes))
    return found


@cache
def project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def declared(group: str) -> list[Requirement]:
    """Return what pyproject.toml asks for: ``base`` for the product, ``test`` for its tests."""
    if group == "base":
        return [Requirement(text) for text in project()["project"]["dependencies"]]
    return [Requirement(text) for text in project()["dependency-groups"][group]]


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_a_lock_names_no_address_no_index_and_no_path(lock: Path) -> None:
    text = lock.read_text(encoding="utf-8")
    assert not re.findall(r"http|index|find-links|trusted-host|@ |^\s*-[^-]|/", text, flags=re.MULTILINE)


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_every_pin_is_exact_and_has_a_hash(lock: Path) -> None:
    loose = [
        str(requirement)
        for each in pins(lock).values()
        for requirement, hashes in each
        if not hashes or not re.fullmatch(r"==[\w.+!]+", str(requirement.specifier))
    ]
    assert not loose


@pytest.mark.parametrize(("lock", "group"), [(LOCKS[0], "base"), (LOCKS[1], "base"), (LOCKS[1], "test")])
def test_every_declared_range_is_met_by_its_pin(lock: Path, group: str) -> None:
    pinned = pins(lock)
    unmet = [
        str(wanted)
        for wanted in declared(group)
        if not all(
            wanted.specifier.contains(str(pin.specifier).removeprefix("=="))
            for pin, _ in pinned.get(canonicalize_name(wanted.name), [(Requirement("x==0"), 0)])
        )
        or canonicalize_name(wanted.name) not in pinned
    ]
    assert not unmet, "run `make lock`"


def test_the_tests_run_on_what_is_served() -> None:
    base, test = (pins(lock) for lock in LOCKS)
    assert {name: test.get(name) for name in base} == base


def test_everything_the_product_imports_is_declared() -> None:
    names = [wanted.name for wanted in declared("base")]
    allowed = {canonicalize_name(name) for name in (*names, *PARTS_OF_WAGTAIL, *PARTS_OF_ELASTICSEARCH)}
    providers = packages_distributions()
    undeclared = {
        f"{module.path}:{each.line}: {top}"
        for module in modules()
        for each in imports(module)
        if (top := each.target.split(".")[0]) not in sys.stdlib_module_names and top not in {*APPS, "tests"}
        if not allowed & {canonicalize_name(name) for name in providers.get(top, [])}
    }
    assert not undeclared, "declare it in pyproject.toml and run `make lock`"
