"""A DICOM file -> `Header` and `Radiograph`."""

from __future__ import annotations

from pathlib import Path

from viewer.errors import ImageError
from viewer.images.dicom_attributes import Attributes
from viewer.images.dicom_file import is_dicom, open_dicom
from viewer.images.dicom_header import build_header
from viewer.images.dicom_layout import read_layout
from viewer.images.dicom_pixels import read_pixels
from viewer.images.faults import Unreadable
from viewer.images.radiograph import Header, Radiograph

__all__ = ["is_dicom", "read_frame", "read_header"]


def read_header(path: Path) -> Header:
    """Read a file's header; of the pixel data only where they lie is looked at.

    Raises
    ------
    ImageError
        When the file is damaged, no image, or of a kind that cannot be shown.
    """
    notices: list[str] = []
    with open_dicom(path) as file:
        attributes = Attributes(file.dataset)
        try:
            layout = read_layout(file, attributes, notices)
            return build_header(
                path,
                attributes,
                layout,
                transfer_syntax=file.transfer_syntax or layout.syntax,
                little_endian=file.little_endian,
                notices=notices,
            )
        except Unreadable as fault:
            raise ImageError(f"{path.name}: {fault}.") from None
        except Exception:
            # Attributes are read as they are asked for: damage may show as late as here.
            raise ImageError(f"{path.name}: its DICOM header is damaged.") from None


def read_frame(header: Header, frame: int = 0) -> Radiograph:
    """Read the stored pixels of one frame.

    Raises
    ------
    ImageError
        When they are truncated, damaged or not what the header says.
    IndexError
        When there is no such frame.
    """
    if not 0 <= frame < header.frames:
        raise IndexError(f"{header.path.name} has no frame {frame}")
    with open_dicom(header.path) as file:
        attributes = Attributes(file.dataset)
        try:
            layout = read_layout(file, attributes, [])
            if not 0 <= frame < layout.frames:
                raise Unreadable("it has changed since it was opened")
            return Radiograph(header, read_pixels(file, layout, attributes, frame), frame)
        except Unreadable as fault:
            raise ImageError(f"{header.path.name}: {fault}.") from None
        except Exception:
            raise ImageError(f"{header.path.name}: its DICOM header is damaged.") from None
