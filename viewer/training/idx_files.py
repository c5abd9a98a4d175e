"""IDX files, the format of MNIST (LeCun, Cortes and Burges), plain or in gzip.

Two zero bytes, a type, the number of dimensions, each dimension as a big-endian 32-bit number,
then the values row by row. Only bytes (type 8) are read: images and labels are nothing else.
"""

from __future__ import annotations

import gzip
import math
import struct
import zlib
from pathlib import Path
from typing import IO, cast

import numpy as np
from numpy.typing import NDArray

from viewer.errors import TrainingError

_BYTES = 8
_MOST_DIMENSIONS = 4
_LARGEST = 1 << 30
_GZIP = b"\x1f\x8b"


def read_idx(path: Path) -> NDArray[np.uint8]:
    """Return the array of an IDX file of bytes.

    Raises
    ------
    TrainingError
        When the file is missing, of another format or type, or not as long as it says.
    """
    try:
        with path.open("rb") as raw:
            packed = raw.read(2) == _GZIP
            raw.seek(0)
            stream = cast("IO[bytes]", gzip.GzipFile(fileobj=raw)) if packed else raw
            return _array(stream, path)
    except (OSError, EOFError, zlib.error) as error:
        raise TrainingError(f"The IDX file {path} cannot be read: {error}.") from error


def _array(stream: IO[bytes], path: Path) -> NDArray[np.uint8]:
    start = stream.read(4)
    if len(start) < 4 or start[:2] != b"\0\0" or not 1 <= start[3] <= _MOST_DIMENSIONS:
        raise TrainingError(f"{path} is not an IDX file.")
    if start[2] != _BYTES:
        raise TrainingError(f"The IDX file {path} holds values of type {start[2]}, not bytes.")
    sides = stream.read(4 * start[3])
    if len(sides) < 4 * start[3]:
        raise TrainingError(f"The IDX file {path} ends inside its header.")
    shape = struct.unpack(f">{start[3]}I", sides)
    count = math.prod(shape)
    if not 1 <= count <= _LARGEST:
        raise TrainingError(f"The IDX file {path} claims {count} values.")
    # One byte more than there should be tells a file that is too long; gzip cannot run away.
    data = stream.read(count + 1)
    if len(data) != count:
        held = "more than" if len(data) > count else f"{len(data)} of"
        raise TrainingError(f"The IDX file {path} holds {held} the {count} values it claims.")
    return np.frombuffer(data, np.uint8).reshape(shape)


def image_files(folder: Path) -> tuple[Path, Path] | None:
    """Return MNIST's image files for training and for testing in a folder, None where none are.

    Raises
    ------
    TrainingError
        When there is one and not the other.
    """
    found = []
    for start in ("train", "t10k"):
        names = sorted(p for p in folder.rglob(f"{start}-images*") if p.is_file())
        found.append(names[0] if names else None)
    train, test = found
    if train is None and test is None:
        return None
    if train is None or test is None:
        missing = "train-images-idx3-ubyte" if train is None else "t10k-images-idx3-ubyte"
        raise TrainingError(f"The folder {folder} lacks MNIST's {missing}.")
    return train, test


def read_images(path: Path, side: int) -> NDArray[np.uint8]:
    """Return images (count, side, side) of an IDX file.

    Raises
    ------
    TrainingError
        When it holds something else.
    """
    images = read_idx(path)
    if images.ndim != 3 or images.shape[1:] != (side, side):
        told = " x ".join(str(length) for length in images.shape)
        raise TrainingError(f"{path} holds {told} values, not images of {side} x {side} pixels.")
    return images
