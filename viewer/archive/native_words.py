"""Native pixel data word by word: the stored values, and whatever else the words hold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class NativeLayout:
    """How the words of one native frame are made (PS3.5 section 8.1.1).

    Parameters
    ----------
    rows, columns, samples : int
        Colour by plane counts as three grey pictures, one below the other.
    word_bytes : int
        1 or 2.
    bits_stored, high_bit : int
    signed, big_endian : bool
    """

    rows: int
    columns: int
    samples: int
    word_bytes: int
    bits_stored: int
    high_bit: int
    signed: bool
    big_endian: bool

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the values."""
        plane = (self.rows, self.columns)
        return plane if self.samples == 1 else (*plane, self.samples)

    @property
    def frame_bytes(self) -> int:
        """Bytes of a frame."""
        return self.rows * self.columns * self.samples * self.word_bytes

    @property
    def dtype(self) -> np.dtype[Any]:
        """Type of the values: unsigned, of the words' size, native order."""
        return np.dtype(f"u{self.word_bytes}")


def split(raw: bytes, layout: NativeLayout) -> tuple[NDArray[Any], bytes]:
    """Part a frame into its values and the rest.

    Returns
    -------
    values : ndarray of `layout.dtype`
        0 .. 2^bits_stored - 1; signed ones are moved up by half the range.
    rest : bytes
        What `join` needs besides to give the frame again, one word a pixel; b"" where all words
        are what the values make them.
    """
    words = np.frombuffer(raw, _file_type(layout)).reshape(layout.shape).astype(layout.dtype)
    pattern = (words >> (layout.high_bit + 1 - layout.bits_stored)) & _mask(layout)
    values = pattern ^ _sign(layout) if layout.signed else pattern
    other = words ^ _words(values, layout)
    return values, other.astype(_file_type(layout)).tobytes() if other.any() else b""


def join(values: NDArray[Any], rest: bytes, layout: NativeLayout) -> bytes:
    """Give a frame again of what `split` made of it.

    Raises
    ------
    ValueError
        When `rest` is not of the frame's size.
    """
    words = _words(values.astype(layout.dtype, copy=False), layout)
    if rest:
        words = words ^ np.frombuffer(rest, _file_type(layout)).reshape(layout.shape)
    return words.astype(_file_type(layout)).tobytes()


def values_of(pixels: NDArray[Any], layout: NativeLayout) -> NDArray[Any]:
    """Return stored pixels (sign-extended where signed) as the values of `split`."""
    offset = 1 << (layout.bits_stored - 1) if layout.signed else 0
    moved = pixels.astype(np.int64) + offset if offset else pixels
    return moved.astype(layout.dtype).reshape(layout.shape)


def _words(values: NDArray[Any], layout: NativeLayout) -> NDArray[Any]:
    """Return the words that writers make of values: sign-extended, nothing else in them."""
    kind = layout.dtype.type
    pattern = values ^ _sign(layout) if layout.signed else values
    above = layout.high_bit + 1
    words = pattern << kind(above - layout.bits_stored)
    if layout.signed and above < 8 * layout.word_bytes:
        high = kind((1 << 8 * layout.word_bytes) - (1 << above))
        words = np.where(pattern & _sign(layout), words | high, words)
    return words.astype(layout.dtype, copy=False)


def _mask(layout: NativeLayout) -> Any:
    return layout.dtype.type((1 << layout.bits_stored) - 1)


def _sign(layout: NativeLayout) -> Any:
    return layout.dtype.type(1 << (layout.bits_stored - 1))


def _file_type(layout: NativeLayout) -> np.dtype[Any]:
    return layout.dtype.newbyteorder(">" if layout.big_endian else "<")
