"""The network of ``vqvae2-paper`` over a picture of any size, tile by tile.

Tiles are computed with a margin wider than what any output depends on, so that neither seams nor
the size of the tiles
show in the result but for float noise.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from viewer.codecs.index_tables import Integers
from viewer.codecs.paper_model import PaperModel
from viewer.progress import CancelToken, Progress

UNIT = 8
"""Pixels to a top code, each way; pictures are continued to multiples of it."""

MARGIN = 64
"""Pixels around a tile; the encoder depends on 48, top decoder and decoder together on 60."""

Plane = NDArray[np.float32]


@dataclass(frozen=True)
class Tile:
    """A rectangle in units of top codes, and the same with its margin."""

    top: int
    bottom: int
    left: int
    right: int
    outer: tuple[int, int, int, int]

    def inside(self, scale: int) -> tuple[slice, slice]:
        """The tile within its margin, at ``scale`` places to a top code."""
        first, _, left, _ = self.outer
        return (
            slice((self.top - first) * scale, (self.bottom - first) * scale),
            slice((self.left - left) * scale, (self.right - left) * scale),
        )

    def place(self, scale: int) -> tuple[slice, slice]:
        """The tile within the picture."""
        return (
            slice(self.top * scale, self.bottom * scale),
            slice(self.left * scale, self.right * scale),
        )

    def outer_place(self, scale: int) -> tuple[slice, slice]:
        """Tile and margin within the picture."""
        first, last, left, right = self.outer
        return slice(first * scale, last * scale), slice(left * scale, right * scale)


def tiles(height: int, width: int, side: int) -> list[Tile]:
    """Tiles of height x width top codes, of at most ``side`` pixels and as equal as can be."""
    margin = MARGIN // UNIT
    found = []
    for top, bottom in _cuts(height, max(1, side // UNIT)):
        for left, right in _cuts(width, max(1, side // UNIT)):
            rows = max(0, top - margin), min(height, bottom + margin)
            columns = max(0, left - margin), min(width, right + margin)
            found.append(Tile(top, bottom, left, right, (*rows, *columns)))
    return found


class TileRunner:
    """Runs a model over a picture; reports progress and can be stopped between tiles.

    Parameters
    ----------
    model
        Its network and device.
    height, width
        Of the picture in top codes.
    side
        Of a tile, in pixels.
    progress, cancel
        Of the job.
    """

    def __init__(
        self,
        model: PaperModel,
        height: int,
        width: int,
        side: int,
        progress: Progress,
        cancel: CancelToken,
    ) -> None:
        self._network = model.network
        self._device = model.device
        self._shape = (height, width)
        self._tiles = tiles(height, width, side)
        self._progress = progress
        self.cancel = cancel

    @torch.inference_mode()
    def analyse(self, pixels: Plane, span: tuple[float, float]) -> tuple[Plane, Plane]:
        """Top latents (Dt, h, w) and the features' part of the bottom latents (Db, 2h, 2w).

        Parameters
        ----------
        pixels
            In 0 .. 1, sides multiples of 8.
        span
            Progress at the start and at the end.
        """
        shape = self._network.shape
        height, width = self._shape
        top = np.empty((shape.top_dimensions, height, width), np.float32)
        part = np.empty((shape.bottom_dimensions, 2 * height, 2 * width), np.float32)
        for tile in self._walk("analysing", span):
            block = torch.from_numpy(np.ascontiguousarray(pixels[tile.outer_place(UNIT)]))
            features, latents = self._network.features(block[None, None].to(self._device))
            _put(top, latents, tile, 1)
            _put(part, self._network.feature_part(features), tile, 2)
        return top, part

    @torch.inference_mode()
    def condition(self, top: Integers, part: Plane, span: tuple[float, float]) -> Plane:
        """Bottom latents (Db, 2h, 2w) beside the decoded top indices (groups, h, w)."""
        latents = np.empty_like(part)
        for tile in self._walk("predicting", span):
            predicted = self._predicted(top, tile)
            _put(latents, self._network.predicted_part(predicted), tile, 2)
        latents += part
        return latents

    @torch.inference_mode()
    def synthesise(
        self, top: Integers, bottom: Integers, span: tuple[float, float]
    ) -> Iterator[tuple[Tile, Plane]]:
        """Yield each tile and its pixels, in 0 .. 1 but not clipped."""
        quantiser = self._network.bottom_quantiser
        for tile in self._walk("decoding", span):
            predicted = self._predicted(top, tile)
            rows, columns = tile.outer_place(2)
            indices = torch.from_numpy(bottom[None, :, rows, columns]).to(self._device)
            pixels = self._network.decode_bottom(predicted, quantiser.look_up(indices))
            yield tile, pixels[0, 0][tile.inside(UNIT)].cpu().numpy()

    def _predicted(self, top: Integers, tile: Tile) -> torch.Tensor:
        rows, columns = tile.outer_place(1)
        indices = torch.from_numpy(top[None, :, rows, columns]).to(self._device)
        return self._network.decode_top(self._network.top_quantiser.look_up(indices))

    def _walk(self, what: str, span: tuple[float, float]) -> Iterator[Tile]:
        start, stop = span
        for number, tile in enumerate(self._tiles):
            self.cancel.check()
            done = start + (stop - start) * number / len(self._tiles)
            self._progress(done, f"{what} tile {number + 1}/{len(self._tiles)}")
            yield tile


def _cuts(length: int, largest: int) -> list[tuple[int, int]]:
    count = -(-length // largest)
    edges = [length * n // count for n in range(count + 1)]
    return list(itertools.pairwise(edges))


def _put(target: Plane, values: torch.Tensor, tile: Tile, scale: int) -> None:
    target[:, *tile.place(scale)] = values[0][:, *tile.inside(scale)].cpu().numpy()
