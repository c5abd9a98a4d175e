"""CharLS as pyjpegls binds it: JPEG-LS (ISO/IEC 14495-1), lossless and near-lossless."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from viewer.errors import CodecError

LARGEST_NEAR = 255
"""NEAR goes so far, and no further than half the range (14495-1 C.2.3)."""

_END = 4


def encode(values: NDArray[Any], bits: int, near: int = 0, *, any_precision: bool = False) -> bytes:
    """Code unsigned values as a bare codestream whose precision is `bits`.

    Parameters
    ----------
    values : ndarray, shape (rows, columns) or (rows, columns, 3)
        Of type u8 or u16, the smallest that holds `bits`; below ``2**bits``.
    bits : int
        2..16.
    near : int
        Largest error of a value.
    any_precision : bool
        Whether the codestream may say the precision of the type where that of `bits` fails.

    Raises
    ------
    CodecError
        When CharLS fails.
    """
    import jpeg_ls

    if not 2 <= bits <= 16:
        raise CodecError(f"JPEG-LS codes 2 to 16 bits, not {bits}.")
    rows, columns = values.shape[:2]
    samples = values.shape[2] if values.ndim == 3 else 1
    try:
        data = jpeg_ls.encode_pixel_data(
            values.astype(values.dtype.newbyteorder("<")).tobytes(),
            lossy_error=near,
            interleave_mode=2 if samples > 1 else 0,
            rows=rows,
            columns=columns,
            samples_per_pixel=samples,
            bits_stored=bits,
            bits_allocated=8 * values.dtype.itemsize,
        )
    except (RuntimeError, ValueError, MemoryError) as error:
        # It has room for as many bytes as came in; noise takes more.
        if bits < 8 * values.dtype.itemsize and not any_precision:
            raise CodecError(f"CharLS could not encode this picture: {error}.") from error
        return _of_noise(values, near)
    return bytes(data)


def _of_noise(values: NDArray[Any], near: int) -> bytes:
    """Code at the full precision of the type, without the SPIFF header that files get."""
    import imagecodecs

    try:
        data = bytes(imagecodecs.jpegls_encode(values, level=near))
    except (RuntimeError, ValueError, MemoryError) as error:
        raise CodecError(f"CharLS could not encode this picture: {error}.") from error
    at = 2
    while data[at : at + 2] == b"\xff\xe8":
        at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    return data[:2] + data[at:]


def decode(data: bytes, shape: tuple[int, ...]) -> NDArray[Any]:
    """Decode a codestream whose geometry was checked.

    Raises
    ------
    CodecError
        When CharLS fails or gives another picture than `shape`.
    """
    import imagecodecs

    if b"\xff\xd9" not in data[-_END:]:
        # CharLS searches for the end it is not given, for seconds.
        raise CodecError("The JPEG-LS codestream is cut off.")
    try:
        pixels = np.asarray(imagecodecs.jpegls_decode(data))
    except (RuntimeError, ValueError, MemoryError) as error:
        raise CodecError(f"CharLS could not decode this bitstream: {error}.") from error
    if pixels.size != int(np.prod(shape)):
        raise CodecError("CharLS decoded another picture than the header announces.")
    return pixels.reshape(shape)


def unavailable() -> str:
    """Return why CharLS cannot be used here in one sentence, or ""."""
    try:
        import imagecodecs
        import jpeg_ls  # noqa: F401
    except ImportError as error:
        return f"CharLS cannot be imported: {error}."
    if imagecodecs.JPEGLS.available:
        return ""
    return "The installed imagecodecs was built without CharLS."
