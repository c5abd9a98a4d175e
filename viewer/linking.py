"""Load large native libraries from a worker thread without stopping the window.

An import holds Python's global lock while the dynamic linker maps and relocates a library: 0.2 s
for OpenCV or torch on the processors this was measured on. A foreign call of the linker releases
the lock; the import that follows finds the library there.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import sys
import threading
from collections.abc import Iterable
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

_lock = threading.Lock()


def link(libraries: Iterable[Path], *, everywhere: Iterable[Path] = ()) -> None:
    """Load libraries in the order given, so that later imports of them are quick.

    Does nothing on Windows, where the packages prepare the search for their libraries, and
    ignores what cannot be loaded: the import says why.

    Parameters
    ----------
    libraries : iterable of Path
        Those that are no files are passed over. None may call Python while it is loaded.
    everywhere : iterable of Path
        Those whose symbols all others are to see; loaded first.
    """
    if sys.platform == "win32":
        return
    with contextlib.suppress(OSError, AttributeError):
        dlopen = ctypes.CDLL(None).dlopen
        dlopen.restype = ctypes.c_void_p
        dlopen.argtypes = [ctypes.c_char_p, ctypes.c_int]
        for group, scope in ((everywhere, os.RTLD_GLOBAL), (libraries, os.RTLD_LOCAL)):
            for library in group:
                if library.is_file():
                    dlopen(os.fsencode(library), os.RTLD_NOW | scope)


def package_folder(name: str) -> Path | None:
    """Return the folder of an installed package without importing it."""
    spec = find_spec(name)
    return None if spec is None or spec.origin is None else Path(spec.origin).parent


def load_opencv() -> None:
    """Import OpenCV if it is not; call it from a thread.

    Raises
    ------
    ImportError
    """
    with _lock:
        if "cv2" in sys.modules:
            return
        folder = package_folder("cv2")
        if folder is not None:
            link(sorted(folder.glob("cv2*.so")))
        import_module("cv2")
