"""How a DICOM file lays out its pixels: read, repaired where safe, refused where not."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from pydicom.uid import UID

from viewer.images.codestream import read_codestream
from viewer.images.dicom_attributes import Attributes
from viewer.images.dicom_file import DicomFile
from viewer.images.dicom_samples import (
    SUBSAMPLED,
    fit_to_length,
    fit_to_segments,
    fit_to_stream,
    read_samples,
)
from viewer.images.faults import Unreadable
from viewer.images.fragments import (
    Fragments,
    count_streams,
    guess_syntax,
    read_fragments,
    without_leading_zeros,
)
from viewer.images.stored import expansion_fault, frame_bytes, size_fault

NATIVE = (
    "1.2.840.10008.1.2",
    "1.2.840.10008.1.2.1",
    "1.2.840.10008.1.2.1.99",
    "1.2.840.10008.1.2.2",
)
BIG_ENDIAN = "1.2.840.10008.1.2.2"
GE_BIG_ENDIAN = "1.2.840.113619.5.2"
"""Private: elements in implicit VR little endian, pixels in big endian."""
_EXPLICIT = "1.2.840.10008.1.2.1"
RLE = "1.2.840.10008.1.2.5"
ENCAPSULATED_NATIVE = "1.2.840.10008.1.2.1.98"
BASELINE = "1.2.840.10008.1.2.4.50"
LOSSY = {
    BASELINE: "ISO_10918_1",
    "1.2.840.10008.1.2.4.51": "ISO_10918_1",
    "1.2.840.10008.1.2.4.81": "ISO_14495_1",
    "1.2.840.10008.1.2.4.91": "ISO_15444_1",
    "1.2.840.10008.1.2.4.203": "ISO_15444_15",
    "1.2.840.10008.1.2.4.111": "ISO_10918_1",
    "1.2.840.10008.1.2.4.112": "ISO_18181_1",
}
_LOSSLESS = (
    "1.2.840.10008.1.2.4.57",
    "1.2.840.10008.1.2.4.70",
    "1.2.840.10008.1.2.4.80",
    "1.2.840.10008.1.2.4.90",
    "1.2.840.10008.1.2.4.201",
    "1.2.840.10008.1.2.4.202",
    "1.2.840.10008.1.2.4.110",
    "1.2.840.10008.1.2.5",
    ENCAPSULATED_NATIVE,
)
_SUPPORTED = (*LOSSY, *_LOSSLESS)
_DIRECTORY = "1.2.840.10008.1.3.10"
_VIDEO = ("1.2.840.10008.1.2.4.10", "1.2.840.10008.1.2.7")
_UID = re.compile(r"[0-9.]{1,64}")
_PEEKED = 1 << 16


@dataclass(frozen=True, slots=True)
class PixelLayout:
    """The Image Pixel module (PS3.3 C.7.6.3), made consistent.

    ``photometric`` is the file's own; ``syntax`` is the one to decode with, which may be another
    than the file names. ``fragments`` is None for native pixel data.
    """

    rows: int
    columns: int
    frames: int
    samples: int
    bits_allocated: int
    bits_stored: int
    high_bit: int
    signed: bool
    photometric: str
    planar: int
    syntax: str
    fragments: Fragments | None

    @property
    def frame_bytes(self) -> int:
        """Bytes of one native frame; may end within a byte where BitsAllocated is 1."""
        whole = frame_bytes(self.rows, self.columns, self.samples, self.bits_allocated)
        return whole * 2 // 3 if self.photometric in SUBSAMPLED else whole


def read_layout(file: DicomFile, attributes: Attributes, notices: list[str]) -> PixelLayout:
    """Read and check the layout; repairs are said in `notices`.

    Raises
    ------
    Unreadable
    """
    _refuse_other_kinds(file, attributes)
    rows, columns = attributes.integer("Rows"), attributes.integer("Columns")
    if rows is None or columns is None:
        raise Unreadable("it does not say how many rows and columns it has")
    said = read_samples(attributes, notices)
    fault = size_fault(rows, columns, said.samples, said.allocated)
    if fault:
        raise Unreadable(fault)
    assert file.pixels is not None
    fragments, syntax = _find_syntax(file, rows * columns * said.samples * said.allocated, notices)
    if fragments is None:
        frames = max(1, attributes.integer("NumberOfFrames") or 1)
        said = fit_to_length(said, rows * columns * frames, file.pixels.length, notices)
    elif syntax == ENCAPSULATED_NATIVE:
        said = fit_to_length(said, 0, 0, notices)
    else:
        start = without_leading_zeros(_first_bytes(file, fragments))
        if syntax == RLE:
            said = fit_to_segments(said, int.from_bytes(start[:4], "little"), notices)
        said = fit_to_stream(said, None if syntax == RLE else read_codestream(start), notices)
    fault = size_fault(rows, columns, said.samples, said.allocated)
    if fault:
        raise Unreadable(fault)
    assert said.high_bit is not None
    layout = PixelLayout(
        rows=rows,
        columns=columns,
        frames=1,
        samples=said.samples,
        bits_allocated=said.allocated,
        bits_stored=said.stored,
        high_bit=said.high_bit,
        signed=said.signed,
        photometric=said.photometric,
        planar=int(attributes.integer("PlanarConfiguration") == 1),
        syntax=syntax,
        fragments=fragments,
    )
    return _with_frames(layout, file, attributes, notices)


def _refuse_other_kinds(file: DicomFile, attributes: Attributes) -> None:
    """Refuse what is DICOM but no picture: directories, plans, reports, video, ciphertext."""
    meta = Attributes(file.dataset.file_meta, groups=False)
    kind = attributes.text("SOPClassUID") or meta.text("MediaStorageSOPClassUID")
    if kind == _DIRECTORY or attributes.has("DirectoryRecordSequence"):
        raise Unreadable("it is a list of other files (DICOMDIR), not an image")
    if file.pixels is None:
        if attributes.has("EncryptedAttributesSequence"):
            raise Unreadable("its content is encrypted")
        if attributes.has("PixelDataProviderURL"):
            raise Unreadable("its pixels are not in the file but on a server")
        if not len(file.dataset):
            raise Unreadable("it is not a DICOM image")
        name = _name(kind).removesuffix(" Storage")
        if "Image" in name or (attributes.has("Rows") and attributes.has("Columns")):
            raise Unreadable("its pixel data are missing; the file may be truncated")
        raise Unreadable(f"it holds no image ({name})" if name else "it holds no image")
    if file.pixels.keyword != "PixelData":
        raise Unreadable("floating-point pixel data are not supported")
    if file.pixels.length == 0:
        raise Unreadable("its pixel data are empty")
    if file.transfer_syntax.startswith(_VIDEO):
        raise Unreadable(f"it holds video ({_name(file.transfer_syntax)}), which is not supported")


def _find_syntax(
    file: DicomFile, frame_bits: int, notices: list[str]
) -> tuple[Fragments | None, str]:
    """Tell by the pixel data themselves whether and how they are compressed."""
    assert file.pixels is not None
    pixels, named = file.pixels, file.transfer_syntax
    file.stream.seek(pixels.offset)
    framed = pixels.declared is None or (
        named not in NATIVE and file.stream.read(4) == b"\xfe\xff\x00\xe0"
    )
    if not framed:
        return _unframed(file, frame_bits, notices)
    fragments = read_fragments(file.stream, pixels.offset)
    if not fragments.spans and (named in NATIVE or not named) and pixels.length * 8 >= frame_bits:
        notices.append("The length of the pixel data is not given; they are uncompressed.")
        return None, _EXPLICIT if file.little_endian else BIG_ENDIAN
    if named in _SUPPORTED:
        return fragments, named
    # Unnamed, wrongly named or retired: a stream that is known by its first bytes can be decoded.
    guessed = guess_syntax(_first_bytes(file, fragments))
    if not guessed and named and named not in NATIVE:
        raise Unreadable(_unsupported(named))
    if not guessed:
        raise Unreadable("its pixels are compressed, but the header does not say how")
    notices.append(f"The pixels are {_name(guessed)}, which the header does not say.")
    return fragments, guessed


def _unframed(file: DicomFile, frame_bits: int, notices: list[str]) -> tuple[Fragments | None, str]:
    """Tell what pixel data of a given length are: uncompressed, or one bare stream."""
    assert file.pixels is not None
    pixels, named = file.pixels, file.transfer_syntax
    if named == GE_BIG_ENDIAN:
        return None, BIG_ENDIAN
    native = _EXPLICIT if file.little_endian else BIG_ENDIAN
    if named in NATIVE or not named:
        return None, native
    whole = Fragments(((pixels.offset, pixels.length),), False, True)
    guessed = guess_syntax(_first_bytes(file, whole))
    if guessed and guessed != RLE:
        notices.append("The compressed pixels stand in the file without their frame.")
        return whole, guessed
    if pixels.length * 8 >= frame_bits:
        what = "a compression" if named in _SUPPORTED else "an unknown syntax"
        if named in _SUPPORTED or pixels.length * 8 < frame_bits + 32:
            notices.append(f"The header names {what}, but the pixels are uncompressed.")
            return None, native
    if named in _SUPPORTED:
        raise Unreadable(
            f"its pixel data are truncated ({pixels.length} of {(frame_bits + 7) // 8} bytes)"
        )
    raise Unreadable(_unsupported(named))


def _first_bytes(file: DicomFile, fragments: Fragments) -> bytes:
    """Return how the first frame's stream begins."""
    if not fragments.spans:
        return b""
    file.stream.seek(fragments.spans[0][0])
    return file.stream.read(min(fragments.spans[0][1], _PEEKED))


def _unsupported(syntax: str) -> str:
    name = _name(syntax)
    if not name:
        return "its transfer syntax is damaged"
    if name == syntax:
        return f"the transfer syntax {syntax} is unknown"
    return f"the transfer syntax {name} is not supported"


def _name(uid: str) -> str:
    """Return what a UID stands for, itself where it is private, "" where it is none."""
    return str(UID(uid).name) if _UID.fullmatch(uid) else ""


def _with_frames(
    layout: PixelLayout, file: DicomFile, attributes: Attributes, notices: list[str]
) -> PixelLayout:
    """Add the number of frames and check that the file holds as many."""
    frames = max(1, attributes.integer("NumberOfFrames") or 1)
    assert file.pixels is not None
    if layout.fragments is None:
        whole = layout.rows * layout.columns * layout.samples * layout.bits_allocated
        subsampled = layout.photometric in SUBSAMPLED
        if subsampled and file.pixels.length * 8 >= frames * whole:
            notices.append("The header names subsampled colours, but all are there.")
            layout = replace(layout, photometric=layout.photometric.removesuffix("_422"))
            subsampled = False
        if layout.photometric == "YBR_PARTIAL_420":
            raise Unreadable("uncompressed YBR_PARTIAL_420 is not supported")
        frame_bits = whole * 2 // 3 if subsampled else whole
        needed = (frames * frame_bits + 7) // 8
        if file.pixels.length < needed:
            raise Unreadable(
                f"its pixel data are truncated ({file.pixels.length} of {needed} bytes)"
            )
        return replace(layout, frames=frames)
    fragments = layout.fragments
    if fragments.truncated:
        raise Unreadable("its pixel data are truncated")
    if not fragments.spans or not fragments.total:
        raise Unreadable("its pixel data are empty")
    if len(fragments.spans) < frames and layout.syntax != RLE:
        held = max(len(fragments.spans), count_streams(file.stream, fragments))
    else:
        held = len(fragments.spans)
    if held < frames:
        notices.append(f"It says {frames} frames, but holds {held}.")
        frames = held
    if not fragments.delimited:
        notices.append("The end of the pixel data is not marked; they may be incomplete.")
    fault = expansion_fault(layout.frame_bytes, fragments.total)
    if fault:
        raise Unreadable(fault)
    return replace(layout, frames=frames)
