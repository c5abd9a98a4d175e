"""A shape measured on both pictures: its quantities, in order and with units."""

from __future__ import annotations

from dataclasses import dataclass

from viewer.metrics.measuring.profile import Profile
from viewer.metrics.measuring.scale import Scale
from viewer.metrics.measuring.shapes import Kind, Shape
from viewer.metrics.measuring.statistics import Histogram

_LETTERS = {
    "length": "L", "angle": "A", "cobb": "C", "rectangle": "R", "ellipse": "E", "freehand": "F",
    "profile": "P", "probe": "V",
}  # fmt: skip
TITLES: dict[Kind, str] = {
    "length": "Length",
    "angle": "Angle",
    "cobb": "Cobb angle",
    "rectangle": "Rectangle",
    "ellipse": "Ellipse",
    "freehand": "Free-hand region",
    "profile": "Profile",
    "probe": "Value",
}


@dataclass(frozen=True, slots=True)
class Measurement:
    """A shape kept with an image.

    Parameters
    ----------
    number : int
        From 1, never given twice on an image.
    shape : Shape
    frame : int
        The frame it was drawn on, from 0.
    """

    number: int
    shape: Shape
    frame: int = 0

    @property
    def name(self) -> str:
        """Short name as written on the image: "L1", "R2"."""
        return f"{_LETTERS[self.shape.kind]}{self.number}"


@dataclass(frozen=True, slots=True)
class Quantity:
    """One figure of a measurement.

    Parameters
    ----------
    key : str
        "length", "angle", "value", "mean", "sd", "minimum", "maximum", "snr", "area",
        "perimeter", "pixels", "psnr", "ssim" or "max_error".
    title : str
    unit : str
        "" for pure numbers.
    original, reconstruction, difference : float or None
        None where it has no meaning or cannot be told. `difference` is reconstruction minus
        original; PSNR, SSIM and largest error compare the two and stand there.
    """

    key: str
    title: str
    unit: str
    original: float | None = None
    reconstruction: float | None = None
    difference: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """What came out.

    Parameters
    ----------
    shape : Shape
        What was measured: an answer to an older one must not be shown for a newer.
    scale : Scale
    quantities : tuple of Quantity
    compared : bool
        Whether there was a reconstruction.
    histogram : Histogram or None
        Of regions.
    profile : Profile or None
        Of profile lines.
    """

    shape: Shape
    scale: Scale
    quantities: tuple[Quantity, ...]
    compared: bool
    histogram: Histogram | None = None
    profile: Profile | None = None

    def get(self, key: str) -> Quantity | None:
        """Return a quantity by its key."""
        return next((q for q in self.quantities if q.key == key), None)
