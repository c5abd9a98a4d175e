"""How far pixels lie apart and in which plane, of a DICOM header (PS3.3 10.7.1.3)."""

from __future__ import annotations

from viewer.images.dicom_attributes import Attributes
from viewer.images.radiograph import Spacing

MOST_ASPECT = 20.0
"""No detector has pixels that are longer than this against their width."""

_MOST_MAGNIFIED = 20.0


def read_spacing(attributes: Attributes, notices: list[str]) -> Spacing | None:
    """Return the spacing of the plane nearest to the patient that the header tells.

    Pixel Spacing counts as calibrated where its calibration type says so or it differs from the
    Imager Pixel Spacing. Where the two are the same, or the latter stands alone, it is that of
    the detector, and is divided by the Estimated Radiographic Magnification Factor (0018,1114)
    where the file has one.
    """
    pixel = _pair(attributes, "PixelSpacing", notices)
    imager = _pair(attributes, "ImagerPixelSpacing", notices)
    kind = attributes.text("PixelSpacingCalibrationType").upper()
    if pixel is not None and kind in ("GEOMETRY", "FIDUCIAL"):
        return Spacing(*pixel, f"PixelSpacing ({kind.lower()})", "patient")
    if pixel is not None and pixel != imager:
        return Spacing(*pixel, "PixelSpacing", "" if imager is None else "patient")
    if imager is not None:
        factor = attributes.number("EstimatedRadiographicMagnificationFactor")
        if factor is not None and 1 < factor <= _MOST_MAGNIFIED:
            row, column = (value / factor for value in imager)
            return Spacing(row, column, f"ImagerPixelSpacing / {factor:g} (ERMF)", "patient")
        source = "ImagerPixelSpacing" if pixel is None else "PixelSpacing"
        return Spacing(*imager, f"{source} (at the detector)", "detector")
    film = _pair(attributes, "NominalScannedPixelSpacing", notices)
    return None if film is None else Spacing(*film, "NominalScannedPixelSpacing", "film")


def _pair(attributes: Attributes, keyword: str, notices: list[str]) -> tuple[float, float] | None:
    values = attributes.numbers(keyword)
    if len(values) < 2 or values[0] <= 0 or values[1] <= 0:
        return None
    if not 1 / MOST_ASPECT <= values[0] / values[1] <= MOST_ASPECT:
        notices.append(f"{keyword} {values[0]:g} by {values[1]:g} mm cannot be; left out.")
        return None
    return values[0], values[1]
