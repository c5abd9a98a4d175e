"""Choose codes of two quantisers by distortion and bits, lane by lane."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from viewer.codecs.vqvae2 import choice_loops
from viewer.codecs.vqvae2.parallel import in_parts
from viewer.codecs.vqvae2.tables import (
    CENTROID_REACH,
    NO_SHIFT,
    REACH,
    ROWS,
    Placement,
    Tables,
    of_quantisers,
)
from viewer.codecs.vqvae2.trellis import CLASSES_BEFORE, LANE, STATES_BEFORE, lanes

_WORTH_A_THREAD = 4 * choice_loops.SIDE


def choose_dependent(
    values: NDArray[np.float32], at: Placement, tables: Tables, worth: float, lane: int = LANE
) -> tuple[NDArray[np.int32], Placement]:
    """Symbols, and the placement with the tables of each code's quantiser.

    Of each quantiser's even and odd codes the nearest is a candidate, and zero beside two.

    Parameters
    ----------
    values : ndarray of float32, flat
        Coefficients in steps.
    at : Placement
        Without quantisers.
    worth : float
        Squared steps a bit is worth.
    lane : int
        Codes a lane has; a bitstream has `LANE`, guesses may have fewer.
    """
    values = np.ascontiguousarray(values, np.float32)
    found, quantisers = np.empty(values.size, np.int32), np.empty(values.size, np.int8)

    shift = NO_SHIFT if at.shift is None else at.shift
    group = choice_loops.Group(values, at.row, at.whole, at.mirrored, shift)  # type: ignore[arg-type]
    prices = choice_loops.Prices(
        tables.bits, REACH, tables.centres, CENTROID_REACH, ROWS, np.float32(worth)
    )

    def part(start: int, end: int) -> None:
        choice_loops.choose(
            group, prices, STATES_BEFORE, CLASSES_BEFORE, lane, found, quantisers, start, end
        )

    in_parts(lanes(values.size, lane), part, _WORTH_A_THREAD)
    return found, of_quantisers(at, quantisers)
