"""What is known of a level while its groups are coded, rows side by side."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from viewer.codecs.vqvae2.features import PART, Bytes, CodePlanes, busyness, signs
from viewer.codecs.vqvae2.parallel import in_parts
from viewer.networks.vqvae2_inference import BANDS, CODES_AT, PriorInference
from viewer.networks.vqvae2_prior import BAND_OF, BUSY_BANDS, GROUPS


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
    base : ndarray, shape (h, w, len(prior.base_channels))
        What `PriorInference.base` gave.
    """

    def __init__(self, prior: PriorInference, base: Bytes) -> None:
        self._prior = prior
        self._base = base
        rows, columns, self._first = base.shape
        shape = rows, columns, self._first + len(prior.context_channels)
        self._all = np.zeros(shape, np.uint8)
        self._all[:, :, : self._first] = base
        self._sums = np.zeros((BANDS, rows, columns), np.uint16)
        self._parts: list[CodePlanes] = []
        self._known = 0

    def predict(self, group: int) -> tuple[NDArray[np.int16], NDArray[np.int16]]:
        """Scale indices and means of the codes of a group; see `PriorInference.group`."""
        if not group:
            return self._first_group()
        rows, columns = self._all.shape[:2]
        sums = self._sums[list(BUSY_BANDS[group])]
        scale, mean = np.empty((2, len(GROUPS[group]), rows, columns), np.int16)

        def part(top: int, end: int) -> None:
            first, last = max(top - 1, 0), min(end + 1, rows)
            busy = busyness(sums, first, last)
            # Neighbouring parts write the same into the row that both see.
            self._prior.context_channels.put(self._context[first:last], 0, busy)
            found = self._prior.group(group, self._all[first:last])
            kept = slice(top - first, end - first)
            scale[:, top:end], mean[:, top:end] = found[0][:, kept], found[1][:, kept]

        in_parts(rows, part, PART)
        return scale, mean

    def _first_group(self) -> tuple[NDArray[np.int16], NDArray[np.int16]]:
        rows, columns = self._all.shape[:2]
        scale, mean = np.empty((2, len(GROUPS[0]), rows, columns), np.int16)

        def part(top: int, end: int) -> None:
            scale[:, top:end], mean[:, top:end] = self._prior.group(0, self._base[top:end])

        in_parts(rows, part, PART)
        return scale, mean

    @property
    def _context(self) -> Bytes:
        return self._all[:, :, self._first :]

    def add(self, group: int, grid: NDArray[np.int32]) -> None:
        """Take in the codes of a group from the level's grid, ``(12, h, w)``."""
        numbers = GROUPS[group]
        both = np.empty((len(numbers), 2, *grid.shape[1:]), np.uint8)
        sizes = np.empty((len(numbers), *grid.shape[1:]), np.uint8)
        last = group + 1 == len(GROUPS)
        channels = self._prior.context_channels
        first = CODES_AT + 2 * self._known

        def part(top: int, end: int) -> None:
            for k, number in enumerate(numbers):
                signs(grid[number, top:end], both[k, :, top:end], sizes[k, top:end])
            if not last:
                planes = both.reshape(-1, *grid.shape[1:])[:, top:end]
                channels.put(self._context[top:end], first, planes)

        in_parts(grid.shape[1], part, PART)
        self._parts.append(CodePlanes(both[:, 0], both[:, 1], sizes))
        for number, size in zip(numbers, sizes, strict=True):
            self._sums[BAND_OF[number]] += size
        self._known += len(numbers)

    def planes(self) -> CodePlanes:
        """All twelve channels of the level, once all groups are known."""
        return CodePlanes.joined(self._parts, [c for group in GROUPS for c in group])
