"""A DICOM file -> `Header` and `Radiograph`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from viewer.errors import ImageError
from viewer.images.dicom_attributes import Attributes
from viewer.images.dicom_file import is_dicom, open_dicom
from viewer.images.dicom_header import build_header, read_frame_grey
from viewer.images.dicom_layout import read_layout
from viewer.images.dicom_overlays import has_overlays, read_overlays
from viewer.images.dicom_pixels import decode_frame, stored_pixels
from viewer.images.faults import Unreadable
from viewer.images.overlays import Overlay
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
        attributes = Attributes(file.dataset, frame=frame)
        try:
            layout = read_layout(file, attributes, [])
            if not 0 <= frame < layout.frames:
                raise Unreadable("it has changed since it was opened")
            decoded = decode_frame(file, layout, attributes, frame)
            overlays: tuple[Overlay, ...] = ()
            if has_overlays(file.dataset):
                overlays = read_overlays(
                    file.dataset,
                    frame,
                    decoded.values if decoded.allocated else None,
                    little_endian=file.little_endian,
                )
            if frame and file.dataset.get("PerFrameFunctionalGroupsSequence"):
                grey = read_frame_grey(attributes, header, little_endian=file.little_endian)
                header = replace(header, grey=grey)
            return Radiograph(header, stored_pixels(decoded, layout), frame, overlays)
        except Unreadable as fault:
            raise ImageError(f"{header.path.name}: {fault}.") from None
        except Exception:
            raise ImageError(f"{header.path.name}: its DICOM header is damaged.") from None
