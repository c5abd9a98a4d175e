"""How the deformation layer looks: what of it is drawn, how strongly, in which colours."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np

from viewer.ui.colour_maps import Colours, heat_map

DOT_COLOURS = {"Red": "#ff3b30", "Yellow": "#ffd60a", "Cyan": "#40d8ff", "White": "#ffffff"}
"""Of samples and lines; red is that of the paper's figure."""
CLASS_COLOURS = ("#40d8ff", "#ffb000", "#7be37b", "#ff7bd5", "#c6a8ff", "#ffffff")
"""Of the outlines, one a class; they repeat."""
MOST = 4.0
"""Density at the end of the colours, in that of the uniform grid."""


@dataclass(frozen=True, slots=True)
class Look:
    """What is drawn.

    Parameters
    ----------
    density, dots, lines, outline : bool
    opacity : float
        Of the density at the end of its colours, 0 .. 1.
    colours : str
        Key of `DENSITY_COLOURS`.
    dot_colour : str
        Key of `DOT_COLOURS`.
    """

    density: bool = True
    dots: bool = True
    lines: bool = False
    outline: bool = True
    opacity: float = 0.5
    colours: str = "Heat"
    dot_colour: str = "Red"


def _ramp(end: tuple[int, int, int]) -> Colours:
    along = (np.arange(256) / 255)[:, None]
    return np.rint(along * np.array(end)).astype(np.uint8)


@cache
def _heat() -> Colours:
    # The last entry of the shared map marks what lies beyond a scale; here the end stays the end.
    colours = heat_map().copy()
    colours[255] = colours[254]
    return colours


DENSITY_COLOURS: dict[str, Callable[[], Colours]] = {
    "Heat": _heat,
    "Red": lambda: _ramp((255, 59, 48)),
    "Green": lambda: _ramp((90, 230, 110)),
}
"""Of the density."""
