"""The source a codec is made of, so that what another program coded is known to be stale."""

from __future__ import annotations

import ast
import hashlib
from functools import cache
from pathlib import Path

from viewer.codecs import registry

_FOLLOWED = ("viewer.codecs", "viewer.networks", "viewer.sampling")
"""Packages whose source decides what a codec does."""
_REGISTRY = "viewer.codecs.registry"
_CODES_NOTHING = "viewer.codecs.model_files"
"""It asks the registry for codecs to check models with."""


@cache
def sources_hash(module: str) -> str:
    """Return the start of the SHA-256 of a module's source and of all that it imports.

    Imports within functions count; packages other than codecs, networks and samplers do not. A
    module that asks the registry may use any codec: then all of them count.

    Parameters
    ----------
    module : str
        Of a codec, as "viewer.codecs.jpeg2000".
    """
    digest = hashlib.sha256()
    for name in sorted(imported(module)):
        digest.update(name.encode() + _file(name).read_bytes())
    return digest.hexdigest()[:16]


def imported(module: str) -> frozenset[str]:
    """Return a module and all those of the followed packages that it imports, in any depth."""
    found: set[str] = set()
    waiting = {module}
    while waiting:
        name = waiting.pop()
        found.add(name)
        direct = _imports(name) - ({_REGISTRY} if name == _CODES_NOTHING else set())
        if name == _REGISTRY:
            direct |= set(registry.modules())
        waiting |= direct - found
    return frozenset(found)


@cache
def _imports(module: str) -> frozenset[str]:
    """Return what one module imports of the followed packages."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(_file(module).read_bytes())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module)
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    # What is imported from a module, a function say, is no module itself.
    return frozenset(n for n in names if n.startswith(_FOLLOWED) and _file(n).is_file())


def _file(module: str) -> Path:
    import viewer

    path = Path(viewer.__file__).parent.joinpath(*module.split(".")[1:])
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
