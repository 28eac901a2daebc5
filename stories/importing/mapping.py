"""Where the parts of a story lie in a foreign row; described in ``docs/import.md``."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from consent.enums import Category, Purpose
from stories.importing import tidying
from stories.importing.errors import ImportRefused, RowRefused
from stories.importing.readers.frontmatter import load_yaml
from stories.importing.texts import TextFormat

LONGEST_FILE = 256 * 1024
DEEPEST_PATH = 10
# Target → the paths tried one after the other. The first is that of a canonical record.
DEFAULT_PATHS: dict[str, tuple[str, ...]] = {
    "external_id": ("external_id", "id"),
    "title": ("title",),
    "summary": ("summary",),
    "text": ("text", "story", "body"),
    "text_format": ("text_format",),
    "body": ("body",),
    "quotes": ("quotes",),
    "language": ("language", "lang"),
    "provenance": ("provenance",),
    "sensitivity": ("sensitivity",),
    "period.start": ("period.start", "date"),
    "period.end": ("period.end",),
    "tags": ("tags",),
    "touchpoints": ("touchpoints",),
    "product_lines": ("product_lines",),
    "audience": ("audience",),
    "issue": ("issue",),
    "product": ("product",),
    "member.code": ("member.code",),
    "member_key": (),
    "persona": ("member.persona", "persona"),
    "consent.purposes": ("consent.purposes",),
    "consent.until": ("consent.until",),
}
ALIASES = {
    "id": "external_id",
    "lang": "language",
    "date": "period.start",
    "member.persona": "persona",
    "story": "text",
}
YES = ("Consent provided", "yes", "true", "1", "да", "согласие получено")
MISSING = object()


@dataclass(frozen=True, slots=True)
class Constant:
    """A value that stands for every row."""

    value: Any


@dataclass(frozen=True, slots=True)
class StoryMap:
    """What to take from a row, and how to read it."""

    targets: Mapping[str, tuple[str, ...] | Constant] = field(default_factory=lambda: dict(DEFAULT_PATHS))
    text_format: str = TextFormat.AUTO
    purposes: tuple[Purpose, ...] = (Purpose.READ, Purpose.TRAIN, Purpose.IDEAS)
    categories: tuple[Category, ...] = (Category.WORDS,)
    term_days: int | None = None
    consent_yes: frozenset[str] = frozenset(word.casefold() for word in YES)

    def pick(self, row: Mapping[str, Any], target: str) -> Any:
        """Return the value of a target in a row, ``MISSING`` where the row says nothing of it."""
        source = self.targets.get(target, ())
        if isinstance(source, Constant):
            return source.value
        return next((value for path in source if (value := at(row, path)) is not MISSING), MISSING)

    @property
    def groups_members(self) -> bool:
        """Whether several rows may belong to one narrator by a key."""
        return bool(self.targets.get("member_key"))


def folded(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row with its names in small letters: people's tables say Title as often as title."""
    return {str(name).casefold(): value for name, value in row.items()}


def at(row: Mapping[str, Any], path: str) -> Any:
    """Return what lies at a dotted path of a folded row; a column named like the whole path comes first.

    ``MISSING`` if there is nothing.
    """
    path = path.casefold()
    if path in row or "." not in path:
        return row.get(path, MISSING)
    first, *rest = path.split(".", DEEPEST_PATH)
    found = row.get(first, MISSING)
    for name in rest:
        if not isinstance(found, Mapping):
            return MISSING
        found = found[name] if name in found else folded(found).get(name, MISSING)
    return found


def load(path: Path) -> StoryMap:
    """Read a mapping from a YAML or JSON file; raises ``ImportRefused`` naming what cannot be understood."""
    try:
        if path.stat().st_size > LONGEST_FILE:
            raise ImportRefused(f"The mapping {path.name} is longer than {LONGEST_FILE // 1024} KB.")
        text = path.read_text(encoding="utf-8-sig")
        found = (
            json.loads(text)
            if path.suffix.lower() == ".json"
            else load_yaml(text, f"the mapping {path.name}")
        )
    except (OSError, ValueError, RecursionError, RowRefused) as problem:
        raise ImportRefused(f"The mapping {path} cannot be read: {problem}.") from None
    return from_data(found)


def from_data(found: Any) -> StoryMap:
    """Return the mapping that plain data describe."""
    if not isinstance(found, dict):
        raise ImportRefused(f"The mapping must be a mapping, not {tidying.kind_of(found)}.")
    named = {str(key): value for key, value in found.items()}
    settings = {
        key: SETTINGS[key](key, named.pop(key))
        for key in list(named)
        if key in SETTINGS and not _is_source(key, named[key])
    }
    targets = dict(DEFAULT_PATHS) | {_target(key): _source(key, value) for key, value in named.items()}
    if "text" in {_target(key) for key in named} and "body" not in named:
        targets["body"] = ()
    return StoryMap(targets=targets, **settings)


def _is_source(key: str, value: Any) -> bool:
    """Whether ``text_format`` names a place in the row, in a list, or a value, rather than a format."""
    return key in DEFAULT_PATHS and isinstance(value, list | dict)


def _target(key: str) -> str:
    target = ALIASES.get(key, key)
    if target not in DEFAULT_PATHS:
        known = sorted({*DEFAULT_PATHS, *ALIASES, *SETTINGS})
        raise ImportRefused(f"The mapping names “{key[:60]}”; known are {', '.join(known)}.")
    return target


def _source(key: str, value: Any) -> tuple[str, ...] | Constant:
    if isinstance(value, dict) and list(value) == ["value"]:
        return Constant(value["value"])
    if value is None:
        return ()
    paths = value if isinstance(value, list) else [value]
    if not all(isinstance(path, str) and path for path in paths):
        raise ImportRefused(
            f"The mapping of “{key}” must be a path such as extra.consent, a list of paths, or {{value: …}}."
        )
    return tuple(paths)


def _format(key: str, value: Any) -> str:
    if value not in TextFormat.values:
        raise ImportRefused(f"{key} must be one of {', '.join(TextFormat.values)}.")
    return str(value)


def _choices(kind: type[Purpose] | type[Category]) -> Callable[[str, Any], tuple[Any, ...]]:
    def read(key: str, value: Any) -> tuple[Any, ...]:
        items = value if isinstance(value, list) else re.split(r"[,;\s]+", str(value).strip())
        if not items or any(item not in kind.values for item in items):
            raise ImportRefused(f"{key} must be a list of {', '.join(kind.values)}.")
        return tuple(dict.fromkeys(kind(item) for item in items))

    return read


def _days(key: str, value: Any) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value <= 36500:
        raise ImportRefused(f"{key} must be a number of days between 1 and 36500.")
    return value


def _yes(key: str, value: Any) -> frozenset[str]:
    items = value if isinstance(value, list) else [value]
    words = {str(item).strip().casefold() for item in items if isinstance(item, str | int | bool)}
    if not words or "" in words:
        raise ImportRefused(f"{key} must be a list of the words that mean yes.")
    return frozenset(word.casefold() for word in YES) | words


SETTINGS: dict[str, Callable[[str, Any], Any]] = {
    "text_format": _format,
    "purposes": _choices(Purpose),
    "categories": _choices(Category),
    "term_days": _days,
    "consent_yes": _yes,
}
assert set(SETTINGS) < {each.name for each in fields(StoryMap)}  # noqa: S101 - the two lists of names may not part
