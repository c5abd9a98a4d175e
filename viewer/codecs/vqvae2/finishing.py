"""The last steps to stored values: filter, edges, rounding."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from viewer.codecs.base import PixelFormat
from viewer.codecs.vqvae2 import block_loops, container, edges, restoration
from viewer.codecs.vqvae2.layout import Tile
from viewer.codecs.vqvae2.parallel import in_parts
from viewer.codecs.vqvae2.steps import FRACTION_BITS
from viewer.images.radiograph import StoredPixels

PART = 128
"""Rows of a picture that are worth a thread of their own."""


def part_of(tile: Tile) -> tuple[slice, slice]:
    """Rows and columns of a tile."""
    return slice(tile.top, tile.top + tile.height), slice(tile.left, tile.left + tile.width)


def restore(
    picture: Tensor, found: Tensor, layout: list[Tile], strengths: list[int], index: int
) -> None:
    """Add each tile's share of what the filter found, in place."""
    for tile, strength in zip(layout, strengths, strict=True):
        restoration.apply(picture[part_of(tile)], found[part_of(tile)], strength, index)


@torch.inference_mode()
def to_sixty_fourths(picture: Tensor, header: container.Header) -> NDArray[np.int32]:
    """The picture with its edges, in 1/64 of a stored value; overwrites ``picture``."""
    edges.restore(picture, header.gains, header.rows, header.columns)
    return picture[: header.rows, : header.columns].to(torch.int32).numpy()


def to_pixels(picture: Tensor, header: container.Header, pixel_format: PixelFormat) -> StoredPixels:
    """Round to stored values; overwrites ``picture``."""
    edges.restore(picture, header.gains, header.rows, header.columns)
    inside = picture[: header.rows, : header.columns].numpy()
    low, high = pixel_format.minimum, pixel_format.minimum + pixel_format.peak
    out = np.empty(inside.shape, header.type_name)

    def part(top: int, end: int) -> None:
        block_loops.to_stored(inside[top:end], FRACTION_BITS, low, high, out[top:end])

    in_parts(header.rows, part, PART)
    return out
