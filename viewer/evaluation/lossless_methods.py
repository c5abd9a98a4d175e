"""The ways of coding within a bound that are compared: codecs of the product, and JPEG XL."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from viewer.codecs import registry
from viewer.codecs.base import Options, Target
from viewer.evaluation.pictures import Picture
from viewer.images.radiograph import StoredPixels

BASE_RATIO = 20.0


@dataclass(frozen=True, slots=True)
class Made:
    """A bitstream.

    Parameters
    ----------
    data : bytes
    base_ratio : float or None
        Of its first part against stored bits, where it has two.
    model : str
        Name and short hash of the weights, "" for codecs without.
    """

    data: bytes
    base_ratio: float | None = None
    model: str = ""


@dataclass(frozen=True, slots=True)
class Method:
    """One way to code within a bound.

    Parameters
    ----------
    name : str
    encode : callable
        Picture and bound to bitstream.
    decode : callable
        Bitstream and picture (for its format alone) to pixels.
    lossless_only : bool
    """

    name: str
    encode: Callable[[Picture, int], Made]
    decode: Callable[[bytes, Picture], StoredPixels]
    lossless_only: bool = False


def methods(options: Options = Options()) -> tuple[Method, ...]:
    """The ways compared: vqvae2 with a base picture of 20:1 and of its own choice, and others."""
    return (
        _registered("vqvae2 20:1", "vqvae2", options, base=BASE_RATIO),
        _registered("vqvae2", "vqvae2", options),
        _registered("jpegls", "jpegls", options),
        Method("jpegxl", _jpegxl_encode, _jpegxl_decode, lossless_only=True),
        _registered("jpeg2000", "jpeg2000", options),
        _registered("htj2k", "htj2k", options),
    )


def _registered(name: str, codec_name: str, options: Options, base: float = 0.0) -> Method:
    codec = registry.get(codec_name)
    targets = codec.info.targets

    def encode(picture: Picture, bound: int) -> Made:
        target = Target("max_error", bound, base) if bound else Target("lossless", base=base)
        done = codec.encode(picture.pixels, picture.pixel_format, target, options=options)
        first = _base_ratio(done.data, picture) if codec_name == "vqvae2" else None
        return Made(done.data, first, done.model)

    def decode(data: bytes, _: Picture) -> StoredPixels:
        return codec.decode(data, options=options).pixels

    return Method(name, encode, decode, lossless_only="max_error" not in targets)


def _base_ratio(data: bytes, picture: Picture) -> float:
    from viewer.codecs.vqvae2 import container

    first = container.layer_start(*container.unpack(data))
    return picture.pixels.size * picture.pixel_format.bits_stored / (8 * first)


def _jpegxl_encode(picture: Picture, bound: int) -> Made:
    import imagecodecs

    values = picture.pixels.astype(np.int32) - picture.pixel_format.minimum
    small = values.astype(np.uint8 if picture.pixel_format.bits_stored <= 8 else np.uint16)
    return Made(bytes(imagecodecs.jpegxl_encode(small, lossless=True, effort=7, numthreads=1)))


def _jpegxl_decode(data: bytes, picture: Picture) -> StoredPixels:
    import imagecodecs

    values: Any = imagecodecs.jpegxl_decode(data, numthreads=1)
    wide = values.astype(np.int32).reshape(picture.pixels.shape) + picture.pixel_format.minimum
    return wide.astype(picture.pixels.dtype)  # type: ignore[no-any-return]
