"""Measure a shape on an original and its reconstruction together."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from viewer.images.pixel_format import PixelFormat
from viewer.images.radiograph import Radiograph, StoredPixels
from viewer.images.voi import modality_values
from viewer.metrics.errors import difference, psnr_of
from viewer.metrics.figures import Box, crop
from viewer.metrics.measuring import geometry
from viewer.metrics.measuring.masks import Covered, Mask, covered, whole_windows
from viewer.metrics.measuring.measured import Measured, Quantity
from viewer.metrics.measuring.profile import profile
from viewer.metrics.measuring.scale import scale_of, value_unit
from viewer.metrics.measuring.shapes import Shape
from viewer.metrics.measuring.statistics import Statistics, histogram, statistics
from viewer.metrics.similarity import TAPS, ssim_map
from viewer.progress import NEVER, CancelToken

Values = NDArray[np.float64]


def measure(
    shape: Shape,
    original: Radiograph,
    reconstruction: Radiograph | None = None,
    *,
    similarity: bool = True,
    cancel: CancelToken = NEVER,
) -> Measured:
    """Measure a shape; values are in modality units, errors in stored grey levels.

    Parameters
    ----------
    shape : Shape
        In stored pixel coordinates; what lies outside the image is not measured.
    original, reconstruction : Radiograph
        Of the same frame. Colour counts all samples of a pixel.
    similarity : bool
        Whether SSIM is wanted: it takes far longer than all else.

    Returns
    -------
    Measured
        PSNR has the peak 2^BitsStored - 1 over the pixels inside. SSIM is the mean over the
        windows of 11 x 11 that lie wholly inside, for a rectangle that of the cropped pictures;
        missing where none does. Padding is left out of statistics and PSNR, and is alike in both
        for SSIM.

    Raises
    ------
    Cancelled
    """
    header = original.header
    scale = scale_of(header)
    compared = reconstruction is not None
    points = shape.points
    columns, rows = header.columns, header.rows
    found: list[Quantity] = []
    curve = bars = None
    if shape.kind in ("length", "profile"):
        found.append(
            _plain("length", "Length", scale.unit, geometry.length(points[0], points[1], scale))
        )
    elif shape.kind == "angle":
        found.append(
            _plain("angle", "Angle", "°", geometry.angle(points[0], points[1], points[2], scale))
        )
    elif shape.kind == "cobb":
        found.append(_plain("angle", "Cobb angle", "°", geometry.cobb_angle(shape, scale)))
    if shape.kind == "probe":
        found.extend(_value(shape, original, reconstruction))
    elif shape.kind == "profile":
        both = None if reconstruction is None else reconstruction.pixels
        curve = profile(points[0], points[1], scale, header, original.pixels, both)
        again = None if curve.reconstruction is None else statistics(curve.reconstruction)
        found.extend(_statistics(statistics(curve.original), again, value_unit(header)))
    elif shape.is_region:
        region = covered(shape, columns, rows)
        square = f"{scale.unit}²"
        found.append(_plain("area", "Area", square, geometry.area(shape, scale)))
        outline = geometry.perimeter(shape, scale)
        found.append(_plain("perimeter", "Perimeter", scale.unit, outline))
        if region is not None:
            inside = _inside(region, original)
            found.append(_plain("pixels", "Pixels", "", float(np.count_nonzero(inside))))
            if inside.any():
                first = _values(original, region.box, inside)
                second = None
                if reconstruction is not None:
                    second = _values(reconstruction, region.box, inside)
                found.extend(
                    _statistics(
                        statistics(first),
                        None if second is None else statistics(second),
                        value_unit(header),
                    )
                )
                bars = histogram(first, second)
                if reconstruction is not None:
                    cancel.check()
                    found.extend(
                        _fidelity(original, reconstruction, region, inside, similarity, cancel)
                    )
    return Measured(shape, scale, tuple(found), compared, bars, curve)


def _plain(key: str, title: str, unit: str, value: float) -> Quantity:
    """A figure of the shape itself: the same in both pictures."""
    return Quantity(key, title, unit, value, value, None)


def _value(shape: Shape, original: Radiograph, reconstruction: Radiograph | None) -> list[Quantity]:
    header = original.header
    x = min(max(int(shape.points[0][0]), 0), header.columns - 1)
    y = min(max(int(shape.points[0][1]), 0), header.rows - 1)

    def at(radiograph: Radiograph) -> float:
        values = modality_values(header.grey, np.atleast_1d(radiograph.pixels[y, x]))
        return float(values.mean())

    first = at(original)
    second = None if reconstruction is None else at(reconstruction)
    away = None if second is None else second - first
    return [
        Quantity("value", "Value", value_unit(header), first, second, away),
        _plain("x", "Column", "", float(x)),
        _plain("y", "Row", "", float(y)),
    ]


def _statistics(first: Statistics, second: Statistics | None, unit: str) -> list[Quantity]:
    rows = []
    for key, title, its_unit in (
        ("mean", "Mean", unit),
        ("sd", "SD", unit),
        ("minimum", "Minimum", unit),
        ("maximum", "Maximum", unit),
        ("snr", "SNR", ""),
    ):
        a = getattr(first, key)
        b = None if second is None else getattr(second, key)
        away = None if a is None or b is None else b - a
        rows.append(Quantity(key, title, its_unit, a, b, away))
    return rows


def _inside(region: Covered, original: Radiograph) -> Mask:
    """The pixels of a region without padding."""
    padding = original.header.grey.padding
    if padding is None or original.pixels.ndim != 2:
        return region.mask
    part = crop(original.pixels, region.box)
    return region.mask & ((part < padding[0]) | (part > padding[1]))


def _values(radiograph: Radiograph, box: Box, inside: Mask) -> Values:
    stored = crop(radiograph.pixels, box)[inside]
    return modality_values(radiograph.header.grey, stored).reshape(-1)


def _fidelity(
    original: Radiograph,
    reconstruction: Radiograph,
    region: Covered,
    inside: Mask,
    similarity: bool,
    cancel: CancelToken,
) -> list[Quantity]:
    header = original.header
    first, second = crop(original.pixels, region.box), crop(reconstruction.pixels, region.box)
    errors = difference(np.ascontiguousarray(first), np.ascontiguousarray(second))[inside]
    mse = float(np.mean(np.square(errors, dtype=np.float64)))
    rows = [
        Quantity("psnr", "PSNR", "dB", difference=psnr_of(mse, original.peak)),
        Quantity("max_error", "Max error", "grey levels", difference=float(np.abs(errors).max())),
    ]
    if similarity:
        pixel_format = PixelFormat(header.bits_stored, header.signed)
        found = _similarity(first, second, region.mask, inside, pixel_format, cancel)
        rows.insert(1, Quantity("ssim", "SSIM", "", difference=found))
    return rows


def _similarity(
    first: StoredPixels,
    second: StoredPixels,
    mask: Mask,
    inside: Mask,
    pixel_format: PixelFormat,
    cancel: CancelToken,
) -> float | None:
    centres = whole_windows(mask, TAPS)
    if not centres.any():
        return None
    if not np.array_equal(mask, inside):
        padding = mask & ~inside
        second = np.where(padding, first, second).astype(second.dtype)
    values = ssim_map(
        np.ascontiguousarray(first), np.ascontiguousarray(second), pixel_format, cancel=cancel
    )
    return float(values[centres].mean(dtype=np.float64))
