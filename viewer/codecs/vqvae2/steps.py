"""Quantiser steps as integers: one index for the quality, the rest follows exactly.

Units. A picture value is held in 2**-6 of a stored value (`FRACTION_BITS`). The step index ``i``
means a step of ``2**(i / 64 - 4)`` stored values in an orthonormal transform; `base_step` gives it
in 2**-14. Each band's step is that divided by the norm of the band's synthesis function.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

LEVELS = 5
FRACTION_BITS = 6
STEP_BITS = 14
INDICES = 1408
"""Step indices are 0 .. INDICES - 1: 2**-4 to 2**18 stored values."""
PER_OCTAVE = 64
VALUE_LIMIT = float(2**44)
"""Products of code and step are clamped here: far above any picture, far below 2**53."""

# LOW_NORMS is round(2**16 * norm) of the low band, level 1 first; the others round(2**16 / norm) of
# the five bands of details and of the lowest band. The norms are those of
# `viewer.networks.vqvae2_wavelet.measure_norms`; a test compares.
LOW_NORMS = (85158, 118046, 159333, 211949, 280686)
_INVERSE_DETAIL_NORMS = (
    (55041, 75116, 55041, 75116, 83266),
    (42739, 56845, 42739, 56845, 67763),
    (31086, 40781, 31086, 40781, 47686),
    (23101, 30180, 23101, 30180, 34876),
    (17382, 22683, 17382, 22683, 26117),
)
_INVERSE_LOWEST_NORM = 15302


def _mantissas() -> tuple[int, ...]:
    # The nearest integer to 2**30 * 2**(j/64); no value lies nearer than 1e-3 to a half.
    return tuple(int(np.floor(2.0**30 * 2.0 ** (j / PER_OCTAVE) + 0.5)) for j in range(PER_OCTAVE))


_MANTISSAS = _mantissas()


def base_step(index: int) -> int:
    """Step of an orthonormal coefficient in 2**-14 stored values."""
    return ((_MANTISSAS[index % PER_OCTAVE] << (index // PER_OCTAVE)) + (1 << 19)) >> 20


def step_value(index: int) -> float:
    """Step of an orthonormal coefficient in stored values."""
    return base_step(index) / float(1 << STEP_BITS)


def nearest_index(step: float) -> int:
    """Index of the step nearest to ``step`` stored values (logarithmically)."""
    return int(np.clip(np.floor(PER_OCTAVE * (np.log2(max(step, 1e-9)) + 4) + 0.5), 0, INDICES - 1))


@lru_cache(maxsize=64)
def detail_steps(index: int) -> tuple[tuple[int, ...], ...]:
    """Steps of the five bands of each level, level 1 first, in 2**-14 of a raw coefficient."""
    base = base_step(index)
    return tuple(
        tuple((base * inverse + (1 << 15)) >> 16 for inverse in level)
        for level in _INVERSE_DETAIL_NORMS
    )


@lru_cache(maxsize=64)
def lowest_step(index: int) -> int:
    """Step of the lowest band, in 2**-14 of a raw coefficient."""
    return max((base_step(index) * _INVERSE_LOWEST_NORM + (1 << 15)) >> 16, 1 << 8)


def _small_factor(numerator: int, denominator: int, exponent: int) -> tuple[int, float]:
    """A fraction, ``numerator / denominator / 2**exponent``, as ``(factor, scale)``.

    ``factor`` has at most 21 bits and ``scale`` is a power of two, so that a float64 holds every
    product with a picture value exactly.
    """
    factor = numerator // denominator
    while factor >= 1 << 21:
        factor >>= 1
        exponent -= 1
    return factor, 2.0**-exponent


@lru_cache(maxsize=256)
def slope_factor(index: int, level: int) -> tuple[int, float]:
    """Turn a difference of raw low coefficients of ``level`` into eighths of a step.

    Returns
    -------
    tuple of int and float
        To be used as ``floor(difference * factor * scale + 1/2)``.
    """
    return _small_factor(LOW_NORMS[level - 1] << 43, base_step(index), 48)


@lru_cache(maxsize=64)
def pixel_factor(index: int) -> tuple[int, float]:
    """Turn a picture value (2**-6) into sixteenths of a step, likewise."""
    return _small_factor(1 << 60, base_step(index), 48)
