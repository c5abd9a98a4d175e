"""Where two pictures differ: PSNR of each neighbourhood, SSIM as a plane, the worst blocks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from viewer.errors import MeasureError
from viewer.images.pixel_format import PixelFormat
from viewer.images.radiograph import StoredPixels
from viewer.metrics.errors import check_pair, difference, psnr_of
from viewer.metrics.similarity import TAPS, ssim_map
from viewer.progress import NEVER, CancelToken, Progress, silent

Plane = NDArray[np.float32]

WINDOW = 9
"""Side in pixels of the neighbourhood of the local PSNR, centred on its pixel."""
BLOCK = 8
"""Side of the blocks that are ranked: the transform blocks of JPEG lie on the same grid."""
_STRIP_ROWS = 512


@dataclass(frozen=True, slots=True)
class Block:
    """One block of the picture and how far it is off.

    Parameters
    ----------
    x, y, width, height : int
        In stored pixel coordinates; 8 x 8 but in smaller pictures.
    mean_squared_error : float
        In squared grey levels, over its samples that are no padding.
    max_error : int
        Largest absolute error, in grey levels.
    psnr_db : float
        With the peak 2^BitsStored - 1.
    """

    x: int
    y: int
    width: int
    height: int
    mean_squared_error: float
    max_error: int
    psnr_db: float


def local_psnr(
    original: StoredPixels,
    reconstruction: StoredPixels,
    pixel_format: PixelFormat,
    *,
    progress: Progress = silent,
    cancel: CancelToken = NEVER,
) -> Plane:
    """PSNR of the 9 x 9 pixels around each pixel.

    Parameters
    ----------
    original, reconstruction : ndarray, shape (rows, columns) or (rows, columns, 3)
        Stored values.
    pixel_format : PixelFormat
        Gives the peak, 2^BitsStored - 1.

    Returns
    -------
    ndarray of float32, shape (rows, columns)
        In dB, of all samples of a neighbourhood together; infinite where it is equal. At the
        edges the picture is mirrored.

    Raises
    ------
    MeasureError
        When the two are not pictures of the same shape.
    Cancelled
    """
    import cv2

    check_pair(original, reconstruction)
    rows, columns = original.shape[:2]
    result = np.empty((rows, columns), np.float32)
    half = WINDOW // 2
    peak = 20 * np.log10(np.float64(pixel_format.peak))
    for top in range(0, rows, _STRIP_ROWS):
        cancel.check()
        progress(top / rows, "local PSNR")
        bottom = min(top + _STRIP_ROWS, rows)
        first, last = max(0, top - half), min(rows, bottom + half)
        delta = difference(original[first:last], reconstruction[first:last]).astype(np.float64)
        square = delta * delta
        if square.ndim == 3:
            square = square.mean(axis=2)
        mean = cv2.blur(square, (WINDOW, WINDOW), borderType=cv2.BORDER_REFLECT)
        # The filter keeps running sums, which leave a little behind over equal pixels; a real
        # error of one grey level in one sample is 1 / 243 or more.
        mean = np.where(mean < 2e-3, 0, mean)[top - first : bottom - first]
        with np.errstate(divide="ignore"):
            result[top:bottom] = peak - 10 * np.log10(mean)
    return result


def dissimilarity(
    original: StoredPixels,
    reconstruction: StoredPixels,
    pixel_format: PixelFormat,
    *,
    cancel: CancelToken = NEVER,
) -> Plane:
    """1 - SSIM of the window around each pixel, mean over the channels.

    Returns
    -------
    ndarray of float32, shape (rows, columns)
        0..2; 0 where the two are equal.

    Raises
    ------
    MeasureError
        When the two cannot be compared, or are smaller than one window of 11 pixels.
    Cancelled
    """
    if min(original.shape[:2]) < TAPS:
        raise MeasureError(f"SSIM needs {TAPS} pixels a side; this picture has fewer.")
    similar = ssim_map(original, reconstruction, pixel_format, cancel=cancel)
    if similar.ndim == 3:
        similar = similar.mean(axis=2)
    return np.clip(1 - similar, 0, 2).astype(np.float32, copy=False)


def worst_blocks(
    original: StoredPixels,
    reconstruction: StoredPixels,
    pixel_format: PixelFormat,
    *,
    count: int = 50,
    padding: tuple[int, int] | None = None,
    progress: Progress = silent,
    cancel: CancelToken = NEVER,
) -> list[Block]:
    """Return the 8 x 8 blocks with the largest mean squared error, the worst first.

    Blocks lie on a grid of 8 pixels from the upper left corner; where the size is no multiple of
    8 the last ones lie at the edge and overlap those before.

    Parameters
    ----------
    original, reconstruction : ndarray, shape (rows, columns) or (rows, columns, 3)
    pixel_format : PixelFormat
    count : int
        At most so many; blocks without any error are not among them.
    padding : (lowest, highest), optional
        Stored values of the original that are no image and do not count.

    Raises
    ------
    MeasureError
        When the two are not pictures of the same shape.
    Cancelled
    """
    check_pair(original, reconstruction)
    rows, columns = original.shape[:2]
    means: list[NDArray[np.float64]] = []
    peaks: list[NDArray[np.int64]] = []
    for top, bottom in _strips(rows):
        cancel.check()
        progress(top / rows, "blocks")
        strip = slice(top, bottom)
        delta = np.abs(difference(original[strip], reconstruction[strip]).astype(np.int64))
        counted = np.ones(delta.shape, np.float64)
        if padding is not None and original.ndim == 2:
            kept = (original[strip] < padding[0]) | (original[strip] > padding[1])
            delta, counted = delta * kept, counted * kept
        squares = (delta * delta).astype(np.float64)
        if delta.ndim == 3:
            squares, counted, delta = squares.sum(2), counted.sum(2), delta.max(2)
        total, number = _by_blocks(np.add, squares), _by_blocks(np.add, counted)
        means.append(total / np.maximum(number, 1))
        peaks.append(_by_blocks(np.maximum, delta))
    mean, peak = np.concatenate(means), np.concatenate(peaks)
    flat = mean.ravel()
    most = min(count, int(np.count_nonzero(flat)))
    # Equal ones in the order of reading, so that the list is the same every time.
    ordered = np.argsort(-flat, kind="stable")[:most].tolist()
    blocks = []
    for each in ordered:
        row, column = divmod(each, mean.shape[1])
        blocks.append(
            Block(
                max(min(column * BLOCK, columns - BLOCK), 0),
                max(min(row * BLOCK, rows - BLOCK), 0),
                min(BLOCK, columns),
                min(BLOCK, rows),
                float(flat[each]),
                int(peak[row, column]),
                psnr_of(float(flat[each]), pixel_format.peak),
            )
        )
    return blocks


def _strips(rows: int) -> Iterator[tuple[int, int]]:
    """Yield the first and last row of strips of whole blocks, then of the blocks at the edge."""
    whole = rows // BLOCK * BLOCK
    for top in range(0, whole, _STRIP_ROWS):
        yield top, min(top + _STRIP_ROWS, whole)
    if whole < rows:
        yield max(rows - BLOCK, 0), rows


def _by_blocks(how: np.ufunc, plane: NDArray[Any]) -> NDArray[Any]:
    """Reduce each block of a strip to one value; the last column of blocks lies at the edge."""
    down = how.reduceat(plane, np.arange(0, len(plane), BLOCK), axis=0)
    columns = plane.shape[1]
    whole = columns // BLOCK * BLOCK
    parts = []
    if whole:
        parts.append(how.reduceat(down[:, :whole], np.arange(0, whole, BLOCK), axis=1))
    if whole < columns:
        parts.append(how.reduce(down[:, max(columns - BLOCK, 0) :], axis=1, keepdims=True))
    return np.concatenate(parts, axis=1)
