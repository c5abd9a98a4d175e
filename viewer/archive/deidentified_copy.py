"""A file -> a copy without what tells whose it is, to be coded in its place."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from viewer.archive.burned_in import burned_in_of
from viewer.archive.dicom_export import write_dicom
from viewer.archive.png_export import write_png
from viewer.errors import ArchiveError
from viewer.images.opening import read_frame, read_header
from viewer.images.radiograph import Header


@dataclass(frozen=True, slots=True)
class DeidentifiedCopy:
    """A de-identified copy of a file, in a private folder.

    Parameters
    ----------
    header : Header
        Of the copy.
    warning : str
        On text in its pixels, "" where the file says there is none.
    """

    header: Header
    warning: str


@contextmanager
def deidentified_copy(header: Header, number: int) -> Iterator[DeidentifiedCopy]:
    """Write a de-identified copy that lives as long as the block.

    DICOM files become native DICOM without what the Basic Profile removes, and without overlays in
    the bits above the stored ones; raster files become PNG without metadata. The copy is named by
    `number`, as file names tell whose image it is too.

    Raises
    ------
    ArchiveError, ImageError
        When the file cannot be read or written.
    """
    with tempfile.TemporaryDirectory(prefix="radview-deidentified-") as folder:
        stem = Path(folder) / f"image-{number:04d}"
        if header.file_format == "DICOM":
            path = write_dicom(stem.with_suffix(".dcm"), read_frame(header), deidentified=True)
        else:
            if header.frames > 1:
                raise ArchiveError(f"{header.path.name}: several pages cannot be de-identified.")
            path = write_png(
                stem.with_suffix(".png"),
                read_frame(header).pixels,
                bits_stored=header.bits_stored,
            )
        yield DeidentifiedCopy(read_header(path), burned_in_of(header))
