"""Inner loops compiled when they are first used, and kept compiled for the runs that follow.

numba compiles them for the processor at hand and keeps what it made beside the source, or in the
user's cache folder where that cannot be written. The loops give the same numbers everywhere: whole
numbers, or floating point without rearrangement. They run without Python's lock.
"""

from __future__ import annotations

import gc
import sys
import threading
from collections.abc import Callable
from importlib import import_module
from typing import TypeVar, cast

from viewer.linking import link, package_folder

F = TypeVar("F", bound=Callable[..., object])

_lock = threading.Lock()


def _load() -> None:
    """Import numba without stopping the window; see `viewer.linking`."""
    with _lock:
        if "numba" in sys.modules:
            return
        folder = package_folder("llvmlite")
        if folder is not None:
            suffix = "dylib" if sys.platform == "darwin" else "so"
            link([folder / "binding" / f"libllvmlite.{suffix}"])
        collecting = gc.isenabled()
        gc.disable()
        try:
            import_module("numba")
        finally:
            if collecting:
                gc.enable()
        # As with torch: what it made stays, and no collection has to look at it again.
        gc.freeze()


def compiled(function: F) -> F:
    """Compile a function of numbers and arrays at its first call.

    Division by zero is not looked for: callers see to it that there is none. It may call compiled
    functions of its own file alone: what is kept is renewed when that file changes.
    """
    _load()
    from numba import njit

    try:
        return cast(F, njit(cache=True, nogil=True, error_model="numpy")(function))
    except RuntimeError:
        # There is no place to keep it: it is compiled in every run.
        return cast(F, njit(nogil=True, error_model="numpy")(function))


def inlined(function: F) -> F:
    """Make a function a part of the compiled ones that call it.

    Called, it would count references to its arrays up and down for every pixel.
    """
    _load()
    from numba import njit

    return cast(F, njit(nogil=True, error_model="numpy", inline="always")(function))
