"""What is known of a level while its groups are coded, rows side by side."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from viewer.codecs.vqvae2 import plane_loops
from viewer.codecs.vqvae2.active import Blocks
from viewer.codecs.vqvae2.block_prediction import add_blocks, first_of, predict_blocks
from viewer.codecs.vqvae2.features import PART, Bytes, CodePlanes, busyness, signs
from viewer.codecs.vqvae2.parallel import in_parts
from viewer.networks.vqvae2_inference import BANDS, PriorInference
from viewer.networks.vqvae2_prior import BAND_OF, BUSY_BANDS, GROUPS

SPARSE = 0.4
"""Share of a level's blocks below which all is done block by block, with what lies around."""
PREDICTED_APART = 0.6
"""Share below which blocks are predicted so, once the base is there: it looks less far around."""


def base_of(prior: PriorInference, features: Bytes) -> Bytes:
    """`PriorInference.base`, rows side by side."""
    rows = len(features)
    out = np.empty((*features.shape[:2], len(prior.base_channels)), np.uint8)

    def part(top: int, end: int) -> None:
        # Two convolutions see two rows beyond.
        first, last = max(top - 2, 0), min(end + 2, rows)
        out[top:end] = prior.base(features[first:last])[top - first : end - first]

    in_parts(rows, part, PART)
    return out


class LevelContext:
    """What is known of a level while its groups are coded.

    Parameters
    ----------
    prior : PriorInference
    planes : ndarray, shape (36, h, w)
        What `viewer.codecs.vqvae2.features.base_planes` gave.
    """

    def __init__(self, prior: PriorInference, planes: Bytes) -> None:
        self._prior = prior
        self._base = base_of(prior, prior.feature_channels.beside(planes))
        rows, columns, own = self._base.shape
        self._known = np.zeros((rows, columns, own + len(prior.context_channels)), np.uint8)
        self._known[:, :, :own] = self._base
        self._context = self._known[:, :, own:]
        self._sums = np.zeros((BANDS, rows, columns), np.uint16)
        self._signs = np.zeros((len(BAND_OF), 2, rows, columns), np.uint8)
        self._sizes = np.zeros((len(BAND_OF), rows, columns), np.uint8)

    def predict(
        self, group: int, blocks: Blocks | None
    ) -> tuple[NDArray[np.int16], NDArray[np.int16]]:
        """Scale indices and means of the codes of a group; see `PriorInference.group`.

        Each ``(n, h, w)``, or ``(n, blocks, SIDE, SIDE)`` of some blocks.
        """
        if blocks is not None and blocks.share < PREDICTED_APART:
            return predict_blocks(self._prior, self._known, self._sums, group, blocks)
        scale, mean = self._predict_all(group)
        return (scale, mean) if blocks is None else (blocks.gather(scale), blocks.gather(mean))

    def _predict_all(self, group: int) -> tuple[NDArray[np.int16], NDArray[np.int16]]:
        rows, columns, _ = self._base.shape
        sums = self._sums[list(BUSY_BANDS[group])]
        scale, mean = np.empty((2, len(GROUPS[group]), rows, columns), np.int16)

        def part(top: int, end: int) -> None:
            to = scale[:, top:end], mean[:, top:end]
            if not group:
                self._prior.group(0, self._base[top:end], to=to)
                return
            first, last = max(top - 1, 0), min(end + 1, rows)
            busy = busyness(sums, first, last)
            # Neighbouring parts write the same into the row that both see.
            self._prior.context_channels.put(self._context[first:last], 0, busy)
            wanted = slice(top - first, end - first)
            self._prior.group(group, self._known[first:last], wanted, to)

        in_parts(rows, part, PART)
        return scale, mean

    def add(self, group: int, grid: NDArray[np.int32], blocks: Blocks | None) -> None:
        """Take in the codes of a group from the level's grid, ``(12, h, w)``.

        ``blocks`` are those that have any; where they are None all may.
        """
        if blocks is not None and blocks.share < SPARSE:
            place = self._known, self._sums, self._signs, self._sizes
            add_blocks(self._prior, *place, group, grid, blocks)
            return
        channels = GROUPS[group]
        planes = self._signs.reshape(-1, *grid.shape[1:])
        which = [2 * channel + side for channel in channels for side in (0, 1)]

        def part(top: int, end: int) -> None:
            for channel in channels:
                at = channel, slice(top, end)
                signs(grid[at], self._signs[channel, :, top:end], self._sizes[at])
                plane_loops.accumulate(self._sizes[at], self._sums[BAND_OF[channel], top:end])
            if group + 1 < len(GROUPS):
                put = self._prior.context_channels.put
                put(self._context[top:end], first_of(group), planes[:, top:end], which)

        in_parts(grid.shape[1], part, PART)

    def planes(self) -> CodePlanes:
        """All twelve channels of the level, once all groups are known."""
        return CodePlanes(self._signs[:, 0], self._signs[:, 1], self._sizes)
