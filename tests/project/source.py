"""The project's own Python modules as syntax trees, for the tests that hold its structure."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
APPS = ("search", "club", "consent", "stories", "ideas", "onboarding", "kb_site")


@dataclass(frozen=True)
class Module:
    """One module: ``name`` is dotted, ``path`` is relative to the project with slashes."""

    name: str
    path: str
    tree: ast.Module

    @property
    def app(self) -> str:
        return self.name.split(".")[0]

    @property
    def is_migration(self) -> bool:
        return "migrations" in self.name.split(".")


@dataclass(frozen=True)
class Import:
    """One imported name, as written out in full: ``stories.models.StoryPage`` or ``stories.models``."""

    target: str
    line: int
    function: str | None  # the innermost function that holds the import


def parse(path: str, text: str) -> Module:
    """Return the module that would lie at ``path``."""
    parts = path.removesuffix(".py").split("/")
    if parts[-1] == "__init__":
        parts.pop()
    return Module(".".join(parts), path, ast.parse(text, path))


@cache
def modules() -> tuple[Module, ...]:
    """Return every module of the apps that are there."""
    paths = (path for app in APPS for path in sorted((ROOT / app).rglob("*.py")))
    return tuple(parse(path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")) for path in paths)


@cache
def imports(module: Module) -> tuple[Import, ...]:
    """Return every import of the module, those inside functions and under ``TYPE_CHECKING`` too."""
    return tuple(_imports(module, module.tree, None))


def _imports(module: Module, node: ast.AST, function: str | None) -> Iterator[Import]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import):
            yield from (Import(alias.name, child.lineno, function) for alias in child.names)
        elif isinstance(child, ast.ImportFrom):
            base = _base(module, child)
            yield from (Import(f"{base}.{alias.name}", child.lineno, function) for alias in child.names)
        inner = child.name if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef) else function
        yield from _imports(module, child, inner)


def _base(module: Module, node: ast.ImportFrom) -> str:
    """Return the module a ``from`` names, with its leading dots resolved."""
    if not node.level:
        return node.module or ""
    package = module.name.split(".")
    if not module.path.endswith("__init__.py"):
        package.pop()
    package = package[: len(package) - node.level + 1]
    return ".".join([*package, *([node.module] if node.module else [])])
