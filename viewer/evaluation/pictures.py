"""The pictures an evaluation looks at: folders and files, grey, whole or their middle."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from viewer.errors import ImageError
from viewer.images.opening import looks_like_image, read_frame, read_header
from viewer.images.pixel_format import PixelFormat
from viewer.images.pixel_hash import pixel_sha256
from viewer.images.radiograph import Header, StoredPixels

MASK = "two values alone, a mask."
"""How the sentence on a file ends that is left out for being one."""

_NAMED_PATIENTS = (
    re.compile(r"^(\d+)_\d+$"),
    re.compile(r"^(person\d+)_"),
    re.compile(r"^(?:NORMAL2_)?(IM_\d+)_\d+"),
)


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """One grey picture as stored.

    Parameters
    ----------
    name : str
        File name, or with its folder where two files have the same.
    patient : str
        Whose it is, as far as file or name tell; never shown where the file is DICOM, only
        compared: it is hashed.
    pixels : ndarray, shape (rows, columns)
        Stored values, MONOCHROME1 as stored.
    pixel_format : PixelFormat
    padding : (int, int) or None
        Stored values that are no image.
    """

    name: str
    patient: str
    pixels: StoredPixels
    pixel_format: PixelFormat
    padding: tuple[int, int] | None = None

    @property
    def megapixels(self) -> float:
        """Millions of pixels."""
        return self.pixels.size / 1e6

    def sha256(self) -> str:
        """Of the stored values."""
        return pixel_sha256([self.pixels])


def picture_files(paths: Sequence[Path]) -> list[Path]:
    """Return the image files meant by `paths`: files as given, of folders those in them by name.

    Raises
    ------
    ImageError
        When a path is not there or cannot be read.
    """
    files: list[Path] = []
    for path in paths:
        if path.is_dir():
            try:
                found = sorted(entry for entry in path.iterdir() if entry.is_file())
            except OSError as error:
                raise ImageError(f"The folder {path} cannot be read.") from error
            files += [entry for entry in found if _worth_opening(entry)]
        elif path.exists():
            files.append(path)
        else:
            raise ImageError(f"There is no file or folder {path}.")
    return files


def _worth_opening(path: Path) -> bool:
    """Whether a file of a folder is an image by content, or calls itself one and is damaged."""
    named = path.suffix.lower() in {".jp2", ".j2k", ".png", ".jpg", ".jpeg", ".tif", ".dcm"}
    return not path.name.startswith(".") and (named or looks_like_image(path))


def read_pictures(
    paths: Sequence[Path],
    *,
    crop: int | None = None,
    limit: int | None = None,
    refused: list[str] | None = None,
) -> Iterator[Picture]:
    """Yield the first frame of each grey image, opened only when its turn comes.

    Parameters
    ----------
    paths : sequence of Path
        Files and folders (without what is below).
    crop : int, optional
        Side of the square from the middle to keep; smaller pictures stay whole.
    limit : int, optional
        At most so many files.
    refused : list, optional
        Gets a sentence for each file that cannot be used: damaged, colour, or a mask of two values.
    """
    refused = refused if refused is not None else []
    files = picture_files(paths)[:limit]
    names = [path.name for path in files]
    for path in files:
        try:
            header = read_header(path)
            pixels = read_frame(header).pixels
        except ImageError as error:
            refused.append(str(error))
            continue
        if pixels.ndim != 2:
            refused.append(f"{path.name}: not grey.")
            continue
        if _is_mask(pixels):
            refused.append(f"{path.name}: {MASK}")
            continue
        name = path.name if names.count(path.name) == 1 else f"{path.parent.name}/{path.name}"
        yield Picture(
            name,
            patient_of(header, path),
            _middle(pixels, crop),
            PixelFormat(header.bits_stored, header.signed),
            header.grey.padding,
        )


def patient_of(header: Header, path: Path) -> str:
    """Return what stands for the patient: a hash of the DICOM attribute, or from the name.

    Names are read as the data sets give them: ``00000193_019``, ``person1008_bacteria_2938``,
    ``IM_0117_0001``; any other is a patient of its own.
    """
    if header.file_format == "DICOM" and header.identity.patient_id:
        return hashlib.sha256(header.identity.patient_id.encode()).hexdigest()[:12]
    for pattern in _NAMED_PATIENTS:
        match = pattern.match(path.stem)
        if match:
            return match[1]
    return path.stem


def _is_mask(pixels: StoredPixels) -> bool:
    low, high = pixels.min(), pixels.max()
    return bool(low < high and np.all((pixels == low) | (pixels == high)))


def _middle(pixels: StoredPixels, side: int | None) -> StoredPixels:
    if side is None:
        return pixels
    rows, columns = pixels.shape
    top, left = max(0, (rows - side) // 2), max(0, (columns - side) // 2)
    return np.ascontiguousarray(pixels[top : top + side, left : left + side])
