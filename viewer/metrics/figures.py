"""The figures the product shows of a reconstruction, whole or in a rectangle."""

from __future__ import annotations

import math
from dataclasses import dataclass

from viewer.errors import MeasureError
from viewer.images.pixel_format import PixelFormat
from viewer.images.radiograph import StoredPixels
from viewer.metrics.errors import check_pair, maximum_error, mean_squared_error, psnr_of
from viewer.metrics.similarity import ssim_and_ms_ssim
from viewer.progress import NEVER, CancelToken

Box = tuple[int, int, int, int]
"""x, y, width, height in stored pixel coordinates."""


@dataclass(frozen=True, slots=True)
class Figures:
    """How far a reconstruction is from its original.

    Parameters
    ----------
    psnr_db : float
        With the peak 2^BitsStored - 1; infinite when the two are identical.
    ssim : float or None
        None where the smaller side is below 11 pixels, one window.
    ms_ssim : float or None
        None where the smaller side is below 176 pixels, 11 at the fifth scale.
    max_error : int
        Largest absolute difference of a sample, in grey levels.
    mean_squared_error : float
        In squared grey levels.
    """

    psnr_db: float
    ssim: float | None
    ms_ssim: float | None
    max_error: int
    mean_squared_error: float

    @property
    def identical(self) -> bool:
        """Whether nothing at all was lost."""
        return self.max_error == 0

    def as_row(self) -> dict[str, float | int | None]:
        """Return `psnr_db` (None when infinite), `ssim`, `ms_ssim`, `max_error` for JSON."""
        return {
            "psnr_db": self.psnr_db if math.isfinite(self.psnr_db) else None,
            "ssim": self.ssim,
            "ms_ssim": self.ms_ssim,
            "max_error": self.max_error,
        }


def compare(
    original: StoredPixels,
    reconstruction: StoredPixels,
    pixel_format: PixelFormat,
    *,
    box: Box | None = None,
    cancel: CancelToken = NEVER,
) -> Figures:
    """Measure a reconstruction against its original, stored values against stored values.

    Parameters
    ----------
    original, reconstruction : ndarray, shape (rows, columns) or (rows, columns, 3)
        Stored values, never windowed. Errors are over all samples, similarities the mean over
        the channels.
    pixel_format : PixelFormat
        Gives the peak, and the sign: signed values are shifted to 0..peak for SSIM.
    box : (x, y, width, height), optional
        The figures are those of the pixels cropped to it.

    Raises
    ------
    MeasureError
        When the two cannot be compared, or the box does not lie inside them.
    Cancelled
    """
    check_pair(original, reconstruction)
    if box is not None:
        original, reconstruction = crop(original, box), crop(reconstruction, box)
    cancel.check()
    mse = mean_squared_error(original, reconstruction)
    largest = maximum_error(original, reconstruction)
    cancel.check()
    ssim, ms_ssim = ssim_and_ms_ssim(original, reconstruction, pixel_format, cancel=cancel)
    return Figures(
        psnr_db=psnr_of(mse, pixel_format.peak),
        ssim=ssim,
        ms_ssim=ms_ssim,
        max_error=largest,
        mean_squared_error=mse,
    )


def crop(pixels: StoredPixels, box: Box) -> StoredPixels:
    """Return the part of `pixels` inside a box, without copying.

    Raises
    ------
    MeasureError
        When the box is empty or reaches beyond the picture.
    """
    x, y, width, height = box
    rows, columns = pixels.shape[:2]
    if width < 1 or height < 1 or x < 0 or y < 0 or x + width > columns or y + height > rows:
        raise MeasureError(
            f"The rectangle at ({x}, {y}) of {width} x {height} pixels does not lie inside the "
            f"picture of {columns} x {rows}."
        )
    return pixels[y : y + height, x : x + width]
