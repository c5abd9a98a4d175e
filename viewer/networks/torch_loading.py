"""Import torch from a worker thread without stopping the window.

An ordinary import holds Python's global lock while the dynamic linker maps and relocates some
hundred megabytes (0.2 s and more on the processors this was measured on), and sets off garbage
collections of as much again over the half million objects that it makes.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import os
import sys
import threading
from importlib.util import find_spec
from pathlib import Path

_LIBRARIES = ("torch_global_deps", "c10", "c10_cuda", "torch_cpu", "torch_cuda")
"""In the order of their dependencies. libtorch_python is left out: it needs the lock."""

_lock = threading.Lock()


def load_torch() -> None:
    """Import torch if it is not; call it from a thread, before the first network.

    Raises
    ------
    ImportError
        When torch cannot be imported.
    """
    with _lock:
        if "torch" in sys.modules:
            return
        _link_without_the_lock()
        collecting = gc.isenabled()
        gc.disable()
        try:
            import torch  # noqa: F401
        finally:
            if collecting:
                gc.enable()
        # Torch's objects stay as long as the program: no collection has to look at them again.
        gc.freeze()


def _link_without_the_lock() -> None:
    """Load torch's libraries through a foreign call of dlopen, which releases the global lock."""
    if sys.platform == "win32":  # there, the search for libraries has to be prepared by torch
        return
    spec = find_spec("torch")
    if spec is None or spec.origin is None:
        return
    folder = Path(spec.origin).parent / "lib"
    suffix = "dylib" if sys.platform == "darwin" else "so"
    # What fails here is left to the import, which says why.
    with contextlib.suppress(OSError, AttributeError):
        dlopen = ctypes.CDLL(None).dlopen
        dlopen.restype = ctypes.c_void_p
        dlopen.argtypes = [ctypes.c_char_p, ctypes.c_int]
        for name in _LIBRARIES:
            library = folder / f"lib{name}.{suffix}"
            if library.is_file():
                mode = os.RTLD_GLOBAL if name == "torch_global_deps" else os.RTLD_LOCAL
                dlopen(os.fsencode(library), os.RTLD_NOW | mode)
