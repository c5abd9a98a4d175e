"""A JPEG, PNG, JPEG 2000, JPEG XL or TIFF file -> `Header` and `Radiograph`."""

from __future__ import annotations

import io
import uuid
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from viewer.errors import ImageError
from viewer.images.dicom_file import os_reason
from viewer.images.faults import Unreadable
from viewer.images.radiograph import Grey, Header, Identity, LossyHistory, Radiograph
from viewer.images.raster_files import raster_kind, read_raster_layout
from viewer.images.raster_layout import RasterLayout
from viewer.images.stored import expansion_fault, frame_bytes, size_fault, stored_dtype

__all__ = ["raster_kind", "read_frame", "read_header"]

_HASHED = 1 << 16

_TURNS: dict[int, tuple[bool, int]] = {
    1: (False, 0),
    2: (True, 0),
    3: (False, 2),
    4: (True, 2),
    5: (True, 1),
    6: (False, 3),
    7: (True, 3),
    8: (False, 1),
}
"""EXIF orientation -> (mirror left and right first, then quarter turns to the left)."""


def read_header(path: Path, kind: str) -> Header:
    """Read a file's header without decoding its pixels.

    Parameters
    ----------
    path : Path
    kind : str
        As `raster_kind` told it.

    Raises
    ------
    ImageError
    """
    try:
        return _header(path, _checked_layout(path, kind))
    except Unreadable as fault:
        raise ImageError(f"{path.name}: {fault}.") from None
    except OSError as error:
        raise ImageError(f"{path.name}: {os_reason(error)}.") from None


def read_frame(header: Header, frame: int = 0) -> Radiograph:
    """Decode one page, turned as its EXIF orientation says, without transparency.

    Raises
    ------
    ImageError
        When the pixels are truncated, damaged or not what the header says.
    IndexError
        When there is no such page.
    """
    path = header.path
    if not 0 <= frame < header.frames:
        raise IndexError(f"{path.name} has no frame {frame}")
    try:
        layout = _checked_layout(path, header.file_format)
        pixels = _decoded(path, layout, frame)
        if pixels.ndim == 2:
            pixels = pixels[..., np.newaxis]
        if pixels.shape != (layout.rows, layout.columns, layout.channels):
            raise Unreadable("its pixels are not what its header says")
        pixels = _turned(pixels[..., : header.samples], layout.turned)
        shape = (header.rows, header.columns) + ((3,) if header.samples == 3 else ())
        dtype = stored_dtype(header.bits_allocated, header.signed)
        return Radiograph(
            header, np.ascontiguousarray(pixels.astype(dtype, copy=False).reshape(shape)), frame
        )
    except Unreadable as fault:
        raise ImageError(f"{path.name}: {fault}.") from None
    except OSError as error:
        raise ImageError(f"{path.name}: {os_reason(error)}.") from None
    except Exception:
        # Decoders answer damaged data with exceptions of every kind.
        raise ImageError(f"{path.name}: its pixels are truncated or damaged.") from None


def _checked_layout(path: Path, kind: str) -> RasterLayout:
    """Read the layout and refuse what cannot be held or cannot be true."""
    layout = read_raster_layout(path, kind)
    if layout.channels not in (1, 2, 3, 4):
        raise Unreadable(f"images of {layout.channels} channels are not supported")
    if layout.bits > 16 and layout.channels > 1:
        raise Unreadable(f"colours of {layout.bits} bits are not supported")
    fault = size_fault(layout.rows, layout.columns, layout.channels, layout.bits)
    needed = frame_bytes(layout.rows, layout.columns, layout.channels, layout.bits)
    fault = fault or expansion_fault(needed, path.stat().st_size)
    if fault:
        raise Unreadable(fault)
    return layout


def _header(path: Path, layout: RasterLayout) -> Header:
    notices = list(layout.notices)
    if layout.channels in (2, 4):
        notices.append("Transparency is left out.")
    if layout.turned != 1:
        notices.append("The picture is turned as its EXIF orientation says.")
    samples = 3 if layout.channels >= 3 else 1
    upright = layout.turned < 5
    photometric = "RGB" if samples == 3 else "MONOCHROME1" if layout.inverted else "MONOCHROME2"
    return Header(
        path=path,
        file_format=layout.file_format,
        rows=layout.rows if upright else layout.columns,
        columns=layout.columns if upright else layout.rows,
        frames=layout.pages,
        samples=samples,
        bits_allocated=8 if layout.bits <= 8 else 16 if layout.bits <= 16 else 32,
        bits_stored=layout.bits,
        signed=layout.signed,
        photometric=photometric,
        transfer_syntax="",
        identity=_identity(path),
        grey=Grey(inverted=photometric == "MONOCHROME1"),
        lossy=LossyHistory(bool(layout.lossy), methods=(layout.lossy,) if layout.lossy else ()),
        notices=tuple(notices),
    )


def _identity(path: Path) -> Identity:
    """Make up UIDs (PS3.5 B.2): one series a folder, one instance a file and its beginning."""
    folder = path.absolute().parent
    with open(path, "rb") as file:
        start = file.read(_HASHED)
    size = path.stat().st_size
    return Identity(
        study_uid=_uid(f"study {folder}"),
        study_description=folder.name,
        series_uid=_uid(f"series {folder}"),
        series_description=path.name,
        instance_uid=_uid(f"instance {folder / path.name} {size} {start.hex()}"),
    )


def _uid(name: str) -> str:
    return f"2.25.{uuid.uuid5(uuid.NAMESPACE_URL, name).int}"


def _decoded(path: Path, layout: RasterLayout, page: int) -> NDArray[Any]:
    data = path.read_bytes()
    if layout.through_pillow:
        return _through_pillow(data, page)
    if layout.file_format == "JPEG":
        return _decoded_jpeg(data, layout)
    import imagecodecs

    if layout.file_format == "PNG":
        return np.asarray(imagecodecs.png_decode(data))
    if layout.file_format == "JPEG 2000":
        return np.asarray(imagecodecs.jpeg2k_decode(data, numthreads=0))
    if layout.file_format == "JPEG XL":
        return np.asarray(imagecodecs.jpegxl_decode(data))
    return np.asarray(imagecodecs.tiff_decode(data, index=page))


def _decoded_jpeg(data: bytes, layout: RasterLayout) -> NDArray[Any]:
    """Decode 8-bit JPEG with Pillow, which refuses truncated files; the rest with imagecodecs."""
    if layout.bits == 8 and data[:4] != b"\xff\xd8\xff\xf7":
        from PIL.JpegImagePlugin import JpegImageFile

        # Not through Image.open, whose limit of pixels is not ours.
        with JpegImageFile(io.BytesIO(data)) as image:
            wanted = "L" if layout.channels == 1 else "RGB"
            return np.asarray(image if image.mode == wanted else image.convert(wanted))
    import imagecodecs

    if data[:4] == b"\xff\xd8\xff\xf7":
        return np.asarray(imagecodecs.jpegls_decode(data))
    return np.asarray(imagecodecs.jpeg_decode(data))


def _through_pillow(data: bytes, page: int) -> NDArray[Any]:
    from PIL.TiffImagePlugin import TiffImageFile

    with TiffImageFile(io.BytesIO(data)) as image:
        image.seek(page)
        return np.asarray(image.convert("RGB" if image.mode == "P" else "L"))


def _turned(pixels: NDArray[Any], orientation: int) -> NDArray[Any]:
    """Bring pixels upright (EXIF 2.32, 4.6.5.1)."""
    mirrored, quarters = _TURNS[orientation]
    return np.rot90(pixels[:, ::-1] if mirrored else pixels, quarters)
