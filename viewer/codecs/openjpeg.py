"""OpenJPEG as imagecodecs binds it: one encoding at one level, one decoding.

Its `level` is a nominal PSNR with the peak 2^bitspersample - 1 (measured from the wavelet
coefficients, so that what is reached differs by up to a decibel); there is no control of the rate.
Both calls leave the interpreter to other threads and write nothing to stderr.
"""

from __future__ import annotations

import os
from typing import Any

from viewer.errors import CodecError
from viewer.images.radiograph import StoredPixels

LOWEST_LEVEL = 1.0
"""dB; nothing is coded at it. OpenJPEG takes levels near 0 for "everything"."""

_MOST_RESOLUTIONS = 6
_MOST_THREADS = 16


def saturation_level(bits: int) -> float:
    """Level from which an encoding hardly grows: half a grey level of error and less."""
    return 6.02 * bits + 12


def highest_level(bits: int) -> float:
    """Level that stands for everything the transform gives; with the 5-3 it is lossless."""
    return 6.02 * bits + 30


def encode(pixels: StoredPixels, bits: int, level: float, *, reversible: bool) -> bytes:
    """Encode as a JP2 file of one tile and one quality layer.

    Parameters
    ----------
    pixels : ndarray, shape (rows, columns) or (rows, columns, 3)
        Of the smallest type that holds `bits`; its sign becomes that of the components.
    bits : int
        Precision of the components.
    level : float
        Nominal PSNR in dB; everything from `highest_level` on.
    reversible : bool
        The 5-3 wavelet (and RCT for colour) instead of the 9-7 (and ICT).

    Raises
    ------
    CodecError
        When OpenJPEG fails.
    """
    import imagecodecs

    # Its type hints know whole levels alone; fractions work, and rates need them.
    jpeg2k_encode: Any = imagecodecs.jpeg2k_encode
    everything = level >= highest_level(bits)

    def attempt(resolutions: int, mct: bool) -> bytes:
        data = jpeg2k_encode(
            pixels,
            level=0 if everything else max(level, LOWEST_LEVEL),
            codecformat="jp2",
            planar=False,
            bitspersample=bits,
            resolutions=resolutions,
            reversible=reversible,
            mct=mct,
            numthreads=_threads(),
        )
        return bytes(data)

    colour = pixels.ndim == 3
    try:
        try:
            return attempt(_resolutions(pixels), colour)
        except RuntimeError:
            if not (colour and reversible):
                raise
            # It makes room for 1.4 times the samples as they are; noise of one bit in three
            # channels is longer once it is transformed, and fits as it is.
            return attempt(1, False)
    except (RuntimeError, ValueError, MemoryError) as error:
        raise CodecError(f"OpenJPEG could not encode this picture: {error}.") from error


def decode(data: bytes, shape: tuple[int, ...]) -> StoredPixels:
    """Decode a JP2 file whose geometry was checked.

    Raises
    ------
    CodecError
        When OpenJPEG fails or gives another picture than `shape`.
    """
    import imagecodecs

    try:
        pixels: Any = imagecodecs.jpeg2k_decode(data, planar=False, numthreads=_threads())
    except (RuntimeError, ValueError, MemoryError) as error:
        raise CodecError(f"OpenJPEG could not decode this bitstream: {error}.") from error
    # A single row, column or pixel may come without its axes of length one.
    size = 1
    for side in shape:
        size *= side
    if pixels.size != size:
        raise CodecError("OpenJPEG decoded another picture than the header announces.")
    return pixels.reshape(shape)


def unavailable() -> str:
    """Return why OpenJPEG cannot be used here in one sentence, or ""."""
    try:
        import imagecodecs
    except ImportError as error:
        return f"imagecodecs cannot be imported: {error}."
    if imagecodecs.JPEG2K.available:
        return ""
    return "The installed imagecodecs was built without OpenJPEG."


def _resolutions(pixels: StoredPixels) -> int:
    """Halvings of the smaller side, and one: OpenJPEG refuses more."""
    return min(_MOST_RESOLUTIONS, min(pixels.shape[:2]).bit_length())


def _threads() -> int:
    # Where processes share the cores out among themselves, each is told how many are its own.
    own = os.environ.get("OMP_NUM_THREADS", "")
    cores = int(own) if own.isdecimal() and int(own) else os.cpu_count() or 1
    return min(cores, _MOST_THREADS)
