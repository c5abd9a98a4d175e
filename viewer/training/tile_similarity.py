"""MS-SSIM of small tiles as a loss: as many scales as fit, the weights renormalised.

After Wang, Simoncelli and Bovik (2003): a Gaussian of 11 taps and sigma 1.5, constants 0.01 and
0.03, the picture halved between scales. A tile of 32 x 32 has two scales (at 8 x 8 the Gaussian no
longer fits), whose weights 0.0448 and 0.2856 are divided by their sum.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

WEIGHTS = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)
TAPS = 11
_SIGMA = 1.5


def scale_weights(side: int) -> tuple[float, ...]:
    """Return the weights of the scales that fit a tile of `side` pixels; they add up to 1.

    Raises
    ------
    ValueError
        When not one fits.
    """
    count = sum(side >> n >= TAPS for n in range(len(WEIGHTS)))
    if not count:
        raise ValueError(f"a tile of {side} pixels is smaller than the {TAPS} taps of MS-SSIM")
    total = sum(WEIGHTS[:count])
    return tuple(weight / total for weight in WEIGHTS[:count])


def ms_ssim(first: Tensor, second: Tensor, *, peak: float = 1.0) -> Tensor:
    """Mean MS-SSIM of tiles (N, 1, side, side), differentiable.

    Parameters
    ----------
    peak : float
        Largest difference of two values.
    """
    weights = scale_weights(min(first.shape[-2:]))
    taps = _gaussian(first)
    product = torch.ones(first.shape[0], dtype=first.dtype, device=first.device)
    for number, weight in enumerate(weights):
        luminance, contrast = _terms(first, second, taps, peak)
        last = number == len(weights) - 1
        term = (luminance * contrast if last else contrast).mean((1, 2, 3))
        # A structure that is turned round counts as none; a slope at zero would be infinite.
        product = product * term.clamp_min(1e-4) ** weight
        if not last:
            first, second = F.avg_pool2d(first, 2), F.avg_pool2d(second, 2)
    return product.mean()


def _terms(first: Tensor, second: Tensor, taps: Tensor, peak: float) -> tuple[Tensor, Tensor]:
    count = first.shape[0]
    stack = torch.cat((first, second, first * first, second * second, first * second))
    rows = F.conv2d(stack, taps.view(1, 1, -1, 1))
    a, b, aa, bb, ab = F.conv2d(rows, taps.view(1, 1, 1, -1)).split(count)
    small, large = (0.01 * peak) ** 2, (0.03 * peak) ** 2
    luminance = (2 * a * b + small) / (a * a + b * b + small)
    covariance, spread = ab - a * b, aa - a * a + bb - b * b
    return luminance, (2 * covariance + large) / (spread + large)


def _gaussian(like: Tensor) -> Tensor:
    places = torch.arange(TAPS, dtype=torch.float64) - TAPS // 2
    taps = torch.exp(-(places**2) / (2 * _SIGMA**2))
    return (taps / taps.sum()).to(like)
