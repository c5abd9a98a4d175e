"""The radiograph: stored pixels and what is needed to show, judge and keep them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from viewer.images.overlays import Overlay

StoredPixels = NDArray[np.integer[Any]]
VoiFunction = Literal["LINEAR", "LINEAR_EXACT", "SIGMOID"]


@dataclass(frozen=True, slots=True)
class Window:
    """A VOI window in modality units (PS3.3 C.11.2.1.2).

    Parameters
    ----------
    centre, width : float
        Window centre and width, after the Modality LUT. ``width`` is >= 1 for LINEAR and > 0 for
        LINEAR_EXACT and SIGMOID.
    name : str
        The explanation from the file ("LUNG"), "Auto", or "" for one set by hand.
    function : {"LINEAR", "LINEAR_EXACT", "SIGMOID"}
        VOI LUT Function (0028,1056).
    """

    centre: float
    width: float
    name: str = ""
    function: VoiFunction = "LINEAR"


@dataclass(frozen=True, slots=True, eq=False)
class LookupTable:
    """A Modality or VOI LUT (PS3.3 C.11.1, C.11.2).

    Compared and hashed by identity, as arrays have no equality of their own.

    Parameters
    ----------
    values : ndarray of uint16, shape (entries,)
    first_mapped : int
        The input value mapped to ``values[0]``; lower inputs take it too, higher ones the last.
    bits : int
        Bits of an entry, 8..16.
    name : str
        LUT Explanation.
    """

    values: NDArray[np.uint16]
    first_mapped: int
    bits: int
    name: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Palette:
    """Colours of a PALETTE COLOR image (PS3.3 C.7.6.3.1.5). Compared by identity.

    Parameters
    ----------
    colours : ndarray of uint8, shape (entries, 3)
    first_mapped : int
        The stored value shown as ``colours[0]``; lower values take it too, higher ones the last.
    """

    colours: NDArray[np.uint8]
    first_mapped: int


@dataclass(frozen=True, slots=True)
class Grey:
    """How stored values become grey: Modality LUT, VOI choices, polarity.

    Parameters
    ----------
    slope, intercept : float
        Rescale Slope and Intercept; 1 and 0 where the file has none.
    modality_lut : LookupTable or None
        Takes the place of slope and intercept.
    windows : tuple of Window
        In the file's order.
    voi_luts : tuple of LookupTable
        In the file's order.
    inverted : bool
        Whether low values are bright: MONOCHROME1, or Presentation LUT Shape INVERSE on
        MONOCHROME2. Applied last.
    unit : str
        Of modality values: "HU", "US" (unspecified), or "".
    padding : tuple of int or None
        Lowest and highest stored value that is padding, not image (0028,0120/0121).
    """

    slope: float = 1.0
    intercept: float = 0.0
    modality_lut: LookupTable | None = None
    windows: tuple[Window, ...] = ()
    voi_luts: tuple[LookupTable, ...] = ()
    inverted: bool = False
    unit: str = ""
    padding: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Spacing:
    """Distance between pixel centres.

    Parameters
    ----------
    row, column : float
        Millimetres between rows (vertical) and columns (horizontal), both > 0.
    source : str
        "PixelSpacing", "ImagerPixelSpacing (at the detector)", "ImagerPixelSpacing / 1.1 (ERMF)",
        "NominalScannedPixelSpacing".
    plane : {"", "detector", "patient", "film"}
        Where the millimetres hold; "" where the file does not say (PS3.3 10.7.1.3).
    """

    row: float
    column: float
    source: str
    plane: str = ""


@dataclass(frozen=True, slots=True)
class Identity:
    """Whose image this is and where it belongs. Shown on panes; never logged or put in names.

    All are "" where the file does not say. Raster files get UIDs derived from their path's folder
    (study, series) and content, so that grouping works for them too.
    """

    patient_name: str = ""
    patient_id: str = ""
    patient_birth_date: str = ""
    patient_sex: str = ""
    study_uid: str = ""
    study_date: str = ""
    study_time: str = ""
    study_description: str = ""
    accession_number: str = ""
    series_uid: str = ""
    series_number: str = ""
    series_description: str = ""
    sop_class_uid: str = ""
    instance_uid: str = ""
    instance_number: str = ""
    modality: str = ""
    body_part: str = ""
    laterality: str = ""
    view_position: str = ""
    institution: str = ""


@dataclass(frozen=True, slots=True)
class LossyHistory:
    """What the file says was already lost before it was opened (0028,2110/2112/2114)."""

    lossy: bool = False
    ratios: tuple[float, ...] = ()
    methods: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Header:
    """All that is known of one image without its pixels: cheap to read, cheap to keep.

    Parameters
    ----------
    path : Path
        The file it was read from.
    file_format : str
        "DICOM", "JPEG", "PNG", "JPEG 2000", "JPEG XL", "TIFF".
    rows, columns : int
    frames : int
        1 unless multi-frame.
    samples : int
        1 for grey, 3 for colour.
    bits_allocated, bits_stored : int
    signed : bool
    photometric : str
        Photometric Interpretation of the *stored* pixels handed out ("MONOCHROME1",
        "MONOCHROME2", "RGB", "PALETTE COLOR"): YBR is converted to RGB on reading.
    transfer_syntax : str
        UID for DICOM, "" for raster files.
    orientation : tuple of str
        Letters at the (left, right, top, bottom) edge of the picture ("R", "L", "H", "F"),
        each "" where unknown.
    aspect : float
        Height of a pixel divided by its width (1 unless the file says otherwise).
    palette : Palette or None
        Of PALETTE COLOR images: what stored values look like.
    frame_rate : float
        Frames a second at which the file wants a multi-frame image played; 0 where it says none.
    """

    path: Path
    file_format: str
    rows: int
    columns: int
    frames: int
    samples: int
    bits_allocated: int
    bits_stored: int
    signed: bool
    photometric: str
    transfer_syntax: str
    identity: Identity = field(default_factory=Identity)
    grey: Grey = field(default_factory=Grey)
    spacing: Spacing | None = None
    orientation: tuple[str, str, str, str] = ("", "", "", "")
    aspect: float = 1.0
    lossy: LossyHistory = field(default_factory=LossyHistory)
    notices: tuple[str, ...] = ()
    palette: Palette | None = None
    frame_rate: float = 0.0

    @property
    def stored_bits_total(self) -> int:
        """Bits of one frame as stored: rows x columns x samples x bits stored."""
        return self.rows * self.columns * self.samples * self.bits_stored


@dataclass(frozen=True, slots=True)
class Radiograph:
    """One frame of an image: its header and its stored pixels, immutable.

    Parameters
    ----------
    header : Header
    pixels : ndarray, shape (rows, columns) or (rows, columns, 3)
        Stored values: uint8, uint16, int16 (uint32/int32 where the file has more than 16 bits),
        masked to BitsStored and sign-extended; never windowed, never inverted. Read-only.
    frame : int
        Which frame, from 0.
    overlays : tuple of Overlay
        Drawn over the picture, never part of its pixels.
    """

    header: Header
    pixels: StoredPixels
    frame: int = 0
    overlays: tuple[Overlay, ...] = ()

    def __post_init__(self) -> None:
        self.pixels.setflags(write=False)

    @property
    def peak(self) -> int:
        """Peak of PSNR: 2^BitsStored - 1, signed or not."""
        return int((1 << self.header.bits_stored) - 1)

    def with_pixels(self, pixels: StoredPixels) -> Radiograph:
        """Return the same image with other stored pixels (a reconstruction).

        Raises
        ------
        ValueError
            When shape or type differ from the original's.
        """
        if pixels.shape != self.pixels.shape or pixels.dtype != self.pixels.dtype:
            raise ValueError(
                f"pixels of {pixels.shape} {pixels.dtype} cannot stand for "
                f"{self.pixels.shape} {self.pixels.dtype}"
            )
        return replace(self, pixels=pixels)


Tags = Mapping[str, str]
"""Tag keyword or group/element text -> value text, for the header window."""
