"""The figures the product shows of a reconstruction, whole or in a rectangle."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

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
    padding_share : float
        Part of the picture, 0..1, that is padding and was left out of all but `max_error`, which
        covers every sample: what is called identical is so to the last pixel.
    """

    psnr_db: float
    ssim: float | None
    ms_ssim: float | None
    max_error: int
    mean_squared_error: float
    padding_share: float = 0.0

    @property
    def identical(self) -> bool:
        """Whether nothing at all was lost."""
        return self.max_error == 0

    def as_row(self) -> dict[str, float | int | None]:
        """Return `psnr_db` (None when infinite), `ssim`, `ms_ssim`, `max_error` for JSON.

        `padding_share` is among them where there is any.
        """
        row: dict[str, float | int | None] = {
            "psnr_db": self.psnr_db if math.isfinite(self.psnr_db) else None,
            "ssim": self.ssim,
            "ms_ssim": self.ms_ssim,
            "max_error": self.max_error,
        }
        if self.padding_share:
            row["padding_share"] = self.padding_share
        return row


def compare(
    original: StoredPixels,
    reconstruction: StoredPixels,
    pixel_format: PixelFormat,
    *,
    box: Box | None = None,
    padding: tuple[int, int] | None = None,
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
    padding : (lowest, highest), optional
        Stored values of the original that are no image (PS3.3 C.7.5.1.1.2): they are left out.
        For the similarities they are made alike in both, and rows and columns at the edges that
        hold nothing else are cut off.

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
    largest = maximum_error(original, reconstruction)
    share = 0.0
    if padding is not None and original.ndim == 2:
        original, reconstruction, share = _without_padding(original, reconstruction, padding)
    mse = mean_squared_error(original, reconstruction) if original.size else 0.0
    if share:
        # Within what is left, padding is equal in both: it only thins the mean.
        left = original.size - _count(original, padding)
        mse = mse * original.size / left if left else 0.0
    cancel.check()
    ssim, ms_ssim = ssim_and_ms_ssim(original, reconstruction, pixel_format, cancel=cancel)
    return Figures(
        psnr_db=psnr_of(mse, pixel_format.peak),
        ssim=ssim,
        ms_ssim=ms_ssim,
        max_error=largest,
        mean_squared_error=mse,
        padding_share=share,
    )


def _is_padding(original: StoredPixels, padding: tuple[int, int]) -> NDArray[np.bool_]:
    return np.asarray((original >= padding[0]) & (original <= padding[1]))


def _count(original: StoredPixels, padding: tuple[int, int] | None) -> int:
    return 0 if padding is None else int(np.count_nonzero(_is_padding(original, padding)))


def _without_padding(
    original: StoredPixels, reconstruction: StoredPixels, padding: tuple[int, int]
) -> tuple[StoredPixels, StoredPixels, float]:
    """Cut off the edges that are padding alone, make the rest of it equal; return its share."""
    mask = _is_padding(original, padding)
    share = float(np.count_nonzero(mask)) / mask.size
    if share in (0.0, 1.0):
        return original, (original if share else reconstruction), share
    rows, columns = np.flatnonzero(~mask.all(axis=1)), np.flatnonzero(~mask.all(axis=0))
    kept = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
    equal = np.where(mask[kept], original[kept], reconstruction[kept])
    return np.ascontiguousarray(original[kept]), equal.astype(reconstruction.dtype), share


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
