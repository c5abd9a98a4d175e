"""Radiographs to measure with, made from the sample where no larger ones are at hand."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.uid import JPEG2000, ExplicitVRLittleEndian, JPEGLSLossless, generate_uid

from viewer.images.opening import read_frame, read_header
from viewer.resources import sample_radiograph

MG1_ROWS, MG1_COLUMNS, MG1_BITS = 4664, 3064, 12
"""The mammogram of 14 megapixels in the test images of DICOM's working group 4."""
_MG1_RATIO = 16
MEGAPIXEL_SIDE = 1024
MG1_NAME = "MG1_J2KI"
"""Its file, which is in the radiographs for testing and not in the product."""


def large_radiograph(folder: Path) -> Path:
    """Return MG1 in lossy JPEG 2000, or the sample at its size and depth, coded alike.

    The real one (``dicom/wg04/MG1_J2KI``) is taken from ``$RADVIEW_DATA``, else from
    ``../shared/data`` beside the checkout.
    """
    beside = Path(__file__).resolve().parents[3] / "shared" / "data"
    real = Path(os.environ.get("RADVIEW_DATA", beside)) / "dicom" / "wg04" / MG1_NAME
    if real.is_file():
        return real
    import cv2
    import imagecodecs

    pixels, data = _sample()
    enlarged = cv2.resize(pixels, (MG1_COLUMNS, MG1_ROWS), interpolation=cv2.INTER_CUBIC)
    shift = data.BitsStored - MG1_BITS
    twelve = np.clip(enlarged >> shift, 0, (1 << MG1_BITS) - 1).astype(np.uint16)
    stream = imagecodecs.jpeg2k_encode(
        twelve, level=_MG1_RATIO, codecformat="j2k", bitspersample=MG1_BITS
    )
    path = folder / "large.dcm"
    _write(path, data, twelve, MG1_BITS, JPEG2000, encapsulate([stream]))
    return path


def megapixel_radiograph(folder: Path) -> Path:
    """Write the middle of the sample, 1024 x 1024 at its depth, uncompressed."""
    pixels, data = _sample()
    top, left = ((size - MEGAPIXEL_SIDE) // 2 for size in pixels.shape)
    middle = pixels[top : top + MEGAPIXEL_SIDE, left : left + MEGAPIXEL_SIDE]
    path = folder / "megapixel.dcm"
    _write(path, data, middle, data.BitsStored, ExplicitVRLittleEndian, middle.tobytes())
    return path


def multiframe_radiograph(folder: Path, frames: int) -> Path:
    """Write the middle of the sample as an image of `frames` equal frames, uncompressed."""
    pixels, data = _sample()
    top, left = ((size - MEGAPIXEL_SIDE) // 2 for size in pixels.shape)
    middle = pixels[top : top + MEGAPIXEL_SIDE, left : left + MEGAPIXEL_SIDE]
    data.NumberOfFrames = frames
    path = folder / f"frames-{frames}.dcm"
    raw = middle.tobytes() * frames
    _write(path, data, middle, data.BitsStored, ExplicitVRLittleEndian, raw)
    return path


def small_series(folder: Path, count: int) -> Path:
    """Write `count` radiographs of a quarter the sample's side in JPEG-LS, ten bits; a folder."""
    import cv2
    import imagecodecs

    pixels, data = _sample()
    size = (pixels.shape[1] // 4, pixels.shape[0] // 4)
    small = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA) >> (data.BitsStored - 10)
    stream = imagecodecs.jpegls_encode(small)
    target = folder / "small"
    target.mkdir()
    for number in range(count):
        data.InstanceNumber = number + 1
        _write(target / f"IM{number:04}", data, small, 10, JPEGLSLossless, encapsulate([stream]))
    return target


def sample_series(folder: Path, count: int) -> Path:
    """Write the sample `count` times, uncompressed, as one series; returns the folder."""
    pixels, data = _sample()
    target = folder / "series"
    target.mkdir()
    raw = pixels.tobytes()
    for number in range(count):
        data.InstanceNumber = number + 1
        path = target / f"IM{number:04}"
        _write(path, data, pixels, data.BitsStored, ExplicitVRLittleEndian, raw)
    return target


def _sample() -> tuple[NDArray[np.uint16], Dataset]:
    path = sample_radiograph()
    pixels = read_frame(read_header(path)).pixels.astype(np.uint16)
    data = dcmread(path, stop_before_pixels=True)
    data.BitsStored = int(data.BitsStored)
    return pixels, data


def _write(
    path: Path, data: Dataset, pixels: NDArray[np.uint16], bits: int, syntax: str, raw: bytes
) -> None:
    before = data.BitsStored
    data.Rows, data.Columns = pixels.shape
    data.BitsStored, data.HighBit = bits, bits - 1
    data.SOPInstanceUID = generate_uid()
    data.file_meta.MediaStorageSOPInstanceUID = data.SOPInstanceUID
    data.file_meta.TransferSyntaxUID = syntax
    data.PixelData = raw
    data["PixelData"].VR = "OB" if syntax != ExplicitVRLittleEndian else "OW"
    data["PixelData"].is_undefined_length = syntax != ExplicitVRLittleEndian
    data.save_as(path, implicit_vr=False, little_endian=True)
    data.BitsStored = before
