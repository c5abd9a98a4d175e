"""Memory that was freed is kept for the picture that comes next.

The C library of Linux gives large pieces back to the system at once. Asked for again, they are
cleared page by page: a tenth of the time of a decoding, whose arrays are some megabytes each.
"""

from __future__ import annotations

import contextlib
import ctypes
import sys
from functools import cache

KEPT_BYTES = 256 << 20
"""What may be free at the end of the heap before it is given back."""
LARGE_BYTES = 32 << 20
"""From this size on, memory comes from the system by itself and goes back when it is freed."""

# <malloc.h> of the GNU C library.
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3


@cache
def keep_freed() -> bool:
    """Have the C library keep what is freed, up to `KEPT_BYTES`; say whether it does.

    Other systems' libraries keep it by themselves or have no such setting: there nothing is done.
    """
    if not sys.platform.startswith("linux"):
        return False
    with contextlib.suppress(OSError, AttributeError):
        library = ctypes.CDLL(None)
        library.gnu_get_libc_version  # noqa: B018 - others have no such function
        return all(
            library.mallopt(ctypes.c_int(setting), ctypes.c_int(size)) == 1
            for setting, size in (
                (_M_MMAP_THRESHOLD, LARGE_BYTES),
                (_M_TRIM_THRESHOLD, KEPT_BYTES),
            )
        )
    return False
