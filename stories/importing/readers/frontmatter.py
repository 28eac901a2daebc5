"""Markdown files with YAML front matter, and blocks of a story between ``:::`` fences."""

import re
from pathlib import Path
from typing import Any

import yaml

from stories.importing import tidying
from stories.importing.errors import RowRefused
from stories.importing.readers.base import LONGEST_ROW, undecodable

LONGEST_YAML = 256 * 1024
Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
FRONT = re.compile(r"\A---[ \t]*\n(?P<yaml>.*?)^---[ \t]*$\n?(?P<rest>.*)\Z", re.DOTALL | re.MULTILINE)
OPENING = re.compile(r"(?P<fence>:{3,}) (?P<kind>[a-z_]+)")
HEADING = re.compile(r"\A\s*#\s+(?P<title>[^\n]+?)\s*#*\s*(?:\n|\Z)")


def load_yaml(text: str, name: str = "front matter") -> Any:
    """Return YAML as plain data. Anchors, tags and anything large are refused: ``RowRefused``."""
    if len(text) > LONGEST_YAML:
        raise RowRefused(f"{name} is longer than {LONGEST_YAML // 1024} KB")
    try:
        for event in yaml.parse(text, Loader=Loader):
            if getattr(event, "anchor", None):
                raise RowRefused(f"{name} uses YAML anchors, which are not read")
        return yaml.load(text, Loader=Loader)  # noqa: S506 - a safe loader
    except yaml.MarkedYAMLError as problem:
        place = f" in line {problem.problem_mark.line + 1}" if problem.problem_mark else ""
        raise RowRefused(f"{name} is not YAML: {problem.problem}{place}") from None
    except (yaml.YAMLError, ValueError, RecursionError, OverflowError, KeyError) as problem:
        raise RowRefused(f"{name} cannot be read: {str(problem)[:120] or type(problem).__name__}") from None


def read_markdown(path: Path) -> dict[str, Any]:
    """Return a file as a record: the front matter, and ``body`` from fences or ``text`` from Markdown."""
    raw = path.read_bytes()
    if len(raw) > LONGEST_ROW:
        raise RowRefused(f"the file is longer than {LONGEST_ROW // 1024 // 1024} MB")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        raise RowRefused(undecodable(problem)) from None
    record, rest = split(text.replace("\r\n", "\n"))
    if "body" in record or "text" in record:
        return record
    if any(OPENING.fullmatch(line) for line in rest.split("\n")):
        return {**record, "body": fenced_blocks(rest)}
    return {**record, **_titled(rest, record, path)}


def split(text: str) -> tuple[dict[str, Any], str]:
    """Return the front matter and what follows it."""
    match = FRONT.match(text)
    if match is None:
        return {}, text
    record = load_yaml(match["yaml"])
    if record is None:
        return {}, match["rest"]
    if not isinstance(record, dict):
        raise RowRefused(f"front matter must be a mapping, not {tidying.kind_of(record)}")
    return record, match["rest"]


def _titled(rest: str, record: dict[str, Any], path: Path) -> dict[str, str]:
    """Take the title from the first heading, or from the file's name, where the front matter gives none."""
    if record.get("title"):
        return {"text": rest, "text_format": "markdown"}
    match = HEADING.match(rest)
    title = match["title"] if match else path.stem.replace("-", " ").replace("_", " ")
    return {"title": title, "text": rest[match.end() :] if match else rest, "text_format": "markdown"}


def fenced_blocks(text: str) -> list[dict[str, Any]]:
    """Return the blocks between ``::: kind`` and ``:::``: mappings as YAML, text as it stands."""
    blocks: list[dict[str, Any]] = []
    kind, fence = "", ""
    inside: list[str] = []
    for line in text.split("\n"):
        opening = None if fence else OPENING.fullmatch(line)
        if opening:
            kind, fence, inside = opening["kind"], opening["fence"], []
        elif fence and line == fence:
            blocks.append({kind: _inside(kind, "\n".join(inside))})
            fence = ""
        elif fence:
            inside.append(line)
        elif line.strip():
            raise RowRefused(f"text outside of blocks: “{line.strip()[:40]}”")
    if fence:
        raise RowRefused(f"the block “{kind}” is not closed")
    return blocks


def _inside(kind: str, text: str) -> Any:
    return text if kind in ("narrative", "warning") else load_yaml(text, f"block {kind}")
