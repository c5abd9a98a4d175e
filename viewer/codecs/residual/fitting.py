"""How an encoder finds the parameters of a phase: least squares for mean and scale, then laws."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from viewer.codecs.residual import pixel_loops
from viewer.codecs.residual.distributions import FORMS, OFFSETS, REACH, SCALES, SYMBOLS, bits
from viewer.codecs.residual.features import CURVE, LIMIT, TileContext
from viewer.codecs.residual.parameters import WEIGHT_BITS, WEIGHT_SUM, Law, mean_count, scale_count
from viewer.codecs.residual.prediction import Expectation
from viewer.codecs.residual.symbol_coding import split

SAMPLES = 1 << 14
"""Pixels of a phase that weights are fitted to, about."""

FEWEST = 400
"""Pixels of a phase below which weights are not worth their bytes."""

_ROUNDS = 2
_LOW_BITS_FROM = 3.5
"""Mean size of symbols beyond which one more of their bits is sent as it is."""

Floats = NDArray[np.float64]


def fit_weights(
    tile: TileContext, seen: pixel_loops.Around, values: NDArray[np.int32]
) -> tuple[NDArray[np.int16], NDArray[np.int16], NDArray[np.int32]]:
    """Weights of the mean, of the scale, and the noise at each brightness.

    Parameters
    ----------
    seen : viewer.codecs.residual.pixel_loops.Around
    values : ndarray of int32
        Stored values of the phase.
    """
    phase = seen.phase
    no_curve = np.zeros(CURVE, np.int32)
    mean_weights = np.zeros(mean_count(phase), np.int16)
    scale_weights = np.zeros(scale_count(phase), np.int16)
    scale_weights[-1] = 8
    if values.size < FEWEST:
        return mean_weights, _constant_scale(tile, phase, values, scale_weights), no_curve
    every = max(1, values.size // SAMPLES)
    lack = tile.lack(phase, values).ravel()[::every].astype(np.float64)
    brightness = tile.brightness(phase).ravel()[::every]
    planes = np.empty((lack.size, mean_weights.size))
    around = np.empty((lack.size, scale_weights.size))
    pixel_loops.samples(every, values.shape[1], seen, planes, around)
    weight: Floats = np.ones(lack.size)
    solution = np.zeros(mean_weights.size)
    for _ in range(_ROUNDS):
        solution = _solve(planes, lack, weight)
        error = np.abs(lack - planes @ solution)
        curve = _noise_curve(error, brightness)
        around[:, -2] = curve[brightness]
        scale = _scale(around, error)
        weight = np.reciprocal(np.square(scale))
    return (
        _quantised(solution),
        _quantised(_scale_solution(around, error, scale)),
        curve,
    )


def _constant_scale(
    tile: TileContext, phase: int, values: NDArray[np.int32], weights: NDArray[np.int16]
) -> NDArray[np.int16]:
    """One scale for all: the mean size of what is lacking."""
    lack = np.abs(tile.lack(phase, values))
    mean = float(lack.mean()) if lack.size else 1.0
    weights[-1] = int(np.clip(round(mean * (1 << WEIGHT_BITS) / 64), 1, WEIGHT_SUM))
    return weights


def _solve(planes: Floats, wanted: Floats, weight: Floats) -> Floats:
    weighted = planes * weight[:, None]
    gram = weighted.T @ planes
    ridge = 1e-6 * np.trace(gram) / len(gram) + 1e-9
    gram[np.diag_indices(len(gram))] += ridge
    return np.asarray(np.linalg.solve(gram, weighted.T @ wanted), np.float64)


def _noise_curve(error: Floats, brightness: NDArray[np.int32]) -> NDArray[np.int32]:
    """Mean size of the error at each brightness, leaning on that of the whole tile."""
    count = np.bincount(brightness, minlength=CURVE)
    total = np.bincount(brightness, weights=error, minlength=CURVE)
    mean = (total + 20 * error.mean()) / (count + 20)
    return np.clip(np.round(mean * 4), 0, LIMIT).astype(np.int32)


def _scale_solution(around: Floats, error: Floats, scale: Floats) -> Floats:
    return _solve(around, error, 1 / scale**2)


def _scale(around: Floats, error: Floats) -> Floats:
    """Expected size of the error at each pixel."""
    least = 0.05 * error.mean() + 0.01
    scale = np.full(error.size, max(error.mean(), least))
    for _ in range(2):
        scale = np.maximum(around @ _scale_solution(around, error, scale), least)
    return scale


def _quantised(solution: Floats) -> NDArray[np.int16]:
    units = solution * (1 << WEIGHT_BITS)
    size = np.abs(units).sum()
    if not np.isfinite(size):
        return np.zeros(len(solution), np.int16)
    if size > WEIGHT_SUM - len(units):
        units *= (WEIGHT_SUM - len(units)) / size
    return np.round(units).astype(np.int16)


def fit_laws(symbols: NDArray[np.int32], at: Expectation) -> dict[int, Law]:
    """The law of each context that occurs: the one that takes the fewest bits."""
    laws: dict[int, Law] = {}
    tables = bits().reshape(FORMS * SCALES, OFFSETS * SYMBOLS)
    count = np.bincount(at.context)
    total = np.bincount(at.context, weights=np.abs(symbols).astype(np.float64))
    contexts = np.flatnonzero(count)
    low_bits = np.zeros(count.size, np.int32)
    mean = total[contexts] / count[contexts]
    low_bits[contexts] = np.ceil(np.maximum(np.log2(np.maximum(mean, 1e-9) / _LOW_BITS_FROM), 0))
    lows = low_bits[at.context]
    high = split(symbols, lows)[0] if lows.any() else symbols
    offset = np.where(lows > 0, 0, at.offset)
    clipped = np.clip(high, -REACH, REACH) + REACH
    cell = (at.context * OFFSETS + offset) * SYMBOLS + clipped
    seen = np.bincount(cell, minlength=count.size * OFFSETS * SYMBOLS)
    seen = seen.reshape(count.size, OFFSETS * SYMBOLS)[contexts].astype(np.float32)
    best = (seen @ tables.T).argmin(1)
    for context, choice in zip(contexts.tolist(), best.tolist(), strict=True):
        form, scale = divmod(choice, SCALES)
        laws[context] = Law(form, scale, int(low_bits[context]))
    return laws
