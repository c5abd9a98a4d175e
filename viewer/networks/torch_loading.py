"""Import torch from a worker thread without stopping the window.

An ordinary import holds Python's global lock while the dynamic linker works (`viewer.linking`), and
sets off garbage collections of 0.2 s and more over the half million objects that it makes.
"""

from __future__ import annotations

import gc
import sys
import threading

from viewer.linking import link, package_folder

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
        _link()
        collecting = gc.isenabled()
        gc.disable()
        try:
            import torch  # noqa: F401
        finally:
            if collecting:
                gc.enable()
        # Torch's objects stay as long as the program: no collection has to look at them again.
        gc.freeze()


def _link() -> None:
    folder = package_folder("torch")
    if folder is not None:
        suffix = "dylib" if sys.platform == "darwin" else "so"
        first, *others = (folder / "lib" / f"lib{name}.{suffix}" for name in _LIBRARIES)
        link(others, everywhere=[first])
