"""High-throughput JPEG 2000 (ISO/IEC 15444-15) without loss: written by OpenJPH, read by OpenJPEG.

What one gets wrong the other shows.
"""

from __future__ import annotations

import struct
from typing import Any

import numpy as np
from numpy.typing import NDArray

from viewer.errors import CodecError

_SSIZ = 42
"""Where the depth of the first component stands in a codestream (ITU-T T.800 A.5.1)."""


def encode(values: NDArray[Any], bits: int) -> bytes:
    """Code values without loss as a bare codestream whose precision is `bits`.

    OpenJPH knows 8 and 16 bits alone. A decoder adds half the range of the precision it reads
    (ITU-T T.800 G.1): the values are shifted by the difference to half the range of the type
    before they are coded. All else is integers that the precision does not enter.

    Parameters
    ----------
    values : ndarray, shape (rows, columns) or (rows, columns, 3)
        Of the smallest type that holds `bits`; its sign becomes that of the components.
    bits : int
        1..16.

    Raises
    ------
    CodecError
        When OpenJPH fails.
    """
    import imagecodecs

    width = 8 * values.dtype.itemsize
    if values.dtype.kind == "u" and bits < width:
        values = values + values.dtype.type((1 << (width - 1)) - (1 << (bits - 1)))
    try:
        data = bytearray(imagecodecs.htj2k_encode(values, reversible=True, planar=False))
    except (RuntimeError, ValueError, MemoryError) as error:
        raise CodecError(f"OpenJPH could not encode this picture: {error}.") from error
    (count,) = struct.unpack_from(">H", data, _SSIZ - 2)
    for component in range(count):
        at = _SSIZ + 3 * component
        data[at] = data[at] & 0x80 | (bits - 1)
    return bytes(data)


def decode(data: bytes, shape: tuple[int, ...]) -> NDArray[Any]:
    """Decode a codestream whose geometry was checked.

    Raises
    ------
    CodecError
        When OpenJPEG fails or gives another picture than `shape`.
    """
    import imagecodecs

    try:
        pixels: Any = np.asarray(imagecodecs.jpeg2k_decode(data, planar=False))
    except (RuntimeError, ValueError, MemoryError) as error:
        raise CodecError(f"OpenJPEG could not decode this bitstream: {error}.") from error
    if pixels.size != int(np.prod(shape)):
        raise CodecError("OpenJPEG decoded another picture than the header announces.")
    found: NDArray[Any] = pixels.reshape(shape)
    return found


def unavailable() -> str:
    """Return why the pair cannot be used here in one sentence, or ""."""
    try:
        import imagecodecs
    except ImportError as error:
        return f"imagecodecs cannot be imported: {error}."
    if imagecodecs.HTJ2K.available and imagecodecs.JPEG2K.available:
        return ""
    return "The installed imagecodecs was built without OpenJPH or without OpenJPEG."
