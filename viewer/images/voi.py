"""The steps from stored values to brightness: Modality LUT, then VOI (PS3.3 C.11.1, C.11.2)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from viewer.images.radiograph import Grey, LookupTable, Window

Values = NDArray[np.float64]
Voi = Window | LookupTable


def modality_values(grey: Grey, stored: NDArray[Any]) -> Values:
    """Apply the Modality LUT, or Rescale Slope and Intercept where there is none."""
    if grey.modality_lut is not None:
        return looked_up(grey.modality_lut, stored)
    values = stored.astype(np.float64)
    if grey.slope != 1:
        values *= grey.slope
    if grey.intercept:
        values += grey.intercept
    return values


def looked_up(table: LookupTable, inputs: NDArray[Any]) -> Values:
    """Map inputs through a table; what lies outside takes the first or last entry."""
    last = table.first_mapped + table.values.size - 1
    rounded = inputs if inputs.dtype.kind in "iu" else np.rint(inputs)
    index = np.clip(rounded, table.first_mapped, last).astype(np.int64) - table.first_mapped
    return table.values[index].astype(np.float64)


def brightness(values: Values, voi: Voi) -> Values:
    """Apply a window or VOI LUT to modality values.

    Parameters
    ----------
    values : ndarray
        Modality units.
    voi : Window or LookupTable

    Returns
    -------
    ndarray
        0 (black) to 1 (white), before any inversion.
    """
    if isinstance(voi, LookupTable):
        return looked_up(voi, values) / ((1 << voi.bits) - 1)
    if voi.function == "SIGMOID":
        # C.11.2.1.3.1; far from the centre exp may only underflow.
        slope = np.clip((values - voi.centre) * (-4.0 / voi.width), -700.0, 700.0)
        return 1.0 / (1.0 + np.exp(slope))
    if voi.function == "LINEAR_EXACT":
        # C.11.2.1.3.2
        return np.clip((values - voi.centre) / voi.width + 0.5, 0.0, 1.0)
    # C.11.2.1.2.1: the centre lies half a value lower and a width of n spans n values, so that
    # the lowest of them is black and the highest white.
    centre, span = voi.centre - 0.5, voi.width - 1.0
    if span <= 0:
        return (values > centre).astype(np.float64)
    return np.clip((values - centre) / span + 0.5, 0.0, 1.0)


def window_between(low: float, high: float, name: str) -> Window:
    """Return the window in which `low` is just black and `high` just white."""
    low, high = min(low, high), max(low, high)
    if high - low < 1:
        return Window((low + high) / 2, max(high - low, 1e-6), name, "LINEAR_EXACT")
    return Window((low + high + 1) / 2, high - low + 1, name)
