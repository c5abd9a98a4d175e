"""Stored pixels and the source's attributes -> a DICOM file others read."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from viewer.archive.model import CodedImage
from viewer.codecs.base import Options
from viewer.images.radiograph import Radiograph, StoredPixels
from viewer.progress import NEVER, CancelToken, Progress, silent


def write_dicom(
    path: Path | str,
    image: CodedImage | Radiograph,
    *,
    decoded: Sequence[StoredPixels] | None = None,
    replace: bool = True,
    options: Options = Options(),
    progress: Progress = silent,
    cancel: CancelToken = NEVER,
) -> Path:
    """Write an image as native explicit little endian DICOM.

    A lossy coded image gets the attributes of PS3.3 C.7.6.1.1.5 and new UIDs that are a function
    of the source's; a lossless one, or a radiograph as it was opened, keeps its UIDs and marks.

    Parameters
    ----------
    path : Path
    image : CodedImage or Radiograph
        Of a radiograph, all frames of its file are written.
    decoded : sequence of ndarray, optional
        Decoded frames of `image` where they are at hand; else they are decoded.
    replace : bool
        Whether a file of that name is replaced; else a number is put behind its stem.

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    ArchiveError
        When the source was no DICOM file, a payload is damaged, or the file cannot be written.
    CodecError, ImageError, Cancelled
    """
    raise NotImplementedError
