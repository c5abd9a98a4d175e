"""Finds the Lagrangian with which a picture just fits its budget of bits."""

from __future__ import annotations

import math
from collections.abc import Callable

CLOSE_ENOUGH = 0.98
"""Share of the budget that is used well."""

_TRIALS = 6
_FINEST, _COARSEST = 1 / 8, 200.0


def fit_lagrangian(
    bits_at: Callable[[float], float], budget: float, first: float, *, close: float = CLOSE_ENOUGH
) -> tuple[float, float]:
    """Return a Lagrangian whose bits are within the budget, and those bits.

    Parameters
    ----------
    bits_at
        Bits of the picture at a Lagrangian; falls as that grows.
    budget
        Bits that may be spent.
    first
        Where to start; the result lies within 1/8 and 200 times of it.
    close
        Share of the budget with which the search is content.

    Returns
    -------
    float, float
        When even the coarsest Lagrangian is beyond the budget, that one and its bits.
    """
    low, high = math.log(first * _FINEST), math.log(first * _COARSEST)
    bounds: dict[str, tuple[float, float]] = {}
    guess = math.log(first)
    for _ in range(_TRIALS):
        bits = bits_at(math.exp(guess))
        if bits <= budget:
            bounds["fits"] = (guess, bits)
            if bits >= close * budget or guess <= low:
                break
        else:
            bounds["beyond"] = (guess, bits)
            if guess >= high:
                break
        guess = min(max(_next(bounds, budget), low), high)
    if "fits" not in bounds:
        bounds["fits"] = (high, bits_at(math.exp(high)))
    at, bits = bounds["fits"]
    return math.exp(at), bits


def _next(bounds: dict[str, tuple[float, float]], budget: float) -> float:
    """Where the bits should be just below the budget: between two bounds, else by a usual slope."""
    wanted = budget * (1 + CLOSE_ENOUGH) / 2
    if len(bounds) == 2:
        (coarse, few), (fine, many) = bounds["fits"], bounds["beyond"]
        share = (math.log(wanted) - math.log(few + 1)) / (math.log(many + 1) - math.log(few + 1))
        return coarse + min(max(share, 0.05), 0.95) * (fine - coarse)
    ((at, bits),) = bounds.values()
    return at + 2.0 * math.log((bits + 1) / wanted)
