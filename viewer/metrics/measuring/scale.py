"""What a pixel measures: millimetres where the file allows it, and where these hold."""

from __future__ import annotations

from dataclasses import dataclass

from viewer.images.radiograph import Header

_PLANES = {
    "detector": "at the detector; the patient's anatomy is magnified there",
    "patient": "at the patient, corrected for magnification",
    "film": "on the film that was scanned",
}


@dataclass(frozen=True, slots=True)
class Scale:
    """Length of one step along a row and along a column.

    Parameters
    ----------
    x, y : float
        Of one column and one row, in `unit`.
    unit : {"mm", "px"}
        "px": widths of a column, where the file gives no spacing.
    source : str
        The attribute the spacing was read from, "" for none.
    plane : {"", "detector", "patient", "film"}
        Where the millimetres hold; "" where the file does not say.
    """

    x: float
    y: float
    unit: str
    source: str = ""
    plane: str = ""

    @property
    def note(self) -> str:
        """One sentence on what lengths are in and where they hold."""
        if self.unit == "px":
            return "Pixels: the file gives no spacing."
        place = _PLANES.get(self.plane, "the file does not say in which plane")
        return f"Millimetres from {self.source}: {place}."

    @property
    def short_note(self) -> str:
        """What is written behind a length on the image: "at detector", or ""."""
        return {"detector": "at detector", "film": "on film"}.get(self.plane, "")


def scale_of(header: Header) -> Scale:
    """Return what a pixel of an image measures."""
    spacing = header.spacing
    if spacing is None:
        return Scale(1.0, header.aspect, "px")
    return Scale(spacing.column, spacing.row, "mm", spacing.source, spacing.plane)


def value_unit(header: Header) -> str:
    """Return the unit of modality values: "HU", or what kind of values they are."""
    grey = header.grey
    if grey.unit not in ("", "US"):
        return grey.unit
    plain = grey.modality_lut is None and grey.slope == 1 and grey.intercept == 0
    return "stored value" if plain else "modality value"
