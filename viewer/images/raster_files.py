"""What JPEG, PNG, JPEG 2000, JPEG XL and TIFF files say of their pixels."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path

from viewer.images import jpeg_xl
from viewer.images.codestream import Codestream, read_codestream
from viewer.images.faults import Unreadable
from viewer.images.raster_layout import RasterLayout
from viewer.images.raster_tiff import read_tiff_layout

_START = 1 << 20


def raster_kind(start: bytes) -> str:
    """Return the kind of raster file that begins with `start` (12 bytes or more), or ""."""
    if start[:3] == b"\xff\xd8\xff":
        return "JPEG"
    if start[:8] == b"\x89PNG\r\n\x1a\n":
        return "PNG"
    if start[:12] == b"\0\0\0\x0cjP  \r\n\x87\n" or start[:4] == b"\xff\x4f\xff\x51":
        return "JPEG 2000"
    if start[:4] in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"):
        return "TIFF"
    if start.startswith((jpeg_xl.CONTAINER, jpeg_xl.STREAM)):
        return "JPEG XL"
    return ""


def read_raster_layout(path: Path, kind: str) -> RasterLayout:
    """Read the layout of a file of `kind` from its first bytes.

    Raises
    ------
    Unreadable
    OSError
    """
    return _READERS[kind](path)


def _start(path: Path) -> bytes:
    with open(path, "rb") as file:
        return file.read(_START)


def _read_png(path: Path) -> RasterLayout:
    """Read IHDR and whether tRNS is there (PNG 11.2.1, 11.3.1.1)."""
    start = _start(path)
    try:
        length, name, columns, rows, bits, colour = struct.unpack(">I4sIIBB", start[8:26])
    except struct.error:
        length, name = 0, b""
    if name != b"IHDR" or length != 13 or colour not in (0, 2, 3, 4, 6):
        raise Unreadable("its PNG header is damaged")
    notices = []
    channels = {0: 1, 2: 3, 3: 3, 4: 2, 6: 4}[colour]
    if colour in (0, 2, 3) and b"tRNS" in start[: start.find(b"IDAT")]:
        channels += 1
    if colour == 3:
        notices.append("The palette is shown and coded as RGB.")
    elif bits < 8:
        notices.append(f"{bits}-bit grey is widened to 8 bits.")
    return RasterLayout("PNG", rows, columns, channels, max(bits, 8), notices=notices)


def _read_jpeg(path: Path) -> RasterLayout:
    start = _start(path)
    found = _codestream(start, "JPEG")
    notices = []
    if found.components == 4:
        notices.append("CMYK is converted to RGB.")
    channels = 3 if found.components == 4 else found.components
    bits = 8 if found.precision <= 8 else found.precision
    return RasterLayout(
        "JPEG",
        found.rows,
        found.columns,
        channels,
        bits,
        turned=_exif_orientation(start),
        lossy="ISO_10918_1",
        notices=notices,
    )


def _read_jpeg2000(path: Path) -> RasterLayout:
    found = _codestream(_start(path), "JPEG 2000")
    if found.subsampled:
        raise Unreadable("subsampled JPEG 2000 colours are not supported")
    return RasterLayout(
        "JPEG 2000", found.rows, found.columns, found.components, found.precision, found.signed
    )


def _read_jpeg_xl(path: Path) -> RasterLayout:
    """Read the header; the decoder turns pictures upright itself."""
    start = _start(path)
    found = jpeg_xl.read_jpeg_xl(start)
    if found is None:
        raise Unreadable("its JPEG XL header is damaged, or it is no still picture in grey or RGB")
    lossy = "" if found.lossless else "ISO_18181_1"
    if b"jbrd" in start:
        lossy = "ISO_10918_1"
    return RasterLayout(
        "JPEG XL", found.rows, found.columns, found.channels, max(found.bits, 8), lossy=lossy
    )


def _codestream(start: bytes, kind: str) -> Codestream:
    found = read_codestream(start)
    if found is None:
        raise Unreadable(f"its {kind} header is damaged")
    return found


def _exif_orientation(start: bytes) -> int:
    """Read the EXIF orientation of a JPEG from its beginning; 1 where there is none."""
    from PIL import ExifTags, Image

    at = start.find(b"Exif\0\0")
    if at < 0:
        return 1
    exif = Image.Exif()
    try:
        exif.load(start[at : at + (1 << 16)])
        turned = exif.get(ExifTags.Base.Orientation, 1)
    except Exception:
        # Damaged EXIF is no reason to refuse a picture.
        return 1
    return turned if isinstance(turned, int) and 1 <= turned <= 8 else 1


_READERS: dict[str, Callable[[Path], RasterLayout]] = {
    "JPEG": _read_jpeg,
    "PNG": _read_png,
    "JPEG 2000": _read_jpeg2000,
    "JPEG XL": _read_jpeg_xl,
    "TIFF": read_tiff_layout,
}
