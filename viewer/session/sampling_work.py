"""Sampling a picture in a job's thread: its grid first, the picture put back, the figures."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from viewer.progress import CancelToken, Progress, silent
from viewer.session.models import Box

if TYPE_CHECKING:
    from viewer.images.radiograph import Radiograph
    from viewer.sampling.deformation import Deformation
    from viewer.sampling.outlines import Outline

SAMPLERS = ("uniform", "edge", "learned")
SIDES = (32, 64, 96, 128, 192, 256)
"""Samples a side that are offered."""


@dataclass(frozen=True, slots=True)
class Sampling:
    """How the image is sampled.

    Parameters
    ----------
    sampler : str
        One of `SAMPLERS`.
    side : int
        Samples a side.
    """

    sampler: str = "learned"
    side: int = 64


@dataclass(frozen=True, eq=False, slots=True)
class Placed:
    """Where the samples lie: there before anything is sampled.

    Parameters
    ----------
    sampling : Sampling
    positions : ndarray, shape (side, side, 2)
        x, y in pixels of the stored image, 0 being the outer edge of the first one.
    density : ndarray, 2-D
        Samples in each part of the picture; 1 is what the uniform grid has.
    """

    sampling: Sampling
    positions: NDArray[np.float64]
    density: NDArray[np.float64]


@dataclass(frozen=True, eq=False, slots=True)
class Deformed:
    """All that is shown of one sampling.

    Parameters
    ----------
    sampling : Sampling
    deformation : Deformation
    restored : Radiograph
        The picture put back to full size.
    small : Radiograph
        The picture as the network sees it.
    outlines : tuple of Outline
        Of the classes found; empty without weights.
    """

    sampling: Sampling
    deformation: Deformation
    restored: Radiograph
    small: Radiograph
    outlines: tuple[Outline, ...]


def place_and_deform(
    radiograph: Radiograph,
    sampling: Sampling,
    *,
    progress: Progress,
    cancel: CancelToken,
    deliver: Callable[[object], None],
) -> Deformed:
    """Deliver where the samples lie, then return what they make of the picture."""
    from viewer.images.display import render
    from viewer.sampling import samplers
    from viewer.sampling.pyramid import build_pyramid

    progress(0.0, "looking at the picture")
    size = (sampling.side, sampling.side)
    chosen = samplers.get(sampling.sampler)
    shown = build_pyramid(render(radiograph))
    cancel.check()
    grid, density = chosen.grid(shown, size), chosen.density(shown, size)
    rows, columns = radiograph.pixels.shape[:2]
    positions = grid * np.array([columns, rows], np.float64)
    deliver(Placed(sampling, positions, density * density.size))
    return put_back(radiograph, sampling, progress=progress, cancel=cancel)


def put_back(
    radiograph: Radiograph,
    sampling: Sampling,
    *,
    segmented: bool = True,
    progress: Progress,
    cancel: CancelToken,
) -> Deformed:
    """Sample a picture, put it back to full size, and outline what the network finds in it."""
    from viewer.errors import ModelError
    from viewer.sampling.deformation import deform
    from viewer.sampling.outlines import outlines

    size = (sampling.side, sampling.side)
    with_classes = partial(deform, radiograph, sampling.sampler, size, progress=progress)
    try:
        result = with_classes(segmented=segmented, cancel=cancel)
    except ModelError:
        # Equal distances need no weights; without them nothing is outlined.
        if not segmented or sampling.sampler != "uniform":
            raise
        result = with_classes(segmented=False, cancel=cancel)
    found: tuple[Outline, ...] = ()
    if result.segmentation is not None:
        found = outlines(result.segmentation, result.classes)
    header = replace(radiograph.header, rows=sampling.side, columns=sampling.side)
    return Deformed(
        sampling,
        result,
        replace(radiograph.with_pixels(result.restored), overlays=()),
        replace(radiograph, header=header, pixels=result.sampled, overlays=()),
        found,
    )


def judge_all(
    radiograph: Radiograph,
    restored: Mapping[str, Radiograph],
    side: int,
    box: Box | None,
    *,
    progress: Progress,
    cancel: CancelToken,
    deliver: Callable[[object], None],
) -> None:
    """Deliver the figures of every sampler, and the pictures put back that were not there yet.

    What is delivered are pairs: the sampler's name, and a `Radiograph` or `Figures`.
    """
    from viewer.images.pixel_format import PixelFormat
    from viewer.metrics.figures import compare

    header = radiograph.header
    for number, sampler in enumerate(SAMPLERS):
        cancel.check()
        progress(number / len(SAMPLERS), sampler)
        there = restored.get(sampler)
        if there is None:
            there = put_back(
                radiograph,
                Sampling(sampler, side),
                segmented=False,
                progress=silent,
                cancel=cancel,
            ).restored
            deliver((sampler, there))
        figures = compare(
            radiograph.pixels,
            there.pixels,
            PixelFormat(header.bits_stored, header.signed),
            box=box,
            padding=header.grey.padding,
            cancel=cancel,
        )
        deliver((sampler, figures))
