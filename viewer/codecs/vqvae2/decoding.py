"""A bitstream to a picture, in integers throughout."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from viewer.codecs.base import PixelFormat
from viewer.codecs.vqvae2 import restoration
from viewer.codecs.vqvae2.container import CodedTile, Header
from viewer.codecs.vqvae2.finishing import restore, to_pixels
from viewer.codecs.vqvae2.layout import Tile, tiles
from viewer.codecs.vqvae2.model import Model
from viewer.codecs.vqvae2.parallel import in_order, lead
from viewer.codecs.vqvae2.synthesis import Canvas
from viewer.codecs.vqvae2.tile_decoding import decode_tile
from viewer.errors import CodecError
from viewer.images.radiograph import StoredPixels
from viewer.progress import CancelToken, Progress


@torch.inference_mode()
def decode(
    header: Header,
    coded: Sequence[CodedTile],
    model: Model,
    progress: Progress,
    cancel: CancelToken,
) -> StoredPixels:
    """The pixels of a checked bitstream.

    Raises
    ------
    CodecError
        When no encoder writes such tiles.
    """
    picture = decode_picture(header, coded, model, progress, cancel)
    pixels = to_pixels(picture, header, PixelFormat(header.bits_stored, header.signed))
    progress(1.0, "done")
    return pixels


@torch.inference_mode()
def decode_picture(
    header: Header,
    coded: Sequence[CodedTile],
    model: Model,
    progress: Progress,
    cancel: CancelToken,
) -> Tensor:
    """The picture of a checked bitstream before edges and rounding, in 1/64.

    Raises
    ------
    CodecError
        When no encoder writes such tiles.
    """
    if header.version not in model.versions:
        raise CodecError("The coded image is damaged: its version is not that of its model.")
    layout = tiles(header.rows, header.columns, header.tile)
    canvas = Canvas(header.rows, header.columns, len(layout))
    progress(0.0, f"tile 1/{len(layout)}")

    def read(item: tuple[Tile, CodedTile]) -> None:
        cancel.check()
        tile, part = item
        bands = decode_tile(
            part.data, model, header.step_index, tile.height, tile.width, header.version
        )
        canvas.place(tile, bands)

    for number, _ in enumerate(in_order(read, zip(layout, coded, strict=True)), start=1):
        progress(0.8 * number / len(layout), f"tile {number}/{len(layout)}")
    cancel.check()
    progress(0.8, "restoring")
    picture = lead(canvas.picture)
    strengths = [part.strength for part in coded]
    if any(strengths):
        network = model.restorer()
        if network is None:
            raise CodecError("The coded image is damaged: its model has no filter.")
        signs, index = canvas.signs(), header.step_index
        found = lead(lambda: restoration.corrections(network, picture, signs, index, cancel.check))
        restore(picture, found, layout, strengths, index)
    return picture
