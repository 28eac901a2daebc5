"""Imports point one way, between apps and between the layers of one app."""

import ast
import re
from collections.abc import Iterable, Iterator, Mapping

import pytest

from tests.project.source import APPS, Import, Module, imports, modules, parse

# What each app may know of the others.
KNOWS: dict[str, frozenset[str]] = {"search": frozenset()}
_before = {"search"}
for _app in ("club", "consent", "stories", "ideas", "onboarding", "kb_site"):
    KNOWS[_app] = frozenset(_before)
    _before.add(_app)

# Layers of an app, from the ground up; a module knows its own layer and those below it.
LAYERS = ("enums", "models", "querysets", "services", "surface")
SURFACE = {"views", "wagtail_hooks", "management", "templatetags", "urls"}
# Wagtail calls these methods of a page as its view, so they may call up.
PAGE_VIEWS = {"serve", "serve_preview", "get_context", "get_preview_context", "route"}
# apps.py wires an app to registries and signals, from inside ready(); migrations are frozen history.
WITHOUT_LAYER = {"apps", "migrations"}

PLACING = {"parent_page_types", "subpage_types"}
MODEL_LABEL = re.compile(rf"({'|'.join(APPS)})\.[A-Z][A-Za-z]+")


def layer(name: str) -> int | None:
    """Return the place of a dotted name in ``LAYERS``; None for modules that serve many (forms, blocks)."""
    parts = name.split(".")
    if len(parts) < 2:
        return None
    word = "surface" if parts[1] in SURFACE else parts[1]
    return LAYERS.index(word) if word in LAYERS else None


def wrong_apps(module: Module) -> Iterator[str]:
    """Yield every import and model label (``"stories.StoryPage"``) of an app that this one must not know."""
    found = [(each.target.split(".")[0], each.target, each.line) for each in imports(module)]
    if not module.is_migration and ".settings" not in module.name:
        found += [(label.split(".")[0], repr(label), line) for label, line in _model_labels(module)]
    for app, target, line in found:
        if app in APPS and app != module.app and app not in KNOWS[module.app]:
            yield f"{module.path}:{line}: {module.app} must not know {app} ({target})"
        if app == "tests":
            yield f"{module.path}:{line}: the product must not need its tests"


def wrong_layers(module: Module, by_name: Mapping[str, Module]) -> Iterator[str]:
    """Yield every import of a higher layer of the same app, also through modules that have no layer."""
    own = layer(module.name)
    if own is None or module.name.split(".")[1] in WITHOUT_LAYER:
        return
    for each in imports(module):
        if LAYERS[own] == "models" and each.function in PAGE_VIEWS:
            continue
        for target in _reached(each, module.app, by_name):
            reached = layer(target)
            if reached is not None and reached > own:
                yield f"{module.path}:{each.line}: {LAYERS[own]} must not import {LAYERS[reached]} ({target})"


def _model_labels(module: Module) -> Iterator[tuple[str, int]]:
    """Yield model labels, but for those that say where a page may stand: that is a place, no dependency."""
    placing = {
        inner
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Assign)
        and any(isinstance(target, ast.Name) and target.id in PLACING for target in node.targets)
        for inner in ast.walk(node)
    }
    for node in set(ast.walk(module.tree)) - placing:
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and MODEL_LABEL.fullmatch(node.value)
        ):
            yield node.value, node.lineno


def _reached(each: Import, app: str, by_name: Mapping[str, Module]) -> set[str]:
    """Return the names of the app that an import leads to, following modules without a layer."""
    reached: set[str] = set()
    waiting = [each.target]
    while waiting:
        target = waiting.pop()
        if target.split(".")[0] != app or target in reached:
            continue
        reached.add(target)
        module = _holder(target, by_name)
        if module and layer(module.name) is None and "." in module.name and not module.is_migration:
            waiting += [inner.target for inner in imports(module) if inner.function is None]
    return reached


def _holder(target: str, by_name: Mapping[str, Module]) -> Module | None:
    return by_name.get(target) or by_name.get(target.rpartition(".")[0])


def named(found: Iterable[Module]) -> dict[str, Module]:
    return {module.name: module for module in found}


def test_every_module_knows_only_the_apps_before_its_own() -> None:
    assert not [wrong for module in modules() for wrong in wrong_apps(module)]


def test_every_module_imports_only_its_own_layer_and_those_below() -> None:
    by_name = named(modules())
    assert not [wrong for module in modules() for wrong in wrong_layers(module, by_name)]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("search/services.py", "from stories.models import StoryPage"),
        ("search/registry.py", "def f():\n    import club.models"),
        ("club/models/member.py", "from consent.enums import Purpose"),
        ("club/models/member.py", "story = ForeignKey('stories.StoryPage', CASCADE)"),
        ("consent/views.py", "if TYPE_CHECKING:\n    from stories import models"),
        ("stories/views.py", "from kb_site import roles"),
        ("onboarding/models.py", "from kb_site.roles import HR"),
        ("club/views.py", "from tests import cast"),
    ],
)
def test_it_finds_a_road_to_an_app_that_comes_later(path: str, text: str) -> None:
    assert len(list(wrong_apps(parse(path, text)))) == 1


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("stories/views.py", "from search.services import search\nfrom consent.models import Grant"),
        ("stories/models/page.py", "member = ForeignKey('club.Member', PROTECT)"),
        ("stories/models/page.py", "parent_page_types = ['kb_site.HomePage']"),
        ("kb_site/home.py", "from onboarding import views"),
        ("consent/views.py", "user.has_perm('stories.view_storypage')"),
        ("club/models/member.py", "from . import stratum\nfrom ..enums import Kind\nimport re"),
    ],
)
def test_it_lets_an_app_know_those_before_it(path: str, text: str) -> None:
    assert not list(wrong_apps(parse(path, text)))


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("club/enums.py", "from club.models import Member"),
        ("club/models/member.py", "from ..services import invite"),
        ("club/models/member.py", "def save(self):\n    from club import services"),
        ("club/querysets.py", "from club.services.invite import invite"),
        ("club/services/invite.py", "from club.views import home"),
        ("club/services/invite.py", "from club.templatetags.club_tags import medallion"),
    ],
)
def test_it_finds_an_import_of_a_higher_layer(path: str, text: str) -> None:
    module = parse(path, text)
    assert len(list(wrong_layers(module, named([module])))) == 1


def test_it_follows_modules_that_have_no_layer() -> None:
    member = parse("club/models/member.py", "from club.journal import write")
    journal = parse("club/journal.py", "from club.services import note")
    assert len(list(wrong_layers(member, named([member, journal])))) == 1


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("club/views.py", "from club.services import invite\nfrom club.models import Member"),
        ("club/services/invite.py", "from club.querysets import resting\nfrom .touch import note"),
        ("stories/models/page.py", "def get_context(self):\n    from stories.services import similar"),
        ("stories/services/publish.py", "from club.views import home"),
        ("club/apps.py", "from club import wagtail_hooks"),
    ],
)
def test_it_lets_a_module_use_the_layers_below(path: str, text: str) -> None:
    module = parse(path, text)
    assert not list(wrong_layers(module, named([module])))


def test_it_resolves_relative_imports_of_packages_and_modules() -> None:
    package = parse("club/models/__init__.py", "from .member import Member\nfrom .. import enums")
    inside = parse("club/models/member.py", "from . import stratum\nfrom ..enums import Kind")
    assert [each.target for each in imports(package)] == ["club.models.member.Member", "club.enums"]
    assert [each.target for each in imports(inside)] == ["club.models.stratum", "club.enums.Kind"]
