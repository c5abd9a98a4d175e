"""What a sampler does to an open radiograph: all that a window shows of it, without a window."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from viewer.images.display import render
from viewer.images.radiograph import Radiograph, Spacing
from viewer.progress import NEVER, CancelToken, Progress, silent
from viewer.sampling import samplers, trained
from viewer.sampling.grid import Grid, Size, check_size
from viewer.sampling.pyramid import build_pyramid, sample
from viewer.sampling.restoring import Located, locate, magnification, restore

_TOGETHER = 4
"""Classes that are restored at a time."""


@dataclass(frozen=True, eq=False)
class Deformation:
    """A radiograph sampled on a grid and brought back.

    Attributes
    ----------
    sampler : str
    size : (rows, columns)
        Of the grid.
    grid : ndarray, shape (rows, columns, 2)
        Positions x, y of the samples in shares of the picture's width and height; a sample lies at
        ``x * columns - 0.5`` in pixels whose centres are whole numbers.
    density : ndarray, 2-D
        Share of the samples that each part of the picture gets, over the whole picture; sums to 1.
    sampled : ndarray, shape (rows, columns) or (rows, columns, 3)
        The small picture, in stored values and their type.
    restored : ndarray
        The picture put back to full size, in stored values and their type.
    difference : ndarray of int32
        ``restored - original``.
    magnification : ndarray of float32, shape of the picture
        Samples there for each sample of the uniform grid: 4 is twice as many each way.
    segmentation : ndarray of uint8, shape of the picture, or None
        Class of each pixel, from the small picture as the network saw it; None without weights.
    classes : tuple of str
        Their names; empty without a segmentation.
    model : str
        Name and short hash of the weights, "" without.
    """

    sampler: str
    size: Size
    grid: Grid
    density: NDArray[np.float64]
    sampled: NDArray[Any]
    restored: NDArray[Any]
    difference: NDArray[np.int32]
    magnification: NDArray[np.float32]
    segmentation: NDArray[np.uint8] | None
    classes: tuple[str, ...]
    model: str

    def positions(self) -> NDArray[np.float64]:
        """Return the samples in pixels, shape (rows, columns, 2) as x, y; centres are whole."""
        rows, columns = self.restored.shape[:2]
        return self.grid * np.array([columns, rows], np.float64) - 0.5

    def area(self, number: int, spacing: Spacing | None) -> tuple[float, str]:
        """Return the area of a class: square centimetres, without spacing pixels."""
        pixels = 0 if self.segmentation is None else int((self.segmentation == number).sum())
        if spacing is None:
            return float(pixels), "px"
        return pixels * spacing.row * spacing.column / 100.0, "cm²"

    def samples_per_area(self, x: int, y: int, spacing: Spacing | None) -> tuple[float, str]:
        """Return samples per square centimetre at a pixel; per 100 x 100 px without spacing."""
        rows, columns = self.restored.shape[:2]
        cells = (self.size[0] - 1) * (self.size[1] - 1)
        per_pixel = float(self.magnification[y, x]) * cells / (rows * columns)
        if spacing is None:
            return per_pixel * 1e4, "per 100 x 100 px"
        return per_pixel * 100.0 / (spacing.row * spacing.column), "per cm²"


def deform(
    radiograph: Radiograph,
    sampler: str,
    size: Size,
    *,
    segmented: bool = True,
    progress: Progress = silent,
    cancel: CancelToken = NEVER,
) -> Deformation:
    """Sample a radiograph and bring it back.

    Parameters
    ----------
    radiograph : Radiograph
    sampler : {"uniform", "edge", "learned"}
    size : (rows, columns)
        Samples a side, 2 .. 4096, of any proportion.
    segmented : bool
        Whether to segment as well.

    Returns
    -------
    Deformation
        Networks see the picture as first shown, in 8 bits; what is sampled are stored values.

    Raises
    ------
    SamplingError, ModelError
    Cancelled
    """
    check_size(size)
    chosen = samplers.get(sampler)
    progress(0.0, "looking at the picture")
    shown = build_pyramid(render(radiograph))
    cancel.check()
    grid = chosen.grid(shown, size)
    density = chosen.density(shown, size)
    progress(0.2, "sampling")
    pixels = radiograph.pixels
    limits = np.iinfo(pixels.dtype)
    small = np.clip(np.rint(sample(pixels, grid)), limits.min, limits.max).astype(pixels.dtype)
    cancel.check()

    def restoring(fraction: float, text: str) -> None:
        progress(0.25 + 0.4 * fraction, text)

    located = locate(grid, (pixels.shape[0], pixels.shape[1]), progress=restoring, cancel=cancel)
    restored = restore(small, located, cancel=cancel)
    progress(0.8, "segmenting")
    segmentation, network = None, None
    if segmented:
        network = trained.shipped(sampler, max(size))
        shares = network.segment(shown, sample(shown, grid))
        segmentation = restored_classes(shares, located, cancel=cancel)
    progress(1.0, "done")
    return Deformation(
        sampler,
        size,
        grid,
        density,
        small,
        restored,
        restored.astype(np.int32) - pixels.astype(np.int32),
        magnification(located),
        segmentation,
        network.shape.classes if network else (),
        network.name if network else "",
    )


def segment(
    radiograph: Radiograph,
    sampler: str = "learned",
    side: int = 128,
    *,
    cancel: CancelToken = NEVER,
) -> tuple[NDArray[np.uint8], tuple[str, ...]]:
    """Return the class of each pixel and the classes' names, from the shipped networks.

    Raises
    ------
    ModelError, SamplingError
    Cancelled
    """
    network = trained.shipped(sampler, side)
    shown = build_pyramid(render(radiograph))
    grid = network.grid(shown, (side, side))
    cancel.check()
    shares = network.segment(shown, sample(shown, grid))
    located = locate(grid, shown.shape, cancel=cancel)
    return restored_classes(shares, located, cancel=cancel), network.shape.classes


def restored_classes(
    shares: NDArray[np.float32], located: Located, *, cancel: CancelToken = NEVER
) -> NDArray[np.uint8]:
    """Return the class with the largest restored share at each pixel of the full picture.

    Of equal ones, the first.
    """
    found = np.zeros(located.shape, np.uint8)
    best = np.full(located.shape, -1.0, np.float32)
    for start in range(0, shares.shape[2], _TOGETHER):
        part = restore(shares[..., start : start + _TOGETHER], located, cancel=cancel)
        number = part.argmax(axis=2)
        share = np.take_along_axis(part, number[..., None], axis=2)[..., 0]
        larger = share > best
        found[larger] = number[larger] + start
        best[larger] = share[larger]
    return found
