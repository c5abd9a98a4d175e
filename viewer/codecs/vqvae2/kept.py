"""What is kept of the last pictures coded, so that a change of quality redoes only what changed.

The transform does not depend on the quality, nor does what trials at some steps have shown of bits
and PSNR; and the last trial may be just what is asked for next, when a preview is to be made exact.
Pictures are told by a hash of their pixels. Large ones are not kept.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from viewer.codecs.vqvae2 import edges
from viewer.codecs.vqvae2.analysis import analyse_picture, cut, to_picture
from viewer.codecs.vqvae2.edges import Gains
from viewer.codecs.vqvae2.layout import Tile, tiles
from viewer.codecs.vqvae2.rate_control import RoughRate
from viewer.codecs.vqvae2.tile_encoding import TileAnalysis
from viewer.images.radiograph import StoredPixels

if TYPE_CHECKING:
    from viewer.codecs.vqvae2.trials import Trial

MOST_PIXELS = 1 << 22
"""Of all pictures kept together; one takes some 40 bytes a pixel."""

Grey = NDArray[np.integer]  # type: ignore[type-arg]


@dataclass
class Kept:
    """One picture, cut into tiles.

    Parameters
    ----------
    gains : tuple of int
        Of its edges.
    wanted : Tensor, float32
        The padded picture without its edges' gains, in 1/64 of a stored value.
    layout : list of Tile
    analyses : list of TileAnalysis
    rough : RoughRate
    bits, psnr : dict
        What trials have shown: by model, by index of the step.
    lasts : bool
        Whether it is kept at all; not so for large pictures.
    trial : Trial or None
        The one taken last.
    answer : tuple of bytes and ndarray, or None
        The bitstream handed out last and the pixels it stands for.
    """

    gains: Gains
    wanted: Tensor
    layout: list[Tile]
    analyses: list[TileAnalysis]
    rough: RoughRate
    bits: dict[bytes, dict[int, float]] = field(default_factory=dict)
    psnr: dict[bytes, dict[int, float]] = field(default_factory=dict)
    lasts: bool = True
    trial: Trial | None = None
    answer: tuple[bytes, StoredPixels] | None = None


_kept: OrderedDict[tuple[object, ...], Kept] = OrderedDict()
_lock = threading.Lock()


def analysed(pixels: Grey, tile: int) -> Kept:
    """The analysis of a picture, made now or kept from before."""
    key = (
        hashlib.sha256(np.ascontiguousarray(pixels).data).digest(),
        pixels.shape,
        pixels.dtype,
        tile,
    )
    with _lock:
        if key in _kept:
            _kept.move_to_end(key)
            return _kept[key]
    gains = edges.measure(pixels)
    wanted = to_picture(pixels, gains)
    low, grids = analyse_picture(wanted)
    # Integers below 2**22: a float32 holds them as well.
    wanted = wanted.to(torch.float32)
    layout = tiles(pixels.shape[0], pixels.shape[1], tile)
    analyses = [cut(low, grids, part) for part in layout]
    found = Kept(gains, wanted, layout, analyses, RoughRate(analyses))
    found.lasts = pixels.size <= MOST_PIXELS
    with _lock:
        if found.lasts:
            _kept[key] = found
        while sum(kept.wanted.numel() for kept in _kept.values()) > 2 * MOST_PIXELS:
            _kept.popitem(last=False)
    return found


def pixels_of(data: bytes) -> StoredPixels | None:
    """What the encoder itself put together for a bitstream it has just made, if it is known."""
    with _lock:
        answers = [kept.answer for kept in _kept.values()]
    for answer in answers:
        if answer is not None and answer[0] == data:
            return answer[1].copy()
    return None


def forget() -> None:
    """Keep nothing."""
    with _lock:
        _kept.clear()
