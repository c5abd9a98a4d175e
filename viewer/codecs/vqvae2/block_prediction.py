"""The prior at some blocks of a level alone, set side by side with what lies around them.

Convolutions of small integers come to the same wherever they are computed: these are the
predictions of the whole grid, without those that nobody asks for.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from viewer.codecs.vqvae2 import active_loops
from viewer.codecs.vqvae2.active import SIDE, Blocks
from viewer.codecs.vqvae2.features import Bytes, CodePlanes, companding_table, signs
from viewer.codecs.vqvae2.parallel import in_parts
from viewer.networks.vqvae2_inference import BANDS, CODES_AT, PriorInference
from viewer.networks.vqvae2_prior import BAND_OF, BUSY_BANDS, BUSY_WINDOW, GROUPS

_WORTH_A_THREAD = 48
"""Blocks."""
_BASE_HALO = 2
"""Cells around a block that the two convolutions of the base see."""


def predict_blocks(
    prior: PriorInference,
    known: Bytes,
    sums: NDArray[np.uint16],
    group: int,
    blocks: Blocks,
) -> tuple[NDArray[np.int16], NDArray[np.int16]]:
    """Scale indices and means of the codes of a group, ``(n, blocks, SIDE, SIDE)`` each.

    Parameters
    ----------
    prior : PriorInference
    known : ndarray of uint8, shape (h, w, c)
        What `PriorInference.base` gave, then the channels of the context but for busyness.
    sums : ndarray of uint16, shape (5, h, w)
        Sizes of the codes known, summed over the channels of each band.
    group : int
    blocks : Blocks
    """
    own = len(prior.base_channels)
    halo = 1 if group else 0
    shape = len(GROUPS[group]), blocks.numbers.size, SIDE, SIDE
    scale, mean = np.empty(shape, np.int16), np.empty(shape, np.int16)

    def part(first: int, last: int) -> None:
        some = blocks.part(first, last)
        seen = _patches(known, known.shape[2] if group else own, some, halo)
        if group:
            busy = np.empty((len(BUSY_BANDS[group]), *seen.shape[:2]), np.uint8)
            active_loops.busyness(
                sums[list(BUSY_BANDS[group])],
                companding_table(),
                BUSY_WINDOW // 2,
                some.numbers,
                some.across,
                SIDE,
                halo,
                busy,
            )
            prior.context_channels.put(seen[:, :, own:], 0, busy)
        for to, found in zip((scale, mean), prior.group(group, seen), strict=True):
            to[:, first:last] = _middles(found, halo)

    in_parts(blocks.numbers.size, part, _WORTH_A_THREAD)
    return scale, mean


def add_blocks(
    prior: PriorInference,
    known: Bytes,
    sums: NDArray[np.uint16],
    signs_of: Bytes,
    sizes_of: Bytes,
    group: int,
    grid: NDArray[np.int32],
    blocks: Blocks,
) -> None:
    """Take in the codes of a group where some blocks alone have any.

    Parameters
    ----------
    known, sums
        As `predict_blocks` takes them.
    signs_of : ndarray of uint8, shape (12, 2, h, w)
        Companded codes, above and below zero; zeros where none are known.
    sizes_of : ndarray of uint8, shape (12, h, w)
    group : int
    grid : ndarray of int32, shape (12, h, w)
    blocks : Blocks
    """
    channels = GROUPS[group]
    codes = blocks.gather(grid[list(channels)]).reshape(len(channels), -1, SIDE)
    both = np.empty((len(channels), 2, *codes.shape[1:]), np.uint8)
    sizes = np.empty(codes.shape, np.uint8)
    for number, channel in enumerate(channels):
        signs(codes[number], both[number], sizes[number])
        for side in (0, 1):
            blocks.scatter(_cut(both[number, side]), signs_of[channel, side])
        blocks.scatter(_cut(sizes[number]), sizes_of[channel])
        blocks.accumulate(_cut(sizes[number]), sums[BAND_OF[channel]])
    if group + 1 < len(GROUPS):
        planes = range(2 * len(channels))
        pairs = prior.context_channels.pairs(first_of(group), planes)
        flat = both.reshape(len(planes), *codes.shape[1:])
        to = known[:, :, len(prior.base_channels) :]
        active_loops.put(flat, pairs, blocks.numbers, blocks.across, SIDE, to)


def first_of(group: int) -> int:
    """The value of the context that the first code of a group is."""
    return CODES_AT + 2 * sum(len(before) for before in GROUPS[:group])


def _patches(values: Bytes, channels: int, blocks: Blocks, halo: int) -> Bytes:
    """Blocks of ``(h, w, c)`` with ``halo`` cells around each, side by side."""
    wide = SIDE + 2 * halo
    out = np.empty((wide, blocks.numbers.size * wide, channels), np.uint8)
    active_loops.patches(values, channels, blocks.numbers, blocks.across, SIDE, halo, out)
    return out


def _middles(values: NDArray[np.int16], halo: int) -> NDArray[np.int16]:
    """``(n, wide, blocks * wide)`` to ``(n, blocks, SIDE, SIDE)``."""
    wide = SIDE + 2 * halo
    blocks = values.reshape(len(values), wide, -1, wide).transpose(0, 2, 1, 3)
    return blocks[:, :, halo : halo + SIDE, halo : halo + SIDE]


class BlockContext:
    """What is known of a level of which few blocks have codes: `LevelContext` for those alone.

    Parameters
    ----------
    prior : PriorInference
    planes : ndarray, shape (36, h, w)
        What `viewer.codecs.vqvae2.features.base_planes` gave.
    blocks : Blocks
        All that will be asked for.
    """

    def __init__(self, prior: PriorInference, planes: Bytes, blocks: Blocks) -> None:
        self._prior = prior
        _, rows, columns = planes.shape
        shape = rows, columns, len(prior.base_channels) + len(prior.context_channels)
        self._known = np.zeros(shape, np.uint8)
        self._sums = np.zeros((BANDS, rows, columns), np.uint16)
        self._signs = np.zeros((len(BAND_OF), 2, rows, columns), np.uint8)
        self._sizes = np.zeros((len(BAND_OF), rows, columns), np.uint8)
        if blocks.numbers.size:
            in_parts(
                blocks.numbers.size,
                lambda first, last: self._put_base(planes, blocks.part(first, last)),
                _WORTH_A_THREAD,
            )

    def _put_base(self, planes: Bytes, blocks: Blocks) -> None:
        _, rows, columns = planes.shape
        where = blocks.numbers, blocks.across, SIDE, _BASE_HALO
        wide = SIDE + 2 * _BASE_HALO
        cut = np.empty((len(planes), wide, blocks.numbers.size * wide), np.uint8)
        active_loops.plane_patches(planes, *where, cut)
        seen = self._prior.feature_channels.beside(cut)
        # The second convolution sees zeros around the grid, not what the first makes of zeros.
        found = self._prior.base(
            seen, lambda x: active_loops.clear_outside(x, rows, columns, *where)
        )
        active_loops.put_back(found, *where, self._known)

    def predict(
        self, group: int, blocks: Blocks | None
    ) -> tuple[NDArray[np.int16], NDArray[np.int16]]:
        """See `LevelContext.predict`."""
        assert blocks is not None
        return predict_blocks(self._prior, self._known, self._sums, group, blocks)

    def add(self, group: int, grid: NDArray[np.int32], blocks: Blocks | None) -> None:
        """See `LevelContext.add`."""
        assert blocks is not None
        add_blocks(
            self._prior, self._known, self._sums, self._signs, self._sizes, group, grid, blocks
        )

    def planes(self) -> CodePlanes:
        """See `LevelContext.planes`."""
        return CodePlanes(self._signs[:, 0], self._signs[:, 1], self._sizes)


def _cut(flat: Bytes) -> Bytes:
    """``(blocks * SIDE, SIDE)`` to ``(blocks, SIDE, SIDE)``."""
    return flat.reshape(-1, SIDE, SIDE)
