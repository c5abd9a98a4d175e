"""Pictures for training `vqvae2`: crops at several scales, with other grey scales and noise."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from viewer.codecs.vqvae2 import edges
from viewer.codecs.vqvae2.steps import FRACTION_BITS
from viewer.errors import ImageError, TrainingError
from viewer.images.opening import read_frame, read_header
from viewer.networks.vqvae2_wavelet import analyse
from viewer.progress import NEVER, CancelToken, Progress, silent
from viewer.training.pictures import is_mask

GREY_LEVELS = 255.0
"""Pictures are scaled to 0 .. 255 whatever their bit depth."""
STEP_RANGE = (0.8, 80.0)
"""Quantiser steps drawn, in those grey levels: from visually lossless to coarse."""
MIN_SIDE = 256

Picture = NDArray[np.float32]


def read_pictures(
    folder: Path, *, progress: Progress = silent, cancel: CancelToken = NEVER
) -> tuple[list[Picture], int]:
    """Read every grey image of a folder, without the gains of its edges.

    Returns
    -------
    tuple
        The pictures, and how many files were passed over.

    Raises
    ------
    TrainingError
        When the folder cannot be read or holds no image of at least 256 x 256, masks aside.
    """
    try:
        paths = sorted(p for p in folder.iterdir() if p.is_file())
    except OSError as error:
        raise TrainingError(f"The folder {folder} cannot be read.") from error
    pictures: list[Picture] = []
    skipped = 0
    for number, path in enumerate(paths):
        cancel.check()
        progress(number / len(paths), f"reading {number + 1}/{len(paths)}")
        try:
            radiograph = read_frame(read_header(path))
        except ImageError:
            skipped += 1
            continue
        pixels = radiograph.pixels
        if pixels.ndim != 2 or min(pixels.shape) < MIN_SIDE or is_mask(pixels):
            skipped += 1
            continue
        pictures.append(prepare(pixels, radiograph.peak))
    if not pictures:
        raise TrainingError(f"The folder {folder} holds no grey image of at least 256 x 256.")
    return pictures, skipped


def prepare(pixels: NDArray[np.integer], peak: int) -> Picture:  # type: ignore[type-arg]
    """Stored values to 0 .. 255 with the gains of the edges taken off."""
    values = torch.from_numpy(pixels.astype(np.float64)).mul_(1 << FRACTION_BITS)
    edges.remove(values, edges.measure(pixels), *pixels.shape)
    values.mul_(GREY_LEVELS / (peak * (1 << FRACTION_BITS)))
    return values.numpy().astype(np.float32)


class PictureSource:
    """Draws crops.

    Parameters
    ----------
    pictures : sequence of ndarray
        From `prepare`.
    seed : int
        Batch ``n`` is the same for the same seed and pictures.
    """

    def __init__(self, pictures: Sequence[Picture], seed: int = 0) -> None:
        self._pictures = list(pictures)
        self._seed = seed

    def fine(self, number: int, count: int, side: int = 384) -> tuple[Tensor, Tensor]:
        """Crops for all levels.

        Returns
        -------
        tuple of Tensor
            ``(count, 1, side, side)`` grey levels and ``(count, 1, 1, 1)`` steps.
        """
        rng = np.random.default_rng((self._seed, number, 0))
        crops = [self._scaled_crop(rng, side) for _ in range(count)]
        return torch.cat(crops), _steps(rng, count)

    def coarse(
        self, number: int, count: int, levels: int, side: int = 896
    ) -> tuple[Tensor, Tensor]:
        """Low bands, ``levels`` down, of nearly whole pictures: cheap examples of coarse levels."""
        rng = np.random.default_rng((self._seed, number, 1))
        low = torch.cat([self._plain_crop(rng, side) for _ in range(count)])
        for _ in range(levels):
            low, _ = analyse(low)
        return low, _steps(rng, count)

    def _picture(self, rng: np.random.Generator) -> Picture:
        return self._pictures[int(rng.integers(len(self._pictures)))]

    def _plain_crop(self, rng: np.random.Generator, side: int) -> Tensor:
        picture = self._picture(rng)
        top, left = (int(rng.integers(max(n - side, 0) + 1)) for n in picture.shape)
        return _changed(_grown(picture[top : top + side, left : left + side], side), rng, 0.0)

    def _scaled_crop(self, rng: np.random.Generator, side: int) -> Tensor:
        picture = self._picture(rng)
        kind = rng.random()
        # Twice and half the size: sharper and softer images than these.
        size = 2 * side if 0.65 <= kind < 0.85 else side // 2 if 0.85 <= kind < 0.95 else side
        size = min(size, *picture.shape)
        top, left = (_offset(rng, length - size) for length in picture.shape)
        crop = torch.from_numpy(picture[top : top + size, left : left + size].copy())[None, None]
        noise = 0.0
        if size > side:
            crop = F.interpolate(crop, (side, side), mode="area")
        elif size < side:
            crop = F.interpolate(crop, (side, side), mode="bicubic", align_corners=False)
            noise = 2 * float(rng.random())
        if rng.random() < 0.25:
            noise = 3 * float(rng.random())
        return _changed(crop, rng, noise)


def augmented(picture: Picture, rng: np.random.Generator) -> Picture:
    """Now and then half the size by dropping rows and columns, and another detector's look."""
    if rng.random() < 0.15 and min(picture.shape) >= 2 * MIN_SIDE:
        picture = picture[::2, ::2]
    noise = 3 * float(rng.random()) if rng.random() < 0.25 else 0.0
    whole = torch.from_numpy(picture.copy())[None, None]
    return np.ascontiguousarray(_changed(whole, rng, noise)[0, 0].numpy())


def _offset(rng: np.random.Generator, room: int) -> int:
    where = rng.random()
    return 0 if where < 0.15 else room if where < 0.3 else int(rng.integers(room + 1))


def _grown(crop: Picture, side: int) -> Tensor:
    missing = [(0, side - n) for n in crop.shape]
    return torch.from_numpy(np.pad(crop, missing, mode="edge"))[None, None]


def _changed(crop: Tensor, rng: np.random.Generator, noise: float) -> Tensor:
    """Another detector's look: gamma, noise, polarity, orientation."""
    if rng.random() < 0.3:
        gamma = float(np.exp(rng.uniform(-0.5, 0.5)))
        crop = GREY_LEVELS * (crop.clamp(0, GREY_LEVELS) / GREY_LEVELS) ** gamma
    if noise:
        drawn = rng.standard_normal(tuple(crop.shape), dtype=np.float32)
        crop = crop + noise * torch.from_numpy(drawn)
    if rng.random() < 0.5:
        crop = GREY_LEVELS - crop
    if rng.random() < 0.5:
        crop = crop.transpose(-1, -2)
    if rng.random() < 0.5:
        crop = crop.flip(-1)
    if rng.random() < 0.5:
        crop = crop.flip(-2)
    return crop


def _steps(rng: np.random.Generator, count: int) -> Tensor:
    low, high = np.log(STEP_RANGE)
    return torch.from_numpy(np.exp(rng.uniform(low, high, (count, 1, 1, 1))).astype(np.float32))
