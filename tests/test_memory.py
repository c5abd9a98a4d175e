"""Freed memory is there again without new pages of the system's."""

import subprocess
import sys

import pytest

PROGRAM = """
import resource, sys
import numpy as np
from viewer import memory

def faults(times):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(times):
        first, second = np.ones(1 << 20), np.ones(1 << 20)
        del first, second
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

if sys.argv[1] == "kept":
    assert memory.keep_freed()
faults(4)
print(faults(16))
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="a setting of the GNU C library")
def test_what_is_freed_is_kept() -> None:
    def pages(how: str) -> int:
        command = [sys.executable, "-c", PROGRAM, how]
        return int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)

    # 16 times two arrays of 8 MiB, 4 KiB a page.
    assert pages("kept") < 16 * 2048 / 8
    assert pages("given back") > pages("kept")
