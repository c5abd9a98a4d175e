"""Crops of radiographs for training: many at the border, some with another grey scale."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.integer[Any]]


@dataclass(frozen=True)
class CropPlan:
    """How crops are drawn.

    Attributes
    ----------
    side
        Side of a crop in pixels, a multiple of 8.
    border_share
        Share of the crops that touch the image border.
    changed_share
        Share of the crops whose grey scale, polarity or noise is changed.
    """

    side: int = 160
    border_share: float = 0.3
    changed_share: float = 0.15


class CropSource:
    """Draws batches of crops from pictures held in memory.

    Parameters
    ----------
    pictures
        Stored pixels, each at least 8 x 8 (smaller than a crop is continued by its edge pixels).
    plan
        How crops are drawn.
    seed
        Batch number ``n`` is the same for the same seed and pictures, whatever was drawn before.
    """

    def __init__(
        self, pictures: Sequence[Picture], plan: CropPlan | None = None, seed: int = 0
    ) -> None:
        if not pictures:
            raise ValueError("there are no pictures to draw crops from")
        self._pictures = list(pictures)
        self._ranges = [(float(p.min()), float(p.max())) for p in self._pictures]
        self.plan = plan or CropPlan()
        self._seed = seed

    def batch(self, number: int, size: int) -> NDArray[np.float32]:
        """Return batch ``number``: crops in 0 .. 1, shape (size, 1, side, side)."""
        rng = np.random.default_rng((self._seed, number))
        side = self.plan.side
        crops = np.empty((size, 1, side, side), np.float32)
        for k in range(size):
            crops[k, 0] = self._crop(rng)
        return crops

    def _crop(self, rng: np.random.Generator) -> NDArray[np.float32]:
        index = int(rng.integers(len(self._pictures)))
        picture, (low, high) = self._pictures[index], self._ranges[index]
        side = self.plan.side
        top, left = (self._offset(rng, length) for length in picture.shape)
        if rng.random() < self.plan.border_share:
            edge = int(rng.integers(4))
            if edge < 2:
                top = (0, max(0, picture.shape[0] - side))[edge]
            else:
                left = (0, max(0, picture.shape[1] - side))[edge - 2]
        crop = picture[top : top + side, left : left + side].astype(np.float32)
        missing = [(0, side - length) for length in crop.shape]
        if any(after for _, after in missing):
            crop = np.pad(crop, missing, mode="edge")
        crop = (crop - low) / max(high - low, 1.0)
        if rng.random() < 0.5:
            crop = crop[:, ::-1]
        if rng.random() < 0.5:
            crop = crop[::-1]
        if rng.random() < 0.5:
            crop = crop.T
        if rng.random() < self.plan.changed_share:
            crop = _changed(crop, rng)
        return np.ascontiguousarray(crop, np.float32)

    def _offset(self, rng: np.random.Generator, length: int) -> int:
        return int(rng.integers(max(1, length - self.plan.side + 1)))


def _changed(crop: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    """Another detector's look: polarity, gamma, contrast and a little noise."""
    if rng.random() < 0.5:
        crop = 1.0 - crop
    crop = np.clip(crop, 0.0, 1.0) ** np.float32(2.0 ** rng.uniform(-0.8, 0.8))
    gain = rng.uniform(0.4, 1.0)
    crop = crop * gain + rng.uniform(0.0, 1.0 - gain)
    if rng.random() < 0.5:
        noise = rng.standard_normal(crop.shape, dtype=np.float32) * rng.uniform(0.0, 0.006)
        crop = crop + noise
    return np.clip(crop, 0.0, 1.0).astype(np.float32)
