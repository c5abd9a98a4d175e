"""How a raster file holds its pixels."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class RasterLayout:
    """How a raster file holds its pixels.

    Parameters
    ----------
    file_format : str
        "JPEG", "PNG", "JPEG 2000", "JPEG XL", "TIFF".
    rows, columns : int
        Before any turning.
    channels : int
        As decoded, transparency included.
    bits : int
        Of a decoded channel: 8 or more.
    signed : bool
    pages : int
    inverted : bool
        Low values are bright (TIFF WhiteIsZero).
    turned : int
        EXIF orientation, 1..8.
    through_pillow : bool
        Whether Pillow must convert the pixels (palettes, single bits).
    lossy : str
        The method by which its pixels have lost something (0028,2114), "" as far as it tells.
    notices : list of str
    """

    file_format: str
    rows: int
    columns: int
    channels: int
    bits: int
    signed: bool = False
    pages: int = 1
    inverted: bool = False
    turned: int = 1
    through_pillow: bool = False
    lossy: str = ""
    notices: list[str] = field(default_factory=list)
