"""The setting of an encoder at which a picture takes a given number of bits per pixel."""

from __future__ import annotations

import math
from collections.abc import Callable

from viewer.progress import CancelToken

NEAR_ENOUGH = 0.01
"""Part of the rate within which a trial ends the search."""

_MOST_TRIALS = 12


def search_rate(
    rate_at: Callable[[float], float],
    wanted: float,
    low: float,
    high: float,
    cancel: CancelToken,
    *,
    whole: bool = False,
) -> float:
    """Return the setting whose rate lies nearest to `wanted`, by logarithm.

    Parameters
    ----------
    rate_at : callable
        Setting -> bits per pixel; falls as the setting rises. Called at most twelve times for
        settings not tried before.
    wanted : float
        Bits per pixel.
    low, high : float
        Settings > 0 to search between: the finest and the coarsest. With `whole`, 0 may be the
        finest.
    whole : bool
        Whole settings alone.
    """
    offset = 1.0 if whole else 0.0  # NEAR starts at 0, where logarithms do not.
    tried: dict[float, float] = {}

    def rate(setting: float) -> float:
        setting = float(round(setting)) if whole else setting
        if setting not in tried:
            cancel.check()
            tried[setting] = rate_at(setting)
        return tried[setting]

    def miss(setting: float) -> float:
        return abs(math.log(tried[setting] / wanted))

    fine, coarse = math.log(low + offset), math.log(high + offset)
    middle = (fine + coarse) / 2
    while len(tried) < _MOST_TRIALS:
        before = len(tried)
        found = rate(math.exp(middle) - offset)
        if abs(found / wanted - 1) <= NEAR_ENOUGH:
            break
        if found > wanted:
            fine = middle
        else:
            coarse = middle
        if coarse - fine < 1e-3 or (whole and before == len(tried)):
            break
        middle = _between(tried, wanted, fine, coarse, offset)
    if whole:
        for setting in (math.floor(math.exp(fine) - offset + 1e-9), math.exp(coarse) - offset):
            rate(setting)
    return min(tried, key=miss)


def _between(
    tried: dict[float, float], wanted: float, fine: float, coarse: float, offset: float
) -> float:
    """The next setting, as a logarithm: on the line through the trials beside, else the middle."""
    above = [(math.log(s + offset), r) for s, r in tried.items() if r > wanted]
    below = [(math.log(s + offset), r) for s, r in tried.items() if r <= wanted]
    if not above or not below:
        return (fine + coarse) / 2
    (left, more), (right, less) = max(above), min(below)
    share = math.log(more / wanted) / max(math.log(more / less), 1e-9)
    # Away from both ends, or a bent curve would be approached from one side for ever.
    return left + (right - left) * min(max(share, 0.08), 0.92)
