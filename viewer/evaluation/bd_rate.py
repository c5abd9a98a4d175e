"""Bjøntegaard rate differences: how many bits fewer for the same quality.

G. Bjøntegaard, ITU-T VCEG-M33 (2001), with the piecewise cubic Hermite interpolation (PCHIP) that
later practice put in place of the cubic.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from viewer.errors import MeasureError

MIN_POINTS = 4
_SAMPLES = 400


def _curve(rates: Sequence[float], quality: Sequence[float]) -> tuple[NDArray[np.float64], ...]:
    rate, level = np.asarray(rates, np.float64), np.asarray(quality, np.float64)
    if rate.shape != level.shape or rate.ndim != 1 or rate.size < MIN_POINTS:
        raise MeasureError(f"A rate-distortion curve needs at least {MIN_POINTS} points.")
    if not (np.isfinite(rate).all() and np.isfinite(level).all() and (rate > 0).all()):
        raise MeasureError("A rate-distortion curve has points that are not finite and positive.")
    order = np.argsort(level)
    level, rate = level[order], rate[order]
    keep = np.concatenate([[True], np.diff(level) > 1e-9])
    if keep.sum() < MIN_POINTS:
        raise MeasureError("A rate-distortion curve has too few points of different quality.")
    return level[keep], np.log(rate[keep])


def bd_rate(
    rates: Sequence[float],
    quality: Sequence[float],
    reference_rates: Sequence[float],
    reference_quality: Sequence[float],
) -> float:
    """Mean rate difference at equal quality, percent; negative means fewer bits.

    Parameters
    ----------
    rates, reference_rates : sequence of float
        Any unit, > 0.
    quality, reference_quality : sequence of float
        Higher is better, for instance PSNR in dB. Any order.

    Raises
    ------
    MeasureError
        When a curve has fewer than four usable points or the curves share no quality.
    """
    from scipy.interpolate import PchipInterpolator

    level, rate = _curve(rates, quality)
    other_level, other_rate = _curve(reference_rates, reference_quality)
    low, high = max(level[0], other_level[0]), min(level[-1], other_level[-1])
    if not low < high:
        raise MeasureError("The two rate-distortion curves have no quality in common.")
    at = np.linspace(low, high, _SAMPLES)
    difference = PchipInterpolator(level, rate)(at) - PchipInterpolator(other_level, other_rate)(at)
    return float(100 * (np.exp(np.trapezoid(difference, at) / (high - low)) - 1))


def bootstrap_interval(
    curves: NDArray[np.float64],
    reference: NDArray[np.float64],
    groups: Sequence[str],
    *,
    draws: int = 1000,
    seed: int = 0,
) -> tuple[float, float]:
    """95 % interval of the difference of the mean curves, resampling patients.

    Parameters
    ----------
    curves, reference : ndarray, shape (images, points, 2)
        Rate and quality of each image at each point.
    groups : sequence of str
        Patient of each image; a patient's images are drawn together.
    """
    rng = np.random.default_rng(seed)
    names = sorted(set(groups))
    members = [np.flatnonzero(np.array([g == name for g in groups])) for name in names]
    found = []
    for _ in range(draws):
        chosen = np.concatenate([members[i] for i in rng.integers(0, len(names), len(names))])
        mean, other = curves[chosen].mean(0), reference[chosen].mean(0)
        try:
            found.append(bd_rate(mean[:, 0], mean[:, 1], other[:, 0], other[:, 1]))
        except MeasureError:
            continue
    if not found:
        return float("nan"), float("nan")
    low, high = np.percentile(found, [2.5, 97.5])
    return float(low), float(high)
