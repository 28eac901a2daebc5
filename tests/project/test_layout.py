"""The shape of the code: short functions, no drawer for odds and ends, no output but from commands."""

import ast
from collections.abc import Iterator

from tests.project.source import Module, modules, parse

LONGEST = 80
NINE_IN_TEN = 40


def functions(module: Module) -> Iterator[tuple[str, int]]:
    """Yield ``path:line name`` and the number of lines of each function, decorators not counted."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            last = node.end_lineno or node.lineno
            yield f"{module.path}:{node.lineno} {node.name}", last - node.lineno + 1


def prints(module: Module) -> Iterator[str]:
    """Yield where the module calls ``print``."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print":
            yield f"{module.path}:{node.lineno}"


def written() -> Iterator[Module]:
    """Yield the modules that people wrote."""
    return (module for module in modules() if not module.is_migration)


def test_no_function_is_longer_than_a_screen_and_a_half() -> None:
    long = [where for module in written() for where, length in functions(module) if length > LONGEST]
    assert not long


def test_nine_functions_in_ten_fit_on_a_screen() -> None:
    lengths = sorted(length for module in written() for _, length in functions(module))
    assert not lengths or lengths[len(lengths) * 9 // 10] <= NINE_IN_TEN


def test_there_is_no_drawer_for_odds_and_ends() -> None:
    assert not [module.path for module in modules() if module.path.endswith(("/utils.py", "/helpers.py"))]


def test_only_commands_print() -> None:
    found = [where for module in written() if ".management." not in module.name for where in prints(module)]
    assert not found


def test_it_counts_a_function_from_def_to_its_last_line() -> None:
    module = parse("club/x.py", "@wraps\ndef f(\n    a,\n):\n    return a\n\n\nasync def g(): ...\n")
    assert list(functions(module)) == [("club/x.py:2 f", 4), ("club/x.py:8 g", 1)]


def test_it_finds_a_print() -> None:
    assert list(prints(parse("club/x.py", "def f():\n    print('x')"))) == ["club/x.py:2"]
