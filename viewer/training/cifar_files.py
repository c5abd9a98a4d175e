"""CIFAR-10's and CIFAR-100's own binary files, as grey tiles of 32 x 32.

A record is one byte of class (CIFAR-100: two), then 1024 bytes each of red, green and blue
(Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", 2009). Its Python files are
pickles and are never opened.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from viewer.errors import TrainingError
from viewer.training.crops import Picture

SIDE = 32
_PLANES = 3 * SIDE * SIDE
_LARGEST = 1 << 30
_PICKLE = b"\x80"


def cifar_files(folder: Path) -> list[Path]:
    """Return the binary files of a folder, by name, those for testing last.

    Raises
    ------
    TrainingError
        When there are only the pickles of the Python version.
    """
    found = sorted(p for p in folder.rglob("*.bin") if p.is_file())
    if found:
        return sorted(found, key=lambda path: path.name.startswith("test"))
    for path in sorted(folder.rglob("*_batch*")):
        if path.is_file() and not path.suffix and path.read_bytes()[:1] == _PICKLE:
            raise TrainingError(
                f"{path} is a pickle, which can hold a program and is never opened; "
                "use CIFAR-10's binary version (.bin files)."
            )
    return []


def read_cifar(path: Path) -> list[Picture]:
    """Return the tiles of a binary file, as grey by the weights of ITU-R BT.601.

    Raises
    ------
    TrainingError
        When the file is missing or no whole number of records.
    """
    try:
        size = path.stat().st_size
        record = next((n for n in (_PLANES + 1, _PLANES + 2) if size and size % n == 0), 0)
        if not record or size > _LARGEST:
            raise TrainingError(
                f"{path} is {size} bytes long, which is no whole number of CIFAR records."
            )
        data = np.fromfile(path, np.uint8)
    except OSError as error:
        raise TrainingError(f"{path} cannot be read: {error.strerror}.") from error
    planes = data.reshape(-1, record)[:, record - _PLANES :].reshape(-1, 3, SIDE, SIDE)
    red, green, blue = (planes[:, n].astype(np.uint32) for n in range(3))
    grey = (299 * red + 587 * green + 114 * blue + 500) // 1000
    return list(grey.astype(np.uint8))
