"""SSIM and MS-SSIM written from the papers, window by window, for the tests to compare with."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

WEIGHTS = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)


def window() -> NDArray:
    """The 11 x 11 circular-symmetric Gaussian of sigma 1.5 with unit sum."""
    offsets = np.arange(11) - 5
    square = np.exp(-(offsets[:, None] ** 2 + offsets[None, :] ** 2) / (2 * 1.5**2))
    return square / square.sum()


def terms(x: NDArray, y: NDArray, peak: float) -> tuple[float, float]:
    """Mean luminance times contrast-structure, and mean contrast-structure, of inner windows."""
    weights = window()
    first, second = sliding_window_view(x, (11, 11)), sliding_window_view(y, (11, 11))
    mean_x = np.einsum("ijkl,kl->ij", first, weights)
    mean_y = np.einsum("ijkl,kl->ij", second, weights)
    off_x = first - mean_x[..., None, None]
    off_y = second - mean_y[..., None, None]
    var_x = np.einsum("ijkl,ijkl,kl->ij", off_x, off_x, weights)
    var_y = np.einsum("ijkl,ijkl,kl->ij", off_y, off_y, weights)
    cov = np.einsum("ijkl,ijkl,kl->ij", off_x, off_y, weights)
    c1, c2 = (0.01 * peak) ** 2, (0.03 * peak) ** 2
    luminance = (2 * mean_x * mean_y + c1) / (mean_x**2 + mean_y**2 + c1)
    structure = (2 * cov + c2) / (var_x + var_y + c2)
    return float((luminance * structure).mean()), float(structure.mean())


def ms_ssim(x: NDArray, y: NDArray, peak: float) -> float:
    """Five scales; a scale is the mean of blocks of two by two of the one before."""
    result = 1.0
    for scale, weight in enumerate(WEIGHTS):
        both, structure = terms(x, y, peak)
        result *= max(both if scale == 4 else structure, 0.0) ** weight
        x, y = halved(x), halved(y)
    return result


def halved(plane: NDArray) -> NDArray:
    padded = np.pad(plane, ((0, plane.shape[0] % 2), (0, plane.shape[1] % 2)), mode="edge")
    return (padded[::2, ::2] + padded[1::2, ::2] + padded[::2, 1::2] + padded[1::2, 1::2]) / 4
