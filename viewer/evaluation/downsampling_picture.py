"""The three samplers on one picture, side by side: where samples lie, and what comes back."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from viewer.files import write_bytes
from viewer.sampling import samplers
from viewer.sampling.deformation import restored_classes
from viewer.sampling.grid import Grid
from viewer.sampling.pyramid import build_pyramid, sample
from viewer.sampling.restoring import locate, restore
from viewer.sampling.trained import Trained

_TITLES = {"uniform": "uniform", "edge": "edge (Marin)", "learned": "learned (Jin)"}
_ROWS = ("samples", "as the network sees it", "put back", "segmented")
_COLOURS = ("#2b7bba", "#e8a33d", "#d1495b", "#66a182")


def write_picture(
    picture: NDArray[np.uint8],
    truth: NDArray[np.uint8] | None,
    models: dict[str, Trained],
    size: int,
    path: Path,
) -> None:
    """Write a PNG with a column for each sampler.

    Parameters
    ----------
    picture : ndarray of uint8, shape (rows, columns)
    truth : ndarray of uint8, optional
        Reference classes, drawn thin and white beside what was found.
    models : dict
        Networks of each sampler.
    size : int
        Samples a side.
    """
    # Figure and canvas directly: pyplot would choose a backend for the whole process.
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    height = 2.6 * picture.shape[0] / picture.shape[1]
    figure = Figure(figsize=(2.7 * len(models), 4 * height + 0.4), layout="constrained")
    FigureCanvasAgg(figure)
    panels = figure.subplots(len(_ROWS), len(models), squeeze=False)
    pyramid = build_pyramid(picture)
    for column, name in enumerate(n for n in samplers.NAMES if n in models):
        network = models[name]
        grid = network.grid(pyramid, (size, size))
        small = sample(pyramid, grid)
        located = locate(grid, pyramid.shape)
        found = restored_classes(network.segment(pyramid, small), located)
        back = restore(np.clip(np.rint(small), 0, 255).astype(np.uint8), located)
        axes = panels[:, column]
        axes[0].set_title(f"{_TITLES[name]}, {size} x {size}", fontsize=9)
        _show(axes[0], picture)
        _dots(axes[0], grid, pyramid.shape)
        _show(axes[1], small, extent=(0, picture.shape[1], picture.shape[0], 0))
        _show(axes[2], back)
        _show(axes[3], picture)
        for number in range(1, len(network.shape.classes)):
            if truth is not None:
                axes[3].contour(truth == number, [0.5], colors="white", linewidths=0.5)
            if bool((found == number).any()):
                colour = _COLOURS[number % len(_COLOURS)]
                axes[3].contour(found == number, [0.5], colors=colour, linewidths=1.0)
    for row, label in enumerate(_ROWS):
        panels[row, 0].set_ylabel(label, fontsize=9)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=80)
    with Image.open(buffer) as whole:
        few = whole.convert("RGB").quantize(96)
        out = io.BytesIO()
        few.save(out, format="PNG", optimize=True)
    write_bytes(path, out.getvalue())


def _show(axes: Any, picture: NDArray[Any], **options: Any) -> None:
    axes.imshow(picture, cmap="gray", vmin=0, vmax=255, interpolation="antialiased", **options)
    axes.set_xticks([])
    axes.set_yticks([])


def _dots(axes: Any, grid: Grid, shape: tuple[int, int]) -> None:
    places = grid.reshape(-1, 2) * [shape[1], shape[0]] - 0.5
    axes.scatter(places[:, 0], places[:, 1], s=0.6, c="red", linewidths=0)
    axes.set_xlim(-0.5, shape[1] - 0.5)
    axes.set_ylim(shape[0] - 0.5, -0.5)
