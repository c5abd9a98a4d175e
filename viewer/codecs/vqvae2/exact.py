"""A picture in two parts: the learned one first, then what it lacks to be within a bound."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from viewer.codecs.base import PixelFormat, Target, largest_error
from viewer.codecs.residual import layer
from viewer.codecs.vqvae2 import encoding
from viewer.codecs.vqvae2.container import CodedTile, Header
from viewer.codecs.vqvae2.decoding import decode_picture
from viewer.codecs.vqvae2.finishing import to_sixty_fourths
from viewer.codecs.vqvae2.model import Model
from viewer.codecs.vqvae2.steps import FRACTION_BITS
from viewer.errors import CodecError
from viewer.images.radiograph import StoredPixels
from viewer.progress import CancelToken, Progress

BASE_RATIO = 35.0
"""Ratio of the base picture against stored bits where nothing else is asked for: about where the
whole is smallest, for exact pixels and for bounds of a few levels alike (from 30 to 50 to 1 it
changes by less than 2 %)."""

_BASE_SHARE = 0.6
"""Part of the progress that goes to the base picture."""


def encode(
    pixels: StoredPixels,
    pixel_format: PixelFormat,
    target: Target,
    model: Model,
    tile: int,
    progress: Progress,
    cancel: CancelToken,
) -> bytes:
    """The base bitstream and the layer behind it.

    Parameters
    ----------
    target : Target
        "max_error" or "lossless"; its `base` is the ratio of the first part.
    tile : int
        Wished side of a tile, 0 for no wish.
    """
    bound = largest_error(target)
    if bound is None:
        raise CodecError(f"The target '{target.kind}' sets no bound on the error.")
    first = Target("ratio", target.base or BASE_RATIO)
    data, header, picture = encoding.encode_picture(
        pixels,
        pixel_format,
        first,
        model,
        tile,
        lambda fraction, text: progress(_BASE_SHARE * fraction, text),
        cancel,
        layered=True,
        # Of a ratio that is the encoder's own choice, nearly is enough: the whole hardly changes.
        own=not target.base,
    )
    behind = layer.encode(
        pixels,
        to_sixty_fourths(picture, header),
        pixel_format,
        bound,
        tile=tile,
        progress=lambda fraction, text: progress(_BASE_SHARE + (1 - _BASE_SHARE) * fraction, text),
        cancel=cancel,
    )
    return data + behind


def decode_parts(
    header: Header,
    coded: Sequence[CodedTile],
    behind: bytes,
    model: Model,
    progress: Progress,
    cancel: CancelToken,
) -> Iterator[StoredPixels]:
    """The base picture, then the pixels of a checked bitstream and the layer behind it.

    Raises
    ------
    CodecError
        When no encoder writes such tiles, or the layer is damaged.
    """
    layer.bound_of(behind)  # a foreign or later layer is refused before any work is done
    picture = decode_picture(
        header,
        coded,
        model,
        lambda fraction, text: progress(_BASE_SHARE * fraction, text),
        cancel,
    )
    pixel_format = PixelFormat(header.bits_stored, header.signed)
    values = to_sixty_fourths(picture, header)
    low = pixel_format.minimum
    base = np.clip((values + 32) >> FRACTION_BITS, low, low + pixel_format.peak)
    yield base.astype(header.type_name)
    yield layer.decode(
        behind,
        values,
        pixel_format,
        header.type_name,
        progress=lambda fraction, text: progress(_BASE_SHARE + (1 - _BASE_SHARE) * fraction, text),
        cancel=cancel,
    )
