"""Pixels -> the Pixel Data element and what describes it, native or compressed (PS3.5 8, A.4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydicom import DataElement, Dataset
from pydicom.encaps import encapsulate, encapsulate_extended
from pydicom.tag import Tag
from pydicom.uid import (
    JPEG2000,
    ExplicitVRLittleEndian,
    HTJ2KLossless,
    JPEG2000Lossless,
    JPEGLSLossless,
)

from viewer.archive.codestreams import LosslessCoding, decode, encode
from viewer.errors import ArchiveError
from viewer.images.radiograph import Header, StoredPixels
from viewer.progress import NEVER, CancelToken

Syntax = Literal["native", "jpeg2000", "jpeg2000-lossless", "jpeg-ls", "htj2k"]

UIDS: dict[Syntax, str] = {
    "native": ExplicitVRLittleEndian,
    "jpeg2000": JPEG2000,
    "jpeg2000-lossless": JPEG2000Lossless,
    "jpeg-ls": JPEGLSLossless,
    "htj2k": HTJ2KLossless,
}
_CODINGS: dict[str, LosslessCoding] = {
    "jpeg2000-lossless": "jpeg-2000",
    "jpeg-ls": "jpeg-ls",
    "htj2k": "htj2k",
}
_PIXEL_DATA = Tag(0x7FE00010)
_ENCAPSULATION_ONLY = (0x7FE00001, 0x7FE00002)
_MOST_WITH_BASIC_TABLE = (1 << 32) - 1


@dataclass(frozen=True, slots=True)
class Compressed:
    """Frames as they go into fragments, one each.

    Parameters
    ----------
    frames : sequence of bytes
        Codestreams.
    photometric : str
        What they say of colour: the transform inside JPEG 2000 makes RGB YBR_ICT or YBR_RCT.
    """

    frames: Sequence[bytes]
    photometric: str


def compress_frames(
    pixels: Sequence[StoredPixels], header: Header, syntax: Syntax, cancel: CancelToken = NEVER
) -> Compressed:
    """Code frames without loss; every codestream is decoded again and compared.

    Raises
    ------
    ArchiveError
        When the syntax cannot hold them.
    Cancelled
    """
    name = header.path.name
    if header.bits_allocated not in (8, 16):
        raise ArchiveError(
            f"{name} has {header.bits_allocated} bits a sample, which {syntax} does not hold; "
            "export it native."
        )
    coding = _CODINGS[syntax]
    frames = []
    for frame in pixels:
        cancel.check()
        data = encode(coding, frame, header.bits_stored)
        given = decode(coding, data, frame.shape, frame.dtype)
        if not np.array_equal(_pattern(given, header), _pattern(frame, header)):
            raise ArchiveError(f"{name}: {syntax} does not give its pixels back.")
        frames.append(data)
    transformed = header.samples > 1 and coding != "jpeg-ls"
    return Compressed(frames, "YBR_RCT" if transformed else header.photometric)


def describe_pixels(dataset: Dataset, header: Header, photometric: str) -> None:
    """Change of the Image Pixel module only what is no longer true."""
    for tag in _ENCAPSULATION_ONLY:
        if tag in dataset:
            del dataset[tag]
    described: dict[str, Any] = {
        "SamplesPerPixel": header.samples,
        "PhotometricInterpretation": photometric,
        "Rows": header.rows,
        "Columns": header.columns,
        "BitsAllocated": header.bits_allocated,
        "BitsStored": header.bits_stored,
        "HighBit": header.bits_stored - 1,
        "PixelRepresentation": int(header.signed),
    }
    if header.samples > 1:
        described["PlanarConfiguration"] = 0
    if header.frames > 1:
        described["NumberOfFrames"] = header.frames
    for keyword, value in described.items():
        if dataset.get(keyword) != value:
            setattr(dataset, keyword, value)


def set_native(dataset: Dataset, pixels: Sequence[StoredPixels], header: Header) -> None:
    """Put native pixel data in."""
    if header.bits_allocated == 1:
        bits = np.concatenate([frame.ravel() for frame in pixels]) != 0
        data = np.packbits(bits, bitorder="little").tobytes()
    else:
        little = (np.ascontiguousarray(f, f.dtype.newbyteorder("<")) for f in pixels)
        data = b"".join(frame.tobytes() for frame in little)
    vr = "OW" if header.bits_allocated > 8 else "OB"
    dataset.add_new(_PIXEL_DATA, vr, data + b"\0" * (len(data) % 2))


def set_encapsulated(dataset: Dataset, frames: Sequence[bytes]) -> None:
    """Put compressed pixel data in: one fragment a frame behind a Basic Offset Table.

    Where its 32 bits do not reach, the Extended Offset Table takes its place (PS3.3 C.7.6.3.1.8).
    """
    even = [frame + b"\0" * (len(frame) % 2) for frame in frames]
    if sum(len(frame) + 8 for frame in even) <= _MOST_WITH_BASIC_TABLE:
        value = encapsulate(even, has_bot=True)
    else:
        value, offsets, lengths = encapsulate_extended(even)
        dataset.add_new(_ENCAPSULATION_ONLY[0], "OV", offsets)
        dataset.add_new(_ENCAPSULATION_ONLY[1], "OV", lengths)
    element = DataElement(_PIXEL_DATA, "OB", value, is_undefined_length=True)
    dataset.add(element)


def _pattern(pixels: NDArray[Any], header: Header) -> NDArray[Any]:
    """Return the stored bits alone, which is all that JPEG-LS keeps of signed values."""
    return pixels.astype(np.int64) & ((1 << header.bits_stored) - 1)
