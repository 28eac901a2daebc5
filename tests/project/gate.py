"""The lint of the gate: ``visible()`` of ``stories.querysets`` is the only road to story text.

It reads syntax trees, so it sees what is written, not what is meant: a model's manager, Wagtail's search of a
queryset, ``specific`` pages out of the page tree, the page tree's own way to a story (``page.storypage``), a
model looked up by its label. Inside a function it follows a name to the queryset it was given.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from tests.project.source import Module

MESSAGE = "not a road to stories: use stories.querysets.visible(user, purpose, at)"

# Who may walk other roads, and why.
ALLOWED = {
    "stories/querysets.py": "the gate itself",
    "stories/models/*": "the rows themselves",
    "stories/services/*": "writes; what it reads it checks by permission",
    "stories/admin_views.py": "the keepers' side, guarded by permission and audience; needs drafts",
    "stories/erasing.py": "destroys what must be forgotten, so it must reach every wording, shown or not",
    "stories/importing/*": "writes drafts; matches them by external id",
    "stories/narrating.py": "the narrator's own page: her drafts and hidden stories, and nobody else's",
    "*/migrations/*": "frozen history",
    "kb_site/demonstration.py": "writes invented stories; matches them by external id",
    "kb_site/search_measuring/database.py": "measures Wagtail's search on invented pages in a throw-away install",
    "kb_site/learning_demo.py": "builds invented modules around them; matches them by external id",
    "tests/*": "prove the gate from outside",
    "consent/*verif*": "looks for what should not be there, so it must see everything",
    "kb_site/*verif*": "the same, for all apps together",
}

STORY = "StoryPage"
PAGE = "Page"
MANAGERS = {"objects", "_default_manager", "_base_manager"}
TREE = {
    "get_ancestors",
    "get_children",
    "get_descendants",
    "get_next_siblings",
    "get_prev_siblings",
    "get_siblings",
    "get_translations",
}
SPECIFIC = {"specific", "specific_deferred"}
SEARCH = {"autocomplete", "search"}
# Methods that give a queryset back: a search after one of them is Wagtail's, a search after `re` is not.
CHAINED = {"annotate", "distinct", "exclude", "filter", "live", "not_live", "order_by", "public", "specific"}
CHAINED |= {"child_of", "descendant_of", "select_related", "prefetch_related", "visible"}
BACK_ROADS = {"storypage", "storypage_set"}
BACKENDS = {"wagtail.search.backends", "modelsearch.backends"}


@dataclass
class Scope:
    """What the names of a module or function stand for."""

    aliases: dict[str, str] = field(default_factory=dict)  # name → StoryPage or Page
    querysets: dict[str, str] = field(default_factory=dict)  # name → the kind of its queryset


def allowed(path: str) -> bool:
    """Tell whether the module may reach stories without the gate."""
    return any(fnmatchcase(path, pattern) for pattern in ALLOWED)


def offences(module: Module) -> Iterator[str]:
    """Yield ``path:line: what: what to do instead`` for every forbidden road in the module."""
    if allowed(module.path):
        return
    seen: set[tuple[int, str]] = set()
    for line, what in sorted(set(_walk(module.tree, Scope(_aliases(module.tree), {})))):
        if (line, what) not in seen:
            seen.add((line, what))
            yield f"{module.path}:{line}: {what} is {MESSAGE}"


def _aliases(tree: ast.Module) -> dict[str, str]:
    """Return the names under which the module knows the two page models, by imports and plain assignments."""
    names = {STORY: STORY}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            wagtail = (node.module or "").startswith("wagtail")
            for alias in node.names:
                if alias.name == STORY or (alias.name == PAGE and wagtail):
                    names[alias.asname or alias.name] = alias.name
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Name | ast.Attribute):
            model = names.get(node.value.id if isinstance(node.value, ast.Name) else node.value.attr)
            if model:
                names.update({target.id: model for target in node.targets if isinstance(target, ast.Name)})
    return names


def _walk(node: ast.AST, scope: Scope) -> Iterator[tuple[int, str]]:
    for child in ast.iter_child_nodes(node):
        inner = scope
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            inner = Scope(scope.aliases, dict(scope.querysets))
        yield from _judge(child, inner)
        yield from _walk(child, inner)
        _remember(child, inner)


def _remember(node: ast.AST, scope: Scope) -> None:
    """Note what queryset a name stands for from here on."""
    if isinstance(node, ast.Assign | ast.AnnAssign | ast.NamedExpr) and node.value is not None:
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        kind = _kind(node.value, scope)
        for target in targets:
            if isinstance(target, ast.Name):
                if kind:
                    scope.querysets[target.id] = kind
                else:
                    scope.querysets.pop(target.id, None)


def _judge(node: ast.AST, scope: Scope) -> Iterator[tuple[int, str]]:
    """Yield what one node does wrong by itself."""
    if isinstance(node, ast.Attribute):
        model = _model(node.value, scope)
        if model == STORY and node.attr in MANAGERS:
            yield node.lineno, f"StoryPage.{node.attr}"
        elif node.attr in SPECIFIC and _kind(node.value, scope) in ("pages", "one page"):
            yield node.lineno, f"Page….{node.attr}"
        elif node.attr in BACK_ROADS:
            yield node.lineno, f".{node.attr}"
    elif isinstance(node, ast.Call):
        yield from _judge_call(node, scope)
    elif isinstance(node, ast.ImportFrom) and node.module in BACKENDS:
        yield node.lineno, f"{node.module}"


def _judge_call(node: ast.Call, scope: Scope) -> Iterator[tuple[int, str]]:
    function = node.func
    if isinstance(function, ast.Attribute) and function.attr in SEARCH and _kind(function.value, scope):
        yield node.lineno, f"Wagtail's .{function.attr}("
    word = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    if word in ("get_model", "apps.get_model"):
        text = ".".join(str(each.value) for each in node.args if isinstance(each, ast.Constant)).lower()
        if text in ("stories.storypage", "storypage"):
            yield node.lineno, "get_model('stories.StoryPage')"


def _model(node: ast.AST, scope: Scope) -> str | None:
    """Return which page model an expression names, ``models.StoryPage`` included."""
    if isinstance(node, ast.Name):
        return scope.aliases.get(node.id)
    if isinstance(node, ast.Attribute):
        return STORY if node.attr == STORY else None
    return None


def _kind(node: ast.AST, scope: Scope) -> str | None:
    """Return what an expression gives: ``pages`` of any type, ``one page``, another ``queryset``, None."""
    if isinstance(node, ast.Name):
        return scope.querysets.get(node.id)
    if isinstance(node, ast.Attribute):
        if node.attr in MANAGERS:
            return "pages" if _model(node.value, scope) == PAGE else "queryset"
        return None
    if isinstance(node, ast.Subscript):
        return _kind(node.value, scope)
    if isinstance(node, ast.Call):
        return _kind_of_call(node, scope)
    return None


def _kind_of_call(node: ast.Call, scope: Scope) -> str | None:
    function = node.func
    if isinstance(function, ast.Name):
        return {"visible": "queryset", "get_object_or_404": _first(node, scope)}.get(function.id)
    if not isinstance(function, ast.Attribute):
        return None
    if function.attr in TREE:
        return "pages"
    before = _kind(function.value, scope)
    if before == "pages" and function.attr in ("get", "first", "last"):
        return "one page"
    return before or ("queryset" if function.attr in CHAINED else None)


def _first(node: ast.Call, scope: Scope) -> str | None:
    """Return what ``get_object_or_404`` gives for its first argument: a page if that is the page model."""
    if not node.args:
        return None
    pages = _model(node.args[0], scope) == PAGE or _kind(node.args[0], scope) == "pages"
    return "one page" if pages else None
