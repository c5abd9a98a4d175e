"""Compiled loops: each calls only what stands in its own file, and all of them can be cached."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import viewer
from viewer.compiling import compiled

ROOT = Path(viewer.__file__).parent
COMPILED = {
    path: ast.parse(path.read_text(encoding="utf-8")) for path in sorted(ROOT.rglob("*_loops.py"))
}


def _decorated(tree: ast.Module) -> set[str]:
    return {
        node.name
        for node in tree.body
        if isinstance(node, ast.FunctionDef)
        and any(
            isinstance(d, ast.Name) and d.id in ("compiled", "inlined") for d in node.decorator_list
        )
    }


@pytest.mark.parametrize("path", COMPILED, ids=lambda path: path.stem)
def test_compiled_functions_call_their_own_file_alone(path: Path) -> None:
    """What is kept compiled is renewed when its own file changes, not when another does."""
    elsewhere = set().union(
        *(_decorated(tree) for other, tree in COMPILED.items() if other != path)
    )
    imported = {
        alias.name
        for node in ast.walk(COMPILED[path])
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert _decorated(COMPILED[path])
    assert not imported & elsewhere


def test_compiled_functions_stand_in_files_of_loops() -> None:
    for path in ROOT.rglob("*.py"):
        if path not in COMPILED and path.name != "compiling.py":
            tree = ast.parse(path.read_text(encoding="utf-8"))
            assert not _decorated(tree), path


def test_a_function_that_cannot_be_cached_is_compiled_all_the_same() -> None:
    """As in an installation whose sources are in an archive."""
    scope: dict[str, object] = {}
    exec("def twice(x):\n    return x + x\n", scope)
    twice = compiled(scope["twice"])  # type: ignore[arg-type]
    assert twice(21) == 42
