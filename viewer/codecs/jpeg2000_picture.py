"""A picture on its way through OpenJPEG: checked, encoded at one level after another, measured."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass

import numpy as np

from viewer.codecs import jp2_seal, openjpeg
from viewer.codecs.base import PixelFormat
from viewer.codecs.rate_model import RateModel, rate_model
from viewer.errors import CodecError
from viewer.images.radiograph import StoredPixels
from viewer.progress import CancelToken, Progress


@dataclass(slots=True)
class Picture:
    """One picture while it is encoded.

    Parameters
    ----------
    pixels : ndarray
        As `coded_type` returns them.
    array_type : str
        Name of the type they came in.
    pixel_format : PixelFormat
    progress, cancel
        Reported to and looked at around each encoding.
    preview : bool
    passes : int
        Encodings so far.
    """

    pixels: StoredPixels
    array_type: str
    pixel_format: PixelFormat
    progress: Progress
    cancel: CancelToken
    preview: bool
    passes: int = 0
    _digest: bytes = b""
    _model: RateModel | None = None

    @property
    def ceiling(self) -> float:
        """Level that gives everything."""
        return openjpeg.highest_level(self.pixel_format.bits_stored)

    def encode(self, level: float, *, reversible: bool) -> bytes:
        """Encode once and seal."""
        self.cancel.check()
        self.passes += 1
        # How many passes it takes is not known before: each is taken for half of what is left.
        self.progress(1 - 0.5 ** (self.passes - 1), f"encoding, pass {self.passes}")
        bits = self.pixel_format.bits_stored
        jp2 = openjpeg.encode(self.pixels, bits, level, reversible=reversible)
        self.cancel.check()
        return jp2_seal.seal(jp2, self.array_type)

    def psnr(self, data: bytes) -> float:
        """PSNR that a bitstream of this picture gives."""
        decoded = openjpeg.decode(data, self.pixels.shape)
        delta = np.subtract(decoded, self.pixels, dtype=np.int32).ravel().astype(np.float64)
        squares = float(np.dot(delta, delta))
        if squares == 0:
            return math.inf
        return 10 * math.log10(self.pixel_format.peak**2 * delta.size / squares)

    def max_error(self, data: bytes) -> int:
        """Largest error that a bitstream of this picture leaves."""
        decoded = openjpeg.decode(data, self.pixels.shape)
        return int(np.abs(np.subtract(decoded, self.pixels, dtype=np.int32)).max())

    def rate_model(self) -> RateModel:
        """What sizes are to be expected."""
        if self._model is None:
            self._model = rate_model(self.pixels, self.pixel_format.peak)
        return self._model

    def digest(self) -> bytes:
        """What tells this picture from others in the memory of searches."""
        if not self._digest:
            words = hashlib.blake2b(self.pixels.data, digest_size=16)
            words.update(repr((self.pixels.shape, self.pixel_format, self.array_type)).encode())
            self._digest = words.digest()
        return self._digest


def coded_type(pixels: StoredPixels, pixel_format: PixelFormat) -> StoredPixels:
    """Check the pixels and return them, contiguous, in the smallest type that holds their bits."""
    bits, signed = pixel_format.bits_stored, pixel_format.signed
    if not 1 <= bits <= 16:
        raise CodecError(f"JPEG 2000 codes 1 to 16 stored bits here, not {bits}.")
    if pixels.dtype.name not in jp2_seal.ARRAY_TYPES.values():
        raise CodecError(f"JPEG 2000 codes uint8, uint16 and int16 here, not {pixels.dtype}.")
    colour = pixels.ndim == 3 and pixels.shape[2] == 3
    if not (pixels.ndim == 2 or colour) or pixels.size == 0:
        raise CodecError(f"An array of shape {pixels.shape} is not a picture JPEG 2000 can code.")
    if pixels.size > jp2_seal.MOST_SAMPLES:
        raise CodecError(f"A picture of {pixels.size} samples is more than is coded at once.")
    lowest, highest = int(pixels.min()), int(pixels.max())
    floor = pixel_format.minimum
    if lowest < floor or highest > floor + pixel_format.peak:
        sign = "signed" if signed else "unsigned"
        raise CodecError(
            f"The pixels reach from {lowest} to {highest}, beyond {bits} {sign} stored bits."
        )
    kind = ("i" if signed else "u") + ("1" if bits <= 8 else "2")
    return np.ascontiguousarray(pixels, dtype=np.dtype(kind))
