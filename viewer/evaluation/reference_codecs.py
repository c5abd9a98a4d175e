"""Codecs measured beside the product's own, for comparison alone, as imagecodecs binds them.

Each is set to the rate asked for by trying its own control: the encoding time is that of the
last, successful encoding, which is kind to them beside codecs that meet a rate by themselves.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from viewer.codecs.base import PixelFormat
from viewer.errors import CodecError, UnknownCodecError
from viewer.evaluation.coders import Coding, timed
from viewer.evaluation.rate_search import search_rate
from viewer.images.radiograph import StoredPixels
from viewer.progress import NEVER, CancelToken

Encode = Callable[[StoredPixels, int, float], bytes]
Decode = Callable[[bytes], StoredPixels]


@dataclass(frozen=True, slots=True)
class Reference:
    """One codec for comparison.

    Parameters
    ----------
    name, about : str
        Name on the command line; library, settings, and what it can take.
    control : str
        Of the setting that is searched ("distance").
    finest, coarsest : float
        Settings to search between, the first giving the most bits.
    most_bits : int
        Largest BitsStored it takes.
    encode : callable
        Pixels (unsigned, of the smallest type), BitsStored and setting -> bytes.
    decode : callable
    whole : bool
        Whole settings alone.
    wraps : bool
        Whether 16 bits that overshoot come back at the other end of the range: refused then.
    """

    name: str
    about: str
    control: str
    finest: float
    coarsest: float
    most_bits: int
    encode: Encode
    decode: Decode
    whole: bool = False
    wraps: bool = False

    def identity(self) -> str:
        """Return the version of imagecodecs, and the hash of how it is called."""
        import imagecodecs

        source = hashlib.sha256(Path(__file__).read_bytes()).hexdigest()[:16]
        return f"{imagecodecs.__version__} {source}"

    def refuses(self, pixel_format: PixelFormat) -> str:
        """Return why such pixels are not for it, or ""."""
        bits = pixel_format.bits_stored
        if bits > self.most_bits:
            return f"{self.name} takes up to {self.most_bits} bits here, not {bits}."
        return ""

    def code(
        self,
        pixels: StoredPixels,
        pixel_format: PixelFormat,
        bpp: float,
        cancel: CancelToken = NEVER,
    ) -> Coding:
        """Search the setting, encode once more with the clock running, decode."""
        refusal = self.refuses(pixel_format)
        if refusal:
            raise CodecError(refusal)
        bits = pixel_format.bits_stored
        samples = np.ascontiguousarray(pixels.astype(np.int64) - pixel_format.minimum)
        samples = samples.astype(np.uint8 if bits <= 8 else np.uint16)

        def rate_at(setting: float) -> float:
            return 8 * len(self._encode(samples, bits, setting)) / samples.size

        setting = search_rate(rate_at, bpp, self.finest, self.coarsest, cancel, whole=self.whole)
        data, encode = timed(lambda: self._encode(samples, bits, setting))
        decoded, decode = timed(lambda: self._decode(data))
        if decoded.size != samples.size:
            raise CodecError(f"The codec {self.name} gave back a picture of another size.")
        limited = np.clip(decoded.reshape(samples.shape).astype(np.int64), 0, pixel_format.peak)
        if self.wraps and bits == 16 and np.abs(limited - samples).max() > pixel_format.peak // 2:
            raise CodecError(f"{self.name} wraps around at the ends of 16 bits in this picture.")
        back = (limited + pixel_format.minimum).astype(pixels.dtype)
        return Coding(data, back, f"{self.control} {setting:.4g}", encode, decode)

    def _encode(self, samples: StoredPixels, bits: int, setting: float) -> bytes:
        try:
            return bytes(self.encode(samples, bits, setting))
        except (RuntimeError, ValueError, MemoryError) as error:
            raise CodecError(f"{self.name} could not encode this picture: {error}.") from error

    def _decode(self, data: bytes) -> StoredPixels:
        try:
            return self.decode(data)
        except (RuntimeError, ValueError, MemoryError) as error:
            raise CodecError(f"{self.name} could not decode its own bytes: {error}.") from error


def _codec(name: str) -> Any:
    # imagecodecs is slow to import and its type hints lag behind its keywords.
    import imagecodecs

    return getattr(imagecodecs, name)


def _jpeg_xl(samples: StoredPixels, bits: int, distance: float) -> bytes:
    return _codec("jpegxl_encode")(
        samples, distance=distance, effort=7, bitspersample=bits, numthreads=1
    )


def _jpeg(samples: StoredPixels, bits: int, coarseness: float) -> bytes:
    depth = 8 if bits <= 8 else 12
    return _codec("jpeg8_encode")(
        samples, level=101 - int(coarseness), bitspersample=depth, optimize=True
    )


def _jpeg_ls(samples: StoredPixels, bits: int, near: float) -> bytes:
    import jpeg_ls

    # It takes MAXVAL from the largest value, and the standard allows NEAR up to half of that.
    return bytes(jpeg_ls.encode_array(samples, lossy_error=min(int(near), int(samples.max()) // 2)))


def _jpeg_ls_decode(data: bytes) -> StoredPixels:
    import jpeg_ls

    pixels: StoredPixels = jpeg_ls.decode(np.frombuffer(data, np.uint8))
    return pixels


def _htj2k(samples: StoredPixels, bits: int, step: float) -> bytes:
    # Beyond the range of the type the decoder wraps around instead of clipping: up to 15 bits
    # there is room for what overshoots. The step is relative to that range.
    roomy = samples.astype(np.int16) if bits < 16 else samples
    share = 2.0**bits / 2**16
    return _codec("htj2k_encode")(roomy, level=step * share, reversible=False)


_ALL = (
    Reference(
        "jpegxl",
        "JPEG XL lossy (libjxl, VarDCT, effort 7); up to 16 bits",
        "distance",
        0.01,
        25.0,
        16,
        _jpeg_xl,
        lambda data: _codec("jpegxl_decode")(data, numthreads=1),
    ),
    Reference(
        "jpeg",
        "JPEG (libjpeg-turbo, optimised Huffman); baseline to 8 bits, extended to 12, not above",
        "101 - quality",
        1,
        100,
        12,
        _jpeg,
        lambda data: _codec("jpeg8_decode")(data),
        whole=True,
    ),
    Reference(
        "jpegls",
        "JPEG-LS near-lossless (CharLS), swept by its NEAR: the whole number nearest to the rate",
        "NEAR",
        0,
        255,
        16,
        _jpeg_ls,
        _jpeg_ls_decode,
        whole=True,
    ),
    Reference(
        "htj2k",
        "HTJ2K (OpenJPH, 9-7, one quantiser step); up to 16 bits",
        "step",
        1e-6,
        0.5,
        16,
        _htj2k,
        lambda data: _codec("htj2k_decode")(data),
        wraps=True,
    ),
)

REFERENCES = {one.name: one for one in _ALL}


def reference(name: str) -> Reference:
    """Return a codec for comparison.

    Raises
    ------
    UnknownCodecError
    """
    try:
        return REFERENCES[name]
    except KeyError:
        raise UnknownCodecError(
            f"There is no reference codec '{name}'; there are {', '.join(REFERENCES)}."
        ) from None
