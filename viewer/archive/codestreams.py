"""Stored values <-> lossless codestreams as DICOM holds them: JPEG-LS, HTJ2K, JPEG 2000."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from viewer.codecs import charls, openjph
from viewer.errors import ArchiveError, CodecError
from viewer.images.codestream import read_codestream

LosslessCoding = Literal["jpeg-ls", "htj2k", "jpeg-2000"]
CODINGS: tuple[LosslessCoding, ...] = ("jpeg-ls", "htj2k", "jpeg-2000")

_MOST_RESOLUTIONS = 6
_KINDS = {"jpeg-ls": "JPEG-LS", "htj2k": "JPEG 2000", "jpeg-2000": "JPEG 2000"}
_END = 4


def encode(coding: LosslessCoding, values: NDArray[Any], bits: int) -> bytes:
    """Code values without loss as a bare codestream whose precision is `bits`.

    Parameters
    ----------
    coding : {"jpeg-ls", "htj2k", "jpeg-2000"}
    values : ndarray, shape (rows, columns) or (rows, columns, 3)
        Of type u8, u16, i8 or i16, within `bits`. JPEG-LS knows no sign: its values are coded as
        their pattern of `bits` bits.
    bits : int
        1..16; JPEG-LS needs 2.

    Raises
    ------
    ArchiveError
        When the values are outside what the coding takes.
    """
    if values.dtype.kind not in "iu" or values.dtype.itemsize > 2 or not 1 <= bits <= 16:
        raise ArchiveError(f"{_KINDS[coding]} codes up to 16 bits, not {bits} in {values.dtype}.")
    values = _smallest(values, bits)
    try:
        if coding == "jpeg-ls":
            return _jpeg_ls(values, bits)
        if coding == "htj2k":
            return openjph.encode(values, bits)
        return _jpeg2000(values, bits)
    except (CodecError, RuntimeError, ValueError, MemoryError) as error:
        raise ArchiveError(f"{coding} could not code this picture: {error}.") from error


def decode(
    coding: LosslessCoding, data: bytes, shape: tuple[int, ...], dtype: np.dtype[Any]
) -> NDArray[Any]:
    """Decode a codestream whose geometry is known, and checked before anything is allocated.

    Raises
    ------
    ArchiveError
        When the stream is damaged or of another geometry.
    """
    import imagecodecs

    found = read_codestream(data)
    samples = shape[2] if len(shape) == 3 else 1
    wanted = (_KINDS[coding], *shape[:2], samples)
    if found is None or (found.kind, found.rows, found.columns, found.components) != wanted:
        raise ArchiveError(f"A {coding} stream is not of the geometry the archive says.")
    if coding == "jpeg-ls" and b"\xff\xd9" not in data[-_END:]:
        # CharLS searches for the end it is not given, for seconds.
        raise ArchiveError("A jpeg-ls stream is cut off.")
    try:
        # HTJ2K is written by OpenJPH and read by OpenJPEG: what one gets wrong the other shows.
        pixels: Any = (
            imagecodecs.jpegls_decode(data)
            if coding == "jpeg-ls"
            else imagecodecs.jpeg2k_decode(data, planar=False)
        )
        return np.asarray(pixels).reshape(shape).astype(dtype, copy=False)
    except (RuntimeError, ValueError, MemoryError) as error:
        raise ArchiveError(f"A {coding} stream is damaged: {error}.") from error


def smallest(values: NDArray[Any], bits: int) -> tuple[LosslessCoding, bytes] | None:
    """Return the coding that takes fewest bytes and gives exactly these values, None if none."""
    best: tuple[LosslessCoding, bytes] | None = None
    for coding in CODINGS:
        try:
            data = encode(coding, values, bits)
            exact = np.array_equal(decode(coding, data, values.shape, values.dtype), values)
        except ArchiveError:
            continue
        if exact and (best is None or len(data) < len(best[1])):
            best = coding, data
    return best


def _smallest(values: NDArray[Any], bits: int) -> NDArray[Any]:
    kind = values.dtype.kind
    return np.ascontiguousarray(values, dtype=f"{kind}{1 if bits <= 8 else 2}")


def _jpeg_ls(values: NDArray[Any], bits: int) -> bytes:
    """Code the pattern of `bits` bits: JPEG-LS knows no sign."""
    pattern = values.view(f"u{values.dtype.itemsize}") & ((1 << bits) - 1)
    return charls.encode(pattern, bits)


def _jpeg2000(values: NDArray[Any], bits: int) -> bytes:
    import imagecodecs

    data = imagecodecs.jpeg2k_encode(
        values,
        level=0,
        codecformat="j2k",
        planar=False,
        bitspersample=bits,
        resolutions=min(_MOST_RESOLUTIONS, min(values.shape[:2]).bit_length()),
        reversible=True,
        mct=values.ndim == 3,
    )
    return bytes(data)
