"""The pictures of a report: small, as displayed, what is lossy labelled in its own pixels."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from viewer.evaluation.comparison import Comparison
from viewer.images import display
from viewer.images.radiograph import Radiograph
from viewer.images.voi import Voi
from viewer.metrics.errors import difference

Rgb = NDArray[np.uint8]

SIDE = 900
"""Pixels of the longer side at most."""
_SEEN = 99.9
_LABEL_SHARE = 24


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """One picture and what is written below it.

    Parameters
    ----------
    title, caption : str
    pixels : ndarray of uint8, shape (rows, columns, 3)
    legend : (low, high) or None
        Of a difference: what the ends of its colours stand for, in grey levels.
    """

    title: str
    caption: str
    pixels: Rgb
    legend: tuple[float, float] | None = None


def as_displayed(radiograph: Radiograph, voi: Voi | None, label: str) -> Rgb:
    """Return a picture through a window, made small by averaging, with a label in its corner."""
    picture = display.render(radiograph, voi)
    small = _resized(picture, radiograph.header.aspect)
    colour = small if small.ndim == 3 else np.repeat(small[:, :, None], 3, axis=2)
    return _labelled(np.ascontiguousarray(colour), label) if label else colour


def difference_picture(comparison: Comparison) -> tuple[Rgb, int, float]:
    """Return reconstruction minus original in colours, its gain, and what the ends stand for.

    Every pixel of the picture takes the strongest error below it: averaging would make noise
    vanish. White is no error; blue is darker than the original, red brighter.
    """
    original = comparison.radiograph
    error = difference(original.pixels, comparison.reconstruction.pixels)
    if error.ndim == 3:
        strongest = np.abs(error).argmax(axis=2)[:, :, None]
        error = np.take_along_axis(error, strongest, axis=2)[:, :, 0]
    seen = float(np.percentile(np.abs(error), _SEEN)) or float(np.abs(error).max())
    gain = 1 << max(0, math.floor(math.log2(original.peak / seen))) if seen else 1
    end = original.peak / gain
    small = _strongest(error, original.header.aspect)
    return diverging(small / end), gain, end


def diverging(values: NDArray[np.float64]) -> Rgb:
    """Return the colours of values -1..1."""
    from matplotlib import colormaps

    colours = colormaps["RdBu_r"](np.clip(values, -1, 1) / 2 + 0.5, bytes=True)
    return np.ascontiguousarray(colours[..., :3])


def _resized(picture: NDArray[np.uint8], aspect: float) -> NDArray[np.uint8]:
    import cv2

    rows, columns = picture.shape[:2]
    height, width = rows * aspect, float(columns)
    scale = min(1.0, SIDE / max(height, width))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _strongest(error: NDArray[np.int32], aspect: float) -> NDArray[np.float64]:
    import cv2

    rows, columns = error.shape
    step = max(1, math.ceil(max(rows * aspect, columns) / SIDE))
    padded = np.pad(error, ((0, -rows % step), (0, -columns % step)))
    blocks = padded.reshape(padded.shape[0] // step, step, padded.shape[1] // step, step)
    high, low = blocks.max(axis=(1, 3)), blocks.min(axis=(1, 3))
    strongest = np.where(high >= -low, high, low).astype(np.float64)
    if abs(aspect - 1) < 1e-6:
        return strongest
    size = strongest.shape[1], max(1, round(strongest.shape[0] * aspect))
    return np.asarray(cv2.resize(strongest, size, interpolation=cv2.INTER_NEAREST))


def _labelled(picture: Rgb, label: str) -> Rgb:
    """Write a label into the upper left corner: it goes wherever the picture goes."""
    from PIL import Image, ImageDraw, ImageFont

    image = Image.fromarray(picture)
    drawing = ImageDraw.Draw(image)
    font = ImageFont.load_default(max(10, max(picture.shape[:2]) // _LABEL_SHARE))
    left, top, right, bottom = drawing.textbbox((8, 6), label, font=font)
    drawing.rectangle((left - 5, top - 4, right + 5, bottom + 4), fill=(19, 21, 23))
    drawing.text((8, 6), label, font=font, fill=(255, 180, 84))
    return np.asarray(image, dtype=np.uint8)
