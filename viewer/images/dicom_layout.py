"""How a DICOM file lays out its pixels: read, repaired where safe, refused where not."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from pydicom.uid import UID

from viewer.images.dicom_attributes import Attributes
from viewer.images.dicom_file import DicomFile
from viewer.images.faults import Unreadable
from viewer.images.fragments import Fragments, guess_syntax, read_fragments
from viewer.images.stored import expansion_fault, frame_bytes, size_fault

NATIVE = (
    "1.2.840.10008.1.2",
    "1.2.840.10008.1.2.1",
    "1.2.840.10008.1.2.1.99",
    "1.2.840.10008.1.2.2",
)
BIG_ENDIAN = "1.2.840.10008.1.2.2"
_EXPLICIT = "1.2.840.10008.1.2.1"
ENCAPSULATED_NATIVE = "1.2.840.10008.1.2.1.98"
BASELINE = "1.2.840.10008.1.2.4.50"
LOSSY = {
    BASELINE: "ISO_10918_1",
    "1.2.840.10008.1.2.4.51": "ISO_10918_1",
    "1.2.840.10008.1.2.4.81": "ISO_14495_1",
    "1.2.840.10008.1.2.4.91": "ISO_15444_1",
    "1.2.840.10008.1.2.4.203": "ISO_15444_15",
}
_LOSSLESS = (
    "1.2.840.10008.1.2.4.57",
    "1.2.840.10008.1.2.4.70",
    "1.2.840.10008.1.2.4.80",
    "1.2.840.10008.1.2.4.90",
    "1.2.840.10008.1.2.4.201",
    "1.2.840.10008.1.2.4.202",
    "1.2.840.10008.1.2.5",
    ENCAPSULATED_NATIVE,
)
_SUPPORTED = (*LOSSY, *_LOSSLESS)
_DIRECTORY = "1.2.840.10008.1.3.10"
_VIDEO = ("1.2.840.10008.1.2.4.10", "1.2.840.10008.1.2.7")
_UID = re.compile(r"[0-9.]{1,64}")
_GREY = ("MONOCHROME1", "MONOCHROME2", "PALETTE COLOR")
_COLOUR = ("RGB", "YBR_FULL", "YBR_FULL_422", "YBR_ICT", "YBR_RCT")


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
        return whole * 2 // 3 if self.photometric == "YBR_FULL_422" else whole


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
    samples, photometric = _colour(attributes, notices)
    allocated, stored, high = _bits(attributes, notices)
    fault = size_fault(rows, columns, samples, allocated)
    if fault:
        raise Unreadable(fault)
    assert file.pixels is not None
    fragments, syntax = _find_syntax(file, rows * columns * samples * allocated, notices)
    layout = PixelLayout(
        rows=rows,
        columns=columns,
        frames=1,
        samples=samples,
        bits_allocated=allocated,
        bits_stored=stored,
        high_bit=high,
        signed=attributes.integer("PixelRepresentation") == 1,
        photometric=photometric,
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


def _colour(attributes: Attributes, notices: list[str]) -> tuple[int, str]:
    """Return samples per pixel and photometric interpretation that agree."""
    photometric = attributes.text("PhotometricInterpretation").upper()
    samples = attributes.integer("SamplesPerPixel")
    if samples is None:
        samples = 3 if photometric in _COLOUR else 1
    if samples not in (1, 3):
        raise Unreadable(f"images of {samples} samples per pixel are not supported")
    if not photometric:
        photometric = "MONOCHROME2" if samples == 1 else "RGB"
        notices.append(f"Photometric Interpretation is missing; taken as {photometric}.")
    if photometric not in _GREY + _COLOUR:
        raise Unreadable(f"the photometric interpretation {photometric[:16]} is not supported")
    if (samples == 1) != (photometric in _GREY):
        fitting = "MONOCHROME2" if samples == 1 else "RGB"
        notices.append(
            f"Photometric Interpretation {photometric} does not fit {samples} samples per "
            f"pixel; taken as {fitting}."
        )
        photometric = fitting
    return samples, photometric


def _bits(attributes: Attributes, notices: list[str]) -> tuple[int, int, int]:
    """Return bits allocated, bits stored and high bit that agree."""
    allocated = attributes.integer("BitsAllocated")
    stored = attributes.integer("BitsStored")
    if allocated is None:
        if stored is None:
            raise Unreadable("it does not say how many bits a pixel has")
        allocated = 8 if stored <= 8 else 16 if stored <= 16 else 32
        notices.append(f"Bits Allocated is missing; taken as {allocated}.")
    if allocated not in (1, 8, 16, 32):
        raise Unreadable(f"{allocated} bits allocated per pixel are not supported")
    if stored is None or not 1 <= stored <= allocated:
        notices.append(f"Bits Stored is missing or impossible; taken as {allocated}.")
        stored = allocated
    high = attributes.integer("HighBit")
    if high is None or not stored - 1 <= high < allocated:
        if high is not None:
            notices.append(f"High Bit {high} is impossible; taken as {stored - 1}.")
        high = stored - 1
    return allocated, stored, high


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
        native = _EXPLICIT if file.little_endian else BIG_ENDIAN
        if named in NATIVE or not named:
            return None, native
        if named in _SUPPORTED and pixels.length * 8 >= frame_bits:
            notices.append("The header names a compression, but the pixels are uncompressed.")
            return None, native
        raise Unreadable(_unsupported(named))
    fragments = read_fragments(file.stream, pixels.offset)
    if named in _SUPPORTED:
        return fragments, named
    # Unnamed, wrongly named or retired: a stream that is known by its first bytes can be decoded.
    guessed = ""
    if fragments.spans:
        file.stream.seek(fragments.spans[0][0])
        guessed = guess_syntax(file.stream.read(min(fragments.spans[0][1], 1 << 16)))
    if not guessed and named and named not in NATIVE:
        raise Unreadable(_unsupported(named))
    if not guessed:
        raise Unreadable("its pixels are compressed, but the header does not say how")
    notices.append(f"The pixels are {_name(guessed)}, which the header does not say.")
    return fragments, guessed


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
        if layout.photometric == "YBR_FULL_422" and file.pixels.length * 8 >= frames * whole:
            notices.append("The header names subsampled colours, but all are there.")
            layout = replace(layout, photometric="YBR_FULL")
        frame_bits = whole * 2 // 3 if layout.photometric == "YBR_FULL_422" else whole
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
    if len(fragments.spans) < frames:
        notices.append(f"It says {frames} frames, but holds {len(fragments.spans)}.")
        frames = len(fragments.spans)
    if not fragments.delimited:
        notices.append("The end of the pixel data is not marked; they may be incomplete.")
    fault = expansion_fault(layout.frame_bytes, fragments.total)
    if fault:
        raise Unreadable(fault)
    return replace(layout, frames=frames)
