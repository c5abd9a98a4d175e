"""Figures of a coding apart for each class of a segmentation: the lungs, a nodule, the rest."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from viewer.errors import MeasureError
from viewer.images.pixel_format import PixelFormat
from viewer.images.radiograph import StoredPixels
from viewer.metrics.similarity import ssim_map
from viewer.progress import NEVER, CancelToken


def segmented_figures(
    original: StoredPixels,
    reconstruction: StoredPixels,
    pixel_format: PixelFormat,
    segmentation: NDArray[np.integer[Any]],
    classes: tuple[str, ...],
    *,
    cancel: CancelToken = NEVER,
) -> list[dict[str, Any]]:
    """Return a row for each class that occurs.

    Parameters
    ----------
    original, reconstruction : ndarray
        Stored values.
    segmentation : ndarray of integers, shape (rows, columns)
        The class of each pixel.
    classes : tuple of str
        Their names.

    Returns
    -------
    list of dict
        ``class, share`` (of the pixels), ``psnr_db`` (None where identical), ``ssim`` (mean of the
        windows around the class's pixels; None where the picture is smaller than a window) and
        ``max_error``.

    Raises
    ------
    MeasureError
        When the shapes differ.
    Cancelled
    """
    if original.shape != reconstruction.shape or original.shape[:2] != segmentation.shape:
        raise MeasureError("Pictures and segmentation differ in size.")
    error = original.astype(np.int64) - reconstruction
    similarity: NDArray[Any] | None = None
    if min(segmentation.shape) >= 11:
        similarity = ssim_map(original, reconstruction, pixel_format, cancel=cancel)
    rows = []
    for number, name in enumerate(classes):
        cancel.check()
        inside = segmentation == number
        if not bool(inside.any()):
            continue
        part = error[inside]
        squared = float(np.square(part, dtype=np.float64).mean())
        psnr = 10 * math.log10(pixel_format.peak**2 / squared) if squared else None
        rows.append(
            {
                "class": name,
                "share": float(inside.mean()),
                "psnr_db": psnr,
                "ssim": None if similarity is None else float(similarity[inside].mean()),
                "max_error": int(np.abs(part).max()),
            }
        )
    return rows
