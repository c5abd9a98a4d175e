"""What a stored value is: its type, its range, and how it is cut out of what a file holds."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from viewer.images.radiograph import StoredPixels

MAX_SIDE = 65535
"""Rows and Columns are unsigned 16-bit attributes."""

MAX_FRAME_BYTES = 1 << 31
"""No frame larger than this is ever allocated."""

_SUSPICIOUS_BYTES = 1 << 28
_MOST_EXPANSION = 4096


def stored_dtype(bits_allocated: int, signed: bool) -> np.dtype[Any]:
    """Return the smallest of u8/u16/i16/u32/i32 that the header asks for.

    Signed 8-bit values go into int16, so that every signed image has a type codecs know.
    """
    if bits_allocated <= 8:
        return np.dtype(np.int16 if signed else np.uint8)
    if bits_allocated <= 16:
        return np.dtype(np.int16 if signed else np.uint16)
    return np.dtype(np.int32 if signed else np.uint32)


def stored_range(bits_stored: int, signed: bool) -> tuple[int, int]:
    """Return the lowest and highest value that `bits_stored` bits can hold."""
    if signed:
        return -(1 << (bits_stored - 1)), (1 << (bits_stored - 1)) - 1
    return 0, (1 << bits_stored) - 1


def cut_out(
    values: NDArray[Any], *, bits_stored: int, high_bit: int, signed: bool, dtype: np.dtype[Any]
) -> StoredPixels:
    """Take the stored bits out of allocated ones and extend the sign.

    Bits above HighBit and below HighBit - BitsStored + 1 (overlays, rubbish) are dropped
    (PS3.5 section 8.1.1).

    Parameters
    ----------
    values : ndarray of any integer type
        As decoded; only the bit pattern counts.
    bits_stored, high_bit : int
    signed : bool
    dtype : dtype
        Of the result, wide enough for `bits_stored`.
    """
    values = values.astype(values.dtype.newbyteorder("="), copy=False)
    shift = high_bit + 1 - bits_stored
    low, high = stored_range(bits_stored, signed)
    if not shift and values.size and low <= values.min() and values.max() <= high:
        return values.astype(dtype, copy=False)
    pattern = values.view(f"u{values.dtype.itemsize}") >> shift
    pattern &= pattern.dtype.type(((1 << bits_stored) - 1) & np.iinfo(pattern.dtype).max)
    if signed:
        pattern = _extend_sign(pattern, bits_stored)
    return pattern.astype(dtype, copy=False)


def saturate(
    values: NDArray[Any], *, bits_stored: int, signed: bool, dtype: np.dtype[Any]
) -> StoredPixels:
    """Bring lossy values that overshoot the stored range to its ends.

    A 12-bit JPEG of a 10-bit radiograph decodes to 1024 here and there; masking would turn
    the brightest pixel into the darkest.
    """
    low, high = stored_range(bits_stored, signed)
    if values.size and (values.min() < low or values.max() > high):
        values = np.clip(values, low, high)
    return values.astype(dtype, copy=False)


def size_fault(rows: int, columns: int, samples: int, bits_allocated: int) -> str:
    """Return why an image of this size cannot be opened, or ""."""
    if rows < 1 or columns < 1:
        return f"it has no pixels ({columns} x {rows})"
    if rows > MAX_SIDE or columns > MAX_SIDE:
        return f"{columns} x {rows} pixels are more than {MAX_SIDE} a side"
    needed = frame_bytes(rows, columns, samples, bits_allocated)
    if needed > MAX_FRAME_BYTES:
        return f"{columns} x {rows} pixels would take {needed / 2**30:.1f} GiB"
    return ""


def expansion_fault(needed: int, compressed: int) -> str:
    """Return why `compressed` bytes cannot honestly hold `needed` bytes of pixels, or "".

    Small frames may be as empty as they like: only large ones are held to a ratio.
    """
    if needed > _SUSPICIOUS_BYTES and needed > _MOST_EXPANSION * compressed:
        return f"{compressed} compressed bytes cannot hold {needed / 2**20:.0f} MiB of pixels"
    return ""


def frame_bytes(rows: int, columns: int, samples: int, bits_allocated: int) -> int:
    """Bytes of one uncompressed frame."""
    return (rows * columns * samples * bits_allocated + 7) // 8


def _extend_sign(values: NDArray[Any], bits: int) -> NDArray[Any]:
    """Read the lowest `bits` bits as two's complement."""
    wide: NDArray[np.signedinteger[Any]] = values.astype(
        np.int64 if bits > 31 else np.int32, copy=False
    )
    sign = 1 << (bits - 1)
    return (wide ^ sign) - sign
