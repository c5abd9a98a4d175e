"""Files that break the standard, made by hand."""

from __future__ import annotations

import struct

import imagecodecs
import numpy as np
import pydicom
from pydicom.uid import (
    JPEGLosslessSV1,
)

from tests.dicom_files import ramp, write_dicom_file
from viewer.images.opening import read_frame, read_header

PIXELS = ramp(24, 32, 12)


def stored(path, frame=0):
    return read_frame(read_header(path), frame).pixels


def data_set(path, *, implicit=False, little=True, pixels=None):
    """Return the data set of the usual file as bytes of another encoding, without file meta."""
    write_dicom_file(path)
    data = pydicom.dcmread(path)
    if pixels is None:
        pixels = PIXELS.astype("<u2" if little else ">u2").tobytes()
    data.PixelData = pixels
    del data[0x00990010]
    del data[0x00991001]
    buffer = pydicom.filebase.DicomBytesIO()
    buffer.is_implicit_VR, buffer.is_little_endian = implicit, little
    pydicom.filewriter.write_dataset(buffer, data)
    return buffer.getvalue()


def lossless_jpeg(pixels):
    return imagecodecs.jpeg8_encode(pixels, lossless=True, predictor=1, bitspersample=12)


def compressed(path, frames, items, *, syntax=JPEGLosslessSV1, **attributes):
    """Write fragments as they are given, behind an empty offset table unless told otherwise."""
    table = attributes.pop("table", b"\xfe\xff\0\xe0\0\0\0\0")
    raw = table
    for item in items:
        item += b"\0" * (len(item) % 2)
        raw += b"\xfe\xff\0\xe0" + struct.pack("<I", len(item)) + item
    pixels = np.stack([PIXELS] * frames) if frames > 1 else PIXELS
    return write_dicom_file(
        path,
        pixels,
        bits_stored=12,
        frames=frames,
        transfer_syntax=syntax,
        pixel_data=raw + b"\xfe\xff\xdd\xe0\0\0\0\0",
        **attributes,
    )
